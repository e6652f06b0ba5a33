"""Shares results between equal requests: a cache, and requests in progress."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from cachetools import LRUCache

from engine.api.contract import Painted, Progress, Report
from engine.api.errors import DeadlineError

Work = Callable[[Report], Coroutine[Any, Any, Painted]]


class Cache:
    """An LRU cache of painted pictures by idempotency key."""

    def __init__(self, max_bytes: int) -> None:
        self._kept: LRUCache[str, Painted] = LRUCache(
            max_bytes, getsizeof=lambda painted: len(painted.image)
        )

    def get(self, key: str) -> Painted | None:
        """The cached picture, or None."""
        painted = self._kept.get(key)
        return painted and replace(painted, cached=True)

    def put(self, key: str, painted: Painted) -> None:
        """Cache a picture, and drop others if there is no room."""
        with suppress(ValueError):  # larger than the whole cache
            self._kept[key] = painted


@dataclass(slots=True)
class Attempt:
    """A running request that one or more callers wait for.

    Attributes:
        answer: The result.
        deadline: Deadline of the caller that started it, in the event loop's time.
        task: The task that works on it.
        waiting: Number of callers.
        reports: Called with the progress.
    """

    answer: asyncio.Future[Painted]
    deadline: float
    task: asyncio.Task[None] | None = None
    waiting: int = 0
    reports: list[Report] = field(default_factory=list)

    def report(self, progress: Progress) -> None:
        """Report progress to all callers."""
        for each in self.reports:
            each(progress)


@dataclass(slots=True)
class InWork:
    """Lets a request wait for an equal one that is running, such as a retry for the first try.

    Equal requests of another user or priority take their own turn, because the first one may be
    far back in the queue. The first to finish answers all.
    """

    tries: dict[str, dict[Hashable, Attempt]] = field(default_factory=dict)

    async def share(
        self, key: str, turn: Hashable, deadline: float, work: Work, report: Report
    ) -> Painted:
        """Wait for the work; it is cancelled when all its callers are gone.

        Work that fails by its first caller's deadline is restarted for callers with later ones.
        """
        while True:
            own = self._joined(key, turn, deadline, work)
            try:
                return await self._wait(key, turn, own, report)
            except DeadlineError:
                if own.deadline >= deadline:
                    raise

    def _joined(self, key: str, turn: Hashable, deadline: float, work: Work) -> Attempt:
        equal = self.tries.setdefault(key, {})
        own = equal.get(turn)
        if own is None:
            loop = asyncio.get_running_loop()
            own = equal[turn] = Attempt(loop.create_future(), deadline)
            own.task = loop.create_task(_answer(own, equal, work))
        return own

    async def _wait(self, key: str, turn: Hashable, own: Attempt, report: Report) -> Painted:
        own.waiting += 1
        own.reports.append(report)
        try:
            return await asyncio.shield(own.answer)
        finally:
            own.reports.remove(report)
            own.waiting -= 1
            if not own.waiting:
                self._give_up(key, turn, own)

    def _give_up(self, key: str, turn: Hashable, own: Attempt) -> None:
        if own.task:
            own.task.cancel()
        equal = self.tries.get(key, {})
        if equal.get(turn) is own:
            del equal[turn]
        if not equal:
            self.tries.pop(key, None)


async def _answer(own: Attempt, equal: Mapping[Hashable, Attempt], work: Work) -> None:
    """Give the result to all equal attempts; an error goes only to its own callers."""
    try:
        painted = await work(own.report)
    except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to the callers
        if not own.answer.done():
            own.answer.set_exception(error)
        return
    for each in (own, *equal.values()):
        if not each.answer.done():
            each.answer.set_result(painted)

"""What equal requests share: results that are kept, and work that is under way."""

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
    """Painted pictures by idempotency key; the least recently wanted go first."""

    def __init__(self, max_bytes: int) -> None:
        self._kept: LRUCache[str, Painted] = LRUCache(
            max_bytes, getsizeof=lambda painted: len(painted.image)
        )

    def get(self, key: str) -> Painted | None:
        """A kept picture; None where there is none."""
        painted = self._kept.get(key)
        return painted and replace(painted, cached=True)

    def put(self, key: str, painted: Painted) -> None:
        """Keep a picture, and drop others where there is no room."""
        with suppress(ValueError):  # larger than all the room there is
            self._kept[key] = painted


@dataclass(slots=True)
class Attempt:
    """What callers in one turn wait for.

    Attributes:
        answer: What they get.
        deadline: Until when the caller that began it wants it, as the event loop tells time.
        task: What works on it.
        waiting: How many they are.
        reports: Who wants to know how far it is.
    """

    answer: asyncio.Future[Painted]
    deadline: float
    task: asyncio.Task[None] | None = None
    waiting: int = 0
    reports: list[Report] = field(default_factory=list)

    def report(self, progress: Progress) -> None:
        """Tell all who want to know."""
        for each in self.reports:
            each(progress)


@dataclass(slots=True)
class InWork:
    """Equal requests that come while one is painted wait for it, as a retry does for its first try.

    One at another priority, or of another user, is painted in its own turn: the first one may have
    a long queue before it. Whichever is done first answers all.
    """

    tries: dict[str, dict[Hashable, Attempt]] = field(default_factory=dict)

    async def share(
        self, key: str, turn: Hashable, deadline: float, work: Work, report: Report
    ) -> Painted:
        """Wait for the work; it is cancelled when all who wait for it are gone.

        Work that was begun for a caller whose time is over is begun anew for those who have more.
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
    """Give the result to all who want it; an error, such as a full queue, is one's own."""
    try:
        painted = await work(own.report)
    except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to the callers
        if not own.answer.done():
            own.answer.set_exception(error)
        return
    for each in (own, *equal.values()):
        if not each.answer.done():
            each.answer.set_result(painted)

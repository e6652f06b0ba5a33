"""The workers: claim a job, have it painted, deliver it.

The store is written before the platform is called:

    queued -> running -> done -> delivered
                 |         |
                 |         +-> delivered, if the platform says that it has the picture
                 +-> failed, and then the user is notified

If a worker dies, its lease ends, and another worker continues from the row's state. Pictures are
not stored: a job that was "done" is painted again, cheaply thanks to the engine's cache, unless
the platform says that it was delivered.
"""

import asyncio
import contextlib
import logging
import random
import secrets
from collections.abc import Sequence
from typing import Final

from bots.core.common.services import Services
from bots.core.common.telemetry import at_work
from bots.core.jobs.attempts import Attempt
from bots.core.jobs.platform import Platform
from bots.core.policy import control
from storage.values.jobs import Job
from storage.values.people import ChatKey

logger = logging.getLogger(__name__)

# A delivery takes less, unless the platform lets the chat wait.
_HELD_S: Final = 1.0


class Workers:
    """The workers of one process, for its platforms."""

    def __init__(self, services: Services, platforms: Sequence[Platform], count: int = 4) -> None:
        """Do not start yet.

        Args:
            services: The bot's services.
            platforms: The adapters, matched to jobs by name.
            count: Number of jobs worked on at once.
        """
        self._services = services
        self._platforms = {platform.name: platform for platform in platforms}
        self._count = count
        self._name = secrets.token_hex(4)
        # Wakes one worker at a time, which wakes the next where it found a job.
        self._news: asyncio.Queue[None] = asyncio.Queue(1)
        self._stopping = False
        self._away_s = 0.0
        # Jobs that are worked on here, whatever their leases say: a store that was away for a
        # while has let them end.
        self._at_work: set[int] = set()
        # Deliveries to chats that take no more for a while, which no worker waits for.
        self._outgoing: dict[asyncio.Task[bool], ChatKey] = {}

    async def run(self) -> None:
        """Work until `stop`."""
        try:
            async with asyncio.TaskGroup() as group:
                for number in range(self._count):
                    group.create_task(self._serve(f"{self._name}-{number}"))
            if self._outgoing:
                await asyncio.wait(self._outgoing)
        finally:
            outgoing = list(self._outgoing)
            for task in outgoing:
                task.cancel()
            if outgoing:
                await asyncio.wait(outgoing)

    def stop(self) -> None:
        """Finish running jobs and start no new ones."""
        self._stopping = True
        self.nudge()

    def nudge(self) -> None:
        """Wake a worker for a new job; otherwise it is found within a second."""
        with contextlib.suppress(asyncio.QueueFull):
            self._news.put_nowait(None)

    async def _serve(self, worker: str) -> None:
        while not self._stopping:
            if await self.work_once(worker, _HELD_S):
                continue
            with contextlib.suppress(TimeoutError):
                look_s = self._services.limits.look_every.total_seconds()
                async with asyncio.timeout(look_s + self._away_s):
                    await self._news.get()
        # Wake the next one, so that it stops, too.
        self.nudge()

    async def work_once(self, worker: str, held_s: float | None = None) -> bool:
        """Claim the next job and work on it; False if there was none.

        Args:
            worker: The worker's name.
            held_s: Seconds a delivery may occupy the worker; after that, or at once if the chat has
                another delivery, it continues as a separate task. None for no limit.
        """
        services = self._services
        try:
            async with services.database.writing() as transaction:
                now_holds = await control.read(transaction)
                limits = now_holds.applied(services.limits)
                job = await transaction.jobs.claim(
                    worker, services.now(), limits.lease, limits.running_per_user,
                    tuple(self._platforms), paused=now_holds.mode == "paused",
                    but=self._at_work, running_per_chat=limits.running_per_chat,
                )  # fmt: skip
            if job is None:
                return False
            self.nudge()
            # The lease belongs to the attempt, because the worker may begin another job meanwhile.
            engine_was_there = await self._work_on(job, worker, held_s)
        except Exception:
            # The store is away, or an unexpected error: the job continues when the lease ends.
            logger.exception("a worker failed")
            await asyncio.sleep(services.limits.look_every.total_seconds())
            return False
        self._away_s = 0.0 if engine_was_there else self._longer_pause()
        if not engine_was_there:
            await asyncio.sleep(self._away_s * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
        return True

    async def _work_on(self, job: Job, worker: str, held_s: float | None) -> bool:
        """Work on a job; False if the engine is away."""
        platform = self._platforms[job.wanted.user.platform]
        attempt = Attempt(self._services, platform, job, worker)
        task = asyncio.create_task(self._run(attempt, job))
        painting = asyncio.create_task(attempt.painted.wait())
        try:
            await asyncio.wait([task, painting], return_when=asyncio.FIRST_COMPLETED)
            if job.wanted.chat in self._outgoing.values():
                held_s = 0.0 if held_s is not None else None
            await asyncio.wait([task], timeout=held_s)
        except asyncio.CancelledError:
            task.cancel()
            await asyncio.wait([task])
            raise
        finally:
            painting.cancel()
        if task.done():
            return task.result()
        self._outgoing[task] = job.wanted.chat
        task.add_done_callback(self._arrived)
        return True

    async def _run(self, attempt: Attempt, job: Job) -> bool:
        user = job.wanted.user
        self._at_work.add(job.id)
        try:
            with at_work(
                job=job.id, user=self._services.pseudonym(user)[:16], platform=user.platform
            ):
                return await attempt.work()
        finally:
            self._at_work.discard(job.id)

    def _arrived(self, task: asyncio.Task[bool]) -> None:
        del self._outgoing[task]
        if not task.cancelled() and (error := task.exception()):
            logger.error("a worker failed", exc_info=error)
        # Its chat may have other jobs waiting.
        self.nudge()

    def _longer_pause(self) -> float:
        shortest, longest = self._services.limits.away_pause
        return min(longest.total_seconds(), max(shortest.total_seconds(), 2 * self._away_s))

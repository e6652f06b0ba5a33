"""One worker's work on one job: its state in the store, its lease, its delivery or its failure."""

import asyncio
import logging
from datetime import timedelta
from typing import Final

from bots.core.common.services import Services
from bots.core.common.telemetry import DELIVERED, LOST, POSTPONED, TOLD
from bots.core.effects import controls
from bots.core.errors import BotError, GaveUpError
from bots.core.jobs.painting import Painting
from bots.core.jobs.platform import (
    DeliverLaterError,
    Platform,
    UncertainDeliveryError,
    UndeliverableError,
)
from bots.core.requests.values import ABSENT
from bots.core.styles import catalogue
from engine.api.contract import Painted
from engine.api.errors import EngineError, EngineUnavailableError, QueueError
from storage.errors import LostLeaseError, StorageUnavailableError
from storage.transaction import Transaction
from storage.values.jobs import Job
from storage.values.json import Json

logger = logging.getLogger(__name__)

_AGAIN_AFTER: Final = timedelta(seconds=5)


class Attempt:
    """One worker's work on one job."""

    def __init__(self, services: Services, platform: Platform, job: Job, worker: str) -> None:
        self._services = services
        self._platform = platform
        self._job = job
        self._worker = worker
        self._outcome = LOST
        # Set once only delivery or notification is left.
        self.painted = asyncio.Event()

    async def work(self) -> bool:
        """Work on the job; False if the engine is away."""
        began_at, meter = self._services.now(), self._services.meter
        waited_s = (began_at - self._job.created_at).total_seconds()
        meter.began(self._platform.name)
        try:
            return await self._work()
        finally:
            self._services.shares.pop(self._job.id, None)
            self._services.previews.pop(self._job.id, None)
            self.painted.set()
            took_s = (self._services.now() - began_at).total_seconds()
            meter.ended(self._platform.name, self._outcome, waited_s, took_s)
            logger.info(
                "job left", extra={"outcome": self._outcome, "took_s": took_s, "waited_s": waited_s}
            )

    async def _work(self) -> bool:
        engine_was_there = True
        try:
            async with asyncio.TaskGroup() as group:
                renewing = group.create_task(self._keep_lease())
                engine_was_there = await self._step()
                renewing.cancel()
        except* LostLeaseError:
            # It was cancelled, or this worker was assumed dead.
            logger.info("job %s was cancelled or belongs to another worker", self._job.id)
        return engine_was_there

    async def _keep_lease(self) -> None:
        lease = self._services.limits.lease
        while True:
            await asyncio.sleep(lease.total_seconds() / 3)
            try:
                await self._say_alive(None)
            except StorageUnavailableError as error:
                # While the store is away, no other worker can claim the job either.
                logger.warning("a lease was not renewed: %s", error)

    async def _step(self) -> bool:
        if self._job.state == "failed":
            self._outcome = TOLD
            self.painted.set()
            await self._tell(self._job.error or "internal")
        elif self._job.tries > self._tries_allowed():
            await self._fail(GaveUpError.code)
        elif self._job.state == "done":
            # The worker that painted it died while delivering; the platform may have it.
            result = await self._platform.delivered(self._job)
            if result is not None:
                await self._close(result)
            else:
                return await self._paint_and_deliver()
        else:
            return await self._paint_and_deliver()
        return True

    def _tries_allowed(self) -> int:
        """Number of attempts; a painted job gets as many again for its delivery."""
        return self._services.limits.tries * (2 if self._job.state == "done" else 1)

    async def _paint_and_deliver(self) -> bool:
        painting = Painting(self._services, self._platform, self._job, self._say_alive)
        try:
            await self._platform.started(self._job)
            pictures = await self._paint(painting)
            if self._job.state == "running":
                await self._in_store_painted()
            self.painted.set()
            result = await self._platform.deliver(self._job, pictures, painting.notes)
            if absent := controls.absent_in(pictures):
                # For the buttons of this version, later.
                result |= {ABSENT: list(absent)}
        except LostLeaseError:
            raise
        except (EngineUnavailableError, QueueError):
            await self._again(_AGAIN_AFTER, innocent=True)
            await self._platform.paused(self._job)
            return False
        except (BotError, EngineError) as error:
            await self._fail(error.code)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this job's
            await self._answer_platform(error)
        else:
            await self._close(result)
        return True

    async def _paint(self, painting: Painting) -> list[Painted]:
        try:
            return await painting.paint()
        finally:
            # It may be covered now.
            self._job = painting.job

    async def _answer_platform(self, error: Exception) -> None:
        """Handle an error of the platform."""
        if isinstance(error, DeliverLaterError):
            await self._again(timedelta(seconds=error.retry_after_s), innocent=True)
        elif isinstance(error, UncertainDeliveryError):
            logger.warning("job %s may have been delivered", self._job.id)
            await self._close({"uncertain": True})
        elif isinstance(error, UndeliverableError):
            await self._keep_for_later(error.code)
        else:
            logger.error("job %s failed", self._job.id, exc_info=error)
            await self._stumble()

    async def _say_alive(self, progress: int | None) -> None:
        until = self._services.now() + self._services.limits.lease
        async with self._services.database.writing() as transaction:
            await transaction.jobs.renew_lease(self._job.id, self._worker, until, progress)

    async def _in_store_painted(self) -> None:
        async with self._services.database.writing() as transaction:
            await transaction.jobs.painted(self._job.id, self._worker, self._services.now())

    async def _close(self, result: Json) -> None:
        """Record the delivery and the history entry in one transaction.

        Waits while the store is unavailable, because the job would otherwise be delivered again.
        """
        while True:
            try:
                async with self._services.database.writing() as transaction:
                    await transaction.jobs.delivered(self._job.id, self._worker, result)
                    await self._remember(transaction, result)
                break
            except StorageUnavailableError as error:
                logger.warning("a delivery is not recorded yet: %s", error)
                await asyncio.sleep(self._services.limits.look_every.total_seconds())
        self._outcome = "uncertain" if result.get("uncertain") else DELIVERED

    async def _keep_for_later(self, code: str | None) -> None:
        """Put an undeliverable result into the history, from which it can be repeated."""
        job, now = self._job, self._services.now()
        async with self._services.database.writing() as transaction:
            await transaction.jobs.failed(job.id, self._worker, code or "undeliverable", now)
            if code is None:
                await transaction.jobs.told(job.id, self._worker)
            await self._remember(transaction, {"undelivered": True})
        self._outcome = "undeliverable"
        if code is not None:
            await self._tell(code)

    async def _remember(self, transaction: Transaction, result: Json) -> None:
        job = self._job
        preference = await transaction.people.preference(job.wanted.user)
        if not preference.history:
            return
        styles = await transaction.styles.of(job.wanted.recipe)
        title = catalogue.titled(self._services, job.wanted.recipe, styles, job.wanted.language)
        await transaction.history.add(job, title, result, self._services.now())

    async def _again(self, after: timedelta, *, innocent: bool) -> None:
        async with self._services.database.writing() as transaction:
            await transaction.jobs.again(
                self._job.id, self._worker, self._services.now() + after, innocent=innocent
            )
        self._outcome = POSTPONED

    async def _stumble(self) -> None:
        """After an unexpected error: try again, unless that was the last attempt."""
        if self._job.tries >= self._services.limits.tries:
            await self._fail(GaveUpError.code)
        else:
            await self._again(_AGAIN_AFTER * self._job.tries, innocent=False)

    async def _fail(self, code: str) -> None:
        async with self._services.database.writing() as transaction:
            now = self._services.now()
            await transaction.jobs.failed(self._job.id, self._worker, code, now)
        self._outcome = code
        await self._tell(code)

    async def _tell(self, code: str) -> None:
        """Tell the person; if the platform cannot now, try again when the lease ends."""
        sentence = self._services.texts.of_code(code, self._job.wanted.language)
        try:
            await self._platform.tell(self._job, sentence)
        except DeliverLaterError:
            return
        except UndeliverableError:
            pass
        except Exception:
            # Unlimited attempts would keep occupying workers.
            logger.exception("the user of job %s could not be notified", self._job.id)
        async with self._services.database.writing() as transaction:
            await transaction.jobs.told(self._job.id, self._worker)

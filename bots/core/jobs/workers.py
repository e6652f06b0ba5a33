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
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final, Protocol

from bots.core.common.services import Preview, Services
from bots.core.common.telemetry import DELIVERED, LOST, POSTPONED, TOLD, at_work
from bots.core.effects import controls
from bots.core.errors import BotError, GaveUpError, UnsuitablePictureError
from bots.core.policy import control
from bots.core.requests.animation import moves
from bots.core.styles import catalogue, previews, recipes, seeding
from engine.api.contract import REQUEST_TIMEOUT_MAX_S, Painted, Progress, RenderRequest, Step
from engine.api.errors import (
    EngineError,
    EngineUnavailableError,
    ImageError,
    QueueError,
    StaleStyleError,
)
from storage.errors import LostLeaseError, StorageUnavailableError
from storage.transaction import Transaction
from storage.values.jobs import ENDED, Job
from storage.values.json import Json
from storage.values.people import ChatKey

logger = logging.getLogger(__name__)

# The engine's time limit; the worker renews its lease during this time.
_ENGINE_TIMEOUT_S: Final = 120.0
_AGAIN_AFTER: Final = timedelta(seconds=5)
# A delivery takes less, unless the platform lets the chat wait.
_HELD_S: Final = 1.0


class DeliverLaterError(Exception):
    """The platform accepts no messages for a while."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"later, in {retry_after_s} s")
        self.retry_after_s = retry_after_s


class UndeliverableError(Exception):
    """The chat will never accept it.

    Attributes:
        code: Error code to tell the person; None if nobody can be reached: the chat was deleted,
            or the bot removed from it.
    """

    def __init__(self, code: str | None = None) -> None:
        super().__init__(code or "nobody is there")
        self.code = code


class UncertainDeliveryError(Exception):
    """The platform did not answer in time and may have it; sending again might send it twice."""


class Platform(Protocol):
    """The interface that an adapter implements for workers."""

    name: str

    async def fetch(self, job: Job, photo: Json) -> bytes:
        """Download a photo's file.

        Raises:
            SourceGoneError: the platform no longer has it.
            DeliverLaterError: it is not possible now.
        """
        ...

    async def started(self, job: Job) -> None:
        """Called when work begins and after each photo; may update the status message."""
        ...

    async def paused(self, job: Job) -> None:
        """Called when the job waits for an absent engine; may update the status message."""
        ...

    async def deliver(self, job: Job, pictures: Sequence[Painted], notes: Sequence[str]) -> Json:
        """Deliver the pictures, in order, with notes; returns the platform's ids of them.

        Raises:
            DeliverLaterError: nothing was sent; try later.
            UndeliverableError: the chat will never accept it.
            UncertainDeliveryError: it may have been sent.
        """
        ...

    async def delivered(self, job: Job) -> Json | None:
        """The platform's ids of a job's delivered pictures; None if there are none, or unknown."""
        ...

    async def tell(self, job: Job, sentence: str) -> None:
        """Tell the person why a job failed.

        Raises:
            DeliverLaterError: it is not possible now.
            UndeliverableError: the chat will never accept it.
        """
        ...


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
        attempt = _Attempt(self._services, platform, job, worker)
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

    async def _run(self, attempt: "_Attempt", job: Job) -> bool:
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


class _Attempt:
    """One worker's work on one job."""

    def __init__(self, services: Services, platform: Platform, job: Job, worker: str) -> None:
        self._services = services
        self._platform = platform
        self._job = job
        self._worker = worker
        self._notes: list[str] = []
        self._engine_steps: tuple[tuple[Step, ...], dict[str, bytes]] | None = None
        self._done = 0
        self._outcome = LOST
        # Set once only delivery or notification is left.
        self.painted = asyncio.Event()
        # Set whenever slow work has made progress.
        self._stepped = asyncio.Event()

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
        try:
            await self._platform.started(self._job)
            pictures = await self._paint()
            if self._job.state == "running":
                await self._in_store_painted()
            self.painted.set()
            result = await self._platform.deliver(self._job, pictures, self._notes)
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

    async def _paint(self) -> list[Painted]:
        """Paint the job's photos; those that fail are left out, unless all fail.

        Raises:
            ImageError: none of them can be painted.
            UnsuitablePictureError: none of them is allowed in the chat.
        """
        self._note_style()
        pictures: list[Painted] = []
        refused: ImageError | UnsuitablePictureError | None = None
        for number, photo in enumerate(self._job.wanted.photos, start=1):
            body = await self._platform.fetch(self._job, photo)
            try:
                self._note_frames(photo, body)
                # Before a preview is shown.
                await self._check_content(body)
                pictures.append(await self._paint_one(body))
            except (ImageError, UnsuitablePictureError) as error:
                refused = error
                language = self._job.wanted.language
                reason = self._services.texts.of_error(error, language)
                self._notes.append(
                    self._services.texts.say(
                        "photo-skipped", language, number=number, reason=reason
                    )
                )
            await self._say_alive(number)
            self._done = number
            if number < len(self._job.wanted.photos):
                await self._platform.started(self._job)
        if refused and not pictures:
            raise refused
        return pictures

    def _note_style(self) -> None:
        """Add a note that a missing style was replaced by another."""
        wanted = self._job.wanted
        if title := wanted.reply_target.get(catalogue.INSTEAD_OF):
            self._note("style-retired", title=title)

    def _note_frames(self, photo: Json, body: bytes) -> None:
        """Add a note that only the first frame of an animation is painted."""
        if photo.get("first_frame") or moves(body):
            self._note("first-frame")

    def _note(self, name: str, **facts: str) -> None:
        note = self._services.texts.say(name, self._job.wanted.language, **facts)
        if note not in self._notes:
            self._notes.append(note)

    async def _paint_one(self, body: bytes) -> Painted:
        try:
            return await self._ask(body)
        except StaleStyleError:
            # The style's code is from another checkpoint; renew it from its reference picture.
            self._engine_steps = None
            await seeding.refresh_stale(self._services, self._job.wanted.recipe)
            return await self._ask(body)

    async def _check_content(self, body: bytes) -> None:
        """Run the content check, in chats that want it; cover or refuse the photo."""
        services, wanted = self._services, self._job.wanted
        async with services.database.reading() as transaction:
            check = (await transaction.people.chat(wanted.chat)).photo_check
        if check == "off":
            return
        if services.content_check:
            normalised = await previews.normalised(services, body)
            if not await services.content_check.unsuitable(normalised):
                return
        else:
            logger.error("a chat uses the content check, but none is installed")
        if check == "refuse":
            raise UnsuitablePictureError
        covered = wanted.reply_target | {"spoiler": True}
        async with services.database.writing() as transaction:
            await transaction.jobs.put_reply_target(self._job.id, covered)
        self._job = replace(self._job, wanted=replace(wanted, reply_target=covered))

    async def _ask(self, body: bytes) -> Painted:
        services, wanted = self._services, self._job.wanted
        if self._engine_steps is None:
            self._engine_steps = await recipes.steps_for_engine(services, wanted.recipe)
        steps, inputs = self._engine_steps
        # The engine is fair between chats, identified by a pseudonym: a flood in one chat delays
        # others by at most the photo that is being painted.
        user = services.pseudonym(wanted.chat)[:16]
        slow = controls.is_slow(services.effects, wanted.recipe)
        request = RenderRequest(
            body, steps, inputs, user=user,
            priority="bulk" if slow else "interactive",
            timeout_s=REQUEST_TIMEOUT_MAX_S if slow else _ENGINE_TIMEOUT_S,
        )  # fmt: skip
        if not slow:
            return await services.engine.render(request)
        # Albums have no message that could show previews.
        shown = len(wanted.photos) == 1
        self._note_progress(Progress(0.0))
        if shown:
            services.previews[self._job.id] = Preview(0, await self._fast(request))
        return await self._unless_given_up(
            services.engine.render(request, self._note_progress, previews=shown)
        )

    async def _fast(self, request: RenderRequest) -> bytes:
        """Paint the request without slow values, as a first preview."""
        steps = tuple(controls.fast(self._services.effects, step) for step in request.steps)
        fast = replace(
            request, steps=steps, output="jpeg", priority="interactive", timeout_s=_ENGINE_TIMEOUT_S
        )
        return (await self._services.engine.render(fast)).image

    def _note_progress(self, progress: Progress) -> None:
        """Store the progress; an album's photos have equal shares."""
        job_id, count = self._job.id, len(self._job.wanted.photos)
        self._services.shares[job_id] = (self._done + min(1.0, progress.share)) / count
        if progress.preview is not None:
            before = self._services.previews.get(job_id)
            number = before.number + 1 if before else 1
            self._services.previews[job_id] = Preview(number, progress.preview)
        self._stepped.set()

    async def _unless_given_up(self, rendering: Coroutine[Any, Any, Painted]) -> Painted:
        """Wait for a slow picture; stop if the job is cancelled.

        Raises:
            LostLeaseError: it was cancelled.
            EngineError: raised by the engine.
        """
        painting = asyncio.ensure_future(rendering)
        watching = asyncio.ensure_future(self._given_up())
        try:
            await asyncio.wait([painting, watching], return_when=asyncio.FIRST_COMPLETED)
            if not painting.done():
                watching.result()
            return await painting
        finally:
            for task in (painting, watching):
                task.cancel()
            await asyncio.wait([painting, watching])

    async def _given_up(self) -> None:
        while True:
            await self._stepped.wait()
            self._stepped.clear()
            with contextlib.suppress(StorageUnavailableError):
                async with self._services.database.reading() as transaction:
                    job = await transaction.jobs.get(self._job.id)
                if job is None or job.state in ENDED:
                    raise LostLeaseError

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
        title = recipes.titled(job.wanted.recipe, styles, job.wanted.language)
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

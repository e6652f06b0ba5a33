"""Has the photos of one job painted: content check, notes, progress, previews, films."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any, Final

from bots.core.common.services import Preview, Services
from bots.core.effects import controls
from bots.core.errors import BotError, ClipsOffError, ClipTooLargeError, UnsuitablePictureError
from bots.core.jobs.platform import Platform
from bots.core.requests import clips, stories
from bots.core.requests.animation import content_type_of, moves
from bots.core.styles import catalogue, previews, recipes, seeding
from engine.api.contract import (
    REQUEST_TIMEOUT_MAX_S,
    Painted,
    Progress,
    RenderRequest,
    Scene,
    Step,
)
from engine.api.errors import EngineError, ImageError, StaleStyleError
from storage.errors import LostLeaseError, StorageUnavailableError
from storage.values.jobs import ENDED, Job, film_cost_of
from storage.values.json import Json
from storage.values.people import ChatSettings

logger = logging.getLogger(__name__)

# The engine's time limit; the worker renews its lease during this time.
_ENGINE_TIMEOUT_S: Final = 120.0
# What is said where an analysis that was needed finds nothing.
_ABSENT: Final = {"person": "absent-person"}
# Errors of one photo, without which the others are painted.
_OF_ONE: Final = (ImageError, UnsuitablePictureError, ClipsOffError, ClipTooLargeError)


class Painting:
    """The painting of one job.

    Attributes:
        job: The job; its reply target says whether the result is to be covered.
        notes: Sentences for the person.
    """

    def __init__(
        self,
        services: Services,
        platform: Platform,
        job: Job,
        after_each: Callable[[int], Awaitable[None]],
    ) -> None:
        """Do not start yet.

        Args:
            services: The bot's services.
            platform: Where the photos are fetched.
            job: The job.
            after_each: Called after each photo with its number.
        """
        self.job = job
        self.notes: list[str] = []
        self._services = services
        self._platform = platform
        self._after_each = after_each
        self._engine_steps: tuple[tuple[Step, ...], dict[str, bytes]] | None = None
        self._done = 0
        # The share of what is worked on now, in photos.
        self._span = 1
        # Set whenever slow work has made progress.
        self._stepped = asyncio.Event()

    async def paint(self) -> list[Painted]:
        """Paint the job's photos; those that fail are left out, unless all fail.

        A story's photos and paintings become one film.

        Raises:
            ImageError: none of them can be painted.
            UnsuitablePictureError: none of them is allowed in the chat.
            ClipsOffError: clips are no longer painted in the chat, or by the engine.
        """
        self._note_style()
        pictures: list[Painted] = []
        scenes: list[Scene] = []
        refused: BotError | EngineError | None = None
        for number, wanted in enumerate(self.job.wanted.photos, start=1):
            try:
                photo = await self._allowed(wanted)
                body = await self._platform.fetch(self.job, clips.source_of(photo))
                self._note_frames(photo, body)
                if not clips.is_clip(photo):
                    # Before a preview is shown.
                    await self._check_content(body)
                painted = await self._painted(photo, body)
                pictures.append(painted)
                if self.job.wanted.story:
                    scenes.append(Scene(body, painted.image))
            except _OF_ONE as error:
                refused = error
                language = self.job.wanted.language
                reason = self._services.texts.of_error(error, language)
                self.notes.append(
                    self._services.texts.say(
                        "photo-skipped", language, number=number, reason=reason
                    )
                )
            await self._after_each(number)
            self._done = number
            if self.job.wanted.story:
                self._note_progress(Progress(0.0))
            if number < len(self.job.wanted.photos):
                await self._platform.started(self.job)
        if refused and not pictures:
            raise refused
        return [await self._film(scenes)] if self.job.wanted.story else pictures

    async def _allowed(self, photo: Json) -> Json:
        """A photo as it can be painted now."""
        if self.job.wanted.story:
            (scene,) = clips.as_scenes(self._services, [photo])
            return scene
        (allowed,) = clips.allowed(self._services, await self._chat(), [photo])
        if clips.is_clip(allowed) and controls.needs_stills(
            self._services.effects, self.job.wanted.recipe
        ):
            return clips.as_still(allowed)
        return allowed

    async def _painted(self, photo: Json, body: bytes) -> Painted:
        """A photo's painting: the one that there is already, or a new one."""
        if "painting" in photo:
            known = await self._platform.fetch(self.job, photo["painting"])
            return Painted(known, content_type_of(known))
        return await self._paint_one(photo, body)

    async def _film(self, scenes: Sequence[Scene]) -> Painted:
        """Make the film of a story."""
        services = self._services
        self._span = film_cost_of(self.job.wanted.photos, self.job.wanted.story)
        self._note_progress(Progress(0.0))
        request = await stories.request_of(services, self.job.wanted, scenes)
        return await self._unless_given_up(services.engine.make_story(request, self._note_progress))

    def _note_style(self) -> None:
        """Add a note that a missing style was replaced by another."""
        wanted = self.job.wanted
        if title := wanted.reply_target.get(catalogue.INSTEAD_OF):
            self._note("style-retired", title=title)

    def _note_frames(self, photo: Json, body: bytes) -> None:
        """Add a note that only the first frame of an animation is painted."""
        if self.job.wanted.story:
            # Of a clip, it has the still.
            return
        if not clips.is_clip(photo) and (photo.get("first_frame") or moves(body)):
            self._note("first-frame")

    def _note(self, name: str, **facts: str) -> None:
        note = self._services.texts.say(name, self.job.wanted.language, **facts)
        if note not in self.notes:
            self.notes.append(note)

    async def _chat(self) -> ChatSettings:
        async with self._services.database.reading() as transaction:
            return await transaction.people.chat(self.job.wanted.chat)

    async def _paint_one(self, photo: Json, body: bytes) -> Painted:
        try:
            return await self._ask(photo, body)
        except StaleStyleError:
            # The style's code is from another checkpoint; renew it from its reference picture.
            self._engine_steps = None
            await seeding.refresh_stale(self._services, self.job.wanted.recipe)
            return await self._ask(photo, body)

    async def _check_content(self, body: bytes) -> None:
        """Run the content check, in chats that want it; cover or refuse the photo."""
        services, wanted = self._services, self.job.wanted
        check = (await self._chat()).photo_check
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
            await transaction.jobs.put_reply_target(self.job.id, covered)
        self.job = replace(self.job, wanted=replace(wanted, reply_target=covered))

    async def _ask(self, photo: Json, body: bytes) -> Painted:
        services, wanted = self._services, self.job.wanted
        if self._engine_steps is None:
            self._engine_steps = await recipes.steps_for_engine(
                services, wanted.recipe, wanted.user
            )
        steps, inputs = self._engine_steps
        # The engine is fair between chats, identified by a pseudonym: a flood in one chat delays
        # others by at most the photo that is being painted.
        user = services.pseudonym(wanted.chat)[:16]
        slow, clip = controls.is_slow(services.effects, wanted.recipe), clips.is_clip(photo)
        if clip and slow:
            # Minutes a picture would be hours a clip.
            steps = tuple(controls.fast(services.effects, step) for step in steps)
            self._note("clip-fast")
            slow = False
        if clip and controls.needs_of(services.effects, steps):
            # Of two styles for two parts, the first one is for all of it.
            steps = tuple(controls.for_clip(services.effects, step) for step in steps[:1])
            self._note("clip-whole")
        lasts = slow or clip or wanted.story is not None
        request = RenderRequest(
            body, steps, inputs, user=user, clip=photo["clip"] if clip else "",
            priority="bulk" if lasts else "interactive",
            timeout_s=REQUEST_TIMEOUT_MAX_S if lasts else _ENGINE_TIMEOUT_S, look=True,
        )  # fmt: skip
        painted = await (
            self._slowly(request, slow=slow) if lasts else services.engine.render(request)
        )
        for what in controls.needs_of(services.effects, steps).intersection(painted.absent):
            if note := _ABSENT.get(what):
                self._note(note)
        return painted

    async def _slowly(self, request: RenderRequest, *, slow: bool) -> Painted:
        """Paint a request that takes long, noting its progress."""
        services, wanted = self._services, self.job.wanted
        # Albums have no message that could show previews.
        shown = len(wanted.photos) == 1 and wanted.story is None
        self._note_progress(Progress(0.0))
        if shown and slow:
            services.previews[self.job.id] = Preview(0, await self._fast(request))
        return await self._unless_given_up(
            services.engine.render(request, self._note_progress, previews=shown)
        )

    async def _fast(self, request: RenderRequest) -> bytes:
        """Paint the request without slow values, as a first preview."""
        steps = tuple(controls.fast(self._services.effects, step) for step in request.steps)
        fast = replace(
            request, steps=steps, output="jpeg", priority="interactive",
            timeout_s=_ENGINE_TIMEOUT_S, look=False,
        )  # fmt: skip
        return (await self._services.engine.render(fast)).image

    def _note_progress(self, progress: Progress) -> None:
        """Store the progress; an album's photos have equal shares, and a film has its cost."""
        job_id, wanted = self.job.id, self.job.wanted
        count = len(wanted.photos) + film_cost_of(wanted.photos, wanted.story)
        done = self._done + self._span * min(1.0, progress.share)
        self._services.shares[job_id] = done / count
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
                    job = await transaction.jobs.get(self.job.id)
                if job is None or job.state in ENDED:
                    raise LostLeaseError

"""Renders clips: frame by frame through the pipeline, from files outside of memory.

Decoding, motion and encoding run in codec workers of low priority, in pieces of a second or so, and
every frame waits in the queue in front of the device like a photo of bulk work. So a clip delays
others by no more than one of its frames, and stops within one when it is cancelled.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeVar

from PIL import Image

from engine.api.contract import CLIP_TYPES, PREVIEW_SIDE_PX, Painted, Progress, Report
from engine.api.errors import InvalidOptionError, UnsupportedClipError
from engine.effects.effect import Effect, Params
from engine.media.clips import stages
from engine.media.clips.clip import DEFAULT_CLIP_LIMITS, Clip, ClipLimits
from engine.media.formats import video_kind
from engine.media.images import Picture
from engine.serving import rendering
from engine.serving.pipeline import PIXELS_A_BYTE, Call, Opened, Pipeline, Turn

Answer = TypeVar("Answer")

# Clips in work at once; each has up to 350 MB in a temporary file, three times.
_AT_ONCE: Final = 3
# Frames of a clip that wait for the device at once.
_FRAMES_AHEAD: Final = 4
# Shares of the work, for the progress: reading, planning, painting; moving and writing follow.
_READ, _PLANNED, _PAINTED, _MOVED = 0.05, 0.12, 0.82, 0.92


@dataclass(frozen=True, slots=True)
class ClipOptions:
    """How an engine renders clips.

    Attributes:
        limits: Limits of a clip.
        encoder: FFmpeg's encoder for MP4; empty for the best there is.
    """

    limits: ClipLimits = DEFAULT_CLIP_LIMITS
    encoder: str = ""


class ClipRenderer:
    """Renders clips on one pipeline. Belongs to one event loop."""

    def __init__(self, pipeline: Pipeline, options: ClipOptions) -> None:
        self.options = options
        self._pipeline = pipeline
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def moves(self, call: Call) -> bool:
        """Whether the request's file is a clip."""
        body = call.request.image
        if video_kind(body):
            return True
        return bool(
            body[:3] != b"\xff\xd8\xff" and await self._coded(call, partial(stages.is_clip, body))
        )

    async def render(
        self, call: Call, steps: Sequence[tuple[Effect, Params]], report: Report
    ) -> Painted:
        """Apply checked steps to every frame of the request's clip.

        Raises:
            EngineError: the clip or a param cannot be used, or there is no time.
        """
        if any(effect.place(params) == "worker" for effect, params in steps):
            raise InvalidOptionError(
                "That takes minutes for every frame: it is made of single pictures, not of clips."
            )
        rendering.check_clip(steps)
        opened = await self._pipeline.open(call, steps)
        async with self._slots, work_folder() as folder:
            return await self._render_in(folder, call, steps, opened, report)

    async def _render_in(
        self,
        folder: Path,
        call: Call,
        steps: Sequence[tuple[Effect, Params]],
        opened: Opened,
        report: Report,
    ) -> Painted:
        request, form = call.request, call.request.clip or "mp4"
        report(Progress(0.0))
        limits = stages.limits_for(form, self.options.limits)
        clip = await self._coded(
            call, partial(stages.read, request.image, folder / "source", limits), len(request.image)
        )
        report(Progress(_READ))
        result = clip
        if opened:
            result = await self._rendered(folder, clip, call, opened, report)
        written = partial(stages.write, result, form, self.options.encoder, request.image)
        body = await self._coded(call, written)
        report(Progress(1.0))
        # What no clip is searched for, no clip is to be offered.
        unused = dict.fromkeys(name for effect, _ in steps for name in effect.spec.may_need)
        return Painted(body, CLIP_TYPES[form], absent=tuple(unused) if request.look else ())

    async def _rendered(
        self,
        folder: Path,
        clip: Clip,
        call: Call,
        opened: Opened,
        report: Report,
    ) -> Clip:
        """The clip with the steps applied to every frame."""
        count = len(clip.durations_ms)
        numbers: Sequence[int] = range(count)
        still: stages.Stillness | None = None
        if count > 1 and any(effect.unsteady(params) for (effect, params), _ in opened):
            still = await self._planned(folder, clip, call)
            numbers = still.painted
        report(Progress(_PLANNED))
        painted = replace(clip, path=folder / "painted")
        done = 0

        def one_done(frame: Picture) -> None:
            nonlocal done
            done += 1
            share = _PLANNED + (_PAINTED - _PLANNED) * done / len(numbers)
            report(Progress(share, _preview(frame) if done == 1 else None))

        await self._paint(clip, painted, numbers, call, opened, one_done)
        if still is None:
            return painted
        result = replace(clip, path=folder / "result")
        await asyncio.to_thread(result.frames, "w+")
        for number, span in enumerate(still.spans):
            await self._coded(
                call, partial(stages.steady_span, clip, still.motion, painted, result, span)
            )
            report(Progress(_PAINTED + (_MOVED - _PAINTED) * (number + 1) / len(still.spans)))
        return result

    async def _planned(self, folder: Path, clip: Clip, call: Call) -> stages.Stillness:
        """Follow what moves, and choose the frames that are painted."""
        motion = await self._coded(call, partial(stages.begin_motion, clip, folder))
        cuts: list[int] = []
        for numbers in stages.pieces(clip):
            cuts += await self._coded(call, partial(stages.measure, clip, motion, numbers))
        return await self._coded(call, partial(stages.plan, clip, motion, cuts))

    async def _paint(
        self,
        clip: Clip,
        painted: Clip,
        numbers: Sequence[int],
        call: Call,
        opened: Opened,
        one_done: Callable[[Picture], None],
    ) -> None:
        """Apply the steps to some frames, a few at a time."""
        job = self._pipeline.job(call, opened)
        if job.inputs:
            # Once for all frames.
            size = (clip.width, clip.height)
            job = await self._coded(call, partial(rendering.with_inputs, job, size))
        source, target = clip.frames(), await asyncio.to_thread(painted.frames, "w+")
        coming = iter(numbers)

        async def work() -> None:
            for number in coming:
                frame = Picture.of_frame(source[number])
                found = await self._pipeline.render_frame(call, opened, job, frame)
                target[number] = found.as_frame(with_alpha=clip.has_alpha)
                one_done(found)

        async with asyncio.TaskGroup() as tasks:
            for _ in range(min(_FRAMES_AHEAD, len(numbers))):
                tasks.create_task(work())

    async def _coded(self, call: Call, work: Callable[[], Answer], cost_bytes: int = 0) -> Answer:
        """Run a function on a codec worker of low priority, in its turn."""
        cost_px = PIXELS_A_BYTE * cost_bytes or self.options.limits.max_side_px**2
        turn = Turn(call.turn.user, "bulk", cost_px, call.turn.until)
        return await self._pipeline.coded(turn, work)


@asynccontextmanager
async def work_folder() -> AsyncIterator[Path]:
    """A temporary folder for a clip in work."""
    # A codec worker that has not heard of a cancellation may still write there.
    make = partial(TemporaryDirectory, prefix="stylebot-clip-", ignore_cleanup_errors=True)
    folder = await asyncio.to_thread(make)
    try:
        yield Path(folder.name)
    finally:
        await asyncio.to_thread(folder.cleanup)


def no_clips() -> UnsupportedClipError:
    """The error for a clip where none can be rendered."""
    return UnsupportedClipError(
        "This engine takes no clips: they are switched off, or the extra 'video' is not installed."
    )


def _preview(picture: Picture) -> bytes:
    image = Image.fromarray(picture.rgb)
    image.thumbnail((PREVIEW_SIDE_PX, PREVIEW_SIDE_PX))
    file = BytesIO()
    image.save(file, "jpeg", quality=85)
    return file.getvalue()

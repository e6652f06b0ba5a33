"""Runs requests through codec workers, the device and the slow worker of one engine.

Everything waits in fair queues: for a worker that decodes or encodes, for the device, and for the
process that does slow effects.
"""

import asyncio
import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, NamedTuple, TypeVar, cast

import numpy as np
import torch
from PIL import Image

from engine.api.contract import (
    PREVIEW_SIDE_PX,
    Painted,
    Priority,
    Progress,
    QueueState,
    RenderRequest,
    Report,
    StyleCode,
)
from engine.api.errors import InvalidOptionError
from engine.effects.effect import Blend, DeviceEffect, Effect, Params, Sample, Sides
from engine.media.canvas import fit
from engine.media.composing import reduced
from engine.media.full_size import Pixels
from engine.media.images import ImageLimits, Picture, encode
from engine.painting.stylizer import Stylizer
from engine.serving import rendering
from engine.serving.batcher import BULK_NICENESS, Batcher, BatchLimits
from engine.serving.codec import CodecPool, decode_reference
from engine.serving.slow_worker import Done, SlowWorker

Answer = TypeVar("Answer")
# Steps that change something, each with its params as the device takes them.
Opened = Sequence[tuple[tuple[Effect, Params], Any]]

# Shapes are rounded up to this on a GPU, so that photos of about the same shape share a batch.
_GPU_BUCKET_PX: Final = 64
# Decoded photos that wait for their painting, 12 megapixels in 12 MB each; beyond this a photo is
# decoded once more when its painting is there.
_ORIGINALS_BYTES: Final = 192 * 1024**2
# Bulk work leaves the processor to others, and so may take longer.
_BULK_TIMEOUT_S: Final = 60.0
# Pictures that are encoded in a few milliseconds do not queue behind ones that take hundreds.
_FINISHED_AT_ONCE_PX: Final = 2_000_000
# Decoding a file of so many bytes takes about as long as painting that many pixels.
PIXELS_A_BYTE: Final = 4
# Assumed until the first was measured: a 12-megapixel JPEG of 4 MB is decoded in about a third of a
# second; a masterwork of 512 x 384 px takes about half a minute on a CPU and a second on a GPU.
_CODEC_PX_PER_S: Final = 40_000_000.0
_SLOW_PX_PER_S: Final = {"cpu": 8_000.0, "cuda": 200_000.0}
_NEEDS_PICTURE: Final = (
    "A masterwork needs the picture that the style was read from: send it along."
)
# Seconds reserved to bring an unfinished picture of a slow effect to full size.
_RESERVE_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Turn:
    """User, cost and deadline of a piece of work; the deadline is in the event loop's time."""

    user: str
    priority: Priority
    cost_px: int
    until: float = math.inf

    def left_s(self) -> float:
        """Seconds that are left."""
        return self.until - time.monotonic()


class Work(NamedTuple):
    """A step's part for the device."""

    effect: DeviceEffect
    sample: Sample
    priority: Priority


@dataclass(eq=False, slots=True)
class Call:
    """A request that was admitted.

    Attributes:
        request: The request.
        turn: Its turn at the codec workers.
        before_device: Whether it has not reached the device yet.
    """

    request: RenderRequest
    turn: Turn
    before_device: bool


class Pipeline:
    """Applies steps to pictures. Belongs to one event loop.

    Attributes:
        inside: Number of admitted fast requests, by priority.
    """

    def __init__(
        self,
        stylizer: Stylizer,
        limits: BatchLimits,
        codec_workers: int,
        image_limits: ImageLimits,
        slow_worker: SlowWorker | None,
    ) -> None:
        """Start nothing yet.

        Args:
            stylizer: What paints.
            limits: Bounds of each queue.
            codec_workers: Processes that decode and encode.
            image_limits: What pictures may be.
            slow_worker: Process for slow effects; None for none.
        """
        self.stylizer = stylizer
        self.limits = limits
        self.image_limits = image_limits
        self.inside: Counter[Priority] = Counter()
        # Batching gains nothing on a CPU; there every photo keeps its own shape.
        self._bucket_px = 1 if stylizer.device.type == "cpu" else _GPU_BUCKET_PX
        self._threads = torch.get_num_threads()
        side_px = stylizer.manifest.preprocessing.work_side_px
        self._sides = Sides(side_px, slow_worker.side_px if slow_worker else side_px)
        self._originals_left_bytes = _ORIGINALS_BYTES
        self._finishers = ThreadPoolExecutor(codec_workers, "finisher")
        self._codecs: dict[Priority, CodecPool] = {
            "interactive": CodecPool(codec_workers),
            "bulk": CodecPool(codec_workers, _BULK_TIMEOUT_S, BULK_NICENESS),
        }
        self._slow_worker = slow_worker
        self._batcher: Batcher[Work, Pixels] = Batcher(
            self._run, limits, out_of_memory=(MemoryError, torch.OutOfMemoryError)
        )
        # Turns to decode or encode are given as for painting: by user and priority. Bulk work
        # leaves one worker free, so there is one more worker than processes of each kind.
        alone = replace(limits, batch_items=1, window_s=0.0, workers=1)
        self._codec_turns: Batcher[Callable[[], Any], Any] = Batcher(
            _run_each, replace(alone, workers=codec_workers + 1, speed_px_per_s=_CODEC_PX_PER_S)
        )
        slow_px_per_s = _SLOW_PX_PER_S[stylizer.device.type]
        self._slow_turns: Batcher[Callable[[], Any], Any] = Batcher(
            _run_each, replace(alone, speed_px_per_s=slow_px_per_s)
        )

    async def alone(self, work: Callable[[], Answer]) -> Answer:
        """Run something on the device, between two batches."""
        return await self._batcher.run_alone(work)

    def state(self) -> QueueState:
        """How long the queue in front of the device is."""
        return self._batcher.state()

    def wait_s(self, before_device: int) -> float:
        """Predicted seconds until a picture accepted now would reach the device.

        Args:
            before_device: Number of pictures that have not reached the device yet.
        """
        coming_px = before_device * self._sides.fast**2
        return self._codec_turns.wait_s() + self._batcher.wait_s(coming_px)

    def batches(self) -> tuple[int, int]:
        """How many batches have run, and how many pictures were in them."""
        return self._batcher.batches_run, self._batcher.items_run

    def note_inside(self, priority: Priority, change: int) -> None:
        """Count fast requests; slow ones wait for them."""
        self.inside[priority] += change
        if self._slow_worker:
            self._slow_worker.give_way(others=self.inside.total() > 0)

    async def close(self) -> None:
        """Finish what is in the queues, and end the worker processes."""
        for queue in (self._batcher, self._codec_turns, self._slow_turns):
            await queue.close()
        self._finishers.shutdown()
        for codec in self._codecs.values():
            await asyncio.to_thread(codec.close)
        if self._slow_worker:
            await asyncio.to_thread(self._slow_worker.close)

    async def render(
        self, call: Call, steps: Sequence[tuple[Effect, Params]], report: Report
    ) -> Painted:
        """Apply checked steps to the request's picture.

        Raises:
            EngineError: the picture or a param cannot be used, or there is no time.
        """
        request = call.request
        opened = await self.open(call, steps)
        job = replace(self.job(call, opened), output=request.output, look=request.look)
        first = partial(rendering.begin, request.image, job)
        state = await self.coded(call.turn, first)
        finished, cut_short = await self._through(call, opened, state, report, first)
        body, absent = cast("bytes", finished.picture), finished.absent
        return Painted(body, f"image/{request.output}", partial=cut_short, absent=absent)

    async def open(self, call: Call, steps: Sequence[tuple[Effect, Params]]) -> Opened:
        """The steps that change something, each with its params as the device takes them.

        Raises:
            EngineError: a param cannot be used.
        """
        return [
            ((effect, params), prepared)
            for effect, params in steps
            for prepared in [await self._open(call, effect, params)]
            if not effect.identity(params)
        ]

    def job(self, call: Call, opened: Opened) -> rendering.Job:
        """Opened steps and the inputs they name, for pixels."""
        steps = [step for step, _ in opened]
        inputs = rendering.named_inputs(steps, call.request.inputs)
        return rendering.Job(steps, None, self._sides, self.image_limits, inputs)

    async def render_frame(
        self, call: Call, opened: Opened, job: rendering.Job, frame: Picture
    ) -> Picture:
        """Apply opened steps, and `job` of them with its inputs decoded, to a frame of a clip."""
        begin = partial(rendering.begin_frame, frame, job)
        if any(effect.spec.needs_of(params) for effect, params in job.steps):
            state = await self.coded(replace(call.turn, priority="bulk"), begin)
        else:
            loop = asyncio.get_running_loop()
            state = await loop.run_in_executor(self._finishers, begin)
        finished, _ = await self._through(call, opened, state, lambda _: None)
        return cast("Picture", finished.picture)

    async def _through(
        self,
        call: Call,
        opened: Opened,
        state: rendering.Waiting | rendering.Finished,
        report: Report,
        first: Callable[[], rendering.Waiting | rendering.Finished] | None = None,
    ) -> tuple[rendering.Finished, bool]:
        """Take a picture through the steps that need the device.

        Args:
            call: The request.
            opened: Its steps.
            state: The picture before the first of them.
            report: Called with progress.
            first: Makes `state` once more; None to keep it.

        Returns:
            The result, and whether a slow effect was cut short.
        """
        cut_short = False
        while isinstance(state, rendering.Waiting):
            effect, params = state.step
            analyses = rendering.used(effect.spec, params, state.analyses)
            sample = Sample(state.prepared.pixels, opened[state.index][1], params, analyses)
            # If there is no room for the photo, it is decoded again later; the result of earlier
            # steps cannot be recreated and is kept.
            kept_bytes = state.kept_bytes
            borrowed = kept_bytes if kept_bytes <= self._originals_left_bytes else 0
            before = state if borrowed or state.index or first is None else None
            mask = state.area.mask if state.area else None
            del state
            self._originals_left_bytes -= borrowed
            try:
                result, part = await self._on_device(call, effect, sample, report, mask)
                cut_short |= part
                if before is None:
                    if first is None:
                        raise AssertionError("it was kept")
                    before = _waiting(await self.coded(call.turn, first))
                state = await self._finished(call, before, result)
            finally:
                self._originals_left_bytes += borrowed
        return state, cut_short

    async def _open(self, call: Call, effect: Effect, params: Params) -> Any:  # noqa: ANN401
        """Prepare a step's params for the device.

        Raises:
            EngineError: they cannot be used.
        """
        if not isinstance(effect, DeviceEffect):
            return None
        gallery = effect.spec.gallery
        blend = None
        if gallery:
            slow = effect.place(params) == "worker"
            blend = await self._blended(call, params[gallery.id], slow=slow)
        return effect.open(self.stylizer, params, blend)

    async def _blended(
        self, call: Call, items: Sequence[Mapping[str, Any]], *, slow: bool
    ) -> Blend:
        """The mixture of a gallery's styles."""
        weighted: list[tuple[StyleCode, float]] = []
        named: Counter[str] = Counter()
        references: list[tuple[Pixels, float]] = []
        for item in items:
            weight = item["weight"]
            pixels: Pixels | None = None
            if "picture" in item and (slow or item.keys().isdisjoint({"code", "slug"})):
                body = call.request.inputs[item["picture"]]
                turn = replace(call.turn, cost_px=PIXELS_A_BYTE * len(body))
                pixels = await self.coded(turn, partial(decode_reference, body, self.image_limits))
                references.append((pixels, weight))
            if "slug" in item:
                code = self.stylizer.style_code(item["slug"])
            elif "code" in item:
                code = StyleCode.from_text(item["code"])
            else:
                extract = partial(self.stylizer.extract_style, [Picture(cast("Pixels", pixels))])
                code = await self._batcher.run_alone(extract)
            weighted.append((code, weight))
            if slow and pixels is None:
                shares = self.stylizer.named_weights(code)
                if not shares and weight:
                    raise InvalidOptionError(_NEEDS_PICTURE)
                named.update({slug: weight * share for slug, share in shares.items()})
        return Blend(self.stylizer.blend(weighted), named, references)

    async def _on_device(
        self,
        call: Call,
        effect: DeviceEffect,
        sample: Sample,
        report: Report,
        mask: Pixels | None,
    ) -> tuple[Pixels, bool]:
        """Run a step; also returns whether it was cut short.

        Args:
            call: The request.
            effect: The step's effect.
            sample: Its picture.
            report: Called with the progress of a slow effect.
            mask: What the step is applied to, for previews; None for all.
        """
        height, width = self._bucket_of(sample.pixels)
        call.before_device = False
        if effect.place(sample.params) == "worker":
            done = await self._do_slowly(call, effect, sample, report, mask)
            return done.pixels, done.partial
        result = await self._batcher.submit(
            Work(effect, sample, call.turn.priority),
            key=(effect.spec.id, height, width),
            cost_px=height * width,
            user=call.turn.user,
            priority=call.turn.priority,
            timeout_s=call.turn.left_s(),
        )
        return result, False

    async def _do_slowly(
        self,
        call: Call,
        effect: DeviceEffect,
        sample: Sample,
        report: Report,
        mask: Pixels | None,
    ) -> Done:
        worker = self._slow_worker
        if worker is None:
            raise AssertionError("the spec offers nothing slow then")
        loop, stopped = asyncio.get_running_loop(), threading.Event()
        # The unfinished picture still has to be brought to full size and encoded.
        reserve_s = _RESERVE_S if call.request.partial else -math.inf

        def told(share: float, pixels: Pixels | None) -> None:
            preview = None
            # The last one is the result, which follows at once.
            if pixels is not None and share < 1:
                preview = _preview(effect, sample, pixels, mask)
            loop.call_soon_threadsafe(report, Progress(share, preview))

        def work() -> Done:
            return worker.run(
                effect, sample, report=told, stopped=stopped,
                seconds=call.turn.left_s() - reserve_s,
            )  # fmt: skip

        height, width = sample.pixels.shape[:2]
        try:
            done: Done = await self._slow_turns.submit(
                work, key=None, cost_px=height * width, user=call.turn.user,
                priority=call.turn.priority, timeout_s=call.turn.left_s(),
            )  # fmt: skip
        finally:
            stopped.set()
        return done

    async def _finished(
        self, call: Call, before: rendering.Waiting, result: Pixels
    ) -> rendering.Waiting | rendering.Finished:
        # What is decoded already can do no harm: a thread spares copies between processes.
        finishing = partial(rendering.resume, before, result)
        full_px = before.prepared.full_px
        if full_px <= _FINISHED_AT_ONCE_PX:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._finishers, finishing)
        turn = replace(call.turn, cost_px=full_px)
        if turn.priority == "bulk":
            # A process of low priority holds up no one; a thread would, by the interpreter's lock.
            return await self.coded(turn, finishing)
        return await self._in_turn(turn, finishing)

    async def coded(self, turn: Turn, work: Callable[[], Answer]) -> Answer:
        """Run a function on a codec worker, in its turn."""
        return await self._in_turn(turn, partial(self._codecs[turn.priority].run, work))

    async def _in_turn(self, turn: Turn, work: Callable[[], Answer]) -> Answer:
        answer: Answer = await self._codec_turns.submit(
            work, key=None, cost_px=turn.cost_px, user=turn.user, priority=turn.priority,
            timeout_s=turn.left_s(),
        )  # fmt: skip
        return answer

    def _bucket_of(self, pixels: Pixels) -> tuple[int, int]:
        """(height, width) a photo is padded to; photos of one bucket can share a batch."""
        height, width = pixels.shape[:2]
        step = self._bucket_px
        return -(-height // step) * step, -(-width // step) * step

    def _run(self, batch: Sequence[Work]) -> list[Pixels]:
        """Apply one effect to pictures of one bucket; called on a batcher's thread."""
        if self.stylizer.device.type == "cpu":
            # Two photos on one core each are faster than one after the other on both cores, whose
            # threads wait for each other at every layer. torch's thread count is per calling
            # thread. Bulk work is not counted, as it has low priority and leaves a worker free.
            beside = self.inside["interactive"]
            if all(work.priority == "bulk" for work in batch):
                beside += min(self.inside["bulk"], max(1, self.limits.workers - 1))
            sharing = min(self._threads, max(1, beside))
            torch.set_num_threads(self._threads // sharing)
        effect, first, _ = batch[0]
        samples = [work.sample for work in batch]
        return effect.run(self.stylizer, samples, self._bucket_of(first.pixels))


def _preview(effect: DeviceEffect, sample: Sample, pixels: Pixels, mask: Pixels | None) -> bytes:
    """A small JPEG of a slow effect's unfinished picture."""
    small = Image.fromarray(_at_most(sample.pixels, PREVIEW_SIDE_PX))
    sides = Sides(PREVIEW_SIDE_PX, PREVIEW_SIDE_PX)
    prepared = effect.prepare(small, None, sample.params, sides, sample.analyses)
    pixels = _at_most(pixels, max(prepared.pixels.shape[:2]))
    finished = effect.finish(prepared, pixels, sample.params)
    if mask is not None:
        area = rendering.Area(np.asarray(small), reduced(mask, small.size))
        finished = area.filled(finished)
    return encode(finished, format="jpeg")


def _at_most(pixels: Pixels, side_px: int) -> Pixels:
    return pixels if max(pixels.shape[:2]) <= side_px else fit(pixels, side_px)


def _waiting(state: rendering.Waiting | rendering.Finished) -> rendering.Waiting:
    if not isinstance(state, rendering.Waiting):
        raise TypeError("the same file takes the same way")
    return state


def _run_each(works: Sequence[Callable[[], Any]]) -> list[Any]:
    return [work() for work in works]

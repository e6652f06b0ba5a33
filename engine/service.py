"""The engine behind its HTTP routes: pictures in, paintings out, on one device.

An in-process caller uses it directly; the server, and a replica on a cluster, speak HTTP in front
of the same object.
"""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import (
    AsyncGenerator,
    Callable,
    Coroutine,
    Hashable,
    Iterator,
    Mapping,
    Sequence,
)
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch reader expects
from torch import Tensor

from engine import bridge
from engine.batcher import Batcher, BatchLimits
from engine.canvas import apply_filter
from engine.catalogue import called, find_style, list_styles, open_filter
from engine.codec import (
    CodecPool,
    Original,
    decode_original,
    decode_reference,
    decode_to_paint,
    encode_photo,
    filter_picture,
    finish_painting,
)
from engine.contract import (
    REFERENCES_MAX,
    REFINE_SECONDS,
    REFINE_SECONDS_MAX,
    REFINE_SECONDS_MIN,
    Capabilities,
    Lane,
    Painted,
    QueueState,
    Refinement,
    RenderRequest,
    StyleCode,
    StyleInfo,
    StylizeOptions,
    StylizeRequest,
)
from engine.effects.spec import EffectSpec
from engine.errors import (
    CannotRefineError,
    DeadlineError,
    EngineBusyError,
    InvalidOptionError,
    ShuttingDownError,
    TooManyRequestsError,
)
from engine.full_size import Pixels
from engine.images import DEFAULT_LIMITS, ImageLimits, Picture, decode, encode
from engine.manifest import SAMPLE_PHOTO, SHIPPED_CHECKPOINT
from engine.refine_worker import RefineWorker, Search
from engine.runtime import name_of
from engine.stylizer import Stylizer

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")

# Shapes are rounded up to this on a GPU, so that photos of about the same shape share a batch.
_GPU_BUCKET_PX: Final = 64
_PREVIEW_SIDE_PX: Final = 256
# Decoded photos that wait for their painting, 12 megapixels in 12 MB each; beyond this a photo is
# decoded once more when its painting is there.
_ORIGINALS_BYTES: Final = 192 * 1024**2
# What is encoded in a few milliseconds does not stand in line behind what takes hundreds.
_FINISHED_AT_ONCE_PX: Final = 2_000_000
# A file of so many bytes takes about as long to decode as that many pixels to paint.
_PIXELS_A_BYTE: Final = 4


@dataclass(frozen=True, slots=True)
class Sample:
    """One photo on its way to the device: (h, w, 3) uint8, (modulation_dim,), a strength."""

    pixels: Pixels
    style: Tensor
    strength: float


class Engine:
    """One stylizer with everything that makes it a service. Belongs to one event loop."""

    def __init__(  # noqa: PLR0913 - all but the first have a default
        self,
        stylizer: Stylizer,
        limits: BatchLimits | None = None,
        *,
        codec_workers: int = 1,
        cache_bytes: int = 64 * 1024**2,
        checkpoint: Path = SHIPPED_CHECKPOINT,
        refine_worker: RefineWorker | None = None,
        image_limits: ImageLimits = DEFAULT_LIMITS,
    ) -> None:
        """Take over a stylizer.

        Args:
            stylizer: What paints; no one else may use it meanwhile.
            limits: Bounds of the queue.
            codec_workers: Processes that decode and encode.
            cache_bytes: Painted pictures kept for those who ask again.
            checkpoint: The stylizer's folder, where the previews lie.
            refine_worker: What refines styles of the same checkpoint; None to refine none.
            image_limits: What pictures may be.
        """
        self.stylizer = stylizer
        self.limits = limits or BatchLimits()
        self._checkpoint = checkpoint
        # Batching buys a CPU nothing; there every photo keeps its own shape.
        self._bucket_px = 1 if stylizer.device.type == "cpu" else _GPU_BUCKET_PX
        self._threads = torch.get_num_threads()
        self.image_limits = image_limits
        self._finishers = ThreadPoolExecutor(codec_workers, "finisher")
        self._originals_left_bytes = _ORIGINALS_BYTES
        self._batcher: Batcher[Sample, Pixels] = Batcher(
            self._paint, self.limits, out_of_memory=(MemoryError, torch.OutOfMemoryError)
        )
        self._codec = CodecPool(codec_workers)
        # Who decodes or encodes next is dealt like who paints next: by user, and by lane.
        turns = replace(self.limits, lanes=codec_workers, batch_items=1, window_s=0.0)
        self._codec_turns: Batcher[Callable[[], Any], Any] = Batcher(_run_each, turns)
        self._refine_worker = refine_worker
        self._cache = _Cache(cache_bytes)
        self._in_work = _InWork()
        self._inside: Counter[str] = Counter()
        self._inside_lanes: Counter[Lane] = Counter()
        self._emptied = asyncio.Event()
        self.closing = False

    async def stylize(self, request: StylizeRequest) -> Painted:
        """Paint one photo; who asks for the same again gets the same, painted once.

        Raises:
            EngineError: the photo, the style or the options cannot be used, or there is no time.
        """
        key = request.idempotency_key()
        if found := self._cache.get(key):
            return found
        with self._admitted(request.user, request.lane):
            try:
                async with asyncio.timeout(request.timeout_s):
                    return await self._in_work.share(
                        key,
                        (request.lane, request.user),
                        lambda: self._paint_and_keep(key, request),
                    )
            except TimeoutError as error:
                raise DeadlineError("The picture was not ready in time.") from error

    async def effects(self) -> list[EffectSpec]:
        """What can be done to a picture."""
        return bridge.specs()

    async def render(
        self, request: RenderRequest, report: Callable[[float], None] | None = None
    ) -> Painted:
        """Do what a request says to one photo.

        Raises:
            EngineError: as `stylize`.
        """
        painted = await bridge.render(request, self.stylize, self.blend)
        if report:
            report(1.0)
        return painted

    async def normalise(self, image: bytes) -> bytes:
        """A picture upright, in sRGB and bare of metadata.

        Raises:
            EngineError: as `stylize`.
        """
        style = (await self.styles())[0].code
        return (await self.stylize(StylizeRequest(image, StylizeOptions(style, 0.0)))).image

    async def extract_style(self, images: Sequence[bytes]) -> StyleCode:
        """Read the style of one or several picture files; several are averaged.

        Raises:
            EngineError: a picture cannot be used, or there are none or too many.
        """
        with self._admitted(""):
            pictures = [Picture(pixels) for pixels in await self._decode_references(images)]
            return await self._batcher.run_alone(lambda: self.stylizer.extract_style(pictures))

    async def refine(
        self,
        images: Sequence[bytes],
        code: StyleCode,
        *,
        seconds: float = REFINE_SECONDS,
        report: Callable[[float], None] | None = None,
    ) -> Refinement:
        """Look for a code that resembles the pictures it was read from more.

        Raises:
            EngineError: as `refining`.
        """
        async with aclosing(self.refining(images, code, seconds)) as steps:
            async for step in steps:
                if isinstance(step, Refinement):
                    return step
                if report:
                    report(step)
        raise AssertionError("the last step is the refinement")

    async def refining(
        self, images: Sequence[bytes], code: StyleCode, seconds: float
    ) -> AsyncGenerator[float | Refinement, None]:
        """What `refine` does, step by step: shares of the time, then the refinement.

        Nothing is wrong with the request once there is a first step, 0. Closing the generator ends
        the search; closing the engine ends it with what was found so far.

        Raises:
            CannotRefineError: the engine has no perceptual weights.
            AlreadyRefiningError: it refines another style.
            StaleStyleError: the code is another checkpoint's.
            InvalidOptionError: the code is a filter's, or there are too few or many pictures or
                seconds.
            EngineError: a picture cannot be used, or the search came to nothing.
        """
        if self._refine_worker is None:
            raise CannotRefineError("This engine cannot refine styles: it has nothing to measure.")
        if not REFINE_SECONDS_MIN <= seconds <= REFINE_SECONDS_MAX:
            raise InvalidOptionError(
                f"A style is refined for {REFINE_SECONDS_MIN:.0f} to {REFINE_SECONDS_MAX:.0f} "
                "seconds."
            )
        if open_filter(code):
            raise InvalidOptionError("Only painted styles can be refined, not filters.")
        self.stylizer.open_code(code)
        with self._refine_worker.turn(seconds):
            # Only the decoding counts as being inside: no photo waits for the search.
            with self._admitted(""):
                references = await self._decode_references(images)
            yield 0.0
            search = Search(code, references, seconds)
            async with aclosing(self._refine_worker.run(search)) as steps:
                async for step in steps:
                    yield step

    async def _decode_references(self, images: Sequence[bytes]) -> list[Pixels]:
        if not 1 <= len(images) <= REFERENCES_MAX:
            raise InvalidOptionError(f"A style is read from 1 to {REFERENCES_MAX} pictures.")
        turn = _Turn("", "interactive", _PIXELS_A_BYTE * sum(map(len, images)))
        return [
            await self._coded(turn, decode_reference, image, self.image_limits) for image in images
        ]

    async def blend(self, weighted: Sequence[tuple[StyleCode, float]]) -> StyleCode:
        """Mix painted styles by weight; weights need not sum to one.

        Raises:
            InvalidOptionError: a weight is negative, all are zero, none is given, or one is a
                filter's among several.
            StaleStyleError: a code is another checkpoint's.
        """
        if not weighted:
            raise InvalidOptionError("A blend needs at least one style.")
        return self.stylizer.blend(weighted)

    async def styles(self) -> list[StyleInfo]:
        """Every style by name, with its code; the best first."""
        manifest = self.stylizer.manifest
        return [
            StyleInfo(
                slug=record.slug,
                kind=record.kind,
                titles=record.titles,
                tags=names.tags,
                artist=record.artist,
                year=record.year,
                code=self.stylizer.style_code(record.slug),
                artists=names.artists,
                aliases=names.aliases,
                replaces=names.replaces,
            )
            for record in list_styles(manifest)
            for names in [called(manifest, record)]
        ]

    async def preview(self, slug: str) -> bytes:
        """A small JPEG of the sample photo in a style.

        Raises:
            UnknownStyleError: there is no such style.
        """
        return await asyncio.to_thread(self._preview, slug)

    def _preview(self, slug: str) -> bytes:
        chosen = open_filter(self.stylizer.style_code(slug))
        if chosen:
            photo = decode(SAMPLE_PHOTO.read_bytes(), max_side_px=_PREVIEW_SIDE_PX)
            return encode(apply_filter(photo, chosen, _PREVIEW_SIDE_PX), format="jpeg")
        style = find_style(self.stylizer.manifest, slug)
        return (self._checkpoint / style.preview).read_bytes()

    async def capabilities(self) -> Capabilities:
        """What this engine can do and where its limits are."""
        manifest = self.stylizer.manifest
        return Capabilities(
            checkpoint=manifest.checkpoint_id,
            device=self.stylizer.device.type,
            work_side_px=manifest.preprocessing.work_side_px,
            max_image_bytes=self.image_limits.max_image_bytes,
            max_pixels=self.image_limits.max_pixels,
            refines=self._refine_worker is not None,
            device_name=name_of(self.stylizer.device),
        )

    async def queue(self) -> QueueState:
        """How long the queue is; see `queue_now`."""
        return self.queue_now()

    def queue_now(self) -> QueueState:
        """How long the queue is; pictures that are being decoded or encoded count as waiting."""
        state = self._batcher.state()
        return replace(state, waiting=max(0, self._inside.total() - state.running))

    def batches_now(self) -> tuple[int, int]:
        """How many batches have run, and how many pictures were in them."""
        return self._batcher.batches_run, self._batcher.items_run

    async def close(self) -> None:
        """Finish what is inside, take nothing new, and end the worker processes.

        A refinement is cut short: it ends with what it has found.
        """
        self.closing = True
        if self._refine_worker:
            await self._refine_worker.close()
        while self._inside:
            self._emptied.clear()
            await self._emptied.wait()
        await self._batcher.close()
        await self._codec_turns.close()
        self._finishers.shutdown()
        await asyncio.to_thread(self._codec.close)

    @contextmanager
    def _admitted(self, user: str, lane: Lane = "interactive") -> Iterator[None]:
        """Count a request from before it is decoded until it is answered, within the bounds."""
        if self.closing:
            raise ShuttingDownError("The engine is shutting down; try again shortly.", 1.0)
        wait_s = self._batcher.state().wait_s
        if self._inside[user] >= self.limits.queued_items_per_user:
            raise TooManyRequestsError(
                f"{self._inside[user]} of your pictures are waiting already; "
                "try again when some are done.",
                wait_s,
            )
        if self._inside.total() >= self.limits.queued_items:
            raise EngineBusyError(
                f"{self._inside.total()} pictures are waiting; try again in a moment.", wait_s
            )
        self._inside[user] += 1
        self._inside_lanes[lane] += 1
        try:
            yield
        finally:
            self._inside[user] -= 1
            self._inside_lanes[lane] -= 1
            if not self._inside[user]:
                del self._inside[user]
            self._emptied.set()

    async def _paint_and_keep(self, key: str, request: StylizeRequest) -> Painted:
        image = await self._repaint(request)
        painted = Painted(image, f"image/{request.options.output}")
        self._cache.put(key, painted)
        return painted

    async def _repaint(self, request: StylizeRequest) -> bytes:
        options, body, limits = request.options, request.image, self.image_limits
        work_side_px = self.stylizer.manifest.preprocessing.work_side_px
        turn = _Turn(request.user, request.lane, _PIXELS_A_BYTE * len(body))
        if open_filter(options.style):
            return await self._coded(turn, filter_picture, body, work_side_px, options, limits)
        style = self.stylizer.open_code(options.style)
        if options.strength == 0:
            return await self._coded(turn, encode_photo, body, options, limits)
        photo = await self._coded(turn, decode_to_paint, body, work_side_px, options, limits)
        small = photo.small
        with self._room_for(photo.original) as original:
            del photo
            height, width = self._bucket_of(small)
            painted = await self._batcher.submit(
                Sample(small, style, options.strength),
                key=(height, width),
                cost_px=height * width,
                user=request.user,
                lane=request.lane,
            )
            if original is None:
                original = await self._coded(turn, decode_original, body, options, limits)
            # What is decoded already can do no harm: a thread spares copies between processes.
            finishing = partial(finish_painting, original, small, painted, options)
            full_px = original.light.size
            if full_px <= _FINISHED_AT_ONCE_PX:
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(self._finishers, finishing)
            return await self._in_turn(replace(turn, cost_px=full_px), finishing)

    async def _coded(
        self,
        turn: "_Turn",
        work: Callable[Arguments, Answer],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Answer:
        """Have a function of `engine.codec` run on a worker, when its turn has come."""
        return await self._in_turn(turn, partial(self._codec.run, work, *args, **kwargs))

    async def _in_turn(self, turn: "_Turn", work: Callable[[], Answer]) -> Answer:
        answer: Answer = await self._codec_turns.submit(
            work, key=None, cost_px=turn.cost_px, user=turn.user, lane=turn.lane
        )
        return answer

    @contextmanager
    def _room_for(self, original: Original) -> Iterator[Original | None]:
        """Keep a decoded photo while it is painted; None where there is no room for it."""
        size_bytes = original.size_bytes
        if size_bytes > self._originals_left_bytes:
            yield None
            return
        self._originals_left_bytes -= size_bytes
        try:
            yield original
        finally:
            self._originals_left_bytes += size_bytes

    def _bucket_of(self, pixels: Pixels) -> tuple[int, int]:
        """Height and width a photo is padded to; photos of one bucket share a batch."""
        height, width = pixels.shape[:2]
        step = self._bucket_px
        return -(-height // step) * step, -(-width // step) * step

    def _paint(self, samples: Sequence[Sample]) -> list[Pixels]:
        """Paint photos of one bucket; on a thread of the batcher's."""
        if self.stylizer.device.type == "cpu":
            # Two photos on a core each are done sooner than one after the other on both, whose
            # threads wait for each other at every layer, and the more so beside other work. torch
            # counts the threads of each of its callers apart. Bulk work leaves a lane free.
            bulk = min(self._inside_lanes["bulk"], max(1, self.limits.lanes - 1))
            beside = self._inside_lanes["interactive"] + bulk
            sharing = min(self._threads, max(1, beside))
            torch.set_num_threads(self._threads // sharing)
        height, width = self._bucket_of(samples[0].pixels)
        device = self.stylizer.device
        content = torch.cat(
            [_padded(torch.from_numpy(s.pixels).to(device), height, width) for s in samples]
        )
        styles = torch.stack([sample.style for sample in samples])
        strength = torch.tensor([sample.strength for sample in samples])
        painted = self.stylizer.stylize(content, styles, strength)
        pixels = painted.mul(255).round().byte().permute(0, 2, 3, 1).cpu().numpy()
        return [
            picture[: sample.pixels.shape[0], : sample.pixels.shape[1]]
            for picture, sample in zip(pixels, samples, strict=True)
        ]


def _padded(pixels: Tensor, height: int, width: int) -> Tensor:
    """(h, w, 3) uint8 as (1, 3, height, width) float32 in [0, 1], mirrored beyond its borders."""
    content = pixels.permute(2, 0, 1)[None].float() / 255
    down, right = height - content.shape[2], width - content.shape[3]
    mirrored = down < content.shape[2] and right < content.shape[3]
    return F.pad(content, (0, right, 0, down), mode="reflect" if mirrored else "replicate")


class _Cache:
    """Painted pictures by idempotency key; the least recently wanted go first."""

    def __init__(self, max_bytes: int) -> None:
        self._left_bytes = max_bytes
        self._kept: OrderedDict[str, Painted] = OrderedDict()

    def get(self, key: str) -> Painted | None:
        if key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return replace(self._kept[key], cached=True)

    def put(self, key: str, painted: Painted) -> None:
        if key in self._kept:
            return
        self._kept[key] = painted
        self._left_bytes -= len(painted.image)
        while self._left_bytes < 0:
            _, oldest = self._kept.popitem(last=False)
            self._left_bytes += len(oldest.image)


@dataclass(slots=True)
class _Try:
    """What callers in one turn wait for.

    Attributes:
        answer: What they get.
        task: What works on it.
        waiting: How many they are.
    """

    answer: asyncio.Future[Painted]
    task: asyncio.Task[None] | None = None
    waiting: int = 0


@dataclass(slots=True)
class _InWork:
    """Who asks for what is being painted already waits for it too, a retry for its first try.

    Who asks in another lane, or for another person, is painted in his own turn, for the first one
    may have a long queue before him; whichever is done first answers all.
    """

    tries: dict[str, dict[Hashable, _Try]] = field(default_factory=dict)

    async def share(
        self, key: str, turn: Hashable, work: Callable[[], Coroutine[Any, Any, Painted]]
    ) -> Painted:
        """Wait for the work; it is cancelled when all who wait for it are gone."""
        equal = self.tries.setdefault(key, {})
        own = equal.get(turn)
        if own is None:
            loop = asyncio.get_running_loop()
            own = equal[turn] = _Try(loop.create_future())
            own.task = loop.create_task(_answer(own, equal, work))
        own.waiting += 1
        try:
            return await asyncio.shield(own.answer)
        finally:
            own.waiting -= 1
            if not own.waiting:
                self._give_up(key, turn, own)

    def _give_up(self, key: str, turn: Hashable, own: _Try) -> None:
        if own.task:
            own.task.cancel()
        equal = self.tries.get(key, {})
        if equal.get(turn) is own:
            del equal[turn]
        if not equal:
            self.tries.pop(key, None)


async def _answer(
    own: _Try, equal: Mapping[Hashable, _Try], work: Callable[[], Coroutine[Any, Any, Painted]]
) -> None:
    """Give the result to all who want it; an error, such as a full queue, is one's own."""
    try:
        painted = await work()
    except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to the callers
        if not own.answer.done():
            own.answer.set_exception(error)
        return
    for each in (own, *equal.values()):
        if not each.answer.done():
            each.answer.set_result(painted)


def _run_each(works: Sequence[Callable[[], Any]]) -> list[Any]:
    return [work() for work in works]


@dataclass(frozen=True, slots=True)
class _Turn:
    """Whose work it is, and how much."""

    user: str
    lane: Lane
    cost_px: int

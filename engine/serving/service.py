"""The engine behind the HTTP routes, on one device.

The server and cluster replicas call it; callers in the same process can use it directly.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import replace
from functools import partial, reduce
from pathlib import Path
from typing import ClassVar, Final, cast, get_args

from engine.analyzers.registry import ANALYZERS
from engine.api.analyses import Analysis
from engine.api.contract import (
    FILTER,
    REFERENCES_MAX,
    REFINE_SECONDS,
    REFINE_SECONDS_MAX,
    REFINE_SECONDS_MIN,
    Capabilities,
    ClipFormat,
    Painted,
    Progress,
    QueueState,
    Refinement,
    RenderRequest,
    Report,
    Step,
    StoryRequest,
    StyleCode,
    StyleInfo,
    StylizeRequest,
)
from engine.api.effect_spec import INPUT_KINDS, EffectSpec, Option
from engine.api.errors import (
    CannotRefineError,
    DeadlineError,
    EngineBusyError,
    InvalidOptionError,
    ShuttingDownError,
    StaleStyleError,
    TooManyRequestsError,
    UnknownStyleError,
)
from engine.effects.effect import DeviceEffect, Effect, Params, PixelEffect, Sides
from engine.effects.registry import EFFECTS, Registry
from engine.media.formats import video_kind
from engine.media.full_size import Pixels
from engine.media.images import DEFAULT_LIMITS, ImageLimits, Picture, decode
from engine.painting.catalogue import called, find_style, list_styles
from engine.painting.manifest import SAMPLE_PHOTO, SHIPPED_CHECKPOINT, StyleRecord
from engine.painting.runtime import name_of
from engine.painting.stylizer import Stylizer
from engine.serving.batcher import BatchLimits
from engine.serving.clips import ClipOptions, ClipRenderer, no_clips
from engine.serving.codec import analyse, decode_reference, normalise
from engine.serving.pipeline import PIXELS_A_BYTE, Call, Pipeline, Turn
from engine.serving.refine_worker import RefineWorker, Search
from engine.serving.rendering import Finished, Job, begin_with, named_inputs
from engine.serving.sharing import Cache, InWork
from engine.serving.slow_worker import SlowWorker
from engine.serving.stories import StoryMaker

_PREVIEW_SIDE_PX: Final = 256


class Engine:
    """A stylizer with queues, workers and caches. Belongs to one event loop."""

    pipeline_class: ClassVar[type[Pipeline]] = Pipeline

    def __init__(  # noqa: PLR0913 - all but the first have a default
        self,
        stylizer: Stylizer,
        limits: BatchLimits | None = None,
        *,
        codec_workers: int = 1,
        cache_bytes: int = 64 * 1024**2,
        checkpoint: Path = SHIPPED_CHECKPOINT,
        refine_worker: RefineWorker | None = None,
        slow_worker: SlowWorker | None = None,
        image_limits: ImageLimits = DEFAULT_LIMITS,
        registry: Registry = EFFECTS,
        clips: ClipOptions | None = None,
    ) -> None:
        """Make an engine around a stylizer.

        Args:
            stylizer: The networks; must not be used elsewhere meanwhile.
            limits: Bounds of the queue.
            codec_workers: Number of processes that decode and encode.
            cache_bytes: Size of the cache of finished pictures.
            checkpoint: The stylizer's folder, with the previews.
            refine_worker: Refines styles of the same checkpoint; None disables refining.
            slow_worker: Runs slow effects; None disables them.
            image_limits: Limits of pictures.
            registry: The effects.
            clips: How clips are rendered; None refuses them.
        """
        self.stylizer = stylizer
        self.limits = limits or BatchLimits()
        self.image_limits = image_limits
        self._checkpoint = checkpoint
        self._registry = registry
        self._pipeline = self.pipeline_class(
            stylizer, self.limits, codec_workers, image_limits, slow_worker
        )
        self._clips = ClipRenderer(self._pipeline, clips) if clips else None
        self._stories = StoryMaker(self._pipeline, clips, image_limits) if clips else None
        self._refine_worker = refine_worker
        available = set(ANALYZERS.available())
        specs = [
            _with_options(
                effect.spec,
                lambda option: (
                    available.issuperset(option.needs) and not (option.slow and slow_worker is None)
                ),
            )
            for effect in registry
            if available.issuperset(effect.spec.needs)
        ]
        self._specs = {spec.id: spec for spec in specs}
        self._filters = [spec for spec in self._specs.values() if spec.kind == "filter"]
        self._cache = Cache(cache_bytes)
        self._in_work = InWork()
        self._inside: Counter[str] = Counter()
        self._calls: set[Call] = set()
        self._emptied = asyncio.Event()
        self.closing = False

    async def effects(self) -> list[EffectSpec]:
        """The available effects."""
        return list(self._specs.values())

    async def render(
        self, request: RenderRequest, report: Report | None = None, *, previews: bool = False
    ) -> Painted:
        """Apply the steps to one picture; equal requests share one result.

        Args:
            request: The request.
            report: Called with the progress.
            previews: Whether the progress includes previews.

        Raises:
            EngineError: the picture, a step or a param is invalid, or the timeout was reached.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + request.timeout_s
        key = request.idempotency_key()
        if found := self._cache.get(key):
            return found
        steps = self._checked(request)
        with self._entered(request, steps, deadline) as call:
            try:
                async with asyncio.timeout_at(deadline):
                    return await self._in_work.share(
                        key,
                        (request.priority, request.user),
                        deadline,
                        lambda told: self._render_and_keep(key, call, steps, told),
                        report if report and previews else _without_previews(report),
                    )
            except TimeoutError as error:
                raise DeadlineError("The picture was not ready in time.") from error

    async def normalise(self, image: bytes, *, user: str = "") -> bytes:
        """A picture as effects see it: a JPEG or PNG, upright, in sRGB, without metadata.

        Raises:
            EngineError: the picture cannot be used.
        """
        turn = Turn(user, "interactive", PIXELS_A_BYTE * len(image))
        with self._admitted(user):
            return await self._pipeline.coded(turn, partial(normalise, image, self.image_limits))

    async def analyse(self, image: bytes, what: str, *, user: str = "") -> Analysis:
        """What is in a picture: a result of the kind that `what` names, such as "faces".

        Raises:
            AnalysisError: the analysis is unknown, not installed, or its model is damaged.
            EngineError: the picture cannot be used.
        """
        ANALYZERS.find(what)
        turn = Turn(user, "interactive", PIXELS_A_BYTE * len(image))
        work = partial(analyse, image, what, self.image_limits)
        with self._admitted(user):
            return await self._pipeline.coded(turn, work)

    async def make_story(self, request: StoryRequest, report: Report | None = None) -> Painted:
        """Make a film of photos that turn into their paintings.

        Raises:
            UnsupportedClipError: this engine renders no clips.
            EngineError: a picture or an option cannot be used, or the timeout was reached.
        """
        if self._stories is None:
            raise no_clips()
        until = asyncio.get_running_loop().time() + request.timeout_s
        with self._admitted(request.user):
            try:
                async with asyncio.timeout_at(until):
                    return await self._stories.make(request, until, report or (lambda _: None))
            except TimeoutError as error:
                raise DeadlineError("The story was not ready in time.") from error

    async def stylize(self, request: StylizeRequest) -> Painted:
        """Paint one photo with the parameters of the old `/v1/stylize`.

        Raises:
            EngineError: as `render`.
        """
        rendering = request.as_render()
        (step,) = rendering.steps
        try:
            spec = self._registry.find(step.effect).spec
        except UnknownStyleError as error:
            raise StaleStyleError(
                "This filter is no longer offered; choose another style."
            ) from error
        params = {name: value for name, value in step.params.items() if spec.param(name)}
        return await self.render(replace(rendering, steps=(Step(step.effect, params),)))

    def _checked(self, request: RenderRequest) -> list[tuple[Effect, Params]]:
        """Check the steps and complete their params with defaults.

        Raises:
            EngineError: a step or a param is invalid, or an input was not sent or named by none.
        """
        steps: list[tuple[Effect, Params]] = []
        named: set[str] = set()
        for step in request.steps:
            effect = self._registry.find(step.effect)
            for name in effect.spec.needs_of(step.params):
                ANALYZERS.find(name)
            params = self._specs[step.effect].checked(step.params)
            for name in _inputs_of(effect.spec, params):
                if name not in request.inputs:
                    raise InvalidOptionError(f"The picture {name!r} was not sent along.")
                named.add(name)
            gallery = effect.spec.gallery
            slugs = {item.get("slug") for item in params[gallery.id]} if gallery else set()
            if slugs & {spec.id for spec in self._filters}:
                raise InvalidOptionError("Only painted styles can be blended, not filters.")
            steps.append((effect, params))
        if unnamed := request.inputs.keys() - named:
            raise InvalidOptionError(f"No param names the picture {min(unnamed)!r}.")
        return steps

    async def extract_style(self, images: Sequence[bytes]) -> StyleCode:
        """Read the style of one or several picture files; several are averaged.

        Raises:
            EngineError: a picture cannot be used, or there are none or too many.
        """
        with self._admitted(""):
            pictures = [Picture(pixels) for pixels in await self._decode_references(images)]
            return await self._pipeline.alone(lambda: self.stylizer.extract_style(pictures))

    async def refine(
        self,
        images: Sequence[bytes],
        code: StyleCode,
        *,
        seconds: float = REFINE_SECONDS,
        report: Callable[[float], None] | None = None,
    ) -> Refinement:
        """Search for a code whose paintings resemble the pictures more.

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
        """As `refine`, yielding progress (0 to 1) and finally the refinement.

        Errors in the request are raised before the first value, 0. Closing the generator cancels
        the search; closing the engine ends it with the best code so far.

        Raises:
            CannotRefineError: the engine has no perceptual weights.
            AlreadyRefiningError: it refines another style.
            StaleStyleError: the code is another checkpoint's.
            InvalidOptionError: the code is a filter's, or there are too few or many pictures or
                seconds.
            EngineError: a picture cannot be used, or the search failed.
        """
        if self._refine_worker is None:
            raise CannotRefineError("This engine cannot refine styles: it has nothing to measure.")
        if not REFINE_SECONDS_MIN <= seconds <= REFINE_SECONDS_MAX:
            raise InvalidOptionError(
                f"A style is refined for {REFINE_SECONDS_MIN:.0f} to {REFINE_SECONDS_MAX:.0f} "
                "seconds."
            )
        self.stylizer.open_code(code)
        with self._refine_worker.turn(seconds):
            # Only the decoding counts as an admitted request: no photo waits for the search.
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
        turn = Turn("", "interactive", PIXELS_A_BYTE * sum(map(len, images)))
        return [
            await self._pipeline.coded(turn, partial(decode_reference, image, self.image_limits))
            for image in images
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
        """All named styles with their codes, best first."""
        manifest = self.stylizer.manifest
        return [
            StyleInfo(
                slug=record.slug,
                kind=record.kind,
                titles=record.titles,
                tags=names.tags,
                artist=record.artist,
                year=record.year,
                code=self._code_of(record),
                artists=names.artists,
                aliases=names.aliases,
                replaces=names.replaces,
            )
            for record in list_styles(manifest, self._filters)
            for names in [called(manifest, record)]
        ]

    def find_style(self, slug: str) -> StyleRecord:
        """A style or filter by slug, or the one that replaces it.

        Raises:
            UnknownStyleError: there is none; the message suggests similar ones.
        """
        return find_style(self.stylizer.manifest, slug, self._filters)

    def _code_of(self, record: StyleRecord) -> StyleCode:
        if record.kind == "filter":
            return StyleCode(FILTER, record.slug.encode())
        return self.stylizer.style_code(record.slug)

    async def preview(self, slug: str) -> bytes:
        """A small JPEG of the sample photo in a style.

        Raises:
            UnknownStyleError: there is no such style.
        """
        return await asyncio.to_thread(self._preview, slug)

    def _preview(self, slug: str) -> bytes:
        style = self.find_style(slug)
        if style.kind != "filter":
            return (self._checkpoint / style.preview).read_bytes()
        effect = self._registry.find(style.slug)
        if not isinstance(effect, PixelEffect):
            raise UnknownStyleError(f"There is no preview of {slug!r}.")
        photo = decode(SAMPLE_PHOTO.read_bytes(), max_side_px=_PREVIEW_SIDE_PX)
        sides = Sides(_PREVIEW_SIDE_PX, _PREVIEW_SIDE_PX)
        # Without the picture or mask that it needs an effect has nothing to show.
        steps = [] if effect.spec.lacking({}) else [(effect, effect.spec.checked({}))]
        job = Job(steps, "jpeg", sides)
        return cast("bytes", cast("Finished", begin_with(photo, job)).picture)

    async def capabilities(self) -> Capabilities:
        """The engine's features and limits."""
        manifest = self.stylizer.manifest
        return Capabilities(
            checkpoint=manifest.checkpoint_id,
            device=self.stylizer.device.type,
            work_side_px=manifest.preprocessing.work_side_px,
            max_image_bytes=self.image_limits.max_image_bytes,
            max_pixels=self.image_limits.max_pixels,
            refines=self._refine_worker is not None,
            device_name=name_of(self.stylizer.device),
            analyses=ANALYZERS.available(),
            clips=get_args(ClipFormat) if self._clips else (),
            clip_seconds=self._clips.options.limits.max_seconds if self._clips else 0.0,
        )

    async def queue(self) -> QueueState:
        """The state of the queue; see `queue_now`."""
        return self.queue_now()

    def queue_now(self) -> QueueState:
        """The state of the queue; pictures being decoded or encoded count as waiting."""
        state = self._pipeline.state()
        waiting = max(0, self._inside.total() - state.running)
        return replace(state, waiting=waiting, wait_s=self._wait_s())

    def _wait_s(self) -> float:
        return self._pipeline.wait_s(sum(call.before_device for call in self._calls))

    def batches_now(self) -> tuple[int, int]:
        """The number of batches run so far, and of pictures in them."""
        return self._pipeline.batches()

    async def close(self) -> None:
        """Refuse new requests, finish running ones, and end the worker processes.

        A refinement ends early with the best code so far.
        """
        self.closing = True
        if self._refine_worker:
            await self._refine_worker.close()
        while self._inside:
            self._emptied.clear()
            await self._emptied.wait()
        await self._pipeline.close()

    @contextmanager
    def _entered(
        self, request: RenderRequest, steps: Sequence[tuple[Effect, Params]], deadline: float
    ) -> Iterator[Call]:
        """Count a request until it is answered; refuse it if the limits are reached."""
        slow = any(effect.place(params) == "worker" for effect, params in steps)
        if not slow and (wait_s := self._wait_s()) > request.timeout_s:
            raise EngineBusyError(
                f"{self._inside.total()} pictures are waiting; try again in a moment.", wait_s
            )
        with self._admitted(request.user):
            files = [request.image, *named_inputs(steps, request.inputs).values()]
            cost_px = PIXELS_A_BYTE * sum(map(len, files))
            turn = Turn(request.user, request.priority, cost_px, deadline)
            needs_device = any(isinstance(effect, DeviceEffect) for effect, _ in steps)
            call = Call(request, turn, before_device=needs_device and not slow)
            self._calls.add(call)
            # Slow requests do not count against the limits of fast ones.
            self._pipeline.note_inside(request.priority, 0 if slow else 1)
            try:
                yield call
            finally:
                self._calls.remove(call)
                self._pipeline.note_inside(request.priority, 0 if slow else -1)

    @contextmanager
    def _admitted(self, user: str) -> Iterator[None]:
        if self.closing:
            raise ShuttingDownError("The engine is shutting down; try again shortly.", 1.0)
        if self._inside[user] >= self.limits.queued_items_per_user:
            raise TooManyRequestsError(
                f"{self._inside[user]} of your pictures are waiting already; "
                "try again when some are done.",
                self._wait_s(),
            )
        if self._inside.total() >= self.limits.queued_items:
            raise EngineBusyError(
                f"{self._inside.total()} pictures are waiting; try again in a moment.",
                self._wait_s(),
            )
        self._inside[user] += 1
        try:
            yield
        finally:
            self._inside[user] -= 1
            if not self._inside[user]:
                del self._inside[user]
            self._emptied.set()

    async def _render_and_keep(
        self, key: str, call: Call, steps: Sequence[tuple[Effect, Params]], report: Report
    ) -> Painted:
        painted = await self._render(call, steps, report)
        if not painted.partial:
            self._cache.put(key, painted)
        return painted

    async def _render(
        self, call: Call, steps: Sequence[tuple[Effect, Params]], report: Report
    ) -> Painted:
        if self._clips and call.request.clip and await self._clips.moves(call):
            return await self._clips.render(call, steps, report)
        if call.request.clip and video_kind(call.request.image):
            raise no_clips()
        return await self._pipeline.render(call, steps, report)


def _inputs_of(spec: EffectSpec, params: Params) -> Iterator[str]:
    """Names of the pictures that a step's params refer to."""
    for param in spec.params:
        value = params[param.id]
        if param.kind == "gallery":
            yield from (item["picture"] for item in value if "picture" in item)
        elif param.kind in INPUT_KINDS and value is not None:
            yield value


def _with_options(spec: EffectSpec, offered: Callable[[Option], bool]) -> EffectSpec:
    """The spec without options that are not offered."""
    left_out = [
        (param.id, option.id)
        for param in spec.params
        for option in param.options
        if not offered(option)
    ]
    return reduce(lambda left, names: left.without(*names), left_out, spec)


def _without_previews(report: Report | None) -> Report:
    """A report that drops previews; does nothing if `report` is None."""

    def told(progress: Progress) -> None:
        if report:
            report(replace(progress, preview=None))

    return told

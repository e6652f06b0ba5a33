"""The painters of `stylebot stylize`: effects in this process, or a running engine.

Each loads only what it needs: importing torch takes seconds, and neither a filter nor a running
engine needs it.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, cast

from engine.api.client import EngineClient
from engine.api.contract import (
    CLIP_TYPES,
    REQUEST_TIMEOUT_MAX_S,
    ClipFormat,
    RenderRequest,
    Report,
    Step,
    StoryOptions,
    StoryRequest,
    StyleCode,
)
from engine.api.effect_spec import EffectSpec
from engine.api.errors import EngineError, InvalidOptionError, UnsupportedClipError
from engine.api.names import folded
from engine.effects.effect import Blend, DeviceEffect, Effect, Params, Sample, Sides
from engine.effects.registry import EFFECTS
from engine.media.clips import stages
from engine.media.clips.clip import DEFAULT_CLIP_LIMITS, Clip
from engine.media.files import read_picture, write_picture
from engine.media.images import DEFAULT_LIMITS, Picture
from engine.media.suffixes import clip_format_of, format_of
from engine.painting.manifest import SHIPPED_CHECKPOINT, read_manifest
from engine.serving import rendering

if TYPE_CHECKING:
    from tqdm import tqdm

    from engine.media.full_size import Pixels
    from engine.painting.masterwork_painter import MasterworkPainter
    from engine.painting.stylizer import Stylizer


@dataclass(frozen=True, slots=True)
class PaintOptions:
    """The options of one call, for all its photos.

    Attributes:
        params: Params given, of any effect; a picture or mask is the path of its file.
        weights: Named styles and their weights, or one effect without styles.
        references: Pictures whose style to use instead.
        code: A saved style to use instead.
    """

    params: Mapping[str, Any]
    weights: Mapping[str, float]
    references: Sequence[Path] = ()
    code: StyleCode | None = None

    def step(self, specs: Iterable[EffectSpec]) -> Step:
        """The step for an engine with these effects; references are named "style-0" and so on.

        Params that the effect lacks, such as the brush of a filter, are left out. A picture or mask
        is named like its param.
        """
        known = list(specs)
        given = {
            name: name if isinstance(value, Path) else value for name, value in self.params.items()
        }
        filters = {
            folded(name): spec
            for spec in known
            if spec.gallery is None
            for name in (spec.id, *spec.titles.values())
        }
        named = [filters.get(folded(name)) for name in self.weights]
        if len(named) == 1 and named[0]:
            spec = named[0]
            return Step(spec.id, {name: given[name] for name in given if spec.param(name)})
        if any(named):
            raise InvalidOptionError("Only painted styles can be blended, not filters.")
        painting, gallery = next((spec.id, spec.gallery.id) for spec in known if spec.gallery)
        styles: list[dict[str, Any]] = [
            {"slug": slug, "weight": weight} for slug, weight in self.weights.items()
        ]
        styles += [{"picture": f"style-{index}"} for index in range(len(self.references))]
        if self.code:
            styles.append({"code": self.code.to_text()})
        return Step(painting, {gallery: styles, **given})

    def unused(self, step: Step) -> tuple[str, ...]:
        """The params given that the step's effect lacks."""
        return tuple(name for name in self.params if name not in step.params)

    def inputs(self, step: Step) -> dict[str, bytes]:
        """The files of the pictures and masks of a step."""
        return {
            name: path.read_bytes()
            for name, path in self.params.items()
            if isinstance(path, Path) and name in step.params
        }


class Painter(Protocol):
    """Paints one photo after another; may raise an ImageError for each.

    Attributes:
        unused: Params given that the effect lacks; known when the first photo is painted.
    """

    unused: tuple[str, ...]

    def paint(self, photo: Path, target: Path) -> tuple[str, ...]:
        """Paint a file into another; returns the analyses that found nothing."""
        ...

    def make_story(self, request: StoryRequest, folder: Path) -> bytes:
        """Make a film, an MP4; `folder` is for temporary files."""
        ...

    def close(self) -> None:
        """Free what was loaded."""
        ...


class LocalPainter:
    """Applies effects in this process; loads what it needs with the first photo."""

    def __init__(
        self,
        options: PaintOptions,
        interruptions: Callable[[], AbstractContextManager[Callable[[], bool]]],
    ) -> None:
        """Load nothing yet.

        Args:
            options: The options of the call.
            interruptions: A context whose value says whether a slow effect was interrupted.

        Raises:
            InvalidOptionError: the effect lacks a param, or a saved style is to be painted as a
                masterwork: it does not contain the picture it was computed from.
        """
        self._options, self._interruptions = options, interruptions
        step = options.step(effect.spec for effect in EFFECTS)
        self.unused = options.unused(step)
        self._effect: Effect = EFFECTS.find(step.effect)
        self._params: Params = self._effect.spec.checked(step.params)
        self._slow = self._effect.place(self._params) == "worker"
        if self._slow and options.code:
            raise InvalidOptionError(
                "A style file does not hold its picture: for a masterwork give --style-image."
            )
        self._references = [read_picture(path) for path in options.references]
        self._inputs = options.inputs(step)
        self._stylizer: Stylizer | None = None
        self._slow_painter: MasterworkPainter | None = None
        self._opened: Any = None

    def paint(self, photo: Path, target: Path) -> tuple[str, ...]:
        """Read, paint, write; a photo that cannot be used is refused before torch is loaded."""
        form = clip_format_of(target)
        if form:
            self._paint_clip(photo, target, form)
            return ()
        finished = self._finished(rendering.begin_with(read_picture(photo), self._job()))
        write_picture(cast("Picture", finished.picture), target)
        return finished.absent

    def _paint_clip(self, source: Path, target: Path, form: ClipFormat) -> None:
        from tqdm import tqdm

        _check_video()
        if self._slow:
            raise InvalidOptionError("A masterwork is made of single pictures, not of clips.")
        rendering.check_clip([(self._effect, self._params)])
        body = source.read_bytes()
        with TemporaryDirectory(prefix="stylebot-clip-") as folder:
            try:
                limits = stages.limits_for(form, DEFAULT_CLIP_LIMITS)
                clip = stages.read(body, Path(folder) / "source", limits)
            except EngineError as error:
                raise type(error)(f"{source}: {error}") from error
            result = clip
            if not self._effect.identity(self._params):
                with tqdm(unit="frame", disable=None) as bar:
                    result = self._rendered(clip, Path(folder), bar)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(stages.write(result, form, "", body))

    def _rendered(self, clip: Clip, folder: Path, bar: "tqdm[NoReturn]") -> Clip:
        """The clip with the effect applied to every frame."""
        numbers: Sequence[int] = range(len(clip.durations_ms))
        still: stages.Stillness | None = None
        if len(numbers) > 1 and self._effect.unsteady(self._params):
            motion = stages.begin_motion(clip, folder)
            cuts = [
                at for piece in stages.pieces(clip) for at in stages.measure(clip, motion, piece)
            ]
            still = stages.plan(clip, motion, cuts)
            numbers = still.painted
        job = rendering.with_inputs(self._job(), (clip.width, clip.height))
        painted = replace(clip, path=folder / "painted")
        source, target = clip.frames(), painted.frames("w+")
        bar.reset(len(numbers))
        for number in numbers:
            state = rendering.begin_frame(Picture.of_frame(source[number]), job)
            frame = cast("Picture", self._finished(state).picture)
            target[number] = frame.as_frame(with_alpha=clip.has_alpha)
            bar.update()
        if still is None:
            return painted
        result = replace(clip, path=folder / "result")
        result.frames("w+")
        for span in still.spans:
            stages.steady_span(clip, still.motion, painted, result, span)
        return result

    def _job(self) -> rendering.Job:
        side_px = read_manifest(SHIPPED_CHECKPOINT).preprocessing.work_side_px
        sides = Sides(side_px, side_px)
        if self._slow:
            sides = replace(sides, slow=self._load_slow().side_px)
        steps = [] if self._effect.identity(self._params) else [(self._effect, self._params)]
        return rendering.Job(steps, output=None, sides=sides, inputs=self._inputs)

    def _finished(self, state: rendering.Waiting | rendering.Finished) -> rendering.Finished:
        while isinstance(state, rendering.Waiting):
            state = rendering.resume(state, self._done(state))
        return state

    def _done(self, state: rendering.Waiting) -> "Pixels":
        (effect, params), pixels = state.step, state.prepared.pixels
        if self._opened is None:
            self._opened = effect.open(self._load(), self._params, self._blend())
        sample = Sample(pixels, self._opened, params, state.analyses)
        if self._slow:
            return self._slowly(effect, sample)
        height, width = pixels.shape[:2]
        (painted,) = effect.run(self._load(), [sample], (height, width))
        return painted

    def _slowly(self, effect: DeviceEffect, sample: Sample) -> "Pixels":
        from tqdm import tqdm

        shown: Pixels | None = None
        stages = effect.work(self._load_slow(), sample)
        with tqdm(total=100, unit="%", disable=None) as bar, self._interruptions() as interrupted:
            for share, pixels in stages:
                shown = shown if pixels is None else pixels
                bar.update(round(100 * share) - bar.n)
                if interrupted():
                    break
        if shown is None:
            raise KeyboardInterrupt
        return shown

    def _blend(self) -> Blend | None:
        if self._effect.spec.gallery is None:
            return None
        stylizer, options = self._load(), self._options
        references = [(picture.rgb, 1.0) for picture in self._references]
        if self._references:
            code = stylizer.extract_style(self._references)
        else:
            named = [
                (stylizer.style_code(slug), weight) for slug, weight in options.weights.items()
            ]
            code = options.code or stylizer.blend(named)
        return Blend(code, options.weights, references)

    def _load(self) -> "Stylizer":
        from engine.painting.stylizer import Stylizer

        self._stylizer = self._stylizer or Stylizer.load()
        return self._stylizer

    def _load_slow(self) -> "MasterworkPainter":
        from engine.painting.masterwork_painter import MasterworkPainter

        self._slow_painter = self._slow_painter or MasterworkPainter()
        return self._slow_painter

    def make_story(self, request: StoryRequest, folder: Path) -> bytes:
        """Make a film in this process."""
        from tqdm import tqdm

        plan = stages.begin_story(folder, len(request.scenes), request.options)
        for number, scene in enumerate(request.scenes):
            stages.lay_out(plan, number, scene, DEFAULT_LIMITS)
        for number in tqdm(range(plan.pieces), unit="s", disable=None):
            stages.make_piece(plan, number)
        return stages.join_story(plan)

    def close(self) -> None:
        """Do nothing: all ends with the process."""


def check_story(options: StoryOptions) -> None:
    """Check, before anything is painted, that a story can be made in this process.

    Raises:
        UnsupportedClipError: the extra `video` or an encoder is missing.
        InvalidOptionError: the caption cannot be shown.
    """
    _check_video()
    stages.begin_story(Path(), 1, options)


def _check_video() -> None:
    if not stages.can_render_clips():
        raise UnsupportedClipError("Clips need more: pip install 'stylebot[video]'.")


class RemotePainter:
    """Sends photos to a running engine, on this machine or another."""

    def __init__(
        self,
        options: PaintOptions,
        url: str,
        token: str,
        report: Report | None = None,
    ) -> None:
        """Do not connect yet.

        Args:
            options: The options of the call.
            url: Address of the engine.
            token: Its bearer token; empty for none.
            report: Called with the progress of slow effects.
        """
        self._loop = asyncio.Runner()
        self._client = EngineClient(url, token)
        self._options, self._report = options, report
        self.unused: tuple[str, ...] = ()
        self._step: Step | None = None
        self._inputs = {
            f"style-{index}": path.read_bytes() for index, path in enumerate(options.references)
        }

    def paint(self, photo: Path, target: Path) -> tuple[str, ...]:
        """Send the file unchanged and write the answer."""
        return self._loop.run(self._paint(photo, target))

    async def _paint(self, photo: Path, target: Path) -> tuple[str, ...]:
        if self._step is None:
            self._step = self._options.step(await self._client.effects())
            self._inputs |= self._options.inputs(self._step)
            self.unused = self._options.unused(self._step)
        form = clip_format_of(target)
        request = RenderRequest(
            await asyncio.to_thread(photo.read_bytes),
            (self._step,),
            inputs=self._inputs,
            output=format_of(target),
            clip=form or "",
            timeout_s=REQUEST_TIMEOUT_MAX_S,
        )
        painted = await self._client.render(request, self._report)
        if form and painted.content_type != CLIP_TYPES[form]:
            raise UnsupportedClipError(
                f"{photo} is a single picture, not a clip: write .jpg, .png or .webp."
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(target.write_bytes, painted.image)
        return painted.absent

    def make_story(self, request: StoryRequest, folder: Path) -> bytes:
        """Have the engine make a film."""
        return self._loop.run(self._client.make_story(request, self._report)).image

    def close(self) -> None:
        """Close the connections."""
        self._loop.run(self._client.close())
        self._loop.close()

"""Applies a picture's steps up to each one that needs the device.

The pictures and masks that params name are decoded here, beside the photo. What an effect with the
params of `PLACE` has changed is put over the picture here, by a mask, so that no effect has to.
Runs in codec workers and does not import torch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, cast

import numpy as np
from PIL import Image

from engine.analyzers.registry import ANALYZERS
from engine.api.analyses import Analyses, Person
from engine.api.contract import OutputFormat
from engine.api.effect_spec import EffectSpec, Param
from engine.api.errors import ImageError, InvalidOptionError
from engine.effects.common import MASK, PLACE, WHERE
from engine.effects.effect import DeviceEffect, Effect, Params, PixelEffect, Prepared, Sides
from engine.media.composing import both, compose, enlarged, inverted
from engine.media.images import (
    DEFAULT_LIMITS,
    ImageLimits,
    Picture,
    decode,
    decode_image,
    decode_mask,
    encode,
)
from engine.media.sampling import resample

if TYPE_CHECKING:
    from engine.media.full_size import Pixels


# Long side of the picture for analyses that only help, px.
_WANTED_PX: Final = 768
_IN_CLIPS: Final = (
    "People are looked for in single pictures, not in clips: paint all of it, or give a mask."
)
_NO_CLIPS: Final = "{} is for single pictures, not for clips."


@dataclass(frozen=True, slots=True)
class Job:
    """The steps for a picture.

    Attributes:
        steps: Effects and their checked params, without those that change nothing.
        output: Format of the result; None for its pixels.
        sides: Working sides, px.
        limits: Limits of the file and of the inputs.
        inputs: Files of the pictures and masks that params name, until they are decoded.
        look: Whether to glance at the picture for what the steps could need with other params.
    """

    steps: Sequence[tuple[Effect, Params]]
    output: OutputFormat | None = "jpeg"
    sides: Sides = field(default_factory=Sides)
    limits: ImageLimits = DEFAULT_LIMITS
    inputs: Mapping[str, bytes] = field(default_factory=dict)
    look: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    """A part of a picture, that a step is applied to.

    Attributes:
        before: The picture before the step, (H, W, 3) uint8.
        mask: (H, W) uint8, 255 where the step is applied.
    """

    before: "Pixels"
    mask: "Pixels"

    def filled(self, changed: Picture) -> Picture:
        """The step's result, with the picture around the area as it was."""
        return replace(changed, rgb=compose(self.before, changed.rgb, self.mask))


@dataclass(frozen=True, slots=True)
class Waiting:
    """A picture before a step that needs the device.

    Attributes:
        index: Index of the step.
        prepared: Input of the device, and data kept for afterwards.
        analyses: All that the steps need, of the photo as it was sent: a face is harder to find
            once it is painted.
        job: The steps, their inputs decoded.
        absent: Analyses that found nothing, or would.
        area: What the step is applied to; None for the whole picture.
    """

    index: int
    prepared: Prepared
    analyses: Analyses
    job: Job
    absent: tuple[str, ...] = ()
    area: Area | None = None

    @property
    def step(self) -> tuple[DeviceEffect, Params]:
        """The step that needs the device."""
        effect, params = self.job.steps[self.index]
        return cast("DeviceEffect", effect), params

    @property
    def kept_bytes(self) -> int:
        """Memory that it takes until the device's result is there."""
        values = [value for _, params in self.job.steps for value in params.values()]
        arrays = [value for value in values if isinstance(value, np.ndarray)]
        for picture in (value for value in values if isinstance(value, Picture)):
            arrays += [picture.rgb] if picture.alpha is None else [picture.rgb, picture.alpha]
        arrays += [self.area.before, self.area.mask] if self.area else []
        return self.prepared.kept_bytes + sum(array.nbytes for array in arrays)


@dataclass(frozen=True, slots=True)
class Finished:
    """A picture with all steps applied.

    Attributes:
        picture: Its file, or its pixels if the job names no format.
        absent: Analyses that found nothing, or would.
    """

    picture: bytes | Picture
    absent: tuple[str, ...] = ()


def begin(body: bytes, job: Job) -> Waiting | Finished:
    """Decode a picture file and apply its steps, up to the first that needs the device.

    Raises:
        ImageError: the file, or an input, is no picture we accept.
        AnalysisError: an analysis that a step needs cannot be made.
    """
    image, alpha = decode_image(body, limits=job.limits)
    return _advance(image, alpha, with_inputs(job, image.size), 0, _found(image, job))


def begin_with(picture: Picture, job: Job) -> Waiting | Finished:
    """As `begin`, with a decoded picture."""
    image, alpha = _images(picture)
    return _advance(image, alpha, with_inputs(job, image.size), 0, _found(image, job))


def begin_frame(frame: Picture, job: Job) -> Waiting | Finished:
    """As `begin_with`, for a frame of a clip: faces found in some frames only would flicker."""
    image, alpha = _images(frame)
    found = _found(image, job, wants=False)
    return _advance(image, alpha, with_inputs(job, image.size), 0, found)


def named_inputs(
    steps: Sequence[tuple[Effect, Params]], inputs: Mapping[str, bytes]
) -> dict[str, bytes]:
    """The inputs that the steps' pictures and masks name."""
    names = {params[param.id] for effect, params in steps for param in effect.spec.inputs}
    return {name: body for name, body in inputs.items() if name in names}


def with_inputs(job: Job, size: tuple[int, int]) -> Job:
    """The job with its inputs decoded into the params that name them.

    A picture becomes a `Picture`, a mask an (h, w) uint8 array of the photo's size.

    Args:
        job: The job; its inputs have been found to be named and complete.
        size: (width, height) of the photo.

    Raises:
        ImageError: an input is no picture we accept, or a mask has other proportions.
    """
    if not job.inputs:
        return job

    def read(param: Param, name: str) -> "Picture | Pixels":
        try:
            if param.kind == "mask":
                return decode_mask(job.inputs[name], size, limits=job.limits)
            picture = decode(job.inputs[name], limits=job.limits)
        except ImageError as error:
            raise type(error)(f"{param.id}: {error}") from error
        found = ANALYZERS.run(param.needs, Image.fromarray(picture.rgb))
        return replace(picture, analyses=found)

    steps = [
        (
            effect,
            {
                **params,
                **{
                    param.id: read(param, params[param.id])
                    for param in effect.spec.inputs
                    if params[param.id] is not None
                },
            },
        )
        for effect, params in job.steps
    ]
    return replace(job, steps=steps, inputs={})


def check_clip(steps: Sequence[tuple[Effect, Params]]) -> None:
    """Check that steps can be applied to a clip, whose people are not followed.

    Raises:
        InvalidOptionError: one is applied only to people or their background, or uses analyses.
    """
    for effect, _ in steps:
        if effect.spec.needs:
            raise InvalidOptionError(_NO_CLIPS.format(effect.spec.titles["en"]))
    if any(_placed(e.spec) and params[WHERE.id] != WHERE.default for e, params in steps):
        raise InvalidOptionError(_IN_CLIPS)


def resume(waiting: Waiting, result: "Pixels") -> Waiting | Finished:
    """Continue with the device's result for `waiting`."""
    job = waiting.job
    effect, params = waiting.step
    finished = effect.finish(waiting.prepared, result, params)
    if waiting.area:
        finished = waiting.area.filled(finished)
    if waiting.index + 1 == len(job.steps):
        return _ended(finished, job, waiting.absent)
    found = waiting.analyses, waiting.absent
    return _advance(*_images(finished), job, waiting.index + 1, found)


def _found(image: Image.Image, job: Job, *, wants: bool = True) -> tuple[Analyses, tuple[str, ...]]:
    """The analyses that the steps use, and the names of those that found nothing, or would."""
    steps = [(effect.spec, params) for effect, params in job.steps]
    available = set(ANALYZERS.available())
    needed = {name for spec, params in steps for name in spec.needs_of(params)}
    wanted = {name for spec, params in steps for name in spec.wants_of(params) if wants}
    possible = {name for spec, _ in steps for name in spec.may_need if job.look}
    missed = set(ANALYZERS.missed(sorted((wanted | possible) & available - needed), image))
    analyses = dict(ANALYZERS.run(needed, image))
    if wanted := wanted & available - needed - missed:
        analyses |= ANALYZERS.run(wanted, _reduced(image))
    people = analyses.get("person")
    absent = {people.what} if isinstance(people, Person) and not people.present else set()
    absent |= possible & missed | possible - available
    return analyses, tuple(sorted(absent))


def _reduced(image: Image.Image) -> Image.Image:
    """A picture at the side that is enough for analyses that only help."""
    share = _WANTED_PX / max(image.size)
    if share >= 1:
        return image
    return resample(
        image, (max(1, round(image.width * share)), max(1, round(image.height * share)))
    )


def used(spec: EffectSpec, params: Params, analyses: Analyses) -> Analyses:
    """Those of the analyses that an effect uses with these params."""
    names = {*spec.needs_of(params), *spec.wants_of(params)}
    return {name: found for name, found in analyses.items() if name in names}


def _placed(spec: EffectSpec) -> bool:
    """Whether an effect can be applied to a part of a picture."""
    return all(spec.param(each.id) == each for each in PLACE)


def _mask(
    spec: EffectSpec, params: Params, analyses: Analyses, size: tuple[int, int]
) -> "Pixels | None":
    """The mask of what a step is applied to; None for the whole picture.

    Where there is no person, people and background are the whole picture.
    """
    if not _placed(spec):
        return None
    mask: Pixels | None = params[MASK.id]
    people = analyses.get("person") if params[WHERE.id] != WHERE.default else None
    if not isinstance(people, Person) or not people.present:
        return mask
    part = enlarged(people.mask, size)
    if params[WHERE.id] == "background":
        part = inverted(part)
    return part if mask is None else both(part, mask)


def _advance(
    image: Image.Image,
    alpha: Image.Image | None,
    job: Job,
    index: int,
    found: tuple[Analyses, tuple[str, ...]],
) -> Waiting | Finished:
    analyses, absent = found
    picture: Picture | None = None
    for number in range(index, len(job.steps)):
        effect, params = job.steps[number]
        needed = used(effect.spec, params, analyses)
        mask = _mask(effect.spec, params, analyses, image.size)
        if isinstance(effect, DeviceEffect):
            if picture is not None:
                image, alpha = _images(picture)
            prepared = effect.prepare(image, alpha, params, job.sides, needed)
            area = None if mask is None else Area(np.asarray(image), mask)
            return Waiting(number, prepared, analyses, job, absent, area)
        before = picture or _picture(image, alpha)
        picture = cast("PixelEffect", effect).apply(before, params, job.sides, needed)
        picture = picture if mask is None else Area(before.rgb, mask).filled(picture)
    return _ended(picture or _picture(image, alpha), job, absent)


def _ended(picture: Picture, job: Job, absent: tuple[str, ...]) -> Finished:
    return Finished(picture if job.output is None else encode(picture, format=job.output), absent)


def _picture(image: Image.Image, alpha: Image.Image | None) -> Picture:
    return Picture(np.asarray(image), None if alpha is None else np.asarray(alpha))


def _images(picture: Picture) -> tuple[Image.Image, Image.Image | None]:
    alpha = None if picture.alpha is None else Image.fromarray(picture.alpha)
    return Image.fromarray(picture.rgb), alpha

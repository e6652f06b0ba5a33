"""Applies a picture's steps up to each one that needs the device.

Runs in codec workers and does not import torch.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import numpy as np
from PIL import Image

from engine.analyzers.registry import ANALYZERS
from engine.api.analyses import Analyses
from engine.api.contract import OutputFormat
from engine.effects.effect import DeviceEffect, Effect, Params, PixelEffect, Prepared, Sides
from engine.media.images import DEFAULT_LIMITS, ImageLimits, Picture, decode_image, encode

if TYPE_CHECKING:
    from engine.media.full_size import Pixels


@dataclass(frozen=True, slots=True)
class Job:
    """The steps for a picture.

    Attributes:
        steps: Effects and their checked params, without those that change nothing.
        output: Format of the result; None for its pixels.
        sides: Working sides, px.
        limits: Limits of the file.
    """

    steps: Sequence[tuple[Effect, Params]]
    output: OutputFormat | None = "jpeg"
    sides: Sides = field(default_factory=Sides)
    limits: ImageLimits = DEFAULT_LIMITS


@dataclass(frozen=True, slots=True)
class Waiting:
    """A picture before a step that needs the device.

    Attributes:
        index: Index of the step.
        prepared: Input of the device, and data kept for afterwards.
        analyses: All that the steps need, of the photo as it was sent: a face is harder to find
            once it is painted.
    """

    index: int
    prepared: Prepared
    analyses: Analyses = field(default_factory=dict)


def begin(body: bytes, job: Job) -> "Waiting | bytes | Picture":
    """Decode a picture file and apply its steps, up to the first that needs the device.

    Returns:
        The finished picture if no step needs the device.

    Raises:
        ImageError: the file is no picture we accept.
        AnalysisError: an analysis that a step needs cannot be made.
    """
    image, alpha = decode_image(body, limits=job.limits)
    return _advance(image, alpha, job, 0, _analysed(image, job))


def begin_with(picture: Picture, job: Job) -> "Waiting | bytes | Picture":
    """As `begin`, with a decoded picture."""
    image, alpha = _images(picture)
    return _advance(image, alpha, job, 0, _analysed(image, job))


def resume(waiting: Waiting, result: "Pixels", job: Job) -> "Waiting | bytes | Picture":
    """Continue with the device's result for `waiting`."""
    effect, params = job.steps[waiting.index]
    finished = cast("DeviceEffect", effect).finish(waiting.prepared, result, params)
    if waiting.index + 1 == len(job.steps):
        return _ended(finished, job)
    return _advance(*_images(finished), job, waiting.index + 1, waiting.analyses)


def _analysed(image: Image.Image, job: Job) -> Analyses:
    needed = dict.fromkeys(name for effect, _ in job.steps for name in effect.spec.needs)
    return ANALYZERS.run(needed, image)


def _advance(
    image: Image.Image, alpha: Image.Image | None, job: Job, index: int, analyses: Analyses
) -> "Waiting | bytes | Picture":
    picture: Picture | None = None
    for number in range(index, len(job.steps)):
        effect, params = job.steps[number]
        needed = {name: analyses[name] for name in effect.spec.needs}
        if isinstance(effect, DeviceEffect):
            if picture is not None:
                image, alpha = _images(picture)
            prepared = effect.prepare(image, alpha, params, job.sides, needed)
            return Waiting(number, prepared, analyses)
        picture = cast("PixelEffect", effect).apply(
            picture or _picture(image, alpha), params, job.sides, needed
        )
    return _ended(picture or _picture(image, alpha), job)


def _ended(picture: Picture, job: Job) -> "bytes | Picture":
    return picture if job.output is None else encode(picture, format=job.output)


def _picture(image: Image.Image, alpha: Image.Image | None) -> Picture:
    return Picture(np.asarray(image), None if alpha is None else np.asarray(alpha))


def _images(picture: Picture) -> tuple[Image.Image, Image.Image | None]:
    alpha = None if picture.alpha is None else Image.fromarray(picture.alpha)
    return Image.fromarray(picture.rgb), alpha

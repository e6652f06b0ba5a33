"""Refine the code of one style; the networks are not changed.

The StyleEncoder computes a style in one pass. Refining improves on that: the style's scales and
shifts in the generator are moved by the gradient of the training losses until paintings of a few
photos match the reference better. The generator is frozen, so no other style changes.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from engine.api.contract import StyleCode
from engine.api.errors import InvalidOptionError
from engine.media.images import Picture
from engine.painting.perceptual import Vgg16
from engine.painting.stylizer import Stylizer
from engine.training import losses
from engine.training.dataset import fit, random_view, to_tensor
from engine.training.picture_scores import gram_error
from engine.training.quality import SIDE_PX
from engine.training.recipe import Weights

# Scales are about one; most of them change by tenths.
_LEARNING_RATE: Final = 0.03
# Crops cover most of a photo. A small part seldom contains all that a style is made of, and would
# be repainted too strongly to include it.
_CROP_SHARE: Final = 13 / 16


@dataclass(frozen=True, slots=True)
class Refined:
    """A refined style.

    Attributes:
        code: The better of the given code and the one found.
        gram_before: Relative Gram error of the given code, mean over the photos.
        gram_before: Relative Gram error of the code that came in, mean over the photos.
        gram_after: Relative Gram error of `code`.
        steps: Steps taken.
    """

    code: StyleCode
    gram_before: float
    gram_after: float
    steps: int


class Refiner:
    """Refines one style."""

    def __init__(
        self,
        stylizer: Stylizer,
        vgg: Vgg16,
        references: Sequence[Picture],
        photos: Sequence[Picture],
        *,
        side_px: int = SIDE_PX,
        seed: int = 0,
    ) -> None:
        """Measure the references.

        Args:
            stylizer: The networks; they are not changed.
            vgg: The perceptual network.
            references: Pictures of the style; the Gram matrices of several are averaged.
            photos: Photos to paint while refining; a few, as different as possible.
            side_px: Long side that paintings are measured at; the search uses squares of up to
                13/16 of it.
            seed: The same seed gives the same crops of the photos.

        Raises:
            InvalidOptionError: there is no reference or no photo.
        """
        if not references or not photos:
            raise InvalidOptionError("Refining needs a reference picture and a photo.")
        self._stylizer = stylizer
        self._vgg = vgg.to(stylizer.device)
        self._photos = [Image.fromarray(photo.rgb) for photo in photos]
        self._side_px = side_px
        self._rng = np.random.default_rng(seed)
        with torch.no_grad():
            self._target = _mean([self._measure(reference) for reference in references])

    def refine(
        self,
        code: StyleCode,
        *,
        seconds: float = 150.0,
        report: Callable[[float, float], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Refined:
        """Search for a better code.

        Args:
            code: The start: a code from `Stylizer.extract_style` or of a named style.
            seconds: Time in all; the learning rate falls to zero by then.
            report: Called after every step with the share of the time that has passed and the
                loss.
            cancelled: Called after every step; True ends the search and returns the best so far.

        Raises:
            StaleStyleError: the code is from another checkpoint.
            InvalidOptionError: paintings with the code have no finite scores.
        """
        started = time.monotonic()
        style = self._stylizer.open_code(code)[None].requires_grad_()
        before = self._gram(style)
        if not math.isfinite(before):
            raise InvalidOptionError("Nothing that can be measured is painted with that code.")
        # Measuring the result takes as long as measuring this.
        measuring_s = time.monotonic() - started
        seconds_left = max(0.0, seconds - 2 * measuring_s)
        optimizer = torch.optim.Adam([style], betas=(0.9, 0.99))
        started, steps, passed = time.monotonic(), 0, 0.0
        while passed < 1 and not (cancelled and cancelled()):
            optimizer.param_groups[0]["lr"] = _LEARNING_RATE * (1 - passed)
            loss = self._loss(style)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            steps += 1
            elapsed_s = time.monotonic() - started
            passed = min(1.0, elapsed_s / seconds_left) if seconds_left else 1.0
            if report:
                report(passed, loss.item())
        found = self._stylizer.moved(code, style[0])
        # As it will be painted: a code stores it with less precision.
        after = self._gram(self._stylizer.open_code(found)[None])
        if not after < before:
            return Refined(code, before, before, steps)
        return Refined(found, before, after, steps)

    def _loss(self, style: Tensor) -> Tensor:
        photo = self._photos[self._rng.integers(len(self._photos))]
        crop = random_view(photo, round(_CROP_SHARE * self._side_px), self._rng)
        content = to_tensor(crop)[None].to(self._stylizer.device)
        with torch.no_grad():
            photographed = self._vgg.features(content, losses.CONTENT_LAYERS[-1])
        # The photo's gradient is not used, but without it torch 2.13's group normalisation crashes
        # on channels-last input that needs no gradient while its scale does.
        painted = self._stylizer.paint(content.requires_grad_(), style)
        features = self._vgg.features(painted, losses.STYLE_LAYERS[-1])
        weights = Weights()
        return (
            weights.style * losses.style_loss(features, self._target)
            + weights.content * losses.content_loss(features, photographed)
            + weights.variation * losses.total_variation(painted)
        ).sum()

    @torch.no_grad()
    def _gram(self, style: Tensor) -> float:
        """Mean over the photos of the Gram error that `stylebot bench --quality` prints."""
        scores = []
        for photo in self._photos:
            content = to_tensor(fit(photo, self._side_px))[None].to(self._stylizer.device)
            features = self._vgg.features(self._stylizer.paint(content, style))
            scores.append(gram_error(features, self._target))
        return sum(scores) / len(scores)

    def _measure(self, reference: Picture) -> dict[str, Tensor]:
        fitted = to_tensor(fit(Image.fromarray(reference.rgb), self._side_px))[None]
        features = self._vgg.features(fitted.to(self._stylizer.device), losses.STYLE_LAYERS[-1])
        return losses.measure_style(features)


def _mean(targets: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    return {name: torch.stack([target[name] for target in targets]).mean(0) for name in targets[0]}

"""Masterwork: the slow, best way to paint.

The picture itself is optimised until every place in it looks like the style's place that the
photo's place resembles most (Neural Neighbor Style Transfer, Kolkin 2022, arXiv:2203.13215). It
is painted from coarse to fine: large shapes are formed at a small side, brushwork at the full one,
and each scale starts from the previous one enlarged. At full strength nothing of the photo is put
back: it only sets the target of each place. Two additions of ours keep a few style places from
being used everywhere: popular places are avoided in the search, and the earth mover's distance also
looks for each place of the style in the picture.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch reader expects
from torch import Tensor

from engine.api.contract import Brush
from engine.painting.neighbours import (
    MOVER_LAYERS,
    Places,
    as_rows,
    directed,
    mover_distance,
    nearest,
    sample,
    stack,
)
from engine.painting.perceptual import Vgg16

# The long side of the first scale: the smaller, the larger the shapes taken from the style.
FIRST_SIDES_PX: Final[dict[Brush, int]] = {"fine": 192, "normal": 128, "bold": 96}
# Steps at the first and at the last scale; scales between take decreasing numbers, because a step
# costs about four times as much at each. With more steps the distance hardly falls
# (docs/MODEL_CARD.md has the curve).
_FIRST_STEPS: Final[dict[Brush, int]] = {"fine": 32, "normal": 40, "bold": 40}
_LAST_STEPS: Final[dict[Brush, int]] = {"fine": 7, "normal": 14, "bold": 14}
_FEWER: Final = 0.65
# Sides grow by at most this from scale to scale; a fine brush takes larger strides.
_GROWTH: Final[dict[Brush, float]] = {"fine": 2.7, "normal": 2.05, "bold": 2.05}
_SIDE_STEP_PX: Final = 8
_SIDE_MIN_PX: Final = 32
_LEVELS: Final = 5
# Adam moves a level of the pyramid by at most its rate per step, so steps times rate limits how
# far the picture can move from the photo: at half of this, subjects stay tinted photos; at half
# as much again, faces fall apart. The finest level moves less, which reduces grain.
_RATE: Final = 8e-3
_FINEST_SHARE: Final = 0.6
# Share of the last scale's result in the picture that a finer scale's neighbours are searched with.
_KEPT: Final = 0.5
_SPREAD: Final = 0.5
_MOVER_WEIGHT: Final = 0.5
_RANGE_WEIGHT: Final = 0.5
_AVERAGED: Final = 3
_STYLE_PLACES: Final = 2048
_MOVER_PLACES: Final = 1024
_ROWS: Final = 8192
# After each scale the colours' mean and covariance move this share towards the style's: neighbours
# alone give too strong colours, and a full match is sometimes too much.
_COLOUR_SHARE: Final = 0.75
# In calm places neighbours are searched with this share of the photo's structure that is finer
# than the picture at `_CALM_SIDE_PX`.
_CALM_SIDE_PX: Final = 40
_CALM_SHARE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Exemplar:
    """A picture to paint like, (1, 3, H, W) RGB in [0, 1], and its weight in a blend."""

    picture: Tensor
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Manner:
    """The parameters of a masterwork.

    Attributes:
        strength: Share of the style in each place's target, 0 (the photo) to 1.
        brush: Size of the shapes at the first scale.
        effort: Factor on the default number of steps; each scale takes at least one.
    """

    strength: float = 1.0
    brush: Brush = "normal"
    effort: float = 1.0


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of a masterwork.

    Attributes:
        step: Steps done.
        steps: Steps in all.
        share: Share of the work done, 0 to 1; fine steps cost more than coarse ones.
        picture: (1, 3, h, w) RGB in [0, 1] when a scale is finished; the last one is the result.
    """

    step: int
    steps: int
    share: float
    picture: Tensor | None = None


@dataclass(frozen=True, slots=True)
class Scale:
    """One scale: the picture's size and the number of steps."""

    height: int
    width: int
    steps: int

    @property
    def cost(self) -> int:
        """Cost in steps times pixels."""
        return self.steps * self.height * self.width


def plan(height: int, width: int, manner: Manner | None = None) -> list[Scale]:
    """The scales for a photo of this size in px, coarse to fine; the last has the photo's size."""
    manner = manner or Manner()
    brush = manner.brush
    side = max(height, width)
    first = min(FIRST_SIDES_PX[brush], side)
    strides = math.ceil(math.log(side / first) / math.log(_GROWTH[brush]) - 1e-9)
    scales = []
    for index in range(strides + 1):
        last = index == strides
        share = 1.0 if last else first / side * (side / first) ** (index / strides)
        steps = _FIRST_STEPS[brush] * _FEWER**index
        if last and index:
            steps = _LAST_STEPS[brush]
        size = (height, width) if last else (_side(height * share), _side(width * share))
        scales.append(Scale(*size, max(1, round(manner.effort * steps))))
    return scales


def paint(
    vgg: Vgg16,
    photo: Tensor,
    exemplars: Sequence[Exemplar],
    manner: Manner | None = None,
    calm: Tensor | None = None,
) -> Iterator[Progress]:
    """Paint step by step. Stop iterating to cancel.

    Args:
        vgg: The perceptual network, on the device to paint on.
        photo: (1, 3, H, W) RGB in [0, 1]; H and W at least 32 px. Memory grows with H x W: about
            2.5 GB at 1024 x 1024 in float32.
        exemplars: One or more style pictures; their weights need not sum to one.
        manner: Strength, brush and effort.
        calm: (1, 1, H, W) in [0, 1]: places where the target follows structure finer than a face
            more closely, besides the `busy_places`; None for those alone.

    Yields:
        One `Progress` per step.
    """
    height, width = photo.shape[2:]
    manner = manner or Manner()
    scales = plan(height, width, manner)
    total = sum(scale.cost for scale in scales)
    busy = busy_places(photo)
    calm = busy if calm is None else torch.maximum(busy, calm)
    steps = sum(scale.steps for scale in scales)
    done, spent = 0, 0.0
    painted: Tensor | None = None
    for scale in scales:
        canvas = _Canvas(vgg, photo, painted, calm, scale, 1 - manner.strength)
        goal = _Goal(vgg, canvas.guide, exemplars, manner.strength)
        for _ in range(scale.steps - 1):
            canvas.step(goal)
            done += 1
            spent += scale.height * scale.width
            yield Progress(done, steps, spent / total)
        canvas.step(goal)
        done += 1
        spent += scale.height * scale.width
        painted = match_colours(canvas.picture(), exemplars, _COLOUR_SHARE * manner.strength)
        yield Progress(done, steps, spent / total, painted)


def busy_places(photo: Tensor) -> Tensor:
    """Where a photo has small structure of high contrast, (1, 1, H, W) in [0, 1].

    A substitute for a face detector: eyes, mouths and letters are small and sharp, and are the
    first to be lost when painting starts at 128 px. Textures such as grass and fur are found as
    well, and are painted a little more calmly.
    """
    height, width = photo.shape[2:]
    scale = 256 / max(height, width)
    size = (_side(height * scale), _side(width * scale))
    luma = _resized(photo, size).mean(1, keepdim=True)
    fine = (luma - _resized(_resized(luma, tuple(_side(edge / 3) for edge in size)), size)).abs()
    around = F.avg_pool2d(fine, 9, 1, 4, count_include_pad=False)
    busy = (around / around.flatten().quantile(0.97).clamp(min=0.02)).clamp(0, 1)
    return F.interpolate(busy, (height, width), mode="bilinear", align_corners=False)


def match_colours(picture: Tensor, exemplars: Sequence[Exemplar], share: float) -> Tensor:
    """Move mean and covariance of (1, 3, H, W)'s colours towards the exemplars' by `share`.

    The optimal transport between two normal distributions (Pitie 2007, doi:10.1049/cp:20070055,
    section 3.3).
    """
    if not share:
        return picture
    colours = picture[0].flatten(1).t().double()
    mean, covariance = _moments(colours)
    goal_mean, goal_covariance = torch.zeros_like(mean), torch.zeros_like(covariance)
    for exemplar, weight in zip(exemplars, _weights(exemplars), strict=True):
        found = _moments(exemplar.picture[0].flatten(1).t().double())
        goal_mean, goal_covariance = (
            goal_mean + weight * found[0],
            goal_covariance + weight * found[1],
        )
    root, inverse = _power(covariance, 0.5), _power(covariance, -0.5)
    transport = inverse @ _power(root @ goal_covariance @ root, 0.5) @ inverse
    moved = ((colours - mean) @ transport + goal_mean).t().view_as(picture[0])[None]
    return torch.lerp(picture, moved.to(picture.dtype), share).clamp(0, 1)


class _Goal:
    """The target features of every place of the picture at one scale."""

    def __init__(
        self, vgg: Vgg16, guide: Tensor, exemplars: Sequence[Exemplar], strength: float
    ) -> None:
        source = torch.Generator().manual_seed(0)
        rows = as_rows(stack(_features(vgg, guide)))
        self._source = source
        self._strength = strength
        self.centre = torch.zeros(rows.shape[1], device=rows.device)
        wanted = torch.zeros_like(rows)
        self.movers: list[tuple[float, Mapping[str, Places]]] = []
        side = max(guide.shape[2:])
        for exemplar, weight in zip(exemplars, _weights(exemplars), strict=True):
            features = _features(vgg, _at_side(exemplar.picture.to(guide.device), side))
            places = Places.of(stack(features), _STYLE_PLACES, source)
            self.centre += weight * places.centre
            for first in range(0, len(rows), _ROWS):
                chosen = nearest(rows[first : first + _ROWS], places, spread=_SPREAD)
                wanted[first : first + _ROWS] += weight * places.directions[chosen]
            movers = {
                layer: Places.of(features[layer], _MOVER_PLACES, source) for layer in MOVER_LAYERS
            }
            self.movers.append((weight, movers))
        own = directed(rows, self.centre)
        self.directions = F.normalize(torch.lerp(own, F.normalize(wanted, dim=1), strength), dim=1)

    def loss(self, features: Mapping[str, Tensor]) -> Tensor:
        """Cosine distance to the nearest neighbours, plus the style's to the picture's."""
        painted = directed(as_rows(stack(features)), self.centre)
        loss = 1 - (painted * self.directions).sum(1).mean()
        for weight, movers in self.movers:
            for layer, places in movers.items():
                found = features[layer]
                chosen = sample(found.shape[2] * found.shape[3], _MOVER_PLACES, self._source)
                if chosen is not None:
                    chosen = chosen.to(found.device)
                distances = mover_distance(as_rows(found, chosen), places)
                share = _MOVER_WEIGHT * self._strength * weight / len(movers)
                loss = loss + share * torch.maximum(*distances)
        return loss


class _Canvas:
    """The picture at one scale, as the pyramid that is optimised."""

    def __init__(
        self,
        vgg: Vgg16,
        photo: Tensor,
        painted: Tensor | None,
        calm: Tensor,
        scale: Scale,
        detail_share: float,
    ) -> None:
        """Start a scale.

        Args:
            vgg: The perceptual network.
            photo: The whole photo.
            painted: The previous scale's picture; None at the first.
            calm: Places where the target keeps more of the photo's structure, 0 to 1.
            scale: Size and steps.
            detail_share: Share of the photo's fine detail to start with.
        """
        self._vgg = vgg
        size = (scale.height, scale.width)
        small = _resized(photo, size)
        if painted is None:
            self.guide = start = small
        else:
            large = _enlarged(painted, size)
            detail = small - _enlarged(_resized(small, painted.shape[2:]), size)
            coarse = [_side(edge * _CALM_SIDE_PX / max(size)) for edge in size]
            structured = (
                _enlarged(_resized(painted, coarse), size)
                + small
                - _enlarged(_resized(small, coarse), size)
            )
            kept = _CALM_SHARE * _resized(calm, size)
            start = (large + detail_share * detail).clamp(0, 1)
            follow = torch.lerp(large + detail, structured, kept).clamp(0, 1)
            self.guide = torch.lerp(small, follow, _KEPT)
        self._levels = [level.requires_grad_() for level in _pyramid(start)]
        groups = [{"params": [level], "lr": _RATE} for level in self._levels]
        groups[0]["lr"] = _FINEST_SHARE * _RATE
        self._optimizer = torch.optim.Adam(groups, betas=(0.9, 0.99))
        self._late = max(0, scale.steps - _AVERAGED)
        self._steps = 0
        self._sum = torch.zeros_like(start)

    def step(self, goal: _Goal) -> None:
        """Take one step towards the goal."""
        picture = _collapsed(self._levels)
        outside = (F.relu(picture - 1) + F.relu(-picture)).mean()
        loss = goal.loss(self._vgg.features(picture)) + _RANGE_WEIGHT * outside
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimizer.step()
        self._steps += 1
        if self._steps > self._late:
            # The mean of the last iterates has less grain than each of them.
            with torch.no_grad():
                self._sum += _collapsed(self._levels)

    def picture(self) -> Tensor:
        """The picture so far, (1, 3, h, w) RGB in [0, 1]."""
        return (self._sum / (self._steps - self._late)).clamp(0, 1)


@torch.no_grad()
def _features(vgg: Vgg16, picture: Tensor) -> dict[str, Tensor]:
    return vgg.features(picture)


def _weights(exemplars: Sequence[Exemplar]) -> list[float]:
    """Weights normalised to sum to one."""
    total = sum(exemplar.weight for exemplar in exemplars)
    return [exemplar.weight / total for exemplar in exemplars]


def _pyramid(picture: Tensor) -> list[Tensor]:
    """A Laplacian pyramid of (1, 3, H, W), finest first (Burt and Adelson 1983)."""
    levels = []
    for _ in range(_LEVELS - 1):
        if min(picture.shape[2:]) < 2 * _SIDE_STEP_PX:
            break
        half = _resized(picture, [edge // 2 for edge in picture.shape[2:]])
        levels.append(
            picture - F.interpolate(half, picture.shape[2:], mode="bilinear", align_corners=False)
        )
        picture = half
    return [*levels, picture.clone()]


def _collapsed(levels: Sequence[Tensor]) -> Tensor:
    """The picture of a pyramid."""
    picture = levels[-1]
    for level in reversed(levels[:-1]):
        size = level.shape[2:]
        picture = level + F.interpolate(picture, size, mode="bilinear", align_corners=False)
    return picture


def _at_side(picture: Tensor, side_px: int) -> Tensor:
    """A style picture reduced to the long side that is painted at."""
    scale = side_px / max(picture.shape[2:])
    return _resized(picture, [_side(edge * scale) for edge in picture.shape[2:]])


def _resized(picture: Tensor, size: Sequence[int]) -> Tensor:
    if tuple(size) == tuple(picture.shape[2:]):
        return picture
    return F.interpolate(picture, tuple(size), mode="bilinear", align_corners=False, antialias=True)


def _enlarged(picture: Tensor, size: Sequence[int]) -> Tensor:
    return F.interpolate(picture, tuple(size), mode="bicubic", align_corners=False)


def _side(edge: float) -> int:
    """A side divisible by VGG16's three poolings."""
    return max(_SIDE_MIN_PX, round(edge / _SIDE_STEP_PX) * _SIDE_STEP_PX)


def _moments(colours: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (3,) and covariance (3, 3) of (P, 3) colours, plus a little for flat pictures."""
    floor = 1e-4 * torch.eye(3, dtype=colours.dtype, device=colours.device)
    return colours.mean(0), torch.cov(colours.t(), correction=0) + floor


def _power(matrix: Tensor, exponent: float) -> Tensor:
    """Power of a symmetric positive definite matrix."""
    values, vectors = torch.linalg.eigh(matrix)
    power: Tensor = vectors @ torch.diag(values.clamp(min=1e-12) ** exponent) @ vectors.t()
    return power

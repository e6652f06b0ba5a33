"""Scores of a painting: six numbers that agree with what people see, to different degrees.

`gram` alone is met by wallpaper laid over a tinted photo; `deep` and `tint` detect that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch reader expects
from torch import Tensor

from engine.painting.neighbours import MOVER_LAYERS, Places, as_rows, mover_distance
from engine.training.losses import gram, relative_gram_error

GRAM_LAYERS: Final = ("1_2", "2_2", "3_3", "4_3")
LPIPS_LAYERS: Final = (*GRAM_LAYERS, "5_3")
SIMILARITY_LAYERS: Final = ("3_3", "4_3")
_PLACES: Final = 3000
_SIMILAR_PLACES: Final = 1000
# BT.601; the window and the share of a photo that count as its detail.
_LUMA: Final = (0.299, 0.587, 0.114)
_WINDOW_PX: Final = 15
_BUSIEST: Final = 0.4


@dataclass(frozen=True, slots=True)
class Scores:
    """Of one painting, or the means of several.

    Attributes:
        lpips: Perceptual distance to the photo (Zhang 2018, arXiv:1801.03924).
        selfsim: Difference of the self-similarities of painting and photo, at relu3_3 and
            relu4_3 (Kolkin 2019, arXiv:1904.12785, section 2.2).
        remd: Relaxed earth mover's distance to the style, the larger of both directions, mean over
            relu2_2, relu3_3 and relu4_3 (section 2.1 there).
        deep: Distance of the painting's places to the style's, at relu4_3.
        tint: Share of the brightness in the busiest 40 % of the photo that one cubic colour map of
            the photo explains: 1 is a tinted photo.
        gram: Mean over four layers of the relative Gram error (Gatys 2016).
    """

    lpips: float
    selfsim: float
    remd: float
    deep: float
    tint: float
    gram: float


@dataclass(frozen=True, slots=True)
class StyleMeasures:
    """Measures of a style, computed once for all photos."""

    grams: dict[str, Tensor]
    places: dict[str, Places]

    @classmethod
    def of(cls, features: Mapping[str, Tensor]) -> "StyleMeasures":
        """From the feature maps of (1, 3, H, W), up to relu4_3 at least."""
        return cls(
            {layer: gram(features[layer]) for layer in GRAM_LAYERS},
            {layer: _places(features[layer]) for layer in MOVER_LAYERS},
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture and VGG16's features of it, up to relu5_3."""

    picture: Tensor
    features: dict[str, Tensor]


def score(
    painted: Seen, photo: Seen, style: StyleMeasures, lpips_weights: Sequence[Tensor]
) -> Scores:
    """Measure a painting, of its photo's size.

    Args:
        painted: The painting.
        photo: The photo it was painted from.
        style: The style's measures.
        lpips_weights: From `quality.load_lpips`.
    """
    ways = [
        mover_distance(_thinned(painted.features[layer], _PLACES), style.places[layer])
        for layer in MOVER_LAYERS
    ]
    similarities = [
        _difference(painted.features[layer], photo.features[layer]) for layer in SIMILARITY_LAYERS
    ]
    return Scores(
        lpips=lpips(painted.features, photo.features, lpips_weights),
        selfsim=sum(similarities) / len(similarities),
        remd=sum(max(way).item() for way in ways) / len(ways),
        deep=ways[MOVER_LAYERS.index("4_3")][0].item(),
        tint=tint(painted.picture, photo.picture),
        gram=gram_error(painted.features, style.grams),
    )


def gram_error(features: Mapping[str, Tensor], target: Mapping[str, Tensor]) -> float:
    """Mean over four layers of |G(painting) - G(style)|^2 / |G(style)|^2."""
    errors = [relative_gram_error(features[layer], target[layer]) for layer in GRAM_LAYERS]
    return torch.stack(errors).mean().item()


def lpips(
    painted: Mapping[str, Tensor], photo: Mapping[str, Tensor], weights: Sequence[Tensor]
) -> float:
    """LPIPS 0.1 between two pictures' feature maps of one size."""
    total = 0.0
    for layer, weight in zip(LPIPS_LAYERS, weights, strict=True):
        difference = F.normalize(painted[layer], eps=1e-10) - F.normalize(photo[layer], eps=1e-10)
        total += (difference.square() * weight[:, None, None]).sum(1).mean().item()
    return total


def tint(painted: Tensor, photo: Tensor) -> float:
    """How well one cubic colour map of the photo explains the painting's brightness.

    Args:
        painted: (1, 3, H, W) RGB in [0, 1].
        photo: The same size.

    Returns:
        The share of the variance in the busiest places, at most 1.
    """
    goal, brightness = (_luma(picture)[0, 0] for picture in (painted, photo))
    down = F.pad((brightness[1:, 1:] - brightness[:-1, :-1]).abs(), (0, 1, 0, 1))
    up = F.pad((brightness[1:, :-1] - brightness[:-1, 1:]).abs(), (0, 1, 0, 1))
    detail = F.avg_pool2d((down + up)[None], _WINDOW_PX, 1, _WINDOW_PX // 2)[0].flatten()
    red, green, blue = photo[0].double().flatten(1)
    terms = torch.stack(
        [
            torch.ones_like(red), red, green, blue, red * red, green * green, blue * blue,
            red * green, red * blue, green * blue, red**3, green**3, blue**3,
        ],
        dim=1,
    )  # fmt: skip
    wanted = goal.double().flatten()
    # A photo of few colours gives linearly dependent terms.
    found = torch.linalg.lstsq(terms, wanted[:, None], driver="gelsd").solution[:, 0]
    missed = wanted - terms @ found
    busy = detail > _quantile(detail, 1 - _BUSIEST)
    spread = (wanted[busy] - wanted[busy].mean()).square().sum()
    return float(1 - missed[busy].square().sum() / spread.clamp(min=1e-12))


def _quantile(values: Tensor, share: float) -> Tensor:
    """`torch.quantile` by sorting, because that is limited to 16 million values."""
    return values.sort().values[min(len(values) - 1, int(share * len(values)))]


def _luma(picture: Tensor) -> Tensor:
    weights = picture.new_tensor(_LUMA).view(1, 3, 1, 1)
    return (picture * weights).sum(1, keepdim=True)


def _thinned(maps: Tensor, most: int) -> Tensor:
    """Places of (1, C, H, W), evenly thinned to at most `most`."""
    rows = as_rows(maps)
    if len(rows) <= most:
        return rows
    return rows[torch.linspace(0, len(rows) - 1, most).long()]


def _places(maps: Tensor) -> Places:
    rows = _thinned(maps, _PLACES)
    centre = rows.mean(0)
    return Places(F.normalize(rows - centre, dim=1), centre)


def _difference(painted: Tensor, photo: Tensor) -> float:
    """Mean difference of two pictures' self-similarity matrices, whose columns sum to one."""
    matrices = []
    for maps in (painted, photo):
        unit = F.normalize(_thinned(maps, _SIMILAR_PLACES), dim=1)
        distance = 1 - unit @ unit.t()
        matrices.append(distance / distance.sum(0, keepdim=True))
    return (matrices[0] - matrices[1]).abs().mean().item() * len(matrices[0])

"""Nearest neighbours of features: the style's place that each place of a picture should match.

Nearest neighbours among stacked VGG16 features, found by centred cosine similarity, are the target
of Neural Neighbor Style Transfer (Kolkin 2022, arXiv:2203.13215); the relaxed earth mover's
distance that asks both ways is STROTSS's (Kolkin 2019, arXiv:1904.12785).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch reader expects
from torch import Tensor

# Layers stacked at 1/4 of the side: 2 176 numbers a place.
STACKED_LAYERS: Final = ("2_2", "3_1", "3_2", "3_3", "4_1", "4_2", "4_3")
# Layers that the earth mover's distance is taken at.
MOVER_LAYERS: Final = ("2_2", "3_3", "4_3")
# Style places that are near to many places of a photo (hubs) are penalised by the mean of their
# best similarities (cross-domain similarity scaling, Conneau 2018, arXiv:1710.04087).
_POPULAR_NEIGHBOURS: Final = 8


def stack(features: Mapping[str, Tensor]) -> Tensor:
    """Feature maps of several depths as one, (N, 2176, H/4, W/4), from `Vgg16.features`."""
    size = features["3_1"].shape[2:]
    maps = []
    for layer in STACKED_LAYERS:
        found = features[layer]
        if layer.startswith("2"):
            found = F.avg_pool2d(found, 2)
        if found.shape[2:] != size:
            found = F.interpolate(found, size, mode="bilinear", align_corners=False)
        maps.append(found)
    return torch.cat(maps, dim=1)


def as_rows(maps: Tensor, chosen: Tensor | None = None) -> Tensor:
    """Places of (1, C, H, W) as rows, (P, C) float32: all, or those of flat indices `chosen`."""
    flat = maps[0].flatten(1)
    return (flat if chosen is None else flat[:, chosen]).t().float()


def sample(count: int, most: int, source: torch.Generator) -> Tensor | None:
    """Distinct random indices below `count`, `most` of them; None for all."""
    return None if count <= most else torch.randperm(count, generator=source)[:most]


@dataclass(frozen=True, slots=True)
class Places:
    """Places of a style at one depth.

    Attributes:
        directions: (P, C) unit vectors from the mean place.
        centre: (C,), the mean place.
    """

    directions: Tensor
    centre: Tensor

    @classmethod
    def of(cls, maps: Tensor, most: int, source: torch.Generator) -> "Places":
        """Up to `most` places of (1, C, H, W)."""
        rows = as_rows(maps)
        centre = rows.mean(0)
        chosen = sample(len(rows), most, source)
        return cls(directed(rows if chosen is None else rows[chosen], centre), centre)


def directed(rows: Tensor, centre: Tensor) -> Tensor:
    """Rows (P, C) as unit vectors from a centre (C,)."""
    return F.normalize(rows - centre, dim=1)


def nearest(photo: Tensor, style: Places, *, spread: float = 0.0) -> Tensor:
    """For each place of a photo the index of the style's nearest place, (P,).

    Both sides are centred on their own means, so deviations from the mean are compared.

    Args:
        photo: (P, C) places.
        style: The style's places.
        spread: Penalty on style places that are near to everything, 0 to 1; without it few places
            are used by many.
    """
    likeness = directed(photo, photo.mean(0)) @ style.directions.t()
    if spread:
        best = likeness.topk(min(_POPULAR_NEIGHBOURS, len(likeness)), dim=0).values
        likeness = likeness - spread * best.mean(0)
    return likeness.argmax(1)


def mover_distance(painted: Tensor, style: Places) -> tuple[Tensor, Tensor]:
    """Relaxed earth mover's distance of places (P, C), in both directions.

    Returns:
        Mean cosine distance of the picture's places to their nearest ones in the style, and of the
        style's to theirs in the picture; each in [0, 2].
    """
    cost = 1 - directed(painted, style.centre) @ style.directions.t()
    return cost.amin(1).mean(), cost.amin(0).mean()

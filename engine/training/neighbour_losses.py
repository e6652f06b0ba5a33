"""Losses on nearest neighbours of features: measures of a style and distances to it.

A Gram matrix ignores where things are, and is matched by wallpaper laid over a tinted photo. Here
every place of a picture must look like some place of the style (Kolkin 2019, arXiv:1904.12785),
and like the one that the photo's place resembles most (Kolkin 2022, arXiv:2203.13215).

All losses take a batch in which every sample has its own style, and return one value per sample.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch reader expects
from torch import Tensor

from engine.painting.neighbours import MOVER_LAYERS, stack

CONTENT_LAYERS: Final = ("3_3", "4_3")
_STYLE_PLACES: Final = 1024
_PLACES: Final = 512
_SIMILAR_PLACES: Final = 288
_PIXELS: Final = 1024
_DIRECTIONS: Final = 16
_FLAT: Final = 1e-5


@dataclass(frozen=True, slots=True)
class Target:
    """Styles at one side, N of them; a style with fewer places repeats some.

    Attributes:
        places: Depth ("stack" or a layer) to (N, P, C) places.
        centre: (N, C), the mean of all stacked places.
        moments: Layer to means and deviations of its channels, (N, 2 C).
        colours: (N, P, 3) pixels.
    """

    places: dict[str, Tensor]
    centre: Tensor
    moments: dict[str, Tensor]
    colours: Tensor

    @classmethod
    def gather(cls, targets: Sequence["Target"]) -> "Target":
        """Several targets as one batch."""
        first = targets[0]
        return cls(
            places={k: torch.cat([t.places[k] for t in targets]) for k in first.places},
            centre=torch.cat([target.centre for target in targets]),
            moments={k: torch.cat([t.moments[k] for t in targets]) for k in first.moments},
            colours=torch.cat([target.colours for target in targets]),
        )


def measure(features: Mapping[str, Tensor], picture: Tensor) -> Target:
    """Measure style pictures, (N, 3, H, W) RGB in [0, 1], from their feature maps."""
    maps = {"stack": stack(features)} | {layer: features[layer] for layer in MOVER_LAYERS}
    rows = {key: _rows(value) for key, value in maps.items()}
    return Target(
        places={
            key: value[:, _drawn(value.shape[1], _STYLE_PLACES)] for key, value in rows.items()
        },
        centre=rows["stack"].mean(1),
        moments={layer: _moments(features[layer]) for layer in MOVER_LAYERS},
        colours=_pixels(picture),
    )


def matching_loss(
    painted: Mapping[str, Tensor], photo: Mapping[str, Tensor], style: Target
) -> Tensor:
    """Mean cosine distance of stacked places to the neighbours of the photo's places, (N,).

    Neighbours are found by directions from the means, but the distance is between the places
    themselves. Between directions it hardly falls: .741 after 400 steps on six styles, from .85,
    and colours alone are learned; between places .60, from .72, and strokes are.
    """
    ours, theirs = _rows(stack(painted)), _rows(stack(photo))
    chosen = _some(ours.shape[1], _PLACES, ours.device)
    theirs = _directed(theirs[:, chosen], theirs.mean(1))
    places = style.places["stack"]
    nearest = (theirs @ _directed(places, style.centre).transpose(1, 2)).argmax(2)
    target = torch.take_along_dim(places, nearest[..., None], dim=1)
    return 1 - F.cosine_similarity(ours[:, chosen], target, dim=2).mean(1)


def mover_loss(painted: Mapping[str, Tensor], style: Target, *, whole: bool) -> Tensor:
    """Relaxed earth mover's distance, (N,).

    Args:
        painted: The pictures' feature maps.
        style: The styles to match.
        whole: Whether the pictures must also contain all of the style; not for parts of pictures.
    """
    distances = []
    for layer in MOVER_LAYERS:
        rows = _rows(painted[layer])
        rows = rows[:, _some(rows.shape[1], _PLACES, rows.device)]
        places = F.normalize(style.places[layer], dim=2)
        cost = 1 - F.normalize(rows, dim=2) @ places.transpose(1, 2)
        there, back = cost.amin(2).mean(1), cost.amin(1).mean(1)
        distances.append(torch.maximum(there, back) if whole else there)
    return torch.stack(distances).mean(0)


def moment_loss(painted: Mapping[str, Tensor], style: Target) -> Tensor:
    """Relative squared error of channel means and deviations (Huang 2017, section 5), (N,)."""
    errors = [
        (_moments(painted[layer]) - goal).square().sum(1) / goal.square().sum(1)
        for layer, goal in style.moments.items()
    ]
    return torch.stack(errors).mean(0)


def similarity_loss(painted: Mapping[str, Tensor], photo: Mapping[str, Tensor]) -> Tensor:
    """Difference of the self-similarities of picture and photo, (N,).

    Self-similarity (Kolkin 2019, section 2.2) does not depend on colours and strokes.
    """
    differences = []
    for layer in CONTENT_LAYERS:
        rows = _rows(painted[layer])
        chosen = _some(rows.shape[1], _SIMILAR_PLACES, rows.device)
        ours, theirs = _resemblance(rows[:, chosen]), _resemblance(_rows(photo[layer])[:, chosen])
        differences.append((ours - theirs).abs().sum(1).mean(1))
    return torch.stack(differences).mean(0)


def colour_loss(painted: Tensor, style: Target) -> Tensor:
    """Sliced Wasserstein distance (Rabin 2011) of the colours of (N, 3, H, W), (N,)."""
    axes = F.normalize(torch.randn(3, _DIRECTIONS, device=painted.device), dim=0)
    ours, theirs = (
        (pixels.float() @ axes).sort(1).values for pixels in (_pixels(painted), style.colours)
    )
    return (ours - theirs).abs().mean((1, 2))


def _rows(maps: Tensor) -> Tensor:
    """Places of (N, C, H, W) as (N, P, C) float32."""
    return maps.flatten(2).transpose(1, 2).float()


def _directed(rows: Tensor, centres: Tensor) -> Tensor:
    """(N, P, C) as unit vectors from (N, C)."""
    return F.normalize(rows - centres[:, None], dim=2)


def _some(count: int, most: int, device: torch.device) -> Tensor:
    """Distinct random indices below `count`, at most `most` of them."""
    return torch.randperm(count, device=device)[:most]


def _drawn(count: int, exactly: int) -> Tensor:
    """`exactly` indices below `count`; none is repeated before all were drawn."""
    repeats = -(-exactly // count)
    return torch.cat([torch.randperm(count) for _ in range(repeats)])[:exactly]


def _moments(maps: Tensor) -> Tensor:
    """Channel means and deviations of (N, C, H, W), (N, 2 C) float32."""
    flat = maps.flatten(2).float()
    return torch.cat([flat.mean(2), (flat.var(2, unbiased=False) + _FLAT).sqrt()], dim=1)


def _pixels(picture: Tensor) -> Tensor:
    """Random pixels of (N, 3, H, W), (N, P, 3)."""
    rows = picture.flatten(2).transpose(1, 2)
    return rows[:, torch.randint(rows.shape[1], (_PIXELS,), device=rows.device)]


def _resemblance(rows: Tensor) -> Tensor:
    unit = F.normalize(rows, dim=2)
    distance = (1 - unit @ unit.transpose(1, 2)).clamp(min=0)
    return distance / distance.sum(1, keepdim=True).clamp(min=_FLAT)

"""The losses: total = adversarial + content + style, plus identity and total variation.

Every loss takes a batch and returns one value per sample, so that samples of different styles can
be clamped, weighted and reported separately.
"""

from collections.abc import Mapping
from typing import Final

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch reader expects
from torch import Tensor

# Weights of the style layers: the deepest is the hardest to match and has the largest weight.
STYLE_WEIGHTS: Final = {"1_2": 1.0, "2_2": 1.0, "3_3": 1.0, "4_1": 1.0, "4_3": 4.0}
STYLE_LAYERS: Final = tuple(STYLE_WEIGHTS)
# Layers whose deviations are compared tile by tile, the weight of each, and tiles per side. Tiles
# have the size of a stroke: in larger ones a single wild stroke would be enough.
SPREAD_LAYERS: Final = ("2_2", "3_3", "4_1")
SPREAD_WEIGHT: Final = 0.35
SPREAD_TILES: Final = 10
CONTENT_LAYERS: Final = ("2_2", "3_3", "4_1")
# Variance treated as zero: a flat channel's square root has no gradient at 0.
_FLAT: Final = 1e-5


def gram(features: Tensor) -> Tensor:
    """Gram matrix of feature maps (Gatys 2016, section 2.2): correlations of channels.

    Args:
        features: (N, C, H, W).

    Returns:
        (N, C, C) float32, divided by C x H x W so that size does not matter.
    """
    flat = features.flatten(2)
    products: Tensor = (flat @ flat.transpose(1, 2)).float()
    return products / (flat.shape[1] * flat.shape[2])


def relative_gram_error(features: Tensor, target: Tensor) -> Tensor:
    """|G(features) - target|^2 / |target|^2, (N,), of (N, C, H, W) and (N, C, C)."""
    distance = (gram(features) - target).square().sum((1, 2))
    return distance / target.square().sum((1, 2))


def measure_style(features: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The targets of a style: Gram matrices by layer, and channel deviations by "LAYER spread".

    Args:
        features: From `Vgg16.features`, up to the last style layer at least.

    Returns:
        Each (N, C, C) or (N, C), float32.
    """
    found = {layer: gram(features[layer]) for layer in STYLE_LAYERS}
    for layer in SPREAD_LAYERS:
        found[_spread_of(layer)] = _deviations(features[layer])
    return found


def style_loss(features: Mapping[str, Tensor], target: Mapping[str, Tensor]) -> Tensor:
    """Relative Gram error on a logarithmic scale, plus the error of the deviations in tiles.

    Relative errors give all styles the same weight, dark or bright, without tuning per style. The
    logarithm log(1 + error) is close to the error where that is small; where it is large, as it
    often is for a faint style, its gradient does not drown out the other styles in the batch.

    A picture can match a Gram matrix with a few wild patches and leave the rest bare, and cannot
    leave that state: the matrix is quadratic in features that are almost zero there. The channels'
    deviations (Huang 2017, section 5.1) are linear in them, so every tile is compared by these.

    Args:
        features: The painted pictures' feature maps.
        target: The styles, from `measure_style`.

    Returns:
        (N,) float32.
    """
    total = torch.zeros(())
    for layer, weight in STYLE_WEIGHTS.items():
        total = total + weight * relative_gram_error(features[layer], target[layer]).log1p()
    for layer in SPREAD_LAYERS:
        goal = target[_spread_of(layer)]
        tiles = _deviations(_tiles(features[layer], SPREAD_TILES)).view(
            len(goal), -1, goal.shape[1]
        )
        distance = (tiles - goal[:, None]).square().sum(2).mean(1)
        total = total + SPREAD_WEIGHT * distance / goal.square().sum(1)
    return total


def _spread_of(layer: str) -> str:
    return f"{layer} spread"


def _deviations(features: Tensor) -> Tensor:
    """Standard deviation of every channel of (N, C, H, W), (N, C) float32."""
    # Sums in float32.
    flat = features.flatten(2).float()
    spread: Tensor = (flat.var(2, unbiased=False) + _FLAT).sqrt()
    return spread


def _tiles(features: Tensor, count: int) -> Tensor:
    """Cut (N, C, H, W) into (N x count^2, C, h, w); uncut if a tile would be a single place."""
    height, width = (edge // count for edge in features.shape[2:])
    # One place alone has no deviation.
    if min(height, width) < 2:
        return features
    # Channels stay last in memory, which makes the copy fast.
    cut = features[..., : height * count, : width * count].permute(0, 2, 3, 1)
    split = cut.reshape(len(cut), count, height, count, width, -1)
    tiles = split.transpose(2, 3).flatten(0, 2)
    return tiles.permute(0, 3, 1, 2)


def content_loss(features: Mapping[str, Tensor], target: Mapping[str, Tensor]) -> Tensor:
    """Distance to the photo's feature maps, independent of brightness and contrast.

    Feature reconstruction (Johnson 2016, section 3.2) of maps whose channels are normalised to one
    mean and deviation (as in AdaIN, Huang 2017, section 5), which leaves the correlations; each
    channel is weighted by its variance in the photo.

    A stroke costs the same at every place, and many faint ones less than few strong ones. If
    features were compared by direction, as in LPIPS, a bare place would be lost with the first
    stroke: all strokes would gather in skies and on faces, and detailed places would stay a photo.

    The distance is squared once more, so that places that are nearly lost cost much and places
    that are hardly changed cost little. Otherwise faint styles stay faint, and bold ones leave
    little of a photo.

    Args:
        features: The painted pictures' feature maps.
        target: The photos'.

    Returns:
        (N,) float32 in [0, 16]; 4 if nothing is alike.
    """
    distances = []
    for layer in CONTENT_LAYERS:
        painted, photo = _centred(features[layer]), _centred(target[layer])
        variance = photo.square().mean(2) + _FLAT
        deviations = ((painted.square().mean(2) + _FLAT) * variance).sqrt()
        likeness = (painted * photo).mean(2) / deviations
        shares = variance / variance.sum(1, keepdim=True)
        distances.append((shares * (2 - 2 * likeness)).sum(1))
    return torch.stack(distances).mean(0).square()


def _centred(features: Tensor) -> Tensor:
    """Feature maps (N, C, H, W) minus their channels' means, (N, C, H x W) float32."""
    flat = features.flatten(2).float()
    return flat - flat.mean(2, keepdim=True)


def identity_loss(painted: Tensor, photo: Tensor) -> Tensor:
    """Mean absolute error against the photo, (N,), for the identity code."""
    return (painted - photo).abs().mean((1, 2, 3))


def total_variation(painted: Tensor) -> Tensor:
    """Mean absolute difference of neighbouring pixels, (N,); reduces noise in flat skies."""
    down = (painted[..., 1:, :] - painted[..., :-1, :]).abs().mean((1, 2, 3))
    right = (painted[..., 1:] - painted[..., :-1]).abs().mean((1, 2, 3))
    return down + right


def hinge_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """Hinge loss of the discriminator (Lim and Ye 2017, arXiv:1705.02894), one value per batch."""
    return F.relu(1 - real.float()).mean() + F.relu(1 + fake.float()).mean()


def hinge_generator(fake: Tensor) -> Tensor:
    """Adversarial loss of the generator, (N,): lower for higher scores."""
    return -fake.float().mean((1, 2, 3))

"""The losses: total = adversarial + content + style, plus identity and total variation.

Every loss takes a batch and returns one value a sample, so that samples of different styles can
be clamped, weighted and reported apart.
"""

from collections.abc import Mapping
from typing import Final

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch reader expects
from torch import Tensor

# Weights of the style layers: the deepest is met last and counts twice.
STYLE_WEIGHTS: Final = {"1_2": 1.0, "2_2": 1.0, "3_3": 1.0, "4_1": 1.0, "4_3": 2.0}
STYLE_LAYERS: Final = tuple(STYLE_WEIGHTS)
TILED_LAYERS: Final = ("2_2", "3_3")
TILES: Final = 3
TILED_SHARE: Final = 0.5
CONTENT_LAYERS: Final = ("2_2", "3_3", "4_1")


def gram(features: Tensor) -> Tensor:
    """Gram matrix of feature maps (Gatys 2016, section 2.2): how channels fire together.

    Args:
        features: (N, C, H, W).

    Returns:
        (N, C, C) float32, divided by C x H x W so that size does not matter.
    """
    flat = features.flatten(2)
    products: Tensor = (flat @ flat.transpose(1, 2)).float()
    return products / (flat.shape[1] * flat.shape[2])


def grams(features: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Gram matrices of the style layers, from `Vgg16.features`."""
    return {layer: gram(features[layer]) for layer in STYLE_LAYERS}


def style_loss(features: Mapping[str, Tensor], target: Mapping[str, Tensor]) -> Tensor:
    """Relative Gram error on a logarithmic scale, weighted and summed over the style layers.

    Relative errors let all styles weigh the same, dark or bright, with no tuning per style. The
    logarithm log(1 + error) is the error itself where that is small; where it is large, as a
    faint style's easily is, its gradient no longer silences every other style in the batch.

    A picture can meet one Gram matrix with a few wild corners and leave its skies bare. So the
    layers of fine strokes are also compared in tiles, each of which ought to look like the style.

    Args:
        features: The painted pictures' feature maps.
        target: The styles' Gram matrices, each (N, C, C).

    Returns:
        (N,) float32.
    """
    total = torch.zeros(())
    for layer in STYLE_LAYERS:
        error = _gram_error(features[layer], target[layer]).log1p()
        if layer in TILED_LAYERS:
            tiles, count = _tiles(features[layer])
            goals = target[layer].repeat_interleave(count, dim=0)
            tiled = _gram_error(tiles, goals).log1p().view(-1, count).mean(1)
            error = torch.lerp(error, tiled, TILED_SHARE)
        total = total + STYLE_WEIGHTS[layer] * error
    return total


def _gram_error(features: Tensor, target: Tensor) -> Tensor:
    """Squared distance of Gram matrices over the target's squared norm, (N,)."""
    distance = (gram(features) - target).square().sum((1, 2))
    return distance / target.square().sum((1, 2))


def _tiles(features: Tensor) -> tuple[Tensor, int]:
    """Cut (N, C, H, W) into (N x tiles, C, h, w) and say how many tiles a picture has."""
    height, width = (edge // TILES for edge in features.shape[2:])
    if not (height and width):
        return features, 1
    # Channels stay last in memory all along, which makes the copy a fast one.
    cut = features[..., : height * TILES, : width * TILES].permute(0, 2, 3, 1)
    split = cut.reshape(len(cut), TILES, height, TILES, width, -1)
    tiles = split.transpose(2, 3).flatten(0, 2)
    return tiles.permute(0, 3, 1, 2), TILES**2


def content_loss(features: Mapping[str, Tensor], target: Mapping[str, Tensor]) -> Tensor:
    """Distance of channel-normalised features, averaged over places and content layers.

    Feature reconstruction (Johnson 2016, section 3.2), on features scaled to unit length at every
    place as in LPIPS (Zhang 2018, arXiv:1801.03924, section 3): a change of light or contrast costs
    nothing. A place counts by how much the photo has there: strokes are for skies, not for eyes.

    Args:
        features: The painted pictures' feature maps.
        target: The photos'.

    Returns:
        (N,) float32 in [0, 4]; 2 where nothing is alike.
    """
    distances = []
    for layer in CONTENT_LAYERS:
        # |a - b|^2 of unit vectors is 2 - 2 cos: sums over channels, never a second map.
        likeness = F.cosine_similarity(features[layer], target[layer]).float()
        amount = torch.linalg.vector_norm(target[layer], dim=1).float()
        share = amount / amount.sum((1, 2), keepdim=True).clamp(min=1e-6)
        distances.append(2 - 2 * (share * likeness).sum((1, 2)))
    return torch.stack(distances).mean(0)


def identity_loss(painted: Tensor, photo: Tensor) -> Tensor:
    """Mean absolute error against the photo itself, (N,): what the identity code must paint."""
    return (painted - photo).abs().mean((1, 2, 3))


def total_variation(painted: Tensor) -> Tensor:
    """Mean absolute difference of neighbouring pixels, (N,): less noise in flat skies."""
    down = (painted[..., 1:, :] - painted[..., :-1, :]).abs().mean((1, 2, 3))
    right = (painted[..., 1:] - painted[..., :-1]).abs().mean((1, 2, 3))
    return down + right


def hinge_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """Hinge loss of the discriminator (Lim and Ye 2017, arXiv:1705.02894), one value a batch."""
    return F.relu(1 - real.float()).mean() + F.relu(1 + fake.float()).mean()


def hinge_generator(fake: Tensor) -> Tensor:
    """Adversarial loss of the generator, (N,): be scored high."""
    return -fake.float().mean((1, 2, 3))

"""Teach the StyleEncoder to read from pixels what the painter reads from VGG16.

VGG16 teaches style vectors quickly but weighs 29 MB and is not shipped. Once the painter is
trained, its vectors for thousands of pictures are known, and a small network learns to give the
same ones (knowledge distillation, Hinton 2015, arXiv:1503.02531). Neither the generator's
convolutions nor any Gram matrix are needed for that: a vector is as good as the scales and shifts
it sets in the generator.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.errors import TrainingError
from engine.networks import StyleEncoder
from engine.training.dataset import REFERENCE_SIDE_PX, fit, load_picture, to_tensor
from engine.training.painter import STATISTICS_LAYERS, Painter, statistics_of
from engine.training.perceptual import Vgg16

_BATCH = 16
_CROP_PX = 160
# Reading a picture with VGG16 takes a CPU a fifth of a second: minutes, not tens of them.
_PICTURES_MAX = 1500
_LEARNING_RATE = 1e-3


def distil(
    painter: Painter,
    vgg: Vgg16,
    pictures: list[Path],
    steps: int,
    *,
    seed: int = 0,
    report: Callable[[int, float], None] | None = None,
) -> StyleEncoder:
    """Train a StyleEncoder on pictures of any style.

    Args:
        painter: Whose vectors are the truth; its averaged copy is the one that is shipped.
        vgg: What the painter reads styles with.
        pictures: References, the more different the better; 1 500 of them are drawn.
        steps: Batches of 16 to train on; 0 gives an encoder that has learnt nothing.
        seed: Same seed, same encoder.
        report: Called after every step with its number and the relative error of the scales and
            shifts, where 1 is no better than the same vector for every picture.

    Raises:
        TrainingError: there are too few pictures for one batch.
    """
    if len(pictures) < 2:
        raise TrainingError("Distilling needs two pictures or more.")
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    device = painter.mean.device
    encoder = StyleEncoder(painter.generator.config.style_dim).to(device)
    optimizer = torch.optim.Adam(encoder.parameters(), lr=_LEARNING_RATE)
    rate = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, max(1, steps))
    if len(pictures) > _PICTURES_MAX:
        drawn = rng.choice(len(pictures), size=_PICTURES_MAX, replace=False)
        pictures = [pictures[index] for index in drawn]
    references, truths = _truths(painter, vgg, pictures)
    weight = painter.generator.affine.weight.detach()
    spread = ((truths - truths.mean(0)) @ weight.T).square().mean()
    for step in range(1, steps + 1):
        chosen = rng.integers(len(references), size=_BATCH)
        batch = torch.stack([_square(references[index], rng) for index in chosen]).to(device)
        with torch.autocast(device.type, torch.bfloat16):
            vectors = encoder(batch)
        loss = ((vectors.float() - truths[chosen]) @ weight.T).square().mean() / spread
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        rate.step()
        if report:
            report(step, loss.item())
    return encoder.eval()


@torch.no_grad()
def _truths(painter: Painter, vgg: Vgg16, pictures: list[Path]) -> tuple[list[Tensor], Tensor]:
    """References as (3, h, w) uint8, and the painter's vectors of them, (pictures, style_dim)."""
    references, vectors = [], []
    for path in pictures:
        reference = to_tensor(fit(load_picture(path), REFERENCE_SIDE_PX))
        features = vgg.features(reference[None].to(painter.mean.device), STATISTICS_LAYERS[-1])
        vectors.append(painter(statistics_of(features))[0])
        references.append(reference.mul(255).byte())
    return references, torch.stack(vectors)


def _square(reference: Tensor, rng: np.random.Generator) -> Tensor:
    """Most of a reference as one square, for a batch needs one size: its style is all over it."""
    height, width = reference.shape[1:]
    side = min(height, width)
    top, left = rng.integers(height - side + 1), rng.integers(width - side + 1)
    window = reference[None, :, top : top + side, left : left + side].float() / 255
    square = torch.nn.functional.interpolate(window, (_CROP_PX, _CROP_PX), mode="area")[0]
    return square.flip(2) if rng.random() < 0.5 else square

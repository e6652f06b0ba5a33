from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from engine.errors import TrainingError
from engine.networks import GeneratorConfig
from engine.training import distil
from engine.training.painter import Painter
from engine.training.perceptual import Vgg16

TINY = GeneratorConfig(style_dim=8, widths=(8, 16, 16), blocks=1)


@pytest.fixture
def painter(monkeypatch: pytest.MonkeyPatch, one_thread: None) -> Painter:
    monkeypatch.setattr(distil, "REFERENCE_SIDE_PX", 48)
    monkeypatch.setattr(distil, "_CROP_PX", 32)
    torch.manual_seed(0)
    return Painter(named=1, config=TINY).requires_grad_(requires_grad=False)


def test_the_encoder_learns_the_painters_vectors(
    painter: Painter, vgg: Vgg16, picture_folder: Callable[..., list[Path]]
):
    errors: list[float] = []
    distil.distil(
        painter, vgg, picture_folder("art", 6), 12, report=lambda _, error: errors.append(error)
    )
    assert len(errors) == 12
    assert sum(errors[-3:]) < 0.7 * sum(errors[:3])


def test_the_same_seed_gives_the_same_encoder(
    painter: Painter, vgg: Vgg16, picture_folder: Callable[..., list[Path]]
):
    pictures = picture_folder("art", 3)
    first, second, other = (
        distil.distil(painter, vgg, pictures, 1, seed=seed).state_dict() for seed in (1, 1, 2)
    )
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert any(not torch.equal(first[name], other[name]) for name in first)


def test_one_picture_is_too_few(
    painter: Painter, vgg: Vgg16, picture_folder: Callable[..., list[Path]]
):
    with pytest.raises(TrainingError, match="two pictures"):
        distil.distil(painter, vgg, picture_folder("art", 1), 1)

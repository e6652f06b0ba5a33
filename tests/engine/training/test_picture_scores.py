import pytest
import torch
from torch import Tensor

from engine.painting.perceptual import Vgg16
from engine.training import picture_scores as scores
from engine.training.losses import gram
from engine.training.picture_scores import Seen, StyleMeasures

CHANNELS = (64, 128, 256, 512, 512)


def _lins(value: float = 1.0) -> list[Tensor]:
    return [torch.full((channels,), value) for channels in CHANNELS]


def _maps(scale: float = 1.0) -> dict[str, Tensor]:
    layers = ("1_2", "2_2", "3_3", "4_3", "5_3")
    source = torch.Generator().manual_seed(1)
    return {
        layer: scale * torch.rand(1, channels, 2, 3, generator=source)
        for layer, channels in zip(layers, CHANNELS, strict=True)
    }


def test_lpips_by_hand():
    """Opposite unit vectors differ by 4, orthogonal ones by 2, in each of five layers."""
    shape = {"1_2": 64, "2_2": 128, "3_3": 256, "4_3": 512, "5_3": 512}
    photo = {layer: torch.zeros(1, c, 1, 2) for layer, c in shape.items()}
    painted = {layer: torch.zeros(1, c, 1, 2) for layer, c in shape.items()}
    for layer in shape:
        photo[layer][0, 0] = 5
        painted[layer][0, 0, 0, 0] = -2
        painted[layer][0, 1, 0, 1] = 3
    assert scores.lpips(painted, photo, _lins(0.1)) == pytest.approx(5 * 0.1 * (4 + 2) / 2)
    assert scores.lpips(photo, photo, _lins()) == 0


def test_gram_error_by_hand():
    maps = _maps()
    target = {layer: gram(maps[layer]) for layer in scores.GRAM_LAYERS}
    assert scores.gram_error(maps, target) == pytest.approx(0, abs=1e-9)
    # Doubled features have four times the Gram matrix: an error of 3 x 3.
    assert scores.gram_error(_maps(2.0), target) == pytest.approx(9, rel=1e-4)


def noise(seed: int, height: int = 64, width: int = 48) -> Tensor:
    source = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, height // 8, width // 8, generator=source)
    return torch.nn.functional.interpolate(coarse, (height, width), mode="bicubic").clamp(0, 1)


def test_a_tinted_photo_is_one() -> None:
    photo = noise(1)
    red, green, blue = photo.unbind(1)
    tinted = torch.stack([red**2, 0.5 * green, red * blue], dim=1)
    assert scores.tint(tinted, photo) == pytest.approx(1, abs=1e-3)
    assert scores.tint(noise(2), photo) < 0.8


def test_the_style_itself_is_near_to_the_style(vgg: Vgg16) -> None:
    pictures = [noise(seed) for seed in (1, 2)]
    photo, style = (Seen(each, vgg.features(each, "5_3")) for each in pictures)
    measures = StyleMeasures.of(style.features)
    as_style = scores.score(style, photo, measures, _lins())
    as_photo = scores.score(photo, photo, measures, _lins())
    assert as_style.remd == pytest.approx(0, abs=1e-3)
    assert as_style.deep == pytest.approx(0, abs=1e-3)
    assert as_style.gram == pytest.approx(0, abs=1e-6)
    assert as_photo.lpips == 0
    assert as_photo.selfsim == pytest.approx(0, abs=1e-5)
    assert as_photo.remd > as_style.remd
    assert as_style.selfsim > as_photo.selfsim

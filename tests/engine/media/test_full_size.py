import numpy as np
import pytest

from engine.media import full_size
from engine.media.full_size import Pixels, keep_colours, light, mix, resize


def _photo(height: int, width: int) -> Pixels:
    """Text-like fine lines on a smooth ground."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    ground = 120 + 60 * np.sin(x / 70) * np.cos(y / 50)
    lines = 60 * ((x + y) % 24 < 2)
    grey = np.clip(ground + lines, 0, 255)
    return np.stack([grey, grey * 0.8, grey * 0.6], axis=2).astype(np.uint8)


def to_full_size(painted: Pixels, photo: Pixels) -> Pixels:
    height, width = painted.shape[:2]
    return full_size.to_full_size(painted, light(photo), resize(photo, width, height))


def _sharpness(pixels: Pixels) -> float:
    return float(np.abs(np.diff(pixels.astype(np.float32), axis=1)).mean())


def test_a_painting_of_the_photos_size_is_left_alone():
    painted, photo = _photo(40, 60)[::-1], _photo(40, 60)
    assert to_full_size(painted, photo) is painted


def test_a_painting_that_is_the_photo_gives_the_photo_back():
    photo = _photo(300, 420)
    full = to_full_size(resize(photo, 140, 100), photo)
    enlarged = resize(resize(photo, 140, 100), 420, 300)
    error = np.abs(full.astype(int) - photo).mean()
    assert error < 0.6 * np.abs(enlarged.astype(int) - photo).mean()
    assert _sharpness(enlarged) < 0.75 * _sharpness(photo) < 0.85 * _sharpness(full)


def test_a_painting_that_ignores_the_photo_takes_nothing_from_it():
    photo = _photo(300, 420)
    flat = np.full((100, 140, 3), 90, dtype=np.uint8)
    assert np.array_equal(to_full_size(flat, photo), np.full_like(photo, 90))


def test_a_painting_larger_than_its_photo_is_only_reduced():
    photo = _photo(90, 120)
    assert np.array_equal(to_full_size(resize(photo, 160, 120), photo).shape, photo.shape)
    flat = np.full((120, 160, 3), 90, dtype=np.uint8)
    assert (to_full_size(flat, photo) == 90).all()


def test_mixing_is_a_weighted_mean():
    painted, photo = (np.full((300, 4, 3), value, dtype=np.uint8) for value in (200, 100))
    assert (mix(painted, photo, 0.25) == 125).all()


@pytest.mark.parametrize("height", [255, 256, 257, 600])
def test_strips_leave_no_seam(height: int):
    """What is computed strip by strip equals a smooth ramp everywhere, also where strips meet."""
    ramp = np.linspace(20, 230, height, dtype=np.float32)
    photo = np.repeat(np.rint(ramp)[:, None, None], 64, axis=1).repeat(3, axis=2).astype(np.uint8)
    full = to_full_size(resize(photo, 32, height // 2), photo).astype(int)
    assert np.abs(np.diff(full[:, 10, 0])).max() <= np.ceil(210 / height) + 2


def test_kept_colours_change_light_alone():
    rng = np.random.default_rng(0)
    photo = rng.integers(90, 160, (300, 40, 3), dtype=np.uint8)
    painted = rng.integers(90, 160, (300, 40, 3), dtype=np.uint8)
    mixed = keep_colours(painted, photo).astype(np.float32)
    to_ycbcr = np.array(
        [[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]]
    )
    light, *colour = np.moveaxis(mixed @ to_ycbcr.T, 2, 0)
    assert np.abs(light - painted @ to_ycbcr[0]).max() < 1
    for plane, row in zip(colour, to_ycbcr[1:], strict=True):
        assert np.abs(plane - photo @ row).max() < 1

"""Hidden pixels take the colours of the visible ones around them."""

import numpy as np
import pytest

from engine.media.transparency import fill_hidden


def picture(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Red on the left, blue on the right, and between them a hidden gap of noise."""
    rgb = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    alpha = np.zeros((height, width), np.uint8)
    third = width // 3
    rgb[:, :third], rgb[:, -third:] = (250, 0, 0), (0, 0, 250)
    alpha[:, :third], alpha[:, -third:] = 255, 40
    return rgb, alpha


@pytest.mark.parametrize("shape", [(60, 90), (61, 97), (1, 9), (33, 4000), (2500, 1700)])
def test_a_gap_goes_from_one_side_to_the_other(shape: tuple[int, int]):
    rgb, alpha = picture(*shape)
    before = rgb.copy()
    fill_hidden(rgb, alpha)
    np.testing.assert_array_equal(rgb[alpha > 0], before[alpha > 0])
    third, row = shape[1] // 3, shape[0] // 2
    near_red, near_blue = rgb[row, third].astype(int), rgb[row, -third - 1].astype(int)
    assert near_red[0] > near_red[2]
    assert near_blue[2] > near_blue[0]
    assert rgb[..., 1].max() <= 1  # nothing of the noise


def test_what_was_hidden_does_not_matter():
    rgb, alpha = picture(70, 90)
    other = rgb.copy()
    other[alpha == 0] = 255
    for pixels in (rgb, other):
        fill_hidden(pixels, alpha)
    np.testing.assert_array_equal(rgb, other)


def test_nothing_visible_is_white_and_nothing_hidden_is_left_alone():
    rgb = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    before = rgb.copy()
    fill_hidden(rgb, np.full((8, 8), 1, np.uint8))
    np.testing.assert_array_equal(rgb, before)
    fill_hidden(rgb, np.zeros((8, 8), np.uint8))
    assert (rgb == 255).all()

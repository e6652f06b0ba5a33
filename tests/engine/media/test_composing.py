"""What an effect has changed is put over the photo exactly where a mask says."""

import io

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine.media.composing import both, compose, enlarged, inverted, reduced

BYTES = st.integers(0, 255)


def test_white_is_the_changed_picture_and_black_the_photo():
    values = np.random.default_rng(0)
    # More rows than are composed at once.
    photo = values.integers(0, 256, (300, 40, 3), dtype=np.uint8)
    changed = values.integers(0, 256, (300, 40, 3), dtype=np.uint8)
    mask = np.zeros((300, 40), np.uint8)
    mask[:, :20] = 255
    composed = compose(photo, changed, mask)
    assert (composed[:, :20] == changed[:, :20]).all()
    assert (composed[:, 20:] == photo[:, 20:]).all()


@given(BYTES, BYTES, BYTES)
def test_grey_is_the_rounded_mean(before: int, after: int, share: int):
    photo, changed = (np.full((1, 1, 3), value, np.uint8) for value in (before, after))
    composed = compose(photo, changed, np.full((1, 1), share, np.uint8))
    exact = (share * after + (255 - share) * before) / 255
    assert (np.abs(composed - exact) <= 0.5).all()


@given(BYTES, BYTES)
def test_two_masks_leave_what_is_in_both(first: int, second: int):
    one, two = (np.full((1, 2), value, np.uint8) for value in (first, second))
    assert np.abs(both(one, two) - first * second / 255).max() <= 0.5
    assert (inverted(one) == 255 - first).all()


def test_every_product_of_two_bytes_is_divided_exactly():
    first, second = (each.astype(np.uint8) for each in np.mgrid[:256, :256])
    exact = np.rint(first.astype(float) * second / 255)
    assert (both(first, second) == exact).all()


def test_a_mask_gets_the_size_of_the_picture():
    small = np.zeros((30, 40), np.uint8)
    small[:, 20:] = 255
    file = io.BytesIO()
    Image.fromarray(small).save(file, "PNG")
    assert (enlarged(file.getvalue(), (40, 30)) == small).all()
    large = enlarged(file.getvalue(), (400, 300))
    assert large.shape == (300, 400)
    # The edge is as wide as a pixel of the small mask.
    assert not large[:, :185].any()
    assert (large[:, 215:] == 255).all()
    assert np.abs(reduced(large, (4, 1)).astype(int) - (0, 0, 255, 255)).max() <= 3

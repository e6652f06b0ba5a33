"""A turned square is cut out of a picture, and brought back to where it was."""

import math

import numpy as np
import pytest
from PIL import Image, ImageDraw

from engine.analyzers.face_mesh import Square, cut, square_around, square_of, within


def test_the_square_is_level_with_the_eyes():
    box = np.array([10, 20, 50, 40], np.float32)
    square = square_around(box, np.array([0.0, 0.0]), np.array([1.0, 1.0]))
    assert square == pytest.approx((30, 30, 60, math.pi / 4))


@pytest.mark.parametrize("angle", [0.0, 0.5, -1.2, math.pi])
@pytest.mark.parametrize("side", [100.0, 700.0])
def test_what_is_cut_out_lies_where_it_should(angle: float, side: float):
    square = Square(500, 400, side, angle)
    image = Image.new("RGB", (1000, 800))
    # A dot a quarter of the side along the square's own x.
    x, y = 500 + side / 4 * math.cos(angle), 400 + side / 4 * math.sin(angle)
    radius = side / 25
    ImageDraw.Draw(image).ellipse((x - radius, y - radius, x + radius, y + radius), fill="white")
    pixels = cut(image, square, 192)[..., 0]
    rows, columns = np.indices(pixels.shape)
    middle = (columns * pixels).sum() / pixels.sum(), (rows * pixels).sum() / pixels.sum()
    # What is drawn is off by up to three quarters of a pixel.
    assert middle == pytest.approx((143.5, 95.5), abs=0.5 + 0.75 * 192 / side)


def test_outside_the_picture_is_black():
    image = Image.new("RGB", (100, 100), "white")
    assert not cut(image, Square(-200, 50, 80, 0.3), 192).any()
    half = cut(image, Square(0, 50, 80, 0), 192)
    assert not half[:, :94].any()
    assert half[:, 98:].all()


def test_a_square_within_a_view_is_one_of_the_picture():
    view = Square(500, 400, 400, math.pi / 2)
    # In the view, turned by a quarter, right is down in the picture.
    assert within(view, Square(150, 100, 50, 0.1), 200) == pytest.approx(
        (500, 500, 100, math.pi / 2 + 0.1)
    )


def test_the_square_of_a_mesh_holds_all_of_it():
    rng = np.random.default_rng(0)
    points = rng.uniform(0, 100, (468, 3)).astype(np.float32)
    points[[33, 133], :2], points[[263, 362], :2] = (30, 40), (60, 70)
    x, y, side, angle = square_of(points)
    assert angle == pytest.approx(math.pi / 4)
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    own = (points[:, :2] - (x, y)) @ turn.T
    assert np.abs(own).max() <= side / 3 + 1e-3

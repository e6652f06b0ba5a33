"""Warps: smooth between points, exact where nothing moves."""

import numpy as np
import pytest

from engine.media.warping import inside_by, moved, thin_plate


def test_a_thin_plate_goes_through_its_points_and_follows_a_plane():
    rng = np.random.default_rng(2)
    points = rng.uniform(0, 100, (40, 2))
    values = rng.normal(size=(40, 2))
    assert np.abs(thin_plate(points, values, points) - values).max() < 0.2
    plane = points @ np.array([[0.5, -1.0], [2.0, 0.25]]) + 3
    nodes = rng.uniform(0, 100, (9000, 2))
    found = thin_plate(points, plane, nodes)
    assert np.allclose(found, nodes @ np.array([[0.5, -1.0], [2.0, 0.25]]) + 3, atol=1e-6)


def test_places_are_inside_or_outside_of_a_polygon():
    square = np.array([[0.0, 0], [10, 0], [10, 10], [0, 10]])
    places = np.array([[5.0, 5], [1, 5], [12, 5], [-3, -4]])
    assert inside_by(square, places) == pytest.approx([5, 1, -2, -5])


def test_a_shift_moves_pixels_and_leaves_the_rest():
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 256, (40, 60, 3), dtype=np.uint8)
    sources = np.zeros((11, 16, 2))
    assert moved(pixels, sources, 4) is pixels
    sources[3:8, 5:12] = (2, -1)
    result = moved(pixels, sources, 4)
    # Cells whose corners all move alike are moved as a whole.
    assert np.array_equal(result[12:28, 20:44], pixels[11:27, 22:46])
    assert np.array_equal(result[:8], pixels[:8])
    assert np.array_equal(result[:, 48:], pixels[:, 48:])

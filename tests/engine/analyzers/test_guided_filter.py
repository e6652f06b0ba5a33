"""A coarse mask gets the picture's edges."""

import numpy as np

from engine.analyzers.guided_filter import refine


def test_a_blurred_edge_moves_to_the_colours_edge():
    guide = np.zeros((200, 300, 3), np.uint8)
    guide[:, :150] = (200, 60, 40)
    guide[:, 150:] = (40, 90, 200)
    # The mask's edge is twelve pixels wide there.
    ramp = np.clip((np.arange(100) - 47.5) / 4, 0, 1)[::-1].astype(np.float32)
    refined = refine(guide, np.tile(ramp, (66, 1)))
    assert refined.shape == (200, 300)
    assert refined[:, :146].min() > 0.9
    assert refined[:, 154:].max() < 0.1


def test_what_is_certain_stays():
    guide = np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    for value in (0, 1):
        refined = refine(guide, np.full((32, 32), value, np.float32))
        np.testing.assert_allclose(refined, value, atol=1e-3)

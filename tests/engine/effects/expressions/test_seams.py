"""Seams: above them one picture, below another, and a line between."""

import numpy as np

from engine.effects.expressions.face_shape import mean_face
from engine.effects.expressions.seams import SEAMS, joined


def test_edges_run_from_left_to_right_and_belong_together():
    x = mean_face().neutral[:, 0]
    y = mean_face().neutral[:, 1]
    for seam in SEAMS.values():
        upper, lower = list(seam.upper), list(seam.lower)
        assert (np.diff(x[[seam.corners[0], *upper, seam.corners[1]]]) > 0).all()
        assert (np.diff(x[[seam.corners[0], *lower, seam.corners[1]]]) > 0).all()
        assert np.abs(x[upper] - x[lower]).max() < 0.02
        assert (y[upper] <= y[lower]).all()


def test_a_seam_takes_each_side_from_its_own_picture():
    points = mean_face().neutral[:, :2] * 200 + (120, 60)
    seam = SEAMS["eyes", 1]
    meeting = points.copy()
    lids = [*seam.upper, *seam.lower]
    meeting[lids, 1] = points[list(seam.corners), 1].mean()
    above, below = np.full((300, 240, 3), 200, np.uint8), np.full((300, 240, 3), 120, np.uint8)
    was = above.copy()
    left, right = points[seam.corners[0]], points[seam.corners[1]]
    x, y = (int(value) for value in (left + right) / 2)
    # A dark pupil gives the line its colour.
    was[y - 6 : y + 6, x - 6 : x + 6] = 10
    result = joined(above, below, was, meeting, points, seam)
    assert (result[y - 8, x] == 200).all()
    assert (result[y + 6, x] == 120).all()
    assert result[y - 1 : y + 2, x].min() < 90
    assert (result[:, int(right[0]) + 12 :] == 200).all()
    assert (result[y + 40 :] == 200).all()

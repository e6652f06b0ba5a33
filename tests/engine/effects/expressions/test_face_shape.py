"""The mean face: symmetrical, and moved by what is measured of it."""

import numpy as np
import pytest

from engine.api.analyses import MESH_POINTS
from engine.effects.expressions.face_shape import SIDED, align, mean_face

MEASURES = ("smile", "open", "eyes", "brows", "inner")


def test_the_file_says_where_it_is_from_and_is_complete():
    shape = mean_face()
    assert set(shape.fields) == set(shape.at_rest) == set(shape.spread) == set(MEASURES)
    assert shape.neutral.shape == (MESH_POINTS, 3)
    mirrored = shape.neutral * (-1, 1, 1)
    off = np.linalg.norm(mirrored[:, None] - shape.neutral, axis=-1).min(axis=1)
    assert off.max() < 1e-3


def test_the_mean_face_has_no_expression():
    face = align(mean_face().neutral)
    assert set(face.expression().values()) == {0.0}
    assert face.width_px == pytest.approx(1)
    assert face.turned == pytest.approx((0, 0), abs=0.1)


@pytest.mark.parametrize(
    ("measure", "side"),
    [(name, side) for name in MEASURES for side in ((1, -1) if name in SIDED else (0,))],
)
def test_a_movement_changes_its_measure(measure: str, side: int):
    shape = mean_face()
    before = align(shape.neutral).measures()
    moved = shape.neutral + shape.movements({(measure, side): 0.01})
    after = align(moved).measures()
    # One corner of a mouth rises beside its middle, which rises half as much.
    assert after[measure, side] - before[measure, side] == pytest.approx(0.01, rel=0.7)
    if side:
        assert abs(after[measure, -side] - before[measure, -side]) < 0.006


def test_a_turned_and_enlarged_face_is_turned_back():
    shape = mean_face()
    angle = np.radians(20)
    turn = np.array(
        [[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]]
    )
    face = align(120 * shape.neutral @ turn + (300, 200, 0))
    assert np.allclose(face.points, shape.neutral, atol=1e-6)
    assert face.width_px == pytest.approx(120)
    assert abs(face.turned[0]) == pytest.approx(20, abs=0.01)
    moves = shape.movements({("open", 0): 0.1})
    assert np.allclose(face.in_picture(moves), 120 * (moves @ turn)[:, :2])

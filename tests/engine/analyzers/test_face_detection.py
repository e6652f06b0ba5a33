"""What the detectors' numbers mean, and how detections of one face become one."""

import numpy as np
import pytest

from engine.analyzers.face_detection import FAR, NEAR, Found, anchors, merged, overlap


def found(box: tuple[float, ...], score: float) -> Found:
    return Found(np.array(box, np.float32), score, np.zeros((6, 2), np.float32))


def test_every_anchor_has_its_place():
    near, far = anchors(NEAR.grids), anchors(FAR.grids)
    assert (len(near), len(far)) == (896, 2304)
    assert near[0] == pytest.approx((1 / 32, 1 / 32))
    assert near[2] == pytest.approx((3 / 32, 1 / 32))
    # After 16 x 16 cells of two come 8 x 8 of six.
    assert near[512] == pytest.approx((1 / 16, 1 / 16))
    assert near[-1] == pytest.approx((15 / 16, 15 / 16))
    assert far[48] == pytest.approx((1 / 96, 3 / 96))


def test_the_overlap_is_the_shared_part_of_both():
    one = np.array([0, 0, 2, 2], np.float32)
    others = np.array([[0, 0, 2, 2], [1, 0, 3, 2], [2, 2, 3, 3]], np.float32)
    assert overlap(one, others) == pytest.approx([1, 1 / 3, 0])


def test_detections_of_one_face_become_their_mean_by_score():
    one, two, other = (
        found((0, 0, 10, 10), 0.9),
        found((3, 0, 13, 10), 0.6),
        found((40, 0, 50, 10), 0.7),
    )
    first, second = merged([two, other, one])
    assert first.score == 0.9
    assert first.box == pytest.approx((1.2, 0, 11.2, 10))
    assert second.box == pytest.approx(other.box)
    assert merged([]) == []

"""Faces keep their features in the painting's colours, and nothing else changes."""

import importlib
import sys

import numpy as np
import pytest

from engine.api.analyses import MESH_POINTS, Face, Faces
from engine.media import face_care
from engine.media.face_care import OVAL, ease, face_map
from engine.media.full_size import Pixels

SIZE = (120, 160)


def face(x: float, y: float, radius: float) -> Face:
    """A round face."""
    angles = np.linspace(0, 2 * np.pi, len(OVAL), endpoint=False)
    mesh = [(x, y, 0.0)] * MESH_POINTS
    for point, angle in zip(OVAL, angles, strict=True):
        mesh[point] = (x + radius * np.sin(angle), y - radius * np.cos(angle), 0.0)
    return Face((x - radius, y - radius, 2 * radius, 2 * radius), 1.0, {}, tuple(mesh))


def in_picture(*faces: Face, scale: int = 1) -> Faces:
    return Faces(SIZE[1] * scale, SIZE[0] * scale, faces)


def striped() -> Pixels:
    """Red and blue stripes, 4 px each."""
    picture = np.zeros((*SIZE, 3), np.uint8)
    picture[:, np.arange(SIZE[1]) // 4 % 2 == 0] = (200, 0, 0)
    picture[:, np.arange(SIZE[1]) // 4 % 2 == 1] = (0, 0, 200)
    return picture


def photo() -> Pixels:
    """Grey, with an eye."""
    picture = np.full((*SIZE, 3), 150, np.uint8)
    picture[55:60, 66:74] = 20
    return picture


def test_a_map_is_white_within_a_face_and_fades_at_its_edge():
    found = face_map(in_picture(face(80, 60, 30)), SIZE)
    assert found is not None
    assert found.shape == SIZE
    assert found[60, 80] == found[60, 70] == 255
    assert 0 < found[60, 80 + 32] < 255
    assert found[60, 80 + 45] == found[5, 5] == 0


@pytest.mark.parametrize("faces", [(), (face(80, 60, 5),), (face(400, 60, 30),)])
def test_where_there_is_no_face_of_any_size_there_is_no_map(faces: tuple[Face, ...]):
    assert face_map(in_picture(*faces), SIZE) is None
    painted = striped()
    assert ease(painted, photo(), in_picture(*faces), 1.0) is painted


def test_motifs_give_way_to_the_photos_features():
    painted = striped()
    eased = ease(painted, photo(), in_picture(face(80, 60, 30)), 1.0)
    assert (painted == striped()).all()
    within = eased[50:70, 76:96].astype(float)
    # Stripes of 200 levels are gone, and the colour is theirs.
    assert np.ptp(within[..., 0]) < 30
    assert np.abs(within.mean((0, 1)) - (100, 0, 100)).max() < 12
    eye, beside = eased[57, 70].astype(float), eased[57, 90].astype(float)
    assert (beside - eye)[[0, 2]].min() > 60
    outside = np.ones(SIZE, bool)
    outside[10:110, 30:130] = False
    assert (eased[outside] == painted[outside]).all()


def test_no_more_is_needed_than_the_engine_installs(monkeypatch: pytest.MonkeyPatch):
    # Only the extra `video` has it.
    monkeypatch.setitem(sys.modules, "cv2", None)
    importlib.reload(face_care)


def test_a_share_is_between_both():
    faces = in_picture(face(80, 60, 30))
    painted, full = striped(), ease(striped(), photo(), faces, 1.0)
    half = ease(painted, photo(), faces, 0.5).astype(float)
    assert np.abs(half - (painted.astype(float) + full) / 2)[50:70, 60:100].max() < 60
    stripes, left = np.ptp(painted[60, 76:96, 0]), np.ptp(half[60, 76:96, 0])
    assert 0.3 * stripes < left < 0.7 * stripes


def test_faces_may_be_found_at_another_size():
    small = ease(striped(), photo(), in_picture(face(80, 60, 30)), 0.8)
    large = ease(striped(), photo(), in_picture(face(160, 120, 60), scale=2), 0.8)
    assert np.abs(small.astype(int) - large).max() <= 1


def test_a_face_at_the_border_and_several_faces():
    faces = in_picture(face(0, 0, 40), face(150, 110, 30))
    eased = ease(striped(), photo(), faces, 1.0)
    assert np.ptp(eased[10, :20, 0].astype(int)) < 60
    assert np.ptp(eased[110, 145:, 0].astype(int)) < 60
    assert (eased[60, 70:90] == striped()[60, 70:90]).all()

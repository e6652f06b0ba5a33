"""Faces that cannot be given an expression are refused, each with a sentence."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from engine.api.analyses import Faces
from engine.api.errors import FaceError, HiddenFaceError, SmallFaceError, TurnedFaceError
from engine.effects.expressions.choosing import usable
from engine.effects.expressions.face_shape import align, points_of
from engine.media.images import Picture
from tests.engine.effects.conftest import faces_of


def refuse(faces: Faces, picture: Picture) -> FaceError:
    with pytest.raises(FaceError) as refused:
        usable(faces.faces, faces, picture.rgb)
    return refused.value


def drawn(picture: Picture, box: tuple[float, ...], colour: tuple[int, int, int]) -> Picture:
    image = Image.fromarray(picture.rgb)
    ImageDraw.Draw(image).ellipse(box, fill=colour)
    return Picture(np.array(image))


def test_a_good_face_is_a_mesh(portrait: Picture):
    faces = faces_of(portrait)
    (points,) = usable(faces.faces, faces, portrait.rgb)
    assert np.array_equal(points, points_of(faces.faces[0]))
    yaw, pitch = align(points).turned
    assert abs(yaw) < 20
    assert abs(pitch) < 20


@pytest.mark.parametrize("side_px", [60, 80])
def test_a_small_face_is_refused(portrait: Picture, side_px: int):
    small = Picture(np.array(Image.fromarray(portrait.rgb).resize((side_px, side_px))))
    error = refuse(faces_of(portrait), small)
    assert isinstance(error, SmallFaceError)
    assert "pixels wide; 48 are needed." in str(error)


@pytest.mark.parametrize(("axis", "degrees"), [("side", 50), ("side", -50), ("up", 40)])
def test_a_face_that_looks_away_is_refused(portrait: Picture, axis: str, degrees: float):
    faces = faces_of(portrait)
    points = points_of(faces.faces[0])
    middle, angle = points.mean(axis=0), np.radians(degrees)
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array(
        [[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]]
        if axis == "side"
        else [[1, 0, 0], [0, cos, sin], [0, -sin, cos]]
    )
    mesh = tuple((float(x), float(y), float(z)) for x, y, z in (points - middle) @ turn + middle)
    turned = replace(faces, faces=(replace(faces.faces[0], mesh=mesh),))
    error = refuse(turned, portrait)
    assert isinstance(error, TurnedFaceError)


@pytest.mark.parametrize("colour", [(40, 60, 140), (240, 240, 240), (20, 20, 20), (214, 160, 130)])
def test_a_mask_or_a_hand_is_refused(portrait: Picture, colour: tuple[int, int, int]):
    faces = faces_of(portrait)
    x, y = points_of(faces.faces[0])[[13, 14], :2].mean(axis=0)
    masked = drawn(portrait, (x - 70, y - 45, x + 70, y + 55), colour)
    error = refuse(faces, masked)
    assert isinstance(error, HiddenFaceError)
    assert str(error) == "The mouth cannot be seen: a mask or a hand hides it."


def test_sunglasses_are_refused(portrait: Picture):
    faces = faces_of(portrait)
    worn = portrait
    for name in ("right_eye", "left_eye"):
        x, y = faces.faces[0].keypoints[name]
        worn = drawn(worn, (x - 34, y - 24, x + 34, y + 28), (25, 22, 20))
    error = refuse(faces, worn)
    assert isinstance(error, HiddenFaceError)
    assert "The eyes cannot be seen" in str(error)


def test_a_face_that_is_cut_off_is_refused(portrait: Picture):
    faces = faces_of(portrait)
    below = int(faces.faces[0].keypoints["mouth"][1])
    error = refuse(replace(faces, height=below), Picture(portrait.rgb[:below].copy()))
    assert str(error) == "Part of the face is outside of the picture."

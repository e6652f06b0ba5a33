"""Faces are found where they are, however the picture lies."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageOps

from engine.analyzers.faces import FACES_MAX, find_faces, glance
from engine.api.analyses import KEYPOINTS, MESH_POINTS, Face, Faces, from_json

# Seen in the photo: the pupils, the tip of the nose and the middle of the mouth, px.
SEEN = {
    "right_eye": (205, 102),
    "left_eye": (245, 104),
    "nose_tip": (222, 125),
    "mouth": (223, 147),
}


def the_face(found: Faces) -> Face:
    (face,) = found.faces
    return face


def eyes_of(face: Face) -> np.ndarray:
    return np.array([face.keypoints["right_eye"], face.keypoints["left_eye"]])


def test_a_face_has_its_box_keypoints_and_mesh_in_pixels(astronaut: Image.Image):
    found = find_faces(astronaut)
    face = the_face(found)
    assert (found.width, found.height) == astronaut.size
    assert tuple(face.keypoints) == KEYPOINTS
    for name, at in SEEN.items():
        assert np.hypot(*np.subtract(face.keypoints[name], at)) < 6, name
    assert len(face.mesh) == MESH_POINTS
    left, top, width, height = face.box
    mesh = np.array(face.mesh)
    low, high = mesh[:, :2].min(axis=0), mesh[:, :2].max(axis=0)
    np.testing.assert_allclose((left, top), low, atol=0.02)
    np.testing.assert_allclose((left + width, top + height), high, atol=0.02)
    assert 80 < width < 110
    assert 95 < height < 125
    # The nose is nearer to the camera than the ears.
    assert mesh[4, 2] < mesh[127, 2]
    assert mesh[4, 2] < mesh[356, 2]
    assert 0.8 < face.score <= 1


def test_in_a_mirror_left_and_right_change_places(astronaut: Image.Image):
    face = the_face(find_faces(astronaut))
    mirrored = the_face(find_faces(ImageOps.mirror(astronaut)))
    width = astronaut.width - 1
    for own, other in (("right_eye", "left_eye"), ("left_eye", "right_eye"), ("mouth", "mouth")):
        x, y = mirrored.keypoints[own]
        assert np.hypot(*np.subtract((width - x, y), face.keypoints[other])) < 4


@pytest.mark.parametrize(
    ("turn", "back"),
    [
        (Image.Transpose.ROTATE_90, lambda x, y, w, h: (w - y, x)),
        (Image.Transpose.ROTATE_180, lambda x, y, w, h: (w - x, h - y)),
        (Image.Transpose.ROTATE_270, lambda x, y, w, h: (y, h - x)),
    ],
)
def test_a_lying_face_is_found_with_its_own_left_and_right(
    astronaut: Image.Image, turn: Image.Transpose, back: Callable[..., tuple[float, float]]
):
    face = the_face(find_faces(astronaut))
    lying = the_face(find_faces(astronaut.transpose(turn)))
    for name in ("right_eye", "left_eye", "mouth"):
        stood = back(*lying.keypoints[name], *astronaut.size)
        assert np.hypot(*np.subtract(stood, face.keypoints[name])) < 6, name


@pytest.mark.parametrize("angle", [-40, -15, 15, 40])
def test_a_leaning_face_has_a_mesh_that_leans_with_it(astronaut: Image.Image, angle: int):
    def slope(face: Face) -> float:
        right, left = eyes_of(face)
        return float(np.degrees(np.arctan2(left[1] - right[1], left[0] - right[0])))

    upright = slope(the_face(find_faces(astronaut)))
    leaning = slope(the_face(find_faces(astronaut.rotate(angle, Image.Resampling.BICUBIC))))
    # Pillow turns against the clock, and y points down.
    assert abs(upright - angle - leaning) < 4


def test_two_faces_side_by_side_are_two_the_larger_one_first(head: Callable[[int], Image.Image]):
    scene = Image.new("RGB", (800, 500), (90, 110, 120))
    scene.paste(head(80), (40, 120))
    scene.paste(head(130), (400, 60))
    large, small = find_faces(scene).faces
    assert large.box[0] > 400 > small.box[0]
    assert large.box[2] / small.box[2] == pytest.approx(130 / 80, rel=0.1)


def test_small_faces_in_a_large_picture_are_found_on_tiles(head: Callable[[int], Image.Image]):
    scene = Image.new("RGB", (2400, 1600), (90, 110, 120))
    places = [(x, y) for y in (150, 700, 1250) for x in (100, 640, 1180, 1720)]
    for place in places:
        scene.paste(head(60), place)
    found = find_faces(scene)
    # The face lies 58 of 94 px from the left of what is pasted, and 69 from the top.
    middles = np.array([(f.box[0] + f.box[2] / 2, f.box[1] + f.box[3] / 2) for f in found.faces])
    expected = np.array(places) + np.array([105, 123]) * 60 / 94
    assert len(middles) == len(places)
    for at in expected:
        assert np.hypot(*(middles - at).T).min() < 8


@pytest.mark.parametrize("face_px", [20, 30])
def test_a_tiny_face_is_a_face(head: Callable[[int], Image.Image], face_px: int):
    scene = Image.new("RGB", (640, 480), (90, 110, 120))
    scene.paste(head(face_px), (300, 200))
    face = the_face(find_faces(scene))
    assert face.box[2] == pytest.approx(face_px, rel=0.2)


def test_a_face_that_is_cut_off_does_not_leave_the_numbers(astronaut: Image.Image):
    for box in ((190, 0, 512, 512), (0, 0, 235, 512), (0, 110, 512, 512)):
        for face in find_faces(astronaut.crop(box)).faces:
            assert np.isfinite(face.mesh).all()


@pytest.mark.parametrize("size", [(32, 32), (640, 32), (32, 640)])
def test_the_smallest_and_narrowest_pictures_have_an_answer(size: tuple[int, int]):
    assert find_faces(Image.new("RGB", size, "white")) == Faces(*size)


def test_where_there_is_no_face_none_is_found(without_people: list[Image.Image]):
    assert [len(find_faces(photo).faces) for photo in without_people] == [0] * len(without_people)


def test_a_glance_is_enough_for_a_face_that_is_not_small(
    head: Callable[[int], Image.Image], without_people: list[Image.Image]
):
    scene = Image.new("RGB", (1200, 900), (200, 205, 210))
    assert not glance(scene)
    scene.paste(head(200), (500, 300))
    assert glance(scene)
    assert not any(map(glance, without_people))
    assert not glance(Image.new("RGB", (660, 33)))


def test_a_crowd_keeps_its_largest(head: Callable[[int], Image.Image]):
    scene = Image.new("RGB", (1500, 1500), (90, 110, 120))
    tile = head(66)
    for y in range(0, 1500 - tile.height, 150):
        for x in range(0, 1500 - tile.width, 150):
            scene.paste(tile, (x, y))
    faces = find_faces(scene).faces
    assert len(faces) == FACES_MAX
    assert faces == tuple(sorted(faces, key=lambda face: -face.box[2] * face.box[3]))


def test_the_same_picture_has_the_same_faces_and_json_loses_nothing(astronaut: Image.Image):
    found = find_faces(astronaut)
    assert find_faces(astronaut) == found
    assert from_json(found.as_json()) == found

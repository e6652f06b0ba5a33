"""Expressions: what they change, what stays, whose they are, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from engine.api.analyses import Faces
from engine.api.errors import NoFaceError, SeveralFacesError
from engine.effects.expression import EXPRESSION, ExpressionEffect
from engine.effects.expressions.editing import EXPRESSIONS, amounts_for
from engine.effects.expressions.face_shape import (
    LEFT_EYE,
    RIGHT_EYE,
    align,
    mean_face,
    points_of,
)
from engine.media.face_care import OVAL
from engine.media.images import Picture, decode
from engine.media.warping import inside_by
from engine.painting.manifest import SAMPLE_PHOTOS
from tests.engine.effects.conftest import Express, faces_of, with_faces

Measures = dict[tuple[str, int], float]
# How each expression differs from the photo, a smiling face: measure, side, and more or less.
DIFFERS = [
    ("surprise", ("open", 0), 1), ("surprise", ("brows", 1), 1), ("surprise", ("eyes", -1), 1),
    ("serious", ("open", 0), -1), ("serious", ("brows", 1), -1), ("sad", ("smile", 1), -1),
    ("sad", ("open", 0), -1),
]  # fmt: skip


def measures(picture: Picture) -> Measures:
    return align(points_of(faces_of(picture).faces[0])).measures()


@pytest.fixture(scope="module")
def results(portrait: Picture, express: Express) -> dict[str, Picture]:
    return {name: express(portrait, expression=name) for name in EXPRESSIONS}


def test_each_option_has_its_amounts():
    assert [option.id for option in EXPRESSION.options] == list(EXPRESSIONS)


@pytest.mark.parametrize(("expression", "measure", "sign"), DIFFERS)
def test_an_expression_is_found_in_the_result(
    portrait: Picture,
    results: dict[str, Picture],
    expression: str,
    measure: tuple[str, int],
    sign: int,
):
    change = measures(results[expression])[measure] - measures(portrait)[measure]
    assert sign * change > 0.002


@pytest.mark.parametrize("expression", ["smile", "big-smile"])
def test_a_face_without_a_smile_gets_one(earnest: Picture, express: Express, expression: str):
    before, after = measures(earnest), measures(express(earnest, expression=expression))
    assert after["smile", 1] > before["smile", 1] + 0.004
    assert after["smile", -1] > before["smile", -1] + 0.004


def test_a_wink_shuts_one_eye(portrait: Picture, results: dict[str, Picture]):
    points = points_of(faces_of(portrait).faces[0])

    def contrast(picture: Picture, eye: tuple[int, ...]) -> float:
        # Of the middle of the eye, where iris and white are.
        x, y = points[list(eye), :2].mean(axis=0).astype(int)
        return float(picture.rgb[y - 8 : y + 9, x - 14 : x + 15].std())

    shut = contrast(results["wink"], RIGHT_EYE) / contrast(portrait, RIGHT_EYE)
    other = contrast(results["wink"], LEFT_EYE) / contrast(portrait, LEFT_EYE)
    assert shut < 0.85
    assert other == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_nothing_moves_outside_of_the_oval(
    portrait: Picture, results: dict[str, Picture], expression: str
):
    points = points_of(faces_of(portrait).faces[0])[:, :2]
    x, y = np.meshgrid(np.arange(portrait.width) + 0.5, np.arange(portrait.height) + 0.5)
    inside = inside_by(points[list(OVAL)], np.stack([x.ravel(), y.ravel()], axis=-1))
    changed = (results[expression].rgb != portrait.rgb).any(axis=-1).ravel()
    assert changed.sum() > 1000
    assert not changed[inside < 0].any()


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_what_does_not_move_is_the_same_face(
    portrait: Picture, results: dict[str, Picture], expression: str
):
    before = align(points_of(faces_of(portrait).faces[0]))
    after = align(points_of(faces_of(results[expression]).faces[0]))
    amounts = amounts_for(before, EXPRESSIONS[expression], 1.0, whole=False)
    still = np.linalg.norm(mean_face().movements(amounts)[:, :2], axis=1) < 0.002
    assert still.sum() > 80
    off = np.linalg.norm((after.points - before.points)[still, :2], axis=1)
    assert off.mean() < 0.015


def test_strength_goes_from_nothing_to_more(portrait: Picture, express: Express):
    effect = ExpressionEffect()
    assert effect.identity(effect.spec.checked({"strength": 0.0}))
    raised = [
        measures(express(portrait, expression="surprise", strength=strength))["brows", 1]
        for strength in (0.3, 0.6, 0.9)
    ]
    assert raised == sorted(raised)
    assert raised[2] > raised[0] + 0.01


def test_an_expression_is_taken_from_another_face(
    portrait: Picture, earnest: Picture, express: Express
):
    before = measures(earnest)
    taken = measures(express(earnest, expression="sad", **{"from": with_faces(portrait)}))
    assert taken["smile", 1] > before["smile", 1] + 0.01
    assert taken["open", 0] > before["open", 0] + 0.003


def test_between_opening_lips_there_are_teeth(earnest: Picture, express: Express):
    points = points_of(faces_of(earnest).faces[0])[:, :2]
    result = express(earnest, expression="big-smile")
    changed = np.abs(result.rgb.astype(int) - earnest.rgb).max(axis=-1)
    x, y = points[[13, 14]].mean(axis=0).astype(int)
    assert changed[y - 12 : y + 12, x - 12 : x + 12].max() > 40


def test_opacity_is_kept_and_a_smaller_picture_takes_the_analysis_of_the_photo(
    portrait: Picture, express: Express
):
    alpha = np.full(portrait.rgb.shape[:2], 200, np.uint8)
    assert express(replace(portrait, alpha=alpha)).alpha is alpha
    small = Picture(portrait.rgb[::2, ::2].copy())
    result = express(small, faces_of(portrait))
    rows, columns = np.nonzero((result.rgb != small.rgb).any(axis=-1))
    box = np.array(faces_of(portrait).faces[0].box) / 2
    assert box[0] - 1 <= columns.min()
    assert columns.max() <= box[0] + box[2] + 1
    assert box[1] - 1 <= rows.min()
    assert rows.max() <= box[1] + box[3] + 1


def test_no_face_is_refused(express: Express):
    with pytest.raises(NoFaceError, match=r"^No face was found in the picture\.$"):
        express(decode(SAMPLE_PHOTOS[1].read_bytes()))


@pytest.fixture(scope="module")
def two(portrait: Picture) -> Picture:
    return Picture(np.concatenate([portrait.rgb, portrait.rgb[:, ::-1]], axis=1))


def test_of_several_faces_one_is_chosen(two: Picture, express: Express):
    faces = faces_of(two)
    assert len(faces.faces) == 2
    with pytest.raises(SeveralFacesError, match="There are 2 faces in the picture: choose"):
        express(two, faces)

    def changes(which: str) -> list[bool]:
        changed = (express(two, faces, face=which).rgb != two.rgb).any(axis=-1)
        return [bool(half.any()) for half in np.split(changed, 2, axis=1)]

    assert changes("left-face") == [True, False]
    assert changes("right-face") == [False, True]
    assert changes("all-faces") == [True, True]


def test_a_face_far_behind_is_not_asked_about(portrait: Picture, express: Express):
    faces = faces_of(portrait)
    (near,) = faces.faces
    left, top, width, height = near.box
    behind = replace(near, box=(left, top, width * 0.3, height * 0.3))
    both = Faces(faces.width, faces.height, (near, behind))
    assert (express(portrait, both).rgb != portrait.rgb).any()


def test_the_other_face_is_refused_by_name(portrait: Picture, two: Picture, express: Express):
    with pytest.raises(SeveralFacesError, match=r"^from: There are 2 faces"):
        express(portrait, **{"from": with_faces(two)})

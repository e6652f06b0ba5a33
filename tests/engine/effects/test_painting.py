"""Painting as an effect: what it keeps of a photo, and how it finishes."""

from typing import Any

import pytest
from PIL import Image

from engine.api.analyses import NO_ANALYSES, Analyses
from engine.api.contract import StyleCode
from engine.effects.effect import Blend, DeviceEffect, Sample, Sides
from engine.effects.registry import EFFECTS
from engine.media.full_size import Pixels
from tests.engine.media.test_face_care import SIZE, face, in_picture, photo, striped

SIDES = Sides(160, 160)
FACES: Analyses = {"faces": in_picture(face(80, 60, 30))}


def painting() -> DeviceEffect:
    effect = EFFECTS.find("paint")
    assert isinstance(effect, DeviceEffect)
    return effect


def finished(params: dict[str, Any], analyses: Analyses, result: Pixels) -> Pixels:
    effect = painting()
    checked = effect.spec.checked({"styles": [{"slug": "any"}]} | params)
    prepared = effect.prepare(Image.fromarray(photo()), None, checked, SIDES, analyses)
    return effect.finish(prepared, result, checked).rgb


def test_faces_are_wanted_unless_one_says_otherwise():
    spec = painting().spec
    assert spec.wants_of({}) == spec.wants_of({"faces": "gentle"}) == ("faces",)
    assert spec.wants_of({"faces": "free"}) == ()
    assert spec.needs_of({}) == ()
    assert "faces" in spec.may_need


@pytest.mark.parametrize("quality", ["fast", "masterwork"])
def test_a_face_is_painted_gently(quality: str):
    plain = finished({"quality": quality}, NO_ANALYSES, striped())
    gentle = finished({"quality": quality}, FACES, striped())
    assert (gentle[:, :30] == plain[:, :30]).all()
    # Stripes across the face are weaker.
    assert gentle[60, 76:96].std() < 0.9 * plain[60, 76:96].std()


def test_a_masterwork_cut_short_is_smaller_than_its_photo():
    half = striped()[::2, ::2]
    assert finished({"quality": "masterwork"}, FACES, half).shape == (*SIZE, 3)


def test_a_masterwork_is_told_where_faces_are():
    effect, told = painting(), []

    class Painter:
        effort = 1.0

        def exemplars(self, *_: object) -> list[Any]:
            return []

        def paint(self, pixels: Pixels, exemplars: Any, manner: Any, calm: Any) -> list[Any]:
            told.append(calm)
            return []

    params = effect.spec.checked({"styles": [{"slug": "any"}], "quality": "masterwork"})
    for analyses in (FACES, NO_ANALYSES):
        sample = Sample(photo(), Blend(StyleCode("c", b""), {}), params, analyses)
        assert not list(effect.work(Painter(), sample))  # type: ignore[arg-type]
    assert told[1] is None
    assert told[0][60, 80] == 255

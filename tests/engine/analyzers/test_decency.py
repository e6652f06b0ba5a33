"""Bare bodies: the model on free photos, and what of what it finds counts."""

from typing import Any

import pytest
from PIL import Image

from engine.analyzers import decency
from engine.analyzers.decency import find_bare_parts
from engine.api.analyses import BarePart, Decency, from_json


def test_photos_anyone_may_see_are_suitable(
    astronaut: Image.Image, without_people: list[Image.Image]
):
    for photo in (astronaut, *without_people):
        found = find_bare_parts(photo)
        assert found == Decency(*photo.size)
        assert not found.unsuitable


def told(name: str, score: float) -> dict[str, Any]:
    return {"class": name, "score": score, "box": [1, 2, 30, 40]}


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        ([], []),
        ([told("FACE_FEMALE", 0.9)], []),
        ([told("FEMALE_BREAST_COVERED", 0.9)], []),
        ([told("BUTTOCKS_EXPOSED", 0.3)], []),
        ([told("BELLY_EXPOSED", 0.9), told("BUTTOCKS_EXPOSED", 0.7)], ["buttocks_exposed"]),
    ],
)
def test_what_counts_is_what_is_bare_and_surely_so(
    monkeypatch: pytest.MonkeyPatch, said: list[Any], parts: list[str]
):
    seen: list[Any] = []

    class Detector:
        def detect(self, pixels: Any) -> list[Any]:
            seen.append(pixels)
            return said

    monkeypatch.setattr(decency, "detector", Detector)
    found = find_bare_parts(Image.new("RGB", (60, 50), (250, 100, 10)))
    assert [part.name for part in found.parts] == parts
    assert found.unsuitable == bool(parts)
    # As OpenCV would have decoded it.
    assert seen[0].shape == (50, 60, 3)
    assert tuple(seen[0][0, 0]) == (10, 100, 250)


def test_json_loses_nothing():
    found = Decency(60, 50, (BarePart("buttocks_exposed", 0.7, (1.0, 2.0, 30.0, 40.0)),))
    assert from_json(found.as_json()) == found

"""The content check: its own model on free photos, and what follows from what it finds."""

import asyncio
from typing import Any

import pytest

from bots.core.errors import OperatorError
from bots.images import content_check
from bots.images.content_check import NudeNetCheck, open_content_check
from engine.painting.manifest import SAMPLE_PHOTOS


def test_photos_anyone_may_see_are_suitable():
    async def look() -> list[bool]:
        check = open_content_check("nudenet")
        assert check
        return [await check.unsuitable(path.read_bytes()) for path in SAMPLE_PHOTOS]

    assert asyncio.run(look()) == [False, False, False]


@pytest.mark.parametrize(
    ("found", "unsuitable"),
    [
        ([], False),
        ([{"class": "FACE_FEMALE", "score": 0.9}], False),
        ([{"class": "FEMALE_BREAST_COVERED", "score": 0.9}], False),
        ([{"class": "BUTTOCKS_EXPOSED", "score": 0.3}], False),
        (
            [
                {"class": "BELLY_EXPOSED", "score": 0.9},
                {"class": "BUTTOCKS_EXPOSED", "score": 0.7},
            ],
            True,
        ),
    ],
)
def test_what_counts_is_what_is_bare_and_surely_so(found: list[Any], unsuitable: Any):
    class Detector:
        def detect(self, picture: bytes) -> list[Any]:
            return found

    check = NudeNetCheck()
    check._detector = Detector()
    assert asyncio.run(check.unsuitable(b"")) == unsuitable


def test_off_is_no_check_and_one_that_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch):
    assert open_content_check("off") is None
    monkeypatch.setattr(content_check, "find_spec", lambda _: None)
    with pytest.raises(OperatorError, match="safety"):
        open_content_check("nudenet")

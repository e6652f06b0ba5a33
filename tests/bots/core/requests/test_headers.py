"""Sizes are read from headers, and garbage says nothing."""

import io
from typing import Any

import pytest
from PIL import Image

from bots.core.requests.headers import Film, film_of, size_of
from tests.engine.media.clips.clip_files import quadrants, video


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_pictures_size(kind: str, *, progressive: bool):
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "x" * 3000
    Image.new("RGB", (120, 70)).save(file, kind, progressive=progressive, exif=exif)
    assert size_of(file.getvalue()) == (120, 70)


@pytest.mark.parametrize("file", [b"", b"\xff\xd8", b"GIF89a", b"\xff\xd8\xff\xe0\x00\x10"])
def test_other_files_have_none(file: bytes):
    with pytest.raises(ValueError, match="neither"):
        size_of(file)


@pytest.mark.parametrize("how", [{}, {"options": {"movflags": "+faststart"}}, {"sound": True}])
def test_a_films_size_and_length(how: dict[str, Any]):
    found = film_of(video([quadrants(96, 64)] * 10, **how))
    assert found
    assert (found.width, found.height) == (96, 64)
    assert found.seconds == pytest.approx(1.0, abs=0.6)


def test_what_is_no_film_has_none():
    whole = video([quadrants(96, 64)] * 3)
    assert isinstance(film_of(whole), Film)
    for broken in (b"", b"\0" * 40, whole[:100], b"\0\0\0\x03moov" + whole, b"\x1aE\xdf\xa3" * 9):
        assert film_of(broken) is None

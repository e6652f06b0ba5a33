import json
from pathlib import Path

import numpy as np
import pytest

from engine.api.contract import StyleCode
from engine.api.errors import BrokenImageError, InvalidOptionError
from engine.media.files import read_code, read_picture, write_code, write_picture
from engine.media.images import Picture


def test_a_style_survives_its_file(tmp_path: Path):
    code = StyleCode("0123abcd", bytes(range(256)))
    path = write_code(code, tmp_path / "deep" / "own.style.json")
    assert read_code(path) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        json.dumps({"style_code": "a.not base64!"}),
        json.dumps({"style_code": "a.AAAA", "more": 1}),
        json.dumps({"style_code": 5}),
        "\ufffe\x00",
    ],
)
def test_another_file_is_no_style(tmp_path: Path, text: str):
    path = tmp_path / "x.style.json"
    path.write_bytes(text.encode("utf-16") if text.startswith("\ufffe") else text.encode())
    with pytest.raises(InvalidOptionError, match="is no style that stylebot wrote"):
        read_code(path)


def test_a_pictures_error_names_its_file(tmp_path: Path):
    path = tmp_path / "photo.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    with pytest.raises(BrokenImageError, match=r"photo\.png: "):
        read_picture(path)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
def test_a_picture_is_written_in_the_format_of_its_name(tmp_path: Path, suffix: str):
    picture = Picture(np.full((40, 50, 3), 90, dtype=np.uint8), None)
    path = write_picture(picture, tmp_path / "new" / f"out{suffix}")
    assert np.abs(read_picture(path).rgb.astype(int) - 90).max() <= 2

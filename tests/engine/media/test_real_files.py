"""Files as other programs wrote them, with the colours that are right."""

import json
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest

from engine.api.errors import UnsupportedImageError
from engine.media.images import decode
from engine.serving.codec import decode_reference

CASES = Path(__file__).parent / "cases"
EXPECTED = json.loads((CASES / "expected.json").read_text(encoding="utf-8"))
WITH_COLOURS = [name for name, case in EXPECTED.items() if "quadrants" in case]


def test_every_case_is_looked_at():
    names = {path.name for path in CASES.iterdir()} - {"expected.json"}
    assert names == set(EXPECTED)


@pytest.mark.parametrize("name", WITH_COLOURS)
def test_the_colours_are_right(name: str):
    case, picture = EXPECTED[name], decode((CASES / name).read_bytes())
    assert [picture.width, picture.height] == case["size"]
    assert picture.alpha is None
    y, x = picture.height // 4, picture.width // 4
    seen = [picture.rgb[v, u] for v, u in product((y, 3 * y), (x, 3 * x))]
    np.testing.assert_allclose(seen, case["quadrants"], atol=case["tolerance"])


def test_around_a_gifs_small_first_frame_there_is_nothing():
    picture = decode((CASES / "gif-small-first.gif").read_bytes())
    assert [picture.width, picture.height] == EXPECTED["gif-small-first.gif"]["size"]
    expected = np.zeros((128, 192), np.uint8)
    expected[32:96, 48:144] = 255
    np.testing.assert_array_equal(picture.alpha, expected)


def test_what_is_hidden_makes_no_difference():
    pictures = [decode(path.read_bytes()) for path in sorted(CASES.glob("sticker512-*.webp"))]
    assert len(pictures) == 2
    for one, other in pairwise(pictures):
        np.testing.assert_array_equal(one.alpha, other.alpha)
        np.testing.assert_array_equal(one.rgb, other.rgb)
    black, white = (decode_reference(path.read_bytes()) for path in CASES.glob("sticker512-*.webp"))
    np.testing.assert_array_equal(black, white)


def test_a_12_bit_jpeg_is_refused_as_what_it_is():
    with pytest.raises(UnsupportedImageError, match="a 12-bit JPEG"):
        decode((CASES / "jpeg12.jpg").read_bytes())

"""The table in docs/IMAGES.md: each of its cells is made, decoded, and must be what it says."""

import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from engine.api.errors import ImageError
from engine.media.images import DEFAULT_LIMITS, ImageLimits, Picture, decode
from tests.engine.media.picture_files import (
    BLUE,
    FORMATS,
    RED,
    STORED,
    after_header,
    assert_alpha,
    assert_colour,
    assert_is_flag,
    chunk,
    display_p3,
    flag,
    numbered,
    orientation_exif,
    photo_like,
    plain,
    save,
)

PAGE: Final = Path(__file__).parents[3] / "docs" / "IMAGES.md"
RIGHT, REFUSED, NOT_THERE = "right", "refused", "-"

# What a feature is tested with: a file of a format, and what its picture must be like.
Check = Callable[[str], None]


def show(body: bytes, limits: ImageLimits = DEFAULT_LIMITS) -> Picture:
    return decode(body, limits=limits)


def colours(kind: str) -> None:
    assert_is_flag(show(save(flag(), kind)))


def turned(kind: str) -> None:
    for value, turn in STORED.items():
        stored = flag() if turn is None else flag().transpose(turn)
        exif = orientation_exif(value)
        body = save(stored, kind, exif=exif.tobytes() if kind == "HEIC" else exif)
        assert_is_flag(show(body))


def xmp_alone(kind: str) -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a tiff:Orientation="6"/></x:xmpmeta>'
    texts = PngImagePlugin.PngInfo()
    texts.add_itxt("XML:com.adobe.xmp", xmp.decode())
    ways: dict[str, dict[str, Any]] = {
        "TIFF": {"tiffinfo": {700: xmp}},
        "PNG": {"pnginfo": texts},
    }
    body = save(flag(), kind, **ways.get(kind, {"xmp": xmp}))
    assert b"tiff:Orientation" in body
    assert_is_flag(show(body))


def profile(kind: str) -> None:
    picture = show(save(plain((234, 51, 35)), kind, icc_profile=display_p3()))
    assert_colour(picture, RED, 16)


def numbers(kind: str) -> None:
    assert_colour(show(numbered(plain((234, 51, 35)), kind, 12, 13)), RED, 8)


def hdr(kind: str) -> None:
    assert_colour(show(numbered(plain((97, 97, 97)), kind, 9, 16)), (101,) * 3, 8)
    assert_colour(show(numbered(plain((191, 191, 191)), kind, 9, 18)), (243,) * 3, 8)


def gamma(kind: str) -> None:
    linear = chunk(b"gAMA", struct.pack(">I", 100_000))
    assert_colour(show(after_header(save(plain((55, 55, 55)), kind), linear)), (128,) * 3, 1)


def inks(kind: str) -> None:
    picture = show(save(plain((255, 0, 0, 0), "CMYK"), kind))
    assert_colour(picture, (0, 255, 255), 3)


def deep_grey(kind: str) -> None:
    levels = np.tile(np.linspace(200, 3900, 64).astype(np.uint16), (48, 1))
    shown = show(save(Image.fromarray(levels), kind)).rgb[20, :, 0]
    assert shown[0] <= 3
    assert shown[-1] >= 252


def opacity(kind: str) -> None:
    if kind == "GIF":
        image = Image.new("P", (40, 40), 0)
        image.putpalette([*RED, *BLUE])
        picture = show(save(image, kind, transparency=0))
        assert_alpha(picture, 0)
        return
    assert_alpha(show(save(plain((200, 100, 50, 128), "RGBA"), kind)), 128, 2)


def hidden(kind: str) -> None:
    pictures = []
    for colour in ((0, 0, 0, 0), (255, 255, 255, 0)):
        image = plain(colour, "RGBA", (64, 64))
        image.paste((*RED, 255), (16, 16, 48, 48))
        options = {"quality": 100, "subsampling": "4:4:4"} if kind == "AVIF" else {}
        pictures.append(show(save(image, kind, **options)).rgb.astype(int))
    assert np.abs(pictures[0] - pictures[1]).max() <= (3 if kind in {"AVIF", "HEIC"} else 0)


def blank_first(kind: str) -> None:
    blank = plain((0, 0, 0, 0), "RGBA", (64, 48))
    more = [flag().convert("RGBA"), plain((*BLUE, 255), "RGBA", (64, 48))]
    body = save(blank, kind, save_all=True, append_images=more, duration=50, disposal=2)
    assert_is_flag(show(body), 60 if kind == "GIF" else 8)


def cut(kind: str) -> None:
    body = save(photo_like(), kind)
    whole, less = show(body), show(body[: -len(body) // 30])
    rows = whole.height // 2
    assert np.abs(less.rgb[:rows].astype(int) - whole.rgb[:rows]).max() <= 1


def half(kind: str) -> None:
    body = save(photo_like(), kind)
    show(body[: len(body) // 2])


def too_large(kind: str) -> None:
    show(save(flag(), kind), ImageLimits(max_pixels=64 * 48 - 1))


def at_the_limit(kind: str) -> None:
    show(save(flag(), kind), ImageLimits(max_pixels=64 * 48))


def twelve_bits(kind: str) -> None:
    assert kind == "JPEG"
    show((Path(__file__).parent / "cases" / "jpeg12.jpg").read_bytes())


CHECKS: Final[dict[str, Check]] = {
    "colours": colours,
    "EXIF's eight orientations": turned,
    "an orientation in XMP alone turns nothing": xmp_alone,
    "ICC profile": profile,
    "colours by number: Display P3, BT.2020": numbers,
    "HDR: PQ and HLG": hdr,
    "gamma and primaries": gamma,
    "CMYK": inks,
    "deep grey": deep_grey,
    "transparency": opacity,
    "what is hidden does not matter": hidden,
    "a first frame that shows nothing": blank_first,
    "3 % missing at the end": cut,
    "half a file": half,
    "as many megapixels as are taken": at_the_limit,
    "more megapixels": too_large,
    "12 bits a sample, lossless": twelve_bits,
}


def cells() -> list[tuple[str, str, str]]:
    """Feature, format and what the page says of them."""
    lines = re.findall(r"^\| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    start = next(i for i, row in enumerate(rows) if row[0] == "what a file has")
    formats, found = rows[start][1:], []
    for feature, *said in rows[start + 1 :]:
        if feature not in CHECKS:
            break
        found += [(feature, kind, cell) for kind, cell in zip(formats, said, strict=True)]
    return found


def test_the_table_is_about_every_feature_and_format():
    assert {(feature, kind) for feature, kind, _ in cells()} == {
        (feature, kind) for feature in CHECKS for kind in FORMATS
    }
    assert {said for _, _, said in cells()} == {RIGHT, REFUSED, NOT_THERE}


@pytest.mark.parametrize(("feature", "kind", "said"), [c for c in cells() if c[2] != NOT_THERE])
def test_a_cell_is_as_it_says(feature: str, kind: str, said: str):
    if said == RIGHT:
        CHECKS[feature](kind)
        return
    with pytest.raises(ImageError) as caught:
        CHECKS[feature](kind)
    assert str(caught.value).endswith(".")

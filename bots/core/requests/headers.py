"""Reads the sizes of pictures and films from their headers; nothing is decoded."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

# https://www.w3.org/Graphics/JPEG/itu-t81.pdf, B.1.1.3: markers of frames, and those without a
# length.
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE: Final = frozenset({0x01, *range(0xD0, 0xDA)})
# A fixed-point number with 16 binary places.
_ONE: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Film:
    """What an MP4 file says of itself.

    Attributes:
        width: Of the picture, px.
        height: Of the picture, px.
        seconds: Length.
    """

    width: int
    height: int
    seconds: float


def size_of(picture: bytes) -> tuple[int, int]:
    """Width and height of a JPEG or PNG file, as the engine writes them.

    Raises:
        ValueError: it is neither.
    """
    if picture.startswith(b"\x89PNG"):
        width, height = struct.unpack(">II", picture[16:24])
        return width, height
    at = 2
    while at + 9 <= len(picture) and picture[at] == 0xFF:
        marker = picture[at + 1]
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", picture[at + 5 : at + 9])
            return width, height
        at += 2 if marker in _BARE else 2 + int.from_bytes(picture[at + 2 : at + 4])
    raise ValueError("The picture is neither a JPEG nor a PNG file.")


def film_of(file: bytes) -> Film | None:
    """Size and length of an MP4 file; None if it is none, or does not say."""
    try:
        return _film_of(memoryview(file))
    except (struct.error, IndexError):
        # It is cut off.
        return None


def _film_of(file: memoryview) -> Film | None:
    # ISO/IEC 14496-12, 8.2.2 and 8.3.2.
    moov = next((body for kind, body in _boxes(file) if kind == b"moov"), None)
    if moov is None:
        return None
    seconds, width, height = 0.0, 0, 0
    for kind, body in _boxes(moov):
        if kind == b"mvhd":
            layout, at = (">IQ", 20) if body[0] else (">II", 12)
            scale, length = struct.unpack_from(layout, body, at)
            seconds = length / scale if scale else 0.0
        elif kind == b"trak":
            for part, header in _boxes(body):
                if part == b"tkhd" and not width:
                    width, height = (n // _ONE for n in struct.unpack(">II", header[-8:]))
    return Film(width, height, seconds) if width and height and seconds else None


def _boxes(body: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    at = 0
    while at + 8 <= len(body):
        size, kind = struct.unpack_from(">I4s", body, at)
        head = 8
        if size == 1 and at + 16 <= len(body):
            (size,), head = struct.unpack_from(">Q", body, at + 8), 16
        size = size or len(body) - at
        if size < head:
            return
        yield kind, body[at + head : at + size]
        at += size

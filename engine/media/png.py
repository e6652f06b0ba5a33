"""Parses a PNG's chunks, drops unneeded ones, and completes truncated files.

Only chunks of the picture are passed to the decoder, so wrong checksums in comments and large
profiles or texts do not matter.
"""

import struct
import zlib
from dataclasses import dataclass, field
from typing import Final

from engine.api.errors import ImageTooLargeError

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
# A 20 MB PNG of 8 KB chunks has about 2 500; 20 MB of empty chunks must not be walked to the end.
_MAX_CHUNKS: Final = 100_000
# Chunks that make up the picture and its animation, and what ImageMagick keeps EXIF in.
_PASSED_ON: Final = frozenset(
    {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"acTL", b"fcTL", b"fdAT", b"eXIf"}
)
# Dropped when a file is completed: pixels are rewritten, and only one frame is kept.
_OF_ANIMATIONS: Final = frozenset({b"IDAT", b"acTL", b"fcTL", b"fdAT"})
_EXIF_AS_TEXT: Final = b"Raw profile type exif\0"
_EXIF_MAX_BYTES: Final = 2**17
# The largest printing profiles have about 3 MB.
_PROFILE_MAX_BYTES: Final = 16 * 2**20
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# Adam7 (ISO/IEC 15948, 8.2): where each pass begins, and its steps.
_ADAM7: Final = (
    (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)
)  # fmt: skip
# Missing rows are filled with rows of zeros with filter 2 (up), which repeat the row above.
_AS_ABOVE: Final = b"\2"


@dataclass(slots=True)
class Chunks:
    """A PNG for the decoder, and its metadata.

    Attributes:
        body: The complete file with only the picture's chunks.
        bits: Bits per sample.
        icc: The ICC profile.
        cicp: Colour primaries and transfer, as in ITU-T H.273.
        is_srgb: Whether it has an sRGB chunk.
        gamma: Exponent from light to samples (gAMA).
        primaries: x and y of white, red, green and blue.
    """

    body: bytes = b""
    bits: int = 8
    icc: bytes | None = None
    cicp: tuple[int, int] | None = None
    is_srgb: bool = False
    gamma: float | None = None
    primaries: tuple[float, ...] | None = None
    header: bytes = b""
    kept: list[bytes] = field(default_factory=list)
    ended: bool = False


def read(body: bytes, *, max_pixels: int, most_lost: float) -> Chunks:
    """Walk over the chunks.

    Args:
        body: A file that begins like a PNG.
        max_pixels: Larger pictures are not completed, because they are refused anyway.
        most_lost: Largest share of the pixels that may be missing at the end.

    Raises:
        ImageTooLargeError: there are too many chunks.
    """
    found = Chunks()
    position = len(SIGNATURE)
    for _ in range(_MAX_CHUNKS):
        if position + 8 > len(body) or found.ended:
            break
        length, name = struct.unpack_from(">I4s", body, position)
        end = position + 12 + length
        content = body[position + 8 : position + 8 + length]
        whole = end <= len(body)
        if not whole and name != b"IDAT":
            break
        _note(found, name, content, body[position:end], whole=whole)
        position = end
    else:
        raise ImageTooLargeError(
            f"The PNG has more than the {_MAX_CHUNKS} chunks that are accepted."
        )
    if not found.ended:
        _complete(found, max_pixels, most_lost)
    found.body = b"".join((SIGNATURE, *found.kept))
    return found


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(
        ">I", zlib.crc32(content, zlib.crc32(name))
    )  # fmt: skip


def _note(found: Chunks, name: bytes, content: bytes, raw: bytes, *, whole: bool) -> None:
    """Pass on a chunk, or read its metadata."""
    if name[0] & 0x20 and zlib.crc32(raw[4:-4]) != int.from_bytes(raw[-4:], "big"):
        return  # an optional chunk with a wrong checksum is dropped
    if name == b"IHDR":
        found.header = content
        found.bits = content[8] if len(content) == 13 else 8
    if name == b"IEND":
        found.ended = True
    if name in _PASSED_ON:
        found.kept.append(raw if whole else _chunk(name, content))
    elif name in {b"tEXt", b"zTXt"}:
        if content.startswith(_EXIF_AS_TEXT) and _is_short(name, content):
            found.kept.append(raw)
    else:
        _note_colour(found, name, content)


def _is_short(name: bytes, content: bytes) -> bool:
    """Whether a text, inflated, is no longer than EXIF may be."""
    if name == b"tEXt":
        return len(content) <= _EXIF_MAX_BYTES
    return len(_inflated(content[len(_EXIF_AS_TEXT) + 1 :], _EXIF_MAX_BYTES)) < _EXIF_MAX_BYTES


def _note_colour(found: Chunks, name: bytes, content: bytes) -> None:
    if name == b"iCCP":
        profile = _inflated(content.partition(b"\0")[2][1:], _PROFILE_MAX_BYTES)
        found.icc = profile if len(profile) < _PROFILE_MAX_BYTES else None
    elif name == b"cICP" and len(content) == 4:
        found.cicp = content[0], content[1]
    elif name == b"sRGB":
        found.is_srgb = True
    elif name == b"gAMA" and len(content) == 4:
        found.gamma = int.from_bytes(content, "big") / 100_000
    elif name == b"cHRM" and len(content) == 32:
        found.primaries = tuple(value / 100_000 for value in struct.unpack(">8I", content))


def _inflated(data: bytes, max_bytes: int) -> bytes:
    """Inflate up to `max_bytes` bytes."""
    try:
        return zlib.decompressobj().decompress(data, max_bytes)
    except zlib.error:
        return b""


def _complete(found: Chunks, max_pixels: int, most_lost: float) -> None:
    """Complete a truncated file; missing rows repeat the row above."""
    if len(found.header) != 13:
        return
    rows = _row_bytes(found.header)
    width, height = struct.unpack_from(">II", found.header)
    if rows and width * height <= max_pixels:
        total = sum(count * (1 + size) for count, size in rows)
        data = b"".join(chunk[8:-4] for chunk in found.kept if chunk[4:8] == b"IDAT")
        pixels = _inflated(data, total)
        if len(pixels) < (1 - most_lost) * total:
            return
        still = [chunk for chunk in found.kept if chunk[4:8] not in _OF_ANIMATIONS]
        found.kept = [*still, _chunk(b"IDAT", zlib.compress(_filled(pixels, rows), 0))]
    found.kept.append(_chunk(b"IEND", b""))


def _row_bytes(header: bytes) -> list[tuple[int, int]]:
    """For each pass over the picture, its number of rows and the bytes per row."""
    width, height, bits, colours, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    pixel_bits = bits * _CHANNELS.get(colours, 0)
    passes = _ADAM7 if interlaced else ((0, 0, 1, 1),)
    sizes = [
        (-(-(height - top) // down), -(-(width - left) // right))
        for left, top, right, down in passes
    ]
    return [
        (rows, -(-columns * pixel_bits // 8)) for rows, columns in sizes if rows > 0 and columns > 0
    ]


def _filled(pixels: bytes, rows: list[tuple[int, int]]) -> bytes:
    """Filtered rows up to where they end, then rows that repeat the one above."""
    parts, left = [pixels], len(pixels)
    for count, size in rows:
        whole = (1 + size) * count
        if left >= whole:
            left -= whole
            continue
        begun = left % (1 + size)
        if begun:
            parts.append(bytes(1 + size - begun))
        done = -(-left // (1 + size))
        parts.append((_AS_ABOVE + bytes(size)) * (count - done))
        left = 0
    return b"".join(parts)

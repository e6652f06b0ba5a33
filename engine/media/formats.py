"""Recognises a file's format by its first bytes, not by its name or Content-Type."""

import re
import struct
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Final

from engine.api.errors import UnsupportedImageError

ACCEPTED_FORMATS: Final = "JPEG, PNG, WebP, GIF, AVIF, HEIC, TIFF and BMP"

# The order matters: AVIF and HEIC may share the major brands mif1 and msf1 (ISO/IEC 23008-12,
# 10.2), so a compatible brand decides which of the two it is.
_SIGNATURES: Final[Mapping[str, re.Pattern[bytes]]] = {
    "JPEG": re.compile(rb"\xff\xd8\xff"),
    "PNG": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "WebP": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
    "GIF": re.compile(rb"GIF8[79]a"),
    "AVIF": re.compile(rb".{4}ftyp(?:avi[fs]|(?:mif1|msf1).{4}(?:.{4}){0,15}?avi[fs])", re.DOTALL),
    "HEIC": re.compile(rb".{4}ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)", re.DOTALL),
    "TIFF": re.compile(rb"II[*+]\0|MM\0[*+]"),
    "BMP": re.compile(rb"BM.{4}\0{4}", re.DOTALL),
}

_VIDEO: Final = "a video"
# Named in the error message only; none of them is passed to a decoder.
_STRANGERS: Final[Mapping[str, re.Pattern[bytes]]] = {
    "a RAW photo (CR2)": re.compile(rb"II\*\0.{4}CR\x02", re.DOTALL),
    "an H.264 HEIF picture": re.compile(
        rb".{4}ftyp(?:avc[is]|(?:mif1|msf1).{4}(?:.{4}){0,15}?avc[is])", re.DOTALL
    ),
    "an empty file": re.compile(rb"\Z"),
    "a PDF document": re.compile(rb"%PDF-"),
    "an SVG drawing": re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:svg|[?!].{0,2000}<svg)\b", re.DOTALL),
    "a JPEG XL picture": re.compile(rb"\xff\x0a|\0\0\0\x0cJXL \r\n\x87\n"),
    "a JPEG 2000 picture": re.compile(rb"\0\0\0\x0cjP {2}\r\n\x87\n|\xff\x4f\xff\x51"),
    "a JPEG XR picture": re.compile(rb"II\xbc"),
    "an icon (ICO)": re.compile(rb"\0\0\x01\0[^\0]"),
    "a Photoshop document (PSD)": re.compile(rb"8BP[SB]\0"),
    "a RAW photo (CR3)": re.compile(rb".{4}ftypcrx ", re.DOTALL),
    "a RAW photo (CRW)": re.compile(rb"II\x1a\0.{4}HEAPCCDR", re.DOTALL),
    "a RAW photo (RAF)": re.compile(rb"FUJIFILMCCD-RAW"),
    "a RAW photo (ORF)": re.compile(rb"IIR[OS]|MMOR"),
    "a RAW photo (RW2)": re.compile(rb"IIU\0"),
    "a RAW photo (X3F)": re.compile(rb"FOVb"),
    "an OpenEXR picture": re.compile(rb"v/1\x01"),
    # HEIC and AVIF begin with the same bytes.
    _VIDEO: re.compile(rb".{4}ftyp|\x1a\x45\xdf\xa3|RIFF.{4}AVI ", re.DOTALL),
}

_VIDEOS: Final[Mapping[str, re.Pattern[bytes]]] = {
    # QuickTime files from before there were brands begin with another box.
    "MP4": re.compile(rb".{4}(?:ftyp|moov|mdat|wide|free|skip)", re.DOTALL),
    "WebM": re.compile(rb"\x1a\x45\xdf\xa3"),
    "AVI": re.compile(rb"RIFF.{4}AVI ", re.DOTALL),
}

# TIFF 6.0 and DNG 1.7: tags of the first directory that distinguish raw data from a picture.
_NEW_SUBFILE_TYPE: Final = 254
_PHOTOMETRIC: Final = 262
_SUB_DIRECTORIES: Final = 330
_DNG_VERSION: Final = 50706
_RAW_PHOTOMETRICS: Final = frozenset({32803, 34892})  # colour filter array, linear raw
_MOST_TIFF_TAGS: Final = 1000

# An item of a HEIF file that is coded as H.264 (ISO/IEC 23008-12, annex E): box, version, id, type.
_H264_ITEM: Final = re.compile(rb"infe.{8}avc1", re.DOTALL)
_HEIF_HEADER_BYTES: Final = 2**16


def recognise(body: bytes) -> str:
    """The name of the accepted format that the first bytes belong to.

    Raises:
        UnsupportedImageError: none; the message names the format if it is known.
    """
    kind = next((name for name, sign in _SIGNATURES.items() if sign.match(body)), None)
    known = [name for name, sign in _STRANGERS.items() if sign.match(body)]
    if kind == "TIFF":
        known += _raw_photo(body)
    elif kind == "HEIC" and _H264_ITEM.search(body[:_HEIF_HEADER_BYTES]):
        known.insert(0, "an H.264 HEIF picture")
    if kind and (not known or known == [_VIDEO]):
        return kind
    found = known[0] if known else "no picture of a known format"
    raise UnsupportedImageError(f"This is {found}; {ACCEPTED_FORMATS} are accepted.")


def video_kind(body: bytes) -> str | None:
    """The container of a video; None if the file is not one."""
    if any(_SIGNATURES[name].match(body) for name in ("AVIF", "HEIC")):
        return None
    return next((name for name, sign in _VIDEOS.items() if sign.match(body)), None)


def _raw_photo(body: bytes) -> list[str]:
    """The name of a raw format that is based on TIFF."""
    tags = dict(_tiff_tags(body))
    if _DNG_VERSION in tags:
        return ["a RAW photo (DNG)"]
    # NEF, ARW and PEF: the first directory is a thumbnail, the picture is elsewhere.
    elsewhere = tags.get(_NEW_SUBFILE_TYPE) == 1 and _SUB_DIRECTORIES in tags
    return ["a RAW photo"] if elsewhere or tags.get(_PHOTOMETRIC) in _RAW_PHOTOMETRICS else []


def _tiff_tags(body: bytes) -> Iterator[tuple[int, int]]:
    """Tags of a TIFF's first directory, and the first number in each."""
    order = "<" if body[:1] == b"I" else ">"
    with suppress(struct.error):
        (start,) = struct.unpack_from(f"{order}I", body, 4)
        (count,) = struct.unpack_from(f"{order}H", body, start)
        for number in range(min(count, _MOST_TIFF_TAGS)):
            at = start + 2 + 12 * number
            tag, kind = struct.unpack_from(f"{order}HH", body, at)
            (value,) = struct.unpack_from(f"{order}{'H' if kind == 3 else 'I'}", body, at + 8)
            yield tag, value

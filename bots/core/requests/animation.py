"""Tells files by their first bytes, and whether pictures move; nothing is decoded."""

from typing import Final

from engine.api.contract import CLIP_TYPES, ClipFormat

# GIF: a block that starts a frame, and its graphic control; see GIF89a, 20 and 23.
_GIF: Final = (b"GIF87a", b"GIF89a")
_GIF_CONTROL: Final = b"\x21\xf9\x04"
_HEAD_BYTES: Final = 64 * 1024
_BRANDS: Final = (b"avis", b"msf1", b"hevc")
# ISO/IEC 14496-12 files that are pictures, by their brand; others are videos.
_STILL_BRANDS: Final = (b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx",
    b"mif1", b"msf1")  # fmt: skip
_EBML: Final = b"\x1aE\xdf\xa3"


def video_form(file: bytes) -> ClipFormat | None:
    """The format in which a video is painted; None if the file is no video."""
    if file[4:8] == b"ftyp":
        return None if file[8:12] in _STILL_BRANDS else "mp4"
    if file.startswith(_EBML):
        return "webm"
    return "mp4" if file.startswith(b"RIFF") and file[8:12] == b"AVI " else None


def content_type_of(file: bytes) -> str:
    """The media type of a file that the engine wrote."""
    if form := video_form(file):
        return CLIP_TYPES[form]
    if file.startswith(_GIF):
        return "image/gif"
    return "image/png" if file.startswith(b"\x89PNG") else "image/jpeg"


def moves(file: bytes) -> bool:
    """Whether a GIF, WebP, PNG, AVIF or HEIC file has more than one frame.

    Args:
        file: The whole file, as it was sent.
    """
    if file.startswith(_GIF):
        return file.count(_GIF_CONTROL) > 1
    if file.startswith(b"RIFF") and file[8:12] == b"WEBP":
        return b"ANIM" in file[:_HEAD_BYTES]
    if file.startswith(b"\x89PNG"):
        # An animation is marked before its first pixels.
        head = file[:_HEAD_BYTES]
        return b"acTL" in head.partition(b"IDAT")[0]
    if file[4:8] == b"ftyp":
        return file[8:12] in _BRANDS
    return False

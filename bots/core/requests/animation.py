"""Detects animated picture files by their structure; nothing is decoded.

Only the first frame of such a file is painted, and the user is told so.
"""

from typing import Final

# GIF: a block that starts a frame, and its graphic control; see GIF89a, 20 and 23.
_GIF: Final = (b"GIF87a", b"GIF89a")
_GIF_CONTROL: Final = b"\x21\xf9\x04"
_HEAD_BYTES: Final = 64 * 1024
_BRANDS: Final = (b"avis", b"msf1", b"hevc")


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

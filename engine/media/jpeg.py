"""Parses a JPEG's segments before it is decoded (ITU-T T.81, annex B)."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.api.errors import ImageTooLargeError, UnsupportedImageError

# A marker that is followed by a length, or the end of the image (table B.1). Stuffed zeros, fill
# bytes and restart markers are not, which leaves libjpeg's own view of a file.
_MARKER: Final = re.compile(rb"\xff([\xc0-\xcf\xd9-\xfe])")
_END: Final = 0xD9
_SCAN: Final = 0xDA
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_LOSSLESS: Final = frozenset({0xC3, 0xC7, 0xCB, 0xCF})
_HIERARCHICAL: Final = frozenset({0xC5, 0xC6, 0xCD, 0xCE})
_JPEG_LS: Final = 0xF7

# 64 scans with all their tables plus 20 MB of 64 KB segments stay under 1 000; an attacker's
# 5 million empty segments must not be walked to the end.
_MAX_SEGMENTS: Final = 10_000


@dataclass(slots=True)
class Segments:
    """The segments of the first picture in a file.

    Attributes:
        scans: Where each scan begins.
        end: Where to cut a truncated file: before an incomplete segment.
        ended: Whether the end-of-image marker is present.
        components: Ids of the colour components.
        lacking: By component and frequency, the number of low bits that no scan has sent yet.
    """

    end: int
    scans: list[int] = field(default_factory=list)
    ended: bool = False
    components: bytes = b""
    lacking: dict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(lambda: 16))

    @property
    def complete(self) -> bool:
        """Whether the last scan present would complete the picture."""
        return bool(self.components) and not any(
            self.lacking[component, frequency]
            for component in self.components
            for frequency in range(64)
        )


def walk(body: bytes, max_scans: int) -> Segments:
    """Read the segments up to the end of the first picture.

    The segments are walked, not the bytes FF DA counted, because phones append videos to their
    photos in which that pair turns up by chance, and EXIF holds a thumbnail with scans of its own.

    Raises:
        ImageTooLargeError: there are too many scans.
        UnsupportedImageError: a kind of JPEG that libjpeg does not read.
    """
    found = Segments(len(body))
    position = 2
    for _ in range(_MAX_SEGMENTS):
        marker = _MARKER.search(body, position)
        if marker is None:
            return found
        code, start = marker[1][0], marker.end()
        if code == _END:
            found.ended = True
            return found
        length = int.from_bytes(body[start : start + 2], "big")
        content = body[start + 2 : start + length]
        position = start + max(length, 2)
        if position > len(body):
            found.end = marker.start()
            return found
        if code in _FRAMES or code == _JPEG_LS:
            _check_frame(code, content)
            found.components = content[6::3]
        elif code == _SCAN:
            found.scans.append(marker.start())
            if len(found.scans) > max_scans:
                raise ImageTooLargeError(
                    f"The JPEG has more than the {max_scans} scans that are accepted."
                )
            _note_scan(found, content)
    raise ImageTooLargeError(
        f"The JPEG has more than the {_MAX_SEGMENTS} segments that are accepted."
    )


def _check_frame(code: int, content: bytes) -> None:
    kind = None
    if code == _JPEG_LS:
        kind = "a JPEG-LS picture"
    elif code in _LOSSLESS:
        kind = "a lossless JPEG"
    elif code in _HIERARCHICAL:
        kind = "a hierarchical JPEG"
    elif content[:1] != b"\x08":
        kind = f"a {content[0] if content else 0}-bit JPEG"
    if kind:
        raise UnsupportedImageError(f"This is {kind}; of JPEGs the usual 8-bit ones are accepted.")


def _note_scan(found: Segments, content: bytes) -> None:
    """Record a scan's components, frequencies and bits."""
    count = content[0] if content else 0
    if len(content) < 1 + 2 * count + 3:
        return
    first, last, bits = content[1 + 2 * count : 4 + 2 * count]
    for component in content[1 : 1 + 2 * count : 2]:
        for frequency in range(first, min(last, 63) + 1):
            found.lacking[component, frequency] = bits & 15


def closed(body: bytes, segments: Segments, *, scans_less: int = 0) -> bytes:
    """The file with an end marker, without the last `scans_less` scans."""
    end = segments.scans[-scans_less] if scans_less else segments.end
    return body[:end] + b"\xff\xd9"


def lost_rows(pixels: NDArray[np.uint8], less: NDArray[np.uint8] | None) -> float:
    """Share of the rows, from the bottom, that have no data.

    Args:
        pixels: (H, W) or (H, W, C), libjpeg's output for a truncated file.
        less: The same without the last scan; None if there is only one.
            libjpeg leaves the middle grey where data is missing.
    """
    rows = len(pixels)
    flat = pixels.reshape(rows, -1).astype(np.int16)
    if less is None:
        known = np.flatnonzero((np.abs(flat - 128) > 1).max(1))
        return 1.0 if not known.size else 1 - (int(known[-1]) + 1) / rows
    known = np.flatnonzero((flat != less.reshape(rows, -1)).max(1))
    # If the last scan changes nothing, nothing is missing.
    return 0.0 if not known.size else 1 - (int(known[-1]) + 1) / rows

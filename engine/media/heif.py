"""Reads the colour code points of HEIC and AVIF files (ISO/IEC 23008-12 and 14496-12).

Decoders do not return them for all formats, so the boxes are parsed here: the primary item, its
properties, and the `nclx` among them.
"""

import struct
from collections.abc import Iterator
from typing import Final

_MAX_BOXES: Final = 10_000


def colours(body: bytes) -> tuple[int, int] | None:
    """Colour primaries and transfer of the picture, as in ITU-T H.273; None if not given."""
    try:
        meta = next(box for name, box in _boxes(body) if name == b"meta")[4:]
        inside = dict(_boxes(meta))
        version = inside[b"pitm"][0]
        (picture,) = struct.unpack_from(">I" if version else ">H", inside[b"pitm"], 4)
        shared = dict(_boxes(inside[b"iprp"]))
        properties = [None, *_boxes(shared[b"ipco"])]
        for index in _own(shared[b"ipma"], picture):
            entry = properties[index]
            if entry and entry[0] == b"colr" and entry[1].startswith(b"nclx"):
                return struct.unpack_from(">HH", entry[1], 4)
    except (StopIteration, KeyError, IndexError, struct.error):
        pass  # no such box, or a damaged one: the decoder reports the error
    return None


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of each box."""
    position = 0
    for _ in range(_MAX_BOXES):
        if position + 8 > len(data):
            return
        size, name = struct.unpack_from(">I4s", data, position)
        head = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, position + 8)
            head = 16
        elif size == 0:
            size = len(data) - position
        if size < head:
            return
        yield name, data[position + head : position + size]
        position += size


def _own(associations: bytes, item: int) -> Iterator[int]:
    """Indices of an item's properties."""
    version, flags = associations[0], associations[3]
    (count,) = struct.unpack_from(">I", associations, 4)
    position = 8
    for _ in range(min(count, _MAX_BOXES)):
        (of,) = struct.unpack_from(">I" if version else ">H", associations, position)
        position += 4 if version else 2
        number = associations[position]
        position += 1
        size = 2 if flags & 1 else 1
        if of == item:
            for at in range(position, position + number * size, size):
                value = int.from_bytes(associations[at : at + size], "big")
                yield value & (0x7FFF if size == 2 else 0x7F)
        position += number * size

"""Finds where people are, with MediaPipe's Selfie Segmentation.

The network marks whatever is the subject: people, but pets and cups as well. So only what hangs
together with a face counts. It sees 256 px; around small faces it looks a second time, closer. The
edges then follow the picture's own, by a guided filter.
"""

from collections.abc import Iterable
from io import BytesIO
from typing import Final

import numpy as np
from PIL import Image, ImageFilter

from engine.analyzers.faces import find_faces
from engine.analyzers.guided_filter import refine
from engine.analyzers.models import Floats, loaded
from engine.api.analyses import MASK_SIDE_PX, Face, Faces, Person
from engine.media.sampling import resample

# Beside this much of a face the network must mark as a person, and this much of a part counts.
_MARKED: Final = 0.5
# A body around a face, by the face's height: to either side, above its middle, below it.
_BESIDE, _ABOVE, _BELOW = 5.0, 2.0, 8.5
# A closer look at more of the picture than this would show nothing new.
_CLOSER: Final = 0.6
_LOOKS_MAX: Final = 12
# Long side that parts of a mask are told apart at.
_PARTS_PX: Final = 128
# A closer look fades out towards its border by this share of its side.
_FADE: Final = 0.1

Box = tuple[int, int, int, int]


def find_people(image: Image.Image, known: Faces | None = None) -> Person:
    """The people of an RGB image.

    Args:
        image: The picture.
        known: Its faces, if they have been looked for already.
    """
    scale = min(1.0, MASK_SIDE_PX / max(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    faces = (known or find_faces(image)).faces
    mask: Floats = np.zeros(size[::-1], np.float32)
    if faces:
        coarse = _looked(image, faces)
        certain = [face for face in faces if _mean(coarse, image.size, face) >= _MARKED]
        coarse *= _parts_of(coarse, image.size, certain)
        if certain:
            mask = refine(np.asarray(resample(image, size)), coarse)
    file = BytesIO()
    Image.fromarray(np.round(mask * 255).astype(np.uint8)).save(file, "PNG")
    return Person(
        *image.size, bool(mask.any()), round(float(mask.mean(dtype=np.float64)), 4), file.getvalue()
    )


def _looked(image: Image.Image, faces: Iterable[Face]) -> Floats:
    """The network's mask of the whole picture, and of what is around small faces, merged."""
    side = 2 * loaded("people").input_px[0]
    scale = min(1.0, side / max(image.size))
    width, height = (max(1, round(length * scale)) for length in image.size)
    mask = _resized(_segment(image), (width, height))
    closer: Floats = np.zeros_like(mask)
    weight: Floats = np.zeros_like(mask)
    for area in _areas(image.size, faces):
        box = [round(edge * scale) for edge in area]
        part = _resized(_segment(image.crop(area)), (box[2] - box[0], box[3] - box[1]))
        fade = _faded(part.shape[::-1])
        rows, columns = slice(box[1], box[3]), slice(box[0], box[2])
        better = fade * part
        closer[rows, columns] = np.maximum(closer[rows, columns], better)
        weight[rows, columns] = np.maximum(weight[rows, columns], fade)
    return mask * (1 - weight) + closer


def _areas(size: tuple[int, int], faces: Iterable[Face]) -> list[Box]:
    """Where to look closer, for the largest of the faces that are small."""
    areas = []
    for face in faces:
        left, top, width, height = face.box
        x, y = left + width / 2, top + height / 2
        area = (
            max(0, round(x - _BESIDE * height)),
            max(0, round(y - _ABOVE * height)),
            min(size[0], round(x + _BESIDE * height)),
            min(size[1], round(y + _BELOW * height)),
        )
        covered = (area[2] - area[0]) * (area[3] - area[1])
        if covered and covered < _CLOSER * size[0] * size[1]:
            areas.append(area)
    return areas[:_LOOKS_MAX]


def _segment(image: Image.Image) -> Floats:
    model = loaded("people")
    height, width = model.input_px
    (mask,) = model.run(np.asarray(resample(image, (width, height)), np.float32) / 255)
    marked: Floats = mask[..., 0]
    return marked


def _faded(size: tuple[int, ...]) -> Floats:
    """Weights that are 1 in the middle and fall to 0 at the borders."""
    ramps = []
    for length in size:
        at = (np.arange(length, dtype=np.float32) + 0.5) / length
        ramps.append(np.clip(np.minimum(at, 1 - at) / _FADE, 0, 1))
    return np.outer(ramps[1], ramps[0]).astype(np.float32)


def _resized(mask: Floats, size: tuple[int, int]) -> Floats:
    image = Image.fromarray(mask).resize(size, Image.Resampling.BILINEAR)
    return np.asarray(image, np.float32)


def _mean(mask: Floats, size: tuple[int, int], face: Face) -> float:
    """How much of a face is marked."""
    part = mask[_rows_and_columns(mask, size, face)]
    return float(part.mean()) if part.size else 0.0


def _rows_and_columns(mask: Floats, size: tuple[int, int], face: Face) -> tuple[slice, slice]:
    scale = mask.shape[1] / size[0]
    left, top, width, height = face.box
    columns = slice(max(0, round(left * scale)), max(1, round((left + width) * scale)))
    rows = slice(max(0, round(top * scale)), max(1, round((top + height) * scale)))
    return rows, columns


def _parts_of(mask: Floats, size: tuple[int, int], faces: Iterable[Face]) -> Floats:
    """1 where the mask's part hangs together with a face, with soft borders, else 0."""
    scale = min(1.0, _PARTS_PX / max(mask.shape))
    height, width = mask.shape
    small = _resized(mask, (max(1, round(width * scale)), max(1, round(height * scale))))
    reached = np.zeros(small.shape, np.uint8)
    for face in faces:
        reached[_rows_and_columns(small, size, face)] = 255
    allowed = np.where(small > _MARKED / 2, 255, 0).astype(np.uint8)
    while True:
        grown = np.asarray(Image.fromarray(reached).filter(ImageFilter.MaxFilter(3))) & allowed
        grown |= reached
        if np.array_equal(grown, reached):
            break
        reached = grown
    wide = Image.fromarray(reached).filter(ImageFilter.MaxFilter(5))
    return _resized(np.asarray(wide, np.float32) / np.float32(255), (width, height))

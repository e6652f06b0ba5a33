"""Finds every face of a picture, with a mesh of each."""

import math
from collections.abc import Mapping
from typing import Final

import numpy as np
from PIL import Image

from engine.analyzers.face_detection import (
    FAR,
    NEAR,
    SAME_FACE,
    Found,
    detect,
    detect_in,
    merged,
    overlap,
)
from engine.analyzers.face_mesh import Mesh, Square, cut, fit, square_around, square_of, within
from engine.analyzers.models import Floats
from engine.api.analyses import KEYPOINTS, Face, Faces
from engine.media.sampling import resample

# Faces in one picture; a larger crowd keeps its largest.
FACES_MAX: Final = 64
# A mesh with less certainty is not refined.
_CERTAINTY_MIN: Final = 0.5
# Detector's score times mesh's certainty. Of 294 photos of cats and dogs,
# three without people reach it.
_FACE_MIN: Final = 0.57
_FITS_MAX: Final = 5
# A square is still if it moves by less than this share of its side, and turns by less, radians.
_STILL: Final = 0.03
# A detection with a lower score is looked at from all sides, in a view of this many squares.
_SURE: Final = 0.8
_VIEW: Final = 1.4
_VIEW_PX: Final = 256
# Side of the picture that is glanced at, and how many of its faces are.
_GLANCE_PX: Final = 512
_GLANCES_MAX: Final = 2
# How much better it must look from another side.
_BETTER: Final = 0.1
# Points of the mesh whose mean is each keypoint.
_POINTS: Final[Mapping[str, tuple[int, ...]]] = dict(
    zip(
        KEYPOINTS,
        ((33, 133), (263, 362), (4,), (13, 14), (127,), (356,)),
        strict=True,
    )
)


def find_faces(image: Image.Image) -> Faces:
    """All faces of an RGB image, the largest first."""
    found = sorted(detect(image), key=lambda each: -float(np.prod(each.box[2:] - each.box[:2])))
    faces: list[Face] = []
    boxes: list[Floats] = []
    for each in found[: 2 * FACES_MAX]:
        score, mesh = _meshed(image, each)
        if mesh.certainty * score < _FACE_MIN:
            continue
        low, high = mesh.points[:, :2].min(axis=0), mesh.points[:, :2].max(axis=0)
        box = np.concatenate([low, high])
        # Two detections of one face end at the same mesh.
        if boxes and overlap(box, np.stack(boxes)).max() > SAME_FACE:
            continue
        boxes.append(box)
        faces.append(_face(mesh.points, box, score))
    faces.sort(key=lambda face: -face.box[2] * face.box[3])
    return Faces(*image.size, tuple(faces[:FACES_MAX]))


def glance(image: Image.Image) -> bool:
    """Whether a face is found in an RGB image without looking closely, in some milliseconds."""
    scale = min(1.0, _GLANCE_PX / max(image.size))
    width, height = (max(1, round(length * scale)) for length in image.size)
    small = resample(image, (width, height))
    found = merged(detect_in(small, NEAR) + detect_in(small, FAR))
    meshed = (_meshed(small, each) for each in found[:_GLANCES_MAX])
    return any(mesh.certainty * score >= _FACE_MIN for score, mesh in meshed)


def _meshed(image: Image.Image, found: Found) -> tuple[float, Mesh]:
    """The score and the mesh of a detection."""
    score, square = _steadied(image, found)
    return score, _fitted(image, square)


def _steadied(image: Image.Image, found: Found) -> tuple[float, Square]:
    """The score and the square of a detection; of a doubtful one, as it is seen turned.

    Detectors know upright faces best. One that lies or stands on its head is found with a low
    score and with its eyes in the wrong place.
    """
    square = square_around(found.box, *found.points[:2])
    if found.score >= _SURE:
        return found.score, square
    views = [
        Square(square.x, square.y, _VIEW * square.side, quarter * math.pi / 2)
        for quarter in range(4)
    ]
    seen = [(_best_in(image, view), view) for view in views]
    upright = seen[0][0].score if seen[0][0] else found.score
    best, view = max(seen, key=lambda each: each[0].score if each[0] else 0)
    if best is None or best.score <= max(upright, found.score) + _BETTER:
        return found.score, square
    return best.score, within(view, square_around(best.box, *best.points[:2]), _VIEW_PX)


def _best_in(image: Image.Image, view: Square) -> Found | None:
    pixels = cut(image, view, _VIEW_PX).astype(np.uint8)
    return max(detect_in(Image.fromarray(pixels), NEAR), key=lambda each: each.score, default=None)


def _fitted(image: Image.Image, square: Square) -> Mesh:
    """Fit until the square around the mesh stays where it is; a first one is often turned wrong."""
    mesh = fit(image, square)
    for _ in range(_FITS_MAX - 1):
        before, square = square, square_of(mesh.points)
        moved = math.hypot(square.x - before.x, square.y - before.y)
        turned = math.remainder(square.angle - before.angle, math.tau)
        still = moved < _STILL * square.side and abs(turned) < _STILL
        if still or mesh.certainty < _CERTAINTY_MIN:
            break
        mesh = fit(image, square)
    return mesh


def _face(points: Floats, box: Floats, score: float) -> Face:
    keypoints = {
        name: _rounded(points[list(indices), :2].mean(axis=0)) for name, indices in _POINTS.items()
    }
    left, top, width, height = _rounded(np.concatenate([box[:2], box[2:] - box[:2]]))
    mesh = tuple((x, y, z) for x, y, z in map(_rounded, points))
    return Face(
        (left, top, width, height),
        round(score, 4),
        {name: (x, y) for name, (x, y) in keypoints.items()},
        mesh,
    )


def _rounded(values: Floats) -> list[float]:
    """Hundredths of a pixel are more than is known."""
    return [round(float(value), 2) for value in values]

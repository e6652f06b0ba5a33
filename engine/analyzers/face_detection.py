"""Finds faces with MediaPipe's two BlazeFace detectors (Bazarevsky et al. 2019).

Both are single-shot detectors: each cell of a grid ("anchor") predicts one box and six keypoints
relative to its centre, and a score. The near detector sees 128 px and finds faces that take much
of its input, the far one 192 px and smaller ones. What is too small for both is found on
overlapping tiles of the picture.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.analyzers.models import Floats, loaded
from engine.media.sampling import resample

# Overlap at which two boxes are the same face.
SAME_FACE: Final = 0.3
# Faces smaller than this share of the area they were found in may have smaller ones beside them.
_SMALL: Final = 1 / 5
# Detectors see a picture of at most this long side: the finest tiles are twice their input then.
_SIDE_MAX_PX: Final = 1536
# Tiles are at least this long, px: below it a tile only enlarges what is there.
_TILE_MIN_PX: Final = 160
# The share of the picture's long side that a tile covers, from coarse to fine.
_TILES: Final = (1 / 2, 1 / 4)
_TILE_STEP: Final = 0.7
_TILES_MAX: Final = 30


class Found(NamedTuple):
    """One detection, in pixels of the picture.

    Attributes:
        box: Left, top, right, bottom.
        score: 0 to 1.
        points: (6, 2): right eye, left eye, nose, mouth, right ear, left ear.
    """

    box: Floats
    score: float
    points: Floats


@dataclass(frozen=True, slots=True)
class Detector:
    """One of the two detectors.

    Attributes:
        model: Its name in the manifest.
        grids: Cells of a side, and anchors of a cell.
        score_min: Detections below are left out; MediaPipe's own value.
    """

    model: str
    grids: tuple[tuple[int, int], ...]
    score_min: float


# Strides of 8 and three times 16 px of 128, two anchors each; a stride of 4 px of 192.
NEAR: Final = Detector("near_faces", ((16, 2), (8, 6)), 0.5)
FAR: Final = Detector("far_faces", ((48, 1),), 0.6)


@cache
def anchors(grids: tuple[tuple[int, int], ...]) -> Floats:
    """(N, 2) centres of all anchors, 0 to 1."""
    centres = []
    for side, each in grids:
        steps = (np.arange(side, dtype=np.float32) + 0.5) / side
        y, x = np.meshgrid(steps, steps, indexing="ij")
        centres.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), each, axis=0))
    return np.concatenate(centres)


def detect_in(image: Image.Image, detector: Detector) -> list[Found]:
    """All faces that one detector finds in an RGB image."""
    model = loaded(detector.model)
    side = model.input_px[0]
    # The picture's shape is kept; the rest of the square is black.
    scale = side / max(image.size)
    size = tuple(max(1, round(length * scale)) for length in image.size)
    square = np.zeros((side, side, 3), np.float32)
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    square[top : top + size[1], left : left + size[0]] = np.asarray(
        resample(image, (size[0], size[1]))
    )
    outputs = model.run(square / 127.5 - 1)
    raw, logits = sorted(outputs, key=lambda output: -output.shape[1])
    scores = 1 / (1 + np.exp(-np.clip(logits[:, 0], -50, 50)))
    good = scores >= detector.score_min
    centres = anchors(detector.grids)[good] * side
    raw, scores = raw[good], scores[good]
    middles, sizes = raw[:, :2] + centres, raw[:, 2:4]
    boxes = np.concatenate([middles - sizes / 2, middles + sizes / 2], axis=1)
    points = raw[:, 4:].reshape(-1, 6, 2) + centres[:, None]
    shift = np.array([left, top], np.float32)
    boxes = (boxes - np.tile(shift, 2)) / scale
    points = (points - shift) / scale
    return [
        Found(box, float(score), each)
        for box, score, each in zip(boxes, scores, points, strict=True)
    ]


def overlap(one: Floats, others: Floats) -> Floats:
    """Area shared with each of the (N, 4) others, over the area of both together."""
    low = np.maximum(one[:2], others[:, :2])
    high = np.minimum(one[2:], others[:, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=1)
    own = np.prod(one[2:] - one[:2])
    theirs = np.prod(others[:, 2:] - others[:, :2], axis=1)
    both: Floats = shared / np.maximum(own + theirs - shared, 1e-6)
    return both


def merged(found: Sequence[Found]) -> list[Found]:
    """One detection per face: the mean of those that overlap the best, weighted by score.

    This is BlazeFace's form of non-maximum suppression; the mean is steadier than the best box.
    """
    left = sorted(found, key=lambda each: -each.score)
    kept = []
    while left:
        best = left[0]
        same = overlap(best.box, np.stack([each.box for each in left])) > SAME_FACE
        same[0] = True
        group = [each for each, is_same in zip(left, same, strict=True) if is_same]
        left = [each for each, is_same in zip(left, same, strict=True) if not is_same]
        weights: NDArray[np.float32] = np.array([each.score for each in group], np.float32)
        weights /= weights.sum()
        box = np.tensordot(weights, np.stack([each.box for each in group]), 1)
        points = np.tensordot(weights, np.stack([each.points for each in group]), 1)
        kept.append(Found(box, best.score, points))
    return kept


def detect(image: Image.Image) -> list[Found]:
    """All faces of an RGB image: of the whole, and of tiles as long as there may be smaller ones.

    The time is bounded by the number of tiles.
    """
    scale = _SIDE_MAX_PX / max(image.size)
    if scale >= 1:
        return _detect(image)
    small = resample(image, (round(image.width * scale), round(image.height * scale)))
    return [Found(box / scale, score, points / scale) for box, score, points in _detect(small)]


def _detect(image: Image.Image) -> list[Found]:
    found = merged(detect_in(image, NEAR) + detect_in(image, FAR))
    tiles_left = _TILES_MAX
    side = max(image.size)
    for share in _TILES:
        tile = round(max(image.size) * share)
        if tile < _TILE_MIN_PX or (found and not _may_miss(found, side)):
            break
        areas = list(_tiles(image.size, tile))[:tiles_left]
        tiles_left -= len(areas)
        more = [each for area in areas for each in _detect_at(image, area)]
        found = merged(found + merged(more))
        side = tile
    return found


def _may_miss(found: Sequence[Found], side: float) -> bool:
    smallest = min(float(np.max(each.box[2:] - each.box[:2])) for each in found)
    return smallest < side * _SMALL


def _tiles(size: tuple[int, int], tile: int) -> Iterator[tuple[int, int, int, int]]:
    """Overlapping squares that cover the picture, row by row."""
    starts = []
    for length in size:
        count = 1 + max(0, int(np.ceil((length - tile) / (tile * _TILE_STEP))))
        starts.append([round(at) for at in np.linspace(0, max(0, length - tile), count)])
    for top in starts[1]:
        for left in starts[0]:
            yield left, top, min(left + tile, size[0]), min(top + tile, size[1])


def _detect_at(image: Image.Image, area: tuple[int, int, int, int]) -> list[Found]:
    shift = np.array(area[:2], np.float32)
    return [
        Found(each.box + np.tile(shift, 2), each.score, each.points + shift)
        for each in detect_in(image.crop(area), FAR)
    ]

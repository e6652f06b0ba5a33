"""Fits MediaPipe's Face Mesh (Kartynnik et al. 2019) to faces: 468 points in three dimensions.

The network sees a square of 192 px, turned so that the eyes are level, half as large again as the
face. Its points are brought back to pixels of the picture.
"""

import math
from typing import Final, NamedTuple

import numpy as np
from PIL import Image

from engine.analyzers.models import Floats, loaded

# Side of the square around a face, by the longer side of its box.
_MARGIN: Final = 1.5
# Points at the outer and inner corners of each eye.
_RIGHT_EYE: Final = (33, 133)
_LEFT_EYE: Final = (263, 362)


class Mesh(NamedTuple):
    """One mesh.

    Attributes:
        points: (468, 3) pixels of the picture.
        certainty: Whether it is a face, 0 to 1.
    """

    points: Floats
    certainty: float


class Square(NamedTuple):
    """A turned square: its centre, side in pixels, and angle in radians."""

    x: float
    y: float
    side: float
    angle: float


def square_around(box: Floats, right_eye: Floats, left_eye: Floats) -> Square:
    """The square that the network is shown of a face.

    Args:
        box: Left, top, right, bottom.
        right_eye: The person's right eye, which is on the left of an upright face.
        left_eye: The other.
    """
    x, y = (box[:2] + box[2:]) / 2
    angle = math.atan2(left_eye[1] - right_eye[1], left_eye[0] - right_eye[0])
    return Square(float(x), float(y), float(np.max(box[2:] - box[:2])) * _MARGIN, angle)


def square_of(points: Floats) -> Square:
    """The square around a face whose mesh is known."""
    right, left = (points[list(eye), :2].mean(axis=0) for eye in (_RIGHT_EYE, _LEFT_EYE))
    angle = math.atan2(left[1] - right[1], left[0] - right[0])
    turn = _turn(angle)
    # Its bounding box in the turned directions.
    own = points[:, :2] @ turn
    low, high = own.min(axis=0), own.max(axis=0)
    x, y = turn @ ((low + high) / 2)
    return Square(float(x), float(y), float(np.max(high - low)) * _MARGIN, angle)


def within(view: Square, square: Square, side: int) -> Square:
    """A square in a view that was cut out with `side` pixels, as a square of the picture."""
    scale = view.side / side
    x, y = _turn(view.angle) @ (square.x - side / 2, square.y - side / 2) * scale
    return Square(
        view.x + float(x), view.y + float(y), square.side * scale, square.angle + view.angle
    )


def fit(image: Image.Image, square: Square) -> Mesh:
    """Fit a mesh to the face in a square of an RGB image."""
    model = loaded("mesh")
    side = model.input_px[0]
    pixels = cut(image, square, side)
    raw, logit = sorted(model.run(pixels / 255), key=lambda output: -output.size)
    points = raw.reshape(-1, 3) * (square.side / side)
    points[:, :2] -= square.side / 2
    points[:, :2] = points[:, :2] @ _turn(square.angle).T + (square.x, square.y)
    certainty = 1 / (1 + math.exp(-float(np.clip(logit.item(), -50, 50))))
    return Mesh(points, certainty)


def cut(image: Image.Image, square: Square, side: int) -> Floats:
    """The (side, side, 3) pixels of a turned square; black outside the picture."""
    half = square.side / 2 * (abs(math.cos(square.angle)) + abs(math.sin(square.angle)))
    area = [square.x - half, square.y - half, square.x + half, square.y + half]
    left, top = math.floor(max(0, area[0])), math.floor(max(0, area[1]))
    right, bottom = (
        math.ceil(min(length, end)) for length, end in zip(image.size, area[2:], strict=True)
    )
    if right <= left or bottom <= top:
        return np.zeros((side, side, 3), np.float32)
    part = image.crop((left, top, right, bottom))
    # A transformation looks at few pixels; a much larger face is averaged first.
    factor = max(1, int(square.side / side))
    part = part.reduce(factor)
    scale = square.side / side / factor
    (a, b), (d, e) = _turn(square.angle) * scale
    x, y = (square.x - left) / factor, (square.y - top) / factor
    middle = side / 2
    data = (a, b, x - a * middle - b * middle, d, e, y - d * middle - e * middle)
    shown = part.transform((side, side), Image.Transform.AFFINE, data, Image.Resampling.BILINEAR)
    return np.asarray(shown, np.float32)


def _turn(angle: float) -> Floats:
    """The matrix that turns a column vector by an angle."""
    cosine, sine = math.cos(angle), math.sin(angle)
    return np.array([[cosine, -sine], [sine, cosine]], np.float32)

"""The mean face, how its points move with an expression, and faces compared with it.

Coordinates are those of MediaPipe's mesh, turned to face the camera: x to the right of the picture,
y down, z away from the camera; the unit is a face's width.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.api.analyses import Face

Points = NDArray[np.float64]

_FILE: Final = Path(__file__).parent / "faces.json"

# Indices of points. Left and right are the person's own; right is on the left of the picture.
# From the right corner to the left one.
UPPER_LIP: Final = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
LOWER_LIP: Final = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
LIPS: Final = (
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185,
)  # fmt: skip
RIGHT_EYE: Final = (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246)
LEFT_EYE: Final = (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466)
_RIGHT_BROW: Final = (70, 63, 105, 66, 107, 55, 65, 52, 53, 46)
_LEFT_BROW: Final = (300, 293, 334, 296, 336, 285, 295, 282, 283, 276)
# What an expression moves least: forehead, temples, nose, corners of the eyes.
_STILL: Final = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 234, 127, 162, 21, 54, 103, 67, 109, 151, 9, 168,
    6, 197, 195, 5, 33, 133, 362, 263, 98, 327, 2,
)  # fmt: skip
# Half of the width over which a face's two sides blend.
_BLEND: Final = 0.06
# The measures that are taken of each side.
SIDED: Final = ("smile", "eyes", "brows")
# Measure, and the side if it is one's: 1 for the person's right, -1 for the left, 0 for both.
Amounts = Mapping[tuple[str, int], float]


@dataclass(frozen=True, slots=True, eq=False)
class FaceShape:
    """The mean face and its movements; see `faces.json`.

    Attributes:
        neutral: (468, 3) points of a face at rest.
        fields: Measure to the (468, 3) movements that raise it by one.
        at_rest: Measure to its value at rest.
        spread: Measure to how much people differ in it at rest.
    """

    neutral: Points
    fields: Mapping[str, Points]
    at_rest: Mapping[str, float]
    spread: Mapping[str, float]

    def movements(self, amounts: Amounts) -> Points:
        """(468, 3) movements of the points."""
        right = 0.5 - 0.5 * np.tanh(self.neutral[:, :1] / _BLEND)
        moves = np.zeros_like(self.neutral)
        for (measure, side), amount in amounts.items():
            shares = {0: np.ones_like(right), 1: right, -1: 1 - right}
            moves += amount * shares[side] * self.fields[measure]
        return moves


@dataclass(frozen=True, slots=True, eq=False)
class Aligned:
    """A face turned to the camera and brought to the mean face's size.

    Attributes:
        points: (468, 3) points.
        rotation: (3, 3) from the picture to the mean face, for rows.
        scale: From pixels to face widths.
    """

    points: Points
    rotation: Points
    scale: float

    @property
    def width_px(self) -> float:
        """The face's width, as seen from the front."""
        return 1 / self.scale

    @property
    def turned(self) -> tuple[float, float]:
        """Degrees that it is turned to the side, and up or down."""
        x, y, z = np.array([0.0, 0.0, -1.0]) @ self.rotation.T
        return float(np.degrees(np.arctan2(x, -z))), float(np.degrees(np.arcsin(y)))

    def in_picture(self, movements: Points) -> Points:
        """(468, 2) movements in pixels of the picture."""
        moved: Points = (movements @ self.rotation.T)[:, :2] / self.scale
        return moved

    def measures(self) -> dict[tuple[str, int], float]:
        """The face's measures."""
        p = self.points
        middle = (p[13, 1] + p[14, 1]) / 2
        brows = {
            side: p[list(eye), 1].mean() - p[list(brow), 1].mean()
            for side, eye, brow in ((1, RIGHT_EYE, _RIGHT_BROW), (-1, LEFT_EYE, _LEFT_BROW))
        }
        inner = (p[133, 1] - p[107, 1] + p[362, 1] - p[336, 1]) / 2
        found = {
            ("smile", 1): middle - p[61, 1],
            ("smile", -1): middle - p[291, 1],
            ("open", 0): p[14, 1] - p[13, 1],
            ("eyes", 1): p[145, 1] - p[159, 1],
            ("eyes", -1): p[374, 1] - p[386, 1],
            ("brows", 1): brows[1],
            ("brows", -1): brows[-1],
            ("inner", 0): inner - (brows[1] + brows[-1]) / 2,
        }
        return {key: float(value) for key, value in found.items()}

    def expression(self) -> dict[tuple[str, int], float]:
        """How the measures differ from those of a face at rest, beyond what people differ in."""
        shape = mean_face()
        found = {}
        for key, value in self.measures().items():
            off = value - shape.at_rest[key[0]]
            found[key] = float(np.sign(off) * max(0.0, abs(off) - shape.spread[key[0]]))
        return found


def points_of(face: Face) -> Points:
    """The (468, 3) points of a face."""
    return np.array(face.mesh, np.float64)


def align(points: Points) -> Aligned:
    """Align a face with the mean face by what an expression moves least (Umeyama 1991)."""
    own, other = points[list(_STILL)], mean_face().neutral[list(_STILL)]
    own_middle, other_middle = own.mean(axis=0), other.mean(axis=0)
    own, other = own - own_middle, other - other_middle
    left, sizes, right = np.linalg.svd(own.T @ other)
    sizes[2] *= np.sign(np.linalg.det(left @ right))
    left[:, 2] *= np.sign(np.linalg.det(left @ right))
    rotation = left @ right
    scale = float(sizes.sum() / (own**2).sum())
    return Aligned(scale * (points - own_middle) @ rotation + other_middle, rotation, scale)


@cache
def mean_face() -> FaceShape:
    """The mean face; read once per process."""
    record: dict[str, Any] = json.loads(_FILE.read_bytes())
    measures = record["measures"]
    return FaceShape(
        np.array(record["neutral"], np.float64),
        {name: np.array(field, np.float64) for name, field in record["fields"].items()},
        {name: float(each["neutral"]) for name, each in measures.items()},
        {name: float(each["spread"]) for name, each in measures.items()},
    )

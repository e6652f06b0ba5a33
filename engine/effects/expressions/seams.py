"""Where lids or lips meet.

No smooth movement pulls two edges together, so each side of the seam has its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.effects.expressions.face_shape import (
    LEFT_EYE,
    LOWER_LIP,
    RIGHT_EYE,
    UPPER_LIP,
    Points,
)
from engine.media.full_size import Pixels


@dataclass(frozen=True, slots=True)
class Seam:
    """Two edges that can meet. Points are in the order of the picture, from left to right.

    Attributes:
        upper: Points of the upper edge, without its corners.
        lower: Of the lower one, as many.
        corners: The corners.
        reach: How far what is between the edges may reach over the mesh's edges, in face widths.
        line: Half thickness of the dark line where they meet, in face widths.
        outer: Where the line is thicker: -1 on the left, 1 on the right, 0 nowhere.
    """

    upper: tuple[int, ...]
    lower: tuple[int, ...]
    corners: tuple[int, int]
    reach: float
    line: float
    outer: int


# By measure and side, as in `Aligned.measures`.
SEAMS: Final[Mapping[tuple[str, int], Seam]] = {
    ("eyes", 1): Seam(RIGHT_EYE[:8:-1], RIGHT_EYE[1:8], (33, 133), 0.015, 0.0075, -1),
    ("eyes", -1): Seam(LEFT_EYE[9:], LEFT_EYE[7:0:-1], (362, 263), 0.015, 0.0075, 1),
    ("open", 0): Seam(UPPER_LIP[1:-1], LOWER_LIP[1:-1], (78, 308), 0.006, 0.006, 0),
}
# What is darkest between the edges, in percent of the pixels, gives the line's colour.
_DARK_PERCENT: Final = 8
# How far under the line the lower edge's own movement is used, in face widths.
_UNDER: Final = 0.07


def joined(
    above: Pixels, below: Pixels, pixels: Pixels, meeting: Points, between: Points, seam: Seam
) -> Pixels:
    """A picture with one movement above a seam and another below it, and the line between them.

    Args:
        above: (H, W, 3) the picture as the upper edge moves it.
        below: As the lower edge moves it.
        pixels: As it was.
        meeting: (468, 2) the points where they are moved to.
        between: (468, 2) the points where they were.
        seam: The seam.
    """
    line = _Line(above.shape[:2], meeting, seam)
    result = above + line.under()[..., None] * (below.astype(np.float64) - above)
    edges = between[[*seam.upper, *seam.lower, *seam.corners]]
    low = np.maximum(np.floor(edges.min(axis=0)).astype(int), 0)
    high = np.ceil(edges.max(axis=0)).astype(int) + 1
    part = pixels[low[1] : high[1], low[0] : high[0]].reshape(-1, 3)
    dark = np.percentile(part, _DARK_PERCENT, axis=0)
    result += line.drawn()[..., None] * (np.minimum(dark, result) - result)
    rounded: Pixels = np.round(result).astype(np.uint8)
    return rounded


class _Line:
    """The line where the edges of a seam meet, over the pixels of a picture."""

    def __init__(self, size: tuple[int, ...], points: Points, seam: Seam) -> None:
        corners = points[list(seam.corners)]
        along = corners[1] - corners[0]
        self._length = float(np.linalg.norm(along))
        self._seam = seam
        self._face_px = float(np.ptp(points @ (along / self._length)))
        axes = np.array([along, [-along[1], along[0]]]) / self._length
        x, y = np.meshgrid(np.arange(size[1]) + 0.5, np.arange(size[0]) + 0.5)
        middle = corners.mean(axis=0)
        at = (np.stack([x, y], axis=-1) - middle) @ axes.T
        edges = (points[list(seam.upper)] + points[list(seam.lower)]) / 2
        own = (np.concatenate([edges, corners]) - middle) @ axes.T
        line = np.polynomial.Polynomial.fit(own[:, 0], own[:, 1], 4)
        half = self._length / 2
        # From -1, at the left corner, to 1.
        self._along = at[..., 0] / half
        self._below = at[..., 1] - line(np.clip(at[..., 0], -half, half))

    def under(self) -> NDArray[np.float64]:
        """How much of each pixel lies just under the line."""
        fades = np.clip(2 - 2 * self._below / (_UNDER * self._face_px), 0, 1)
        ends = np.clip((1.1 - np.abs(self._along)) / 0.1, 0, 1)
        share: NDArray[np.float64] = np.clip(self._below + 0.5, 0, 1) * fades * ends
        return share

    def drawn(self) -> NDArray[np.float64]:
        """How much of each pixel the line covers; it ends in points."""
        ends = np.clip((1.06 - np.abs(self._along)) / 0.3, 0, 1)
        thicker = 0.9 + 0.3 * np.clip(self._seam.outer * self._along, -1, 1)
        thick = max(0.9, self._seam.line * self._face_px) * thicker * ends
        cover = 0.8 * np.exp(-((self._below / np.maximum(thick, 1e-3)) ** 2))
        share: NDArray[np.float64] = cover * np.sqrt(ends)
        return share

"""Paints what is seen of a mouth between lips that an expression has opened.

It is painted in the person's light, or borrowed from another photo and matched to it.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.effects.expressions.face_shape import LEFT_EYE, RIGHT_EYE

Points = NDArray[np.float64]
Values = NDArray[np.float64]

# Björn Ottosson's Oklab (2020), from linear light.
_TO_CONES: Final = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB: Final = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
# Points on both cheeks.
_CHEEKS: Final = (50, 101, 36, 205, 280, 330, 266, 425)
# Half widths of upper teeth as seen from the front, in face widths, from the middle: two incisors,
# a canine, two premolars. An incisor is 8.5 mm wide (Wheeler), a face about 140.
_TEETH: Final = (0.0, 0.058, 0.104, 0.146, 0.176, 0.2)
# Length of an incisor, in face widths.
_TOOTH: Final = 0.066
# How much of the skin's tint teeth have: the light's, and what lips and cheeks reflect.
_TINT: Final = 0.3
# How dark a mouth is at least, by the skin's lightness.
_DARKEST: Final = 0.33
# Pixels of a face that are looked at for what is darkest.
_LOOKED_AT: Final = 20_000
# A mouth is borrowed if it has this share of the other one's pixels across, and if its lighter part
# is this light beside the skin: teeth in the light. Else one is painted.
_SHARP: Final = 0.6
_LIT: Final = 0.72


def to_lab(pixels: NDArray[Any]) -> Values:
    """Oklab of (..., 3) sRGB values from 0 to 255."""
    values = np.asarray(pixels, np.float64) / 255
    light = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    lab: Values = np.cbrt(light @ _TO_CONES.T) @ _TO_LAB.T
    return lab


def from_lab(lab: Values) -> Values:
    """Values from 0 to 255, in sRGB, of Oklab."""
    cones = (lab @ np.linalg.inv(_TO_LAB).T) ** 3
    light = np.clip(cones @ np.linalg.inv(_TO_CONES).T, 0, 1)
    values = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    clipped: Values = np.clip(255 * values, 0, 255)
    return clipped


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """The place between the lips, in pixels.

    Attributes:
        upper: (11, 2) the upper lip's lower edge, from the right corner of the mouth to the left.
        lower: (11, 2) the lower lip's upper edge.
        face_px: The face's width.
    """

    upper: Points
    lower: Points
    face_px: float

    @property
    def gap_px(self) -> float:
        """How far the lips are apart in the middle."""
        return float(np.linalg.norm(self.lower[5] - self.upper[5]))

    def frame(self) -> tuple[Points, Points]:
        """The middle between the corners, and the axes: to the left corner, and downwards."""
        right, left = self.upper[0], self.upper[-1]
        along = (left - right) / np.linalg.norm(left - right)
        return (right + left) / 2, np.array([along, [-along[1], along[0]]])


@dataclass(frozen=True, slots=True, eq=False)
class Light:
    """How a face is lit.

    Attributes:
        skin: Oklab of the cheeks.
        white: Oklab of the whites of the eyes.
        black: Lightness of what is darkest in the face.
    """

    skin: Values
    white: Values
    black: float


def light_of(pixels: NDArray[np.uint8], points: Points) -> Light:
    """Measure how a face of (H, W, 3) pixels is lit, by its cheeks and the whites of its eyes."""
    height, width = pixels.shape[:2]
    around = max(1, round(np.ptp(points[:, 0]) / 60))
    cheeks = []
    for x, y in points[list(_CHEEKS)]:
        column, row = round(x), round(y)
        part = pixels[
            max(0, row - around) : row + around, max(0, column - around) : column + around
        ]
        cheeks.append(part.reshape(-1, 3))
    skin = np.median(to_lab(np.concatenate(cheeks)), axis=0)
    inside = pixels[
        max(0, round(points[:, 1].min())) : round(points[:, 1].max()),
        max(0, round(points[:, 0].min())) : round(points[:, 0].max()),
    ]
    every = max(1, int(np.sqrt(inside.size / 3 / _LOOKED_AT)))
    black = float(np.percentile(to_lab(inside[::every, ::every])[..., 0], 1))
    whites = []
    for eye in (RIGHT_EYE, LEFT_EYE):
        polygon = points[list(eye)]
        low = np.maximum(np.floor(polygon.min(axis=0)).astype(int), 0)
        high = np.minimum(np.ceil(polygon.max(axis=0)).astype(int) + 1, (width, height))
        lab = to_lab(pixels[low[1] : high[1], low[0] : high[0]].reshape(-1, 3))
        if len(lab):
            bright = lab[lab[:, 0] >= np.percentile(lab[:, 0], 85)]
            whites.append(np.median(bright, axis=0))
    return Light(skin, np.mean(whites, axis=0) if whites else skin, black)


def paint(
    pixels: NDArray[np.uint8], opening: Opening, light: Light, smile: float
) -> NDArray[np.uint8]:
    """Paint a dark mouth with a soft row of upper teeth between the lips.

    Args:
        pixels: (H, W, 3) the face.
        opening: Where.
        light: How the face is lit.
        smile: From 0, teeth hardly seen, to 1, a smile that shows them.
    """
    place = _Place(pixels, opening)
    unit = opening.face_px
    across, below = place.across / unit, place.below / unit
    gap = place.gap / unit
    half = np.linalg.norm(opening.upper[-1] - opening.upper[0]) / 2 / unit
    side = np.clip(np.abs(across) / half, 0, 1)
    # The cavity: reddish, darkest at the top, a hint of the tongue below.
    depth = np.clip(below / np.maximum(gap, 1e-6), 0, 1)
    black = max(light.black, _DARKEST * light.skin[0])
    dark = black + (light.skin[0] - black) * 0.18 * depth**2 * (1 - smile)
    lab = np.stack([dark, np.full_like(dark, 0.045), np.full_like(dark, 0.018)], axis=-1)
    # Teeth, longest in the middle, in a row that follows the lower lip.
    length = np.minimum(_TOOTH, gap * (0.34 + 0.5 * smile)) * (1 - 0.22 * side**2)
    edges = np.array(_TEETH[1:])
    nearest = np.abs(np.abs(across)[..., None] - np.array([0.0, *edges])).min(axis=-1)
    # A tooth's corners are round.
    length = length - 0.1 * length * np.exp(-((nearest / 0.007) ** 2))
    soft = max(0.006, 1.2 / unit)
    teeth = _step((length - below) / soft + 0.5) * _step((half * 0.93 - np.abs(across)) / 0.03)
    white = np.clip(0.35 * light.skin[0] + 0.65 * light.white[0], light.skin[0] - 0.02, 0.95)
    shade = white * (1 - 0.4 * side**2.4)
    shade = shade * (1 - 0.22 * np.exp(-below / 0.012))
    shade = shade * (1 - 0.13 * np.exp(-((nearest / 0.004) ** 2)) * min(1.0, unit / 160))
    tooth = np.stack(
        [
            shade,
            np.full_like(shade, np.clip(_TINT * light.skin[1], 0.002, 0.02)),
            np.full_like(shade, np.clip(_TINT * light.skin[2], 0.012, 0.035)),
        ],
        axis=-1,
    )
    lab += teeth[..., None] * (tooth - lab)
    return place.filled(pixels, from_lab(lab))


@dataclass(frozen=True, slots=True, eq=False)
class Lent:
    """An open mouth of another photo.

    Attributes:
        pixels: (H, W, 3) the photo.
        opening: Where its mouth is.
        light: How its face is lit.
    """

    pixels: NDArray[np.uint8]
    opening: Opening
    light: Light


def borrow(
    pixels: NDArray[np.uint8], opening: Opening, light: Light, lent: Lent
) -> NDArray[np.uint8] | None:
    """Put what is seen in another mouth between the lips, in this face's light.

    Returns None if it is not sharp or light enough.

    Args:
        pixels: (H, W, 3) the face.
        opening: Where.
        light: How it is lit.
        lent: The other mouth.
    """
    place, other = _Place(pixels, opening), lent.opening
    half = np.linalg.norm(opening.upper[-1] - opening.upper[0]) / 2
    own = np.linalg.norm(other.upper[-1] - other.upper[0]) / 2
    middle, axes = other.frame()
    # The same share of the way from corner to corner, and from lip to lip.
    across = np.clip(place.across / half, -1, 1) * own
    upper = _curve((other.upper - middle) @ axes.T, across)
    lower = _curve((other.lower - middle) @ axes.T, across)
    depth = np.clip(place.below / np.maximum(place.gap, 1e-6), 0, 1)
    # A lip's own edge is left out.
    down = upper + (0.06 + 0.88 * depth) * (lower - upper)
    at = np.stack([across, down], axis=-1) @ axes + middle
    lab = to_lab(_sampled(lent.pixels, at, max(1.0, float(own / half))))
    seen = lab[..., 0][place.share > 0.5] / max(float(lent.light.skin[0]), 0.05)
    if own < _SHARP * half or not seen.size or np.percentile(seen, 80) < _LIT:
        return None
    reach = (light.skin[0] - light.black) / max(lent.light.skin[0] - lent.light.black, 0.05)
    lab[..., 0] = light.black + reach * (lab[..., 0] - lent.light.black)
    lab[..., 1:] += light.skin[1:] - lent.light.skin[1:]
    # Neither orange nor green: what is light is nearly white, what is dark is a dull red.
    bright = np.clip((lab[..., 0] / light.skin[0] - 0.35) / 0.35, 0, 1)
    red = np.clip(lab[..., 1], 0.0, 0.06 - 0.048 * bright)
    lab[..., 1] = np.maximum(red, 0.02 * (1 - bright))
    lab[..., 1] = np.maximum(lab[..., 1], _TINT * light.skin[1])
    lab[..., 2] = np.clip(lab[..., 2], max(0.0, _TINT * light.skin[2]), 0.035)
    lab[..., 0] = np.clip(lab[..., 0], _DARKEST * light.skin[0], min(0.95, 1.04 * light.skin[0]))
    # A mouth is dark at its corners.
    side = np.clip(np.abs(place.across) / half, 0, 1)
    lab[..., 0] *= 1 - 0.25 * side**4
    return place.filled(pixels, from_lab(lab))


def _sampled(pixels: NDArray[np.uint8], at: Points, step: float) -> Values:
    """Colours at (..., 2) places, x first, averaged over `step` pixels."""
    height, width = pixels.shape[:2]
    taps = min(8, max(1, round(step)))
    offsets = (np.arange(taps) - (taps - 1) / 2) * (step / taps)
    total: Values = np.zeros((*at.shape[:-1], 3))
    for dx in offsets:
        for dy in offsets:
            x = np.clip(at[..., 0] + dx - 0.5, 0, width - 1.001)
            y = np.clip(at[..., 1] + dy - 0.5, 0, height - 1.001)
            column, row = x.astype(int), y.astype(int)
            right, low = (x - column)[..., None], (y - row)[..., None]
            for part, rows in (((1 - low), row), (low, np.minimum(row + 1, height - 1))):
                total += part * (1 - right) * pixels[rows, column]
                total += part * right * pixels[rows, np.minimum(column + 1, width - 1)]
    return total / taps**2


class _Place:
    """The pixels of an opening: where each lies, and how much of it is open."""

    def __init__(self, pixels: NDArray[np.uint8], opening: Opening) -> None:
        height, width = pixels.shape[:2]
        border = np.concatenate([opening.upper, opening.lower[::-1]])
        low = np.maximum(np.floor(border.min(axis=0)).astype(int) - 2, 0)
        high = np.minimum(np.ceil(border.max(axis=0)).astype(int) + 3, (width, height))
        self.rows, self.columns = slice(low[1], high[1]), slice(low[0], high[0])
        x, y = np.meshgrid(np.arange(low[0], high[0]) + 0.5, np.arange(low[1], high[1]) + 0.5)
        middle, axes = opening.frame()
        at = np.stack([x, y], axis=-1) - middle
        self.across = at @ axes[0]
        down = at @ axes[1]
        upper = _curve((opening.upper - middle) @ axes.T, self.across)
        lower = _curve((opening.lower - middle) @ axes.T, self.across)
        self.below, self.gap = down - upper, lower - upper
        half = np.linalg.norm(opening.upper[-1] - opening.upper[0]) / 2
        feather = max(1.0, 0.007 * opening.face_px)
        inside = np.minimum(self.below, lower - down)
        inside = np.minimum(inside, half - np.abs(self.across))
        self.share = _step(inside / feather + 0.5)

    def filled(self, pixels: NDArray[np.uint8], colours: Values) -> NDArray[np.uint8]:
        """The pixels with colours in the opening."""
        result = pixels.copy()
        part = result[self.rows, self.columns]
        mixed = part + self.share[..., None] * (colours - part)
        result[self.rows, self.columns] = np.round(mixed).astype(np.uint8)
        return result


def _curve(edge: Points, across: Values) -> Values:
    """A lip's edge as a smooth line: its height at each place across."""
    reach = np.abs(edge[:, 0]).max()
    fitted = np.polynomial.Polynomial.fit(edge[:, 0], edge[:, 1], 5)
    height: Values = fitted(np.clip(across, -reach, reach))
    return height


def _step(values: Values) -> Values:
    at = np.clip(values, 0, 1)
    smooth: Values = at * at * (3 - 2 * at)
    return smooth

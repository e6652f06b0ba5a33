"""Gives a face of a picture another expression."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.effects.expressions import mouth
from engine.effects.expressions.face_shape import (
    LOWER_LIP,
    UPPER_LIP,
    Aligned,
    align,
    mean_face,
)
from engine.effects.expressions.seams import SEAMS, Seam, joined
from engine.media.face_care import OVAL
from engine.media.full_size import Pixels
from engine.media.warping import Points, inside_by, moved, thin_plate

Key = tuple[str, int]

# What each expression wants, beside a face at rest, in face widths; what it does not name stays.
# Amounts within what was measured: a smile's mean is .03 in faces that smile.
_SMILE: Final = (("smile", 1), ("smile", -1))
_EYES: Final = (("eyes", 1), ("eyes", -1))
_BROWS: Final = (("brows", 1), ("brows", -1))
EXPRESSIONS: Final[Mapping[str, Mapping[Key, float]]] = {
    "smile": {**dict.fromkeys(_SMILE, 0.03), **dict.fromkeys(_EYES, -0.004)},
    "big-smile": {
        **dict.fromkeys(_SMILE, 0.042),
        ("open", 0): 0.045,
        **dict.fromkeys(_EYES, -0.008),
    },
    "surprise": {
        **dict.fromkeys(_SMILE, -0.004),
        ("open", 0): 0.065,
        **dict.fromkeys(_EYES, 0.016),
        **dict.fromkeys(_BROWS, 0.04),
    },
    "wink": {("smile", 1): 0.03, ("smile", -1): 0.02, ("eyes", 1): -0.06, ("brows", 1): -0.014},
    "serious": {
        **dict.fromkeys(_SMILE, -0.014),
        ("open", 0): 0.0,
        **dict.fromkeys(_BROWS, -0.025),
    },
    "sad": {
        **dict.fromkeys(_SMILE, -0.024),
        ("open", 0): 0.0,
        ("inner", 0): 0.02,
        **dict.fromkeys(_EYES, -0.008),
    },
}
# What shuts an eye, and the most that was measured in any face.
_SHUT_GOAL: Final = -0.05
# More of a smile does not go: its folds stay.
_SMILE_LOST: Final = 0.048
# Of one that shows teeth less goes, or they would be narrow.
_OPEN_SMILE_LOST: Final = 0.022
_MOST: Final = {"smile": 0.068, "open": 0.1, "eyes": 0.085, "brows": 0.175}
# A face that has the expression already gets this share of it in addition.
_AT_LEAST: Final = 0.4
# Eyes and lips less open than this are shut, in face widths.
_SHUT: Final = {"eyes": 0.022, "open": 0.014}
# From this gap between the lips something is seen of the mouth.
_SEEN: Final = 0.016
# Teeth that are seen may be stretched by this; a mouth that opens more is painted.
_STRETCH: Final = 1.7
# Closer than this to the oval a movement fades, in face widths.
_FADE: Final = 0.05
# Cells of the grid that the movement is evaluated on, in a face's width.
_CELLS: Final = 160


@dataclass(frozen=True, slots=True, eq=False)
class Driver:
    """The face that an expression is taken from.

    Attributes:
        pixels: (H, W, 3) its picture.
        points: (468, 3) its mesh.
    """

    pixels: Pixels
    points: Points

    def mouth(self) -> mouth.Lent | None:
        """Its mouth, if it is open."""
        face, points = align(self.points), self.points[:, :2]
        if face.measures()["open", 0] < _SEEN:
            return None
        opening = mouth.Opening(points[list(UPPER_LIP)], points[list(LOWER_LIP)], face.width_px)
        return mouth.Lent(self.pixels, opening, mouth.light_of(self.pixels, points))


def wanted_of(driver: Driver) -> dict[Key, float]:
    """What a face's expression differs in from a face at rest."""
    return align(driver.points).expression()


def amounts_for(
    face: Aligned, wanted: Mapping[Key, float], strength: float, *, whole: bool
) -> dict[Key, float]:
    """How much each measure of a face has to change.

    Args:
        face: The face.
        wanted: What is wanted, beside a face at rest.
        strength: 1 for what is wanted.
        whole: Whether a face that has more of it already loses some.
    """
    own, measured = face.expression(), face.measures()
    opened = measured["open", 0] + min(0.0, wanted.get(("open", 0), 0.0) - own["open", 0])
    lost = _SMILE_LOST if opened < _SEEN else _OPEN_SMILE_LOST
    amounts = {}
    for key, goal in wanted.items():
        # An eye is shut or not.
        share = max(strength, 1.0) if goal <= _SHUT_GOAL else strength
        # What there is of another expression goes, but no more than that.
        change = share * goal - min(share, 1.0) * own[key]
        if not whole and goal:
            least = _AT_LEAST * share * goal
            change = max(change, least) if goal > 0 else min(change, least)
        amounts[key] = max(change, -lost) if key in _SMILE else change
        most = _MOST.get(key[0])
        if most is not None:
            amounts[key] = min(amounts[key], max(0.0, most - measured[key]))
    for key in amounts.keys() & {*_EYES, ("open", 0)}:
        # Lids and lips meet; they do not cross.
        amounts[key] = max(amounts[key], -measured[key])
    return amounts


def edited(
    pixels: Pixels, points: Points, amounts: Mapping[Key, float], driver: Driver | None = None
) -> Pixels:
    """A picture with one face's expression changed; nothing moves outside of its oval.

    Args:
        pixels: (H, W, 3) the picture.
        points: (468, 3) the face's mesh.
        amounts: As `amounts_for` gives them.
        driver: A face whose open mouth may be borrowed.
    """
    left, top = (max(0, int(edge)) for edge in np.floor(points[:, :2].min(axis=0)) - 2)
    right, bottom = (int(edge) for edge in np.ceil(points[:, :2].max(axis=0)) + 3)
    # A copy of the face's own part: a large picture around it is left alone.
    part = np.ascontiguousarray(pixels[top:bottom, left:right])
    own = points - (left, top, 0)
    result = pixels.copy()
    result[top:bottom, left:right] = _edited(part, own, amounts, driver)
    return result


def _edited(
    pixels: Pixels, points: Points, amounts: Mapping[Key, float], driver: Driver | None
) -> Pixels:
    face = align(points)
    measured = face.measures()
    new = points[:, :2] + face.in_picture(mean_face().movements(amounts))
    shut = [seam for key, seam in SEAMS.items() if _shuts(key, measured, amounts)]
    result = _warped(pixels, points, new.copy(), face, shut)
    gap = measured["open", 0] + amounts.get(("open", 0), 0.0)
    if gap > _SEEN and gap > _STRETCH * measured["open", 0]:
        opening = mouth.Opening(new[list(UPPER_LIP)], new[list(LOWER_LIP)], face.width_px)
        light = mouth.light_of(pixels, points[:, :2])
        lent = driver.mouth() if driver else None
        if lent and (filled := mouth.borrow(result, opening, light, lent)) is not None:
            return filled
        corners = [face.expression()[key] + amounts.get(key, 0.0) for key in _SMILE]
        smile = float(np.clip(np.mean(corners) / EXPRESSIONS["big-smile"]["smile", 1], 0, 1))
        result = mouth.paint(result, opening, light, smile)
    return result


def _shuts(key: Key, measured: Mapping[Key, float], amounts: Mapping[Key, float]) -> bool:
    amount = amounts.get(key, 0.0)
    # Lips that were shut need not be shut.
    return measured[key] > _SHUT[key[0]] and measured[key] + amount < _SHUT[key[0]]


def _warped(
    pixels: Pixels, points: Points, new: Points, face: Aligned, shut: Sequence[Seam]
) -> Pixels:
    """The picture with points moved; between edges that meet nothing is left."""
    old = points[:, :2].copy()
    height, width = pixels.shape[:2]
    cell = max(2, round(face.width_px / _CELLS))
    columns, rows = -(-width // cell) + 1, -(-height // cell) + 1
    x, y = np.meshgrid(np.arange(columns) * cell, np.arange(rows) * cell)
    nodes = np.stack([x.ravel(), y.ravel()], axis=-1).astype(np.float64)
    # The cells of a node that moves lie inside of the oval as a whole.
    inside = inside_by(old[list(OVAL)], nodes) - math.sqrt(2) * cell
    share = np.clip(inside / (_FADE * face.width_px), 0, 1)
    share = share**2 * (3 - 2 * share)
    near = share > 0

    def warped(left_out: Iterable[int]) -> Pixels:
        used = np.setdiff1d(np.arange(len(old)), list(left_out))
        shifts = np.zeros_like(nodes)
        field = thin_plate(new[used], (old - new)[used], nodes[near])
        shifts[near] = share[near, None] * field
        return moved(pixels, shifts.reshape(rows, columns, 2), cell)

    if not shut:
        return warped(())
    for seam in shut:
        # The edges are pulled over what is between them, and meet in the middle.
        upper, lower = list(seam.upper), list(seam.lower)
        down = face.in_picture(np.array([[0.0, seam.reach, 0.0]]))
        old[upper] -= down
        old[lower] += down
        new[upper] = new[lower] = (new[upper] + new[lower]) / 2
    result = warped([index for seam in shut for index in seam.lower])
    below = warped([index for seam in shut for index in seam.upper])
    for seam in shut:
        result = joined(result, below, pixels, new, points[:, :2], seam)
    return result

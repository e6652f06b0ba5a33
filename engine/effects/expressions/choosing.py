"""Chooses the faces whose expression is changed, and refuses those that cannot be."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.api.analyses import Face, Faces
from engine.api.errors import (
    HiddenFaceError,
    NoFaceError,
    SeveralFacesError,
    SmallFaceError,
    TurnedFaceError,
)
from engine.effects.expressions.face_shape import LEFT_EYE, LIPS, RIGHT_EYE, align, points_of
from engine.effects.expressions.mouth import to_lab
from engine.media.full_size import Pixels
from engine.media.warping import Points, inside_by

# A face narrower than this share of the largest one is one in the background.
_BESIDE: Final = 0.4
_WIDTH_MIN_PX: Final = 48
# Degrees to the side, and up or down. Of 174 portraits one is turned further.
_TURNED_MAX: Final = (33.0, 24.0)
# Points that say how light the skin is: the upper cheeks, and under the eyes.
_CHEEKS: Final = (50, 101, 280, 330)
_UNDER_EYES: Final = (230, 231, 229, 450, 451, 449)
# Contrast of an eye, by the skin's lightness: of 174 portraits those without a mask, a hand or
# glasses have more, except one that is too dark. Through some dark glasses there is a little more,
# but what is under the eyes is dark as well.
_EYE_CONTRAST: Final = 0.078
_GLASS_CONTRAST, _GLASS_DARK = 0.1, 0.22
# Lips differ from the skin around them by this in Oklab, or else light and dark of a mouth differ
# by this share of the skin's lightness.
_LIP_CONTRAST, _MOUTH_RANGE = 0.016, 0.3


def chosen(faces: Faces, which: str) -> list[Face]:
    """The faces that are meant, largest first.

    Args:
        faces: All faces of a picture.
        which: "only", "left-face", "right-face" or "all-faces".

    Raises:
        NoFaceError: there is none.
        SeveralFacesError: there are several, and the only one is meant.
    """
    if not faces.faces:
        raise NoFaceError("No face was found in the picture.")
    largest = faces.faces[0].box[2]
    near = [face for face in faces.faces if face.box[2] >= _BESIDE * largest]
    if which == "only" and len(near) > 1:
        raise SeveralFacesError(
            f"There are {len(near)} faces in the picture: choose the left one, the right one, "
            "or all."
        )
    by_place = sorted(near, key=lambda face: face.box[0] + face.box[2] / 2)
    return {"left-face": by_place[:1], "right-face": by_place[-1:]}.get(which, near)


def usable(found: Sequence[Face], faces: Faces, pixels: Pixels) -> list[Points]:
    """The meshes of faces, in pixels of a picture that may be smaller than the analysed one.

    Args:
        found: The faces.
        faces: The analysis they are from.
        pixels: (H, W, 3) the picture.

    Raises:
        FaceError: one is too small, turned too far, or hidden.
    """
    scale = pixels.shape[1] / faces.width
    meshes = [points_of(face) * scale for face in found]
    for points in meshes:
        _check(points, pixels)
    return meshes


def _check(points: Points, pixels: Pixels) -> None:
    face = align(points)
    if face.width_px < _WIDTH_MIN_PX:
        raise SmallFaceError(
            f"The face is {face.width_px:.0f} pixels wide; {_WIDTH_MIN_PX} are needed."
        )
    if any(abs(turn) > most for turn, most in zip(face.turned, _TURNED_MAX, strict=True)):
        raise TurnedFaceError("The face is turned too far; it must look roughly at the camera.")
    seen = points[[*LIPS, *RIGHT_EYE, *LEFT_EYE], :2]
    if (seen < 0).any() or (seen >= pixels.shape[1::-1]).any():
        raise HiddenFaceError("Part of the face is outside of the picture.")
    if _mouth_hidden(points, pixels):
        raise HiddenFaceError("The mouth cannot be seen: a mask or a hand hides it.")
    if _eyes_hidden(points, pixels):
        raise HiddenFaceError("The eyes cannot be seen: glasses, a hand or a shadow hides them.")


def _eyes_hidden(points: Points, pixels: Pixels) -> bool:
    skin = _at(points, pixels, _CHEEKS)
    eyes = (_within(points[list(eye), :2], pixels) for eye in (RIGHT_EYE, LEFT_EYE))
    contrast = max(float(eye[:, 0].std()) for eye in eyes) / max(skin[0], 0.05)
    under = skin[0] - _at(points, pixels, _UNDER_EYES)[0]
    behind_glass = contrast < _GLASS_CONTRAST and under > _GLASS_DARK
    return bool(contrast < _EYE_CONTRAST or behind_glass)


def _mouth_hidden(points: Points, pixels: Pixels) -> bool:
    skin = _at(points, pixels, _CHEEKS)
    border = points[list(LIPS), :2]
    middle = border.mean(axis=0)
    lips = _within(border, pixels)
    around = _within(middle + 1.5 * (border - middle), pixels, without=border)
    mouth = _within(middle + 1.1 * (border - middle), pixels)[:, 0]
    contrast = float(np.linalg.norm(np.median(lips, axis=0) - np.median(around, axis=0)))
    low, high = float(np.percentile(mouth, 5)), float(np.percentile(mouth, 95))
    least = _MOUTH_RANGE * max(float(skin[0]), 0.05)
    return contrast < _LIP_CONTRAST and high - low < least


def _at(points: Points, pixels: Pixels, indices: Sequence[int]) -> NDArray[np.float64]:
    """The median colour around some points, in Oklab."""
    reach = max(1, round(np.ptp(points[:, 0]) / 60))
    size = np.array(pixels.shape[1::-1]) - 1
    parts = []
    for x, y in np.clip(points[list(indices), :2], 0, size).astype(int):
        part = pixels[max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1]
        parts.append(part.reshape(-1, 3))
    colour: NDArray[np.float64] = np.median(to_lab(np.concatenate(parts)), axis=0)
    return colour


def _within(
    polygon: Points, pixels: Pixels, *, without: Points | None = None
) -> NDArray[np.float64]:
    """Colours of the pixels in a polygon, at most some thousands, in Oklab."""
    low = np.maximum(np.floor(polygon.min(axis=0)).astype(int), 0)
    high = np.minimum(np.ceil(polygon.max(axis=0)).astype(int) + 1, pixels.shape[1::-1])
    step = max(1, int(np.sqrt(np.prod(high - low) / 4096)))
    x, y = np.meshgrid(np.arange(low[0], high[0], step), np.arange(low[1], high[1], step))
    places = np.stack([x.ravel(), y.ravel()], axis=-1)
    inside = inside_by(polygon, places + 0.5) > 0
    if without is not None:
        inside &= inside_by(without, places + 0.5) < 0
    kept = places[inside] if inside.any() else places
    return to_lab(pixels[kept[:, 1], kept[:, 0]])

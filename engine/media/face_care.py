"""Keeps faces recognisable in paintings.

Runs in codec workers and does not import torch.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from engine.api.analyses import Face, Faces
from engine.media.full_size import Pixels

# The mesh's points around a face, in order (MediaPipe's "face oval").
OVAL: Final = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
# As shares of a face's side: how far the oval is widened and blurred, and the size of structure
# that is the photo's.
_WIDER: Final = 0.06
_EDGE: Final = 0.06
_STRUCTURE: Final = 0.12
# Smaller faces, px, are a few strokes: there is nothing in them to keep.
_SIDE_MIN_PX: Final = 12.0

_Floats = NDArray[np.float32]


def face_map(faces: Faces, size: tuple[int, int]) -> Pixels | None:
    """Where faces are, (h, w) uint8, 255 within them and fading at their edges; None if nowhere.

    Args:
        faces: The faces of the picture, which may have another size.
        size: (height, width) of the map.
    """
    found = np.zeros(size, np.uint8)
    for face in faces.faces:
        if (part := _Part.of(face, faces, size)) is not None:
            window = found[part.rows, part.columns]
            np.maximum(window, (part.share * 255).round().astype(np.uint8), out=window)
    return found if found.any() else None


def ease(painted: Pixels, photo: Pixels, faces: Faces, share: float) -> Pixels:
    """A painting whose faces have the photo's features in the painting's colours.

    What is finer than a face's large planes, such as motifs and stripes, gives way to the photo's
    light and shade there.

    Args:
        painted: (h, w, 3) uint8.
        photo: (h, w, 3) uint8.
        faces: The faces of the photo, which may have been found at another size.
        share: How much gives way, 0 to 1.
    """
    eased = painted
    for face in faces.faces:
        part = _Part.of(face, faces, (painted.shape[0], painted.shape[1]))
        if part is None:
            continue
        if eased is painted:
            eased = painted.copy()
        window = (part.rows, part.columns)
        over = eased[window].astype(np.float32)
        light = Image.fromarray(photo[window]).convert("L")
        blur = ImageFilter.GaussianBlur(_STRUCTURE * part.side)
        planes = np.asarray(Image.fromarray(eased[window]).filter(blur), np.float32)
        around = np.asarray(light.filter(blur), np.float32)
        features = (np.asarray(light, np.float32) - around)[..., None]
        over += share * part.share[..., None] * (planes + features - over)
        eased[window] = over.round().clip(0, 255)
    return eased


class _Part:
    """One face's surroundings in a picture.

    Attributes:
        rows: Its rows.
        columns: Its columns.
        side: The face's side, px.
        share: (h, w), 1 within the face and fading at its edge.
    """

    def __init__(self, oval: _Floats, side: float, size: tuple[int, int]) -> None:
        margin = 3 * (_EDGE + _STRUCTURE) * side
        first = np.maximum(np.floor(oval.min(0) - margin), 0).astype(int)
        last = np.minimum(np.ceil(oval.max(0) + margin), (size[1], size[0])).astype(int)
        self.rows, self.columns = slice(first[1], last[1]), slice(first[0], last[0])
        self.side = side
        width, height = (int(edge) for edge in np.maximum(last - first, 0))
        within = Image.new("L", (width, height))
        if width and height:
            corners = [(float(x), float(y)) for x, y in oval - first]
            ImageDraw.Draw(within).polygon(corners, fill=255)
            within = within.filter(ImageFilter.GaussianBlur(_EDGE * side))
        self.share = np.asarray(within, np.float32) / 255

    @classmethod
    def of(cls, face: Face, faces: Faces, size: tuple[int, int]) -> "_Part | None":
        """A face's part of a picture of (height, width); None if it is too small or outside."""
        scale = np.array((size[1] / faces.width, size[0] / faces.height), np.float32)
        oval = np.array([face.mesh[point][:2] for point in OVAL], np.float32) * scale
        side = float(np.sqrt(np.prod(oval.max(0) - oval.min(0))))
        if side < _SIDE_MIN_PX:
            return None
        middle = oval.mean(0)
        part = cls(middle + (1 + _WIDER) * (oval - middle), side, size)
        return part if part.share.size else None

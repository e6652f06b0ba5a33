"""Makes a coarse mask's edges follow a picture's, by the guided filter of He, Sun and Tang 2010.

In every window the mask is a linear function of the picture's colours. As in "Fast Guided Filter"
(He and Sun 2015) the functions are found on a small picture and applied to the large one.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.analyzers.models import Floats

# Long side of the small picture.
_SIDE_PX: Final = 384
# Radius of a window, by the small picture's long side.
_RADIUS: Final = 1 / 48
# Colours that differ by less than this, 0 to 1, are one surface.
_SMOOTHED: Final = 0.02
# A mask's values below and above are 0 and 1: the filter leaves a haze.
_LOW, _HIGH = 0.15, 0.85
_ROWS, _COLUMNS = np.triu_indices(3)


def refine(guide: NDArray[np.uint8], mask: Floats) -> Floats:
    """The mask at the guide's size, (H, W), 0 to 1.

    Args:
        guide: (H, W, 3) picture.
        mask: (h, w) mask, 0 to 1.
    """
    height, width = guide.shape[:2]
    scale = min(1.0, _SIDE_PX / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    reduced = Image.fromarray(guide).resize(size, Image.Resampling.BOX)
    small = np.asarray(reduced, np.float32) / np.float32(255)
    target = _resized(mask, size)
    slope, offset = _functions(small, target, max(1, round(max(size) * _RADIUS)))
    result = _resized(offset, (width, height))
    for channel in range(3):
        result += _resized(slope[..., channel], (width, height)) * (
            guide[..., channel].astype(np.float32) / 255
        )
    refined: Floats = np.clip((result - _LOW) / (_HIGH - _LOW), 0, 1)
    return refined


def _functions(picture: Floats, mask: Floats, radius: int) -> tuple[Floats, Floats]:
    """Each pixel's slope (h, w, 3) and offset (h, w), averaged over the windows it is in."""
    mean, mask_mean = _boxed(picture, radius), _boxed(mask, radius)
    # Of the six different products each is computed once.
    products = _boxed(picture[..., _ROWS] * picture[..., _COLUMNS], radius)
    covariance = np.empty((*mask.shape, 3, 3), np.float32)
    covariance[..., _ROWS, _COLUMNS] = products - mean[..., _ROWS] * mean[..., _COLUMNS]
    covariance[..., _COLUMNS, _ROWS] = covariance[..., _ROWS, _COLUMNS]
    covariance += _SMOOTHED**2 * np.eye(3, dtype=np.float32)
    shared = _boxed(picture * mask[..., None], radius) - mean * mask_mean[..., None]
    slope: Floats = np.linalg.solve(covariance, shared[..., None])[..., 0].astype(np.float32)
    offset = mask_mean - (slope * mean).sum(axis=2)
    return _boxed(slope, radius), _boxed(offset, radius)


def _boxed(values: Floats, radius: int) -> Floats:
    """Means over (2 radius + 1) squared windows, smaller at the borders."""
    for axis in (0, 1):
        length = values.shape[axis]
        sums = np.cumsum(values, axis=axis, dtype=np.float64)
        sums = np.insert(sums, 0, 0, axis=axis)
        high = np.minimum(np.arange(length) + radius + 1, length)
        low = np.maximum(np.arange(length) - radius, 0)
        shape = [-1 if each == axis else 1 for each in range(values.ndim)]
        count = (high - low).reshape(shape)
        values = ((sums.take(high, axis) - sums.take(low, axis)) / count).astype(np.float32)
    return values


def _resized(values: Floats, size: tuple[int, int]) -> Floats:
    image = Image.fromarray(values).resize(size, Image.Resampling.BILINEAR)
    return np.array(image, np.float32)

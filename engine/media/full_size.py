"""Enlarges a picture painted at a bounded side to the photo's full resolution.

A generator paints strokes of a fixed pixel size, so it works at a bounded side, and its enlarged
result alone would look soft. So the photo's fine detail (the difference from its own reduced copy)
is added, weighted by how well the painting follows the photo: the slope of the local linear
regression of painted on photographed luminance, the `a` of the guided filter
(He 2013, doi:10.1109/TPAMI.2012.213, section 3.2). Where strokes do not follow the photo the slope
is small and no detail is added.

Everything runs on strips, so a 12-megapixel photo takes little memory beyond itself.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.media.sampling import resample

Pixels = NDArray[np.uint8]
Plane = NDArray[np.float32]

# ITU-R BT.601 luma, what JPEG's YCbCr uses.
_LUMA: Final = np.array([0.299, 0.587, 0.114], dtype=np.float32)
_STRIP_ROWS: Final = 256
_WINDOW_RADIUS_PX: Final = 4
# Variances below this (in 8-bit levels squared) are noise, not edges to follow.
_NOISE_VARIANCE: Final = 40.0
_GAIN_MAX: Final = 1.2
# A slope of 1 is 64 in 8 bits.
_GAIN_BITS: Final = 6


def resize(pixels: Pixels, width: int, height: int) -> Pixels:
    """Resample (H, W, 3) uint8 with Lanczos."""
    # A copy, because Pillow's buffer is read-only, which torch does not accept.
    return np.array(resample(Image.fromarray(pixels), (width, height)))


def light(pixels: Pixels) -> Pixels:
    """BT.601 luma of (H, W, 3) uint8, rounded to (H, W) uint8."""
    return np.asarray(Image.fromarray(pixels).convert("L"))


def to_full_size(painted: Pixels, photo_light: Pixels, reduced: Pixels) -> Pixels:
    """Enlarge a painting to its photo's size and give it the photo's fine edges.

    Args:
        painted: (h, w, 3) uint8 sRGB.
        photo_light: (H, W) uint8, the luma of what was painted, at full size.
        reduced: (h, w, 3) uint8 sRGB, what was painted, at the painting's size.

    Returns:
        (H, W, 3) uint8 sRGB.
    """
    height, width = photo_light.shape
    small_height, small_width = painted.shape[:2]
    if (height, width) == (small_height, small_width):
        return painted
    if small_height >= height and small_width >= width:
        return resize(painted, width, height)
    slopes = _edge_gain(luma(painted), luma(reduced)) * (1 << _GAIN_BITS)
    gain = Image.fromarray(np.rint(slopes).astype(np.uint8))
    coarse, coarse_light = Image.fromarray(painted), Image.fromarray(reduced).convert("L")
    full = np.empty((height, width, 3), np.uint8)
    for rows in strips(height):
        top, bottom = (at * small_height / height for at in (rows.start, rows.stop))

        def enlarged(
            image: Image.Image,
            filter_: Image.Resampling,
            size: tuple[int, int] = (width, rows.stop - rows.start),
            box: tuple[float, float, float, float] = (0, top, small_width, bottom),
        ) -> Pixels:
            return np.asarray(image.resize(size, filter_, box=box))

        # All in 16 bits, which hold 255 levels times the largest gain, and are fast.
        detail = photo_light[rows].astype(np.int16)
        detail -= enlarged(coarse_light, Image.Resampling.BICUBIC)
        detail *= enlarged(gain, Image.Resampling.BILINEAR)
        detail += 1 << (_GAIN_BITS - 1)
        detail >>= _GAIN_BITS
        large = enlarged(coarse, Image.Resampling.BICUBIC)
        for channel in range(3):
            full[rows, :, channel] = (large[..., channel] + detail).clip(0, 255)
    return full


def mix(painted: Pixels, photo: Pixels, share: float) -> Pixels:
    """Blend a painting with its photo of the same size; `share` of the painting, 0 to 1."""
    mixed = np.empty_like(photo)
    for rows in strips(photo.shape[0]):
        mixed[rows] = to_pixels(share * painted[rows] + (1 - share) * photo[rows])
    return mixed


def keep_colours(painted: Pixels, photo: Pixels) -> Pixels:
    """Combine the painting's luminance with the photo's colours.

    Adding a number to all three channels changes BT.601's Y by it and does not change Cb and Cr.

    Args:
        painted: (H, W, 3) uint8 sRGB.
        photo: (H, W, 3) uint8 sRGB.

    Returns:
        (H, W, 3) uint8 sRGB.
    """
    mixed = np.empty_like(photo)
    for rows in strips(photo.shape[0]):
        lighter = luma(painted[rows]) - luma(photo[rows])
        mixed[rows] = to_pixels(photo[rows] + lighter[..., None])
    return mixed


def strips(height: int) -> Iterator[slice]:
    """Slices of a bounded number of rows, so that temporary arrays stay small."""
    for start in range(0, height, _STRIP_ROWS):
        yield slice(start, min(height, start + _STRIP_ROWS))


def luma(pixels: Pixels) -> Plane:
    """BT.601 luma of (H, W, 3) uint8, in 8-bit levels."""
    return pixels.astype(np.float32) @ _LUMA


def to_pixels(values: NDArray[np.floating]) -> Pixels:
    """Round to 8 bits, clipped."""
    pixels: Pixels = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return pixels


def _edge_gain(painted: Plane, photo: Plane) -> Plane:
    """Slope of painted on photographed luminance in a window around each pixel, 0 to 1.2."""
    mean_photo, mean_painted = _box_mean(photo), _box_mean(painted)
    covariance = _box_mean(photo * painted) - mean_photo * mean_painted
    variance = _box_mean(photo * photo) - mean_photo**2
    return np.clip(_box_mean(covariance / (variance + _NOISE_VARIANCE)), 0, _GAIN_MAX)


def _box_mean(plane: Plane) -> Plane:
    """Mean over a square window, mirrored at the border, in time independent of its size."""
    width = 2 * _WINDOW_RADIUS_PX + 1
    padded = np.pad(plane.astype(np.float64), _WINDOW_RADIUS_PX + 1, mode="symmetric")[:-1, :-1]
    sums = padded.cumsum(0).cumsum(1)
    total = sums[width:, width:] - sums[:-width, width:] - sums[width:, :-width]
    mean: Plane = ((total + sums[:-width, :-width]) / width**2).astype(np.float32)
    return mean

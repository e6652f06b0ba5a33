"""Prepares photos for painting, finishes paintings, and applies filters.

Runs in codec workers and does not import torch.
"""

from dataclasses import replace
from typing import Final

from engine.api.contract import BRUSH_SCALES, Brush
from engine.media.filters import Filter
from engine.media.full_size import Pixels, keep_colours, light, mix, resize, to_full_size
from engine.media.images import Picture

# The networks' minimum, as `engine.painting.networks.MIN_SIDE_PX`, without importing torch.
MIN_SIDE_PX: Final = 32


def fit_to_paint(photo: Pixels, work_side_px: int, brush: Brush) -> Pixels:
    """Resize a photo to the side it is painted at; a fine brush may enlarge it.

    Args:
        photo: (H, W, 3) uint8 sRGB.
        work_side_px: Long side at which strokes look as they were trained to.
        brush: Size of the strokes, relative to the photo where that is smaller than the side.
    """
    height, width = photo.shape[:2]
    return _fitted(photo, size_to_paint(width, height, work_side_px, brush))


def size_to_paint(width: int, height: int, work_side_px: int, brush: Brush) -> tuple[int, int]:
    """The (width, height) that a photo is painted at."""
    side_px = min(work_side_px, max(width, height))
    return _size_at(width, height, round(side_px * BRUSH_SCALES[brush]))


def fit(pixels: Pixels, side_px: int) -> Pixels:
    """Resize to a long side of `side_px`; the short side is at least the networks' minimum."""
    height, width = pixels.shape[:2]
    return _fitted(pixels, _size_at(width, height, side_px))


def fit_like(photo: Pixels, painted: Pixels) -> Pixels:
    """Resize a photo to a painting's size; an unfinished painting is smaller than its photo."""
    return _fitted(photo, (painted.shape[1], painted.shape[0]))


def _size_at(width: int, height: int, side_px: int) -> tuple[int, int]:
    scale = side_px / max(width, height)
    if scale == 1.0:
        return width, height
    return max(MIN_SIDE_PX, round(width * scale)), max(MIN_SIDE_PX, round(height * scale))


def _fitted(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    return pixels if pixels.shape[1::-1] == size else resize(pixels, *size)


def finish(painted: Pixels, photo_light: Pixels, reduced: Pixels, colours: Pixels | None) -> Pixels:
    """Enlarge a painting to its photo's size, (H, W, 3) uint8.

    Args:
        painted: (h, w, 3) uint8.
        photo_light: (H, W) uint8, the photo's luma.
        reduced: The photo as given to the network; may be larger than an unfinished painting.
        colours: The photo, (H, W, 3) uint8, to keep its colours; else None.
    """
    full = to_full_size(painted, photo_light, fit_like(reduced, painted))
    return full if colours is None else keep_colours(full, colours)


def apply_filter(
    photo: Picture,
    chosen: Filter,
    work_side_px: int,
    *,
    strength: float = 1.0,
    colours_kept: bool = False,
    brush: Brush = "normal",
) -> Picture:
    """Apply a filter to a photo, as `Stylizer.repaint` does with a painted style."""
    if chosen.pointwise:
        full = chosen.apply(photo.rgb)
    else:
        small = fit_to_paint(photo.rgb, work_side_px, brush)
        full = to_full_size(chosen.apply(small), light(photo.rgb), small)
    if strength < 1:
        full = mix(full, photo.rgb, strength)
    return replace(photo, rgb=keep_colours(full, photo.rgb) if colours_kept else full)

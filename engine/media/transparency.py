"""Fills fully transparent pixels with the colours of visible ones nearby.

Transparent pixels contain arbitrary colours: black, white, an older picture. Networks and resizing
would mix them into visible pixels. So they are filled by the pull-push method of Gortler et al.
(1996, doi:10.1145/237170.237200): averages over growing squares, then back to unfilled places.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
# Largest resolution of the fill; finer differences would not be visible.
_LONGEST_PX: Final = 1024
_WHITE: Final = 255


def fill_hidden(rgb: Pixels, alpha: Pixels) -> None:
    """Fill pixels of zero opacity with the colours of visible neighbours, in place.

    Args:
        rgb: (H, W, 3) sRGB, not multiplied by alpha.
        alpha: (H, W).
    """
    hidden = alpha == 0
    if not hidden.any():
        return
    if hidden.all():
        rgb[:] = _WHITE
        return
    height, width = alpha.shape
    weighted = Image.fromarray(np.dstack([rgb, alpha])).convert("RGBa")
    factor = -(-max(height, width) // _LONGEST_PX)
    if factor > 1:
        weighted = weighted.reduce(factor)
    filled = Image.fromarray(_pushed(np.asarray(weighted).astype(np.float32)))
    if factor > 1:
        filled = filled.resize((width, height), Image.Resampling.BILINEAR)
    rgb[hidden] = np.asarray(filled)[hidden]


def _pushed(weighted: NDArray[np.float32]) -> Pixels:
    """Colours everywhere, of (h, w, 4) colours that are multiplied by their weights."""
    weight = weighted[..., 3:]
    colours = np.rint(weighted[..., :3] * (255 / np.maximum(weight, 1e-6)))
    seen = weight > 0
    if not seen.all():
        height, width = weight.shape[:2]
        even = np.pad(weighted, ((0, height % 2), (0, width % 2), (0, 0)))
        quarters = even.reshape(even.shape[0] // 2, 2, even.shape[1] // 2, 2, 4)
        coarse = Image.fromarray(_pushed(quarters.sum((1, 3))))
        around = coarse.resize((width, height), Image.Resampling.BILINEAR)
        colours = np.where(seen, colours, np.asarray(around))
    return colours.clip(0, 255).astype(np.uint8)

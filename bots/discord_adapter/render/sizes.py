"""Makes pictures fit Discord's limit, in steps of increasing loss."""

import io
from dataclasses import dataclass
from typing import Final

from PIL import Image

# A card is viewed on a screen; the file with every pixel is available separately.
SHOWN_SIDE_PX: Final = 2048
_JPEG_QUALITY: Final = 92
_WEBP_QUALITIES: Final = (90, 80)
_SHRINK: Final = 0.75
_SMALLEST_SIDE_PX: Final = 64


@dataclass(frozen=True, slots=True)
class Fitted:
    """A picture file within the limit.

    Attributes:
        image: Its bytes.
        suffix: File name suffix, without a dot.
        width: In pixels.
        height: In pixels.
        lossy: Whether quality or size was reduced to meet the limit.
    """

    image: bytes
    suffix: str
    width: int
    height: int
    lossy: bool = False


def fitted(image: bytes, limit: int, side_px: int | None = SHOWN_SIDE_PX) -> Fitted:
    """A picture unchanged, otherwise as WebP, otherwise smaller.

    Args:
        image: A picture file from the engine, without metadata.
        limit: Largest size in bytes.
        side_px: Longest side in pixels; None for any.
    """
    with Image.open(io.BytesIO(image)) as opened:
        suffix = "jpg" if opened.format == "JPEG" else str(opened.format).lower()
        long_side = max(opened.size)
        if len(image) <= limit and (side_px is None or long_side <= side_px):
            return Fitted(image, suffix, *opened.size)
        picture = opened.convert("RGB") if opened.mode not in ("RGB", "RGBA") else opened.copy()
    if side_px is not None and long_side > side_px:
        picture.thumbnail((side_px, side_px), Image.Resampling.LANCZOS)
        image = _as_jpeg(picture)
        if len(image) <= limit:
            return Fitted(image, "jpg", *picture.size)
    return _below(picture, limit)


def _below(picture: Image.Image, limit: int) -> Fitted:
    best, worst = _WEBP_QUALITIES
    image = _as_webp(picture, best)
    if len(image) > limit:
        image = _as_webp(picture, worst)
    while len(image) > limit and max(picture.size) > _SMALLEST_SIDE_PX:
        width, height = (max(1, round(side * _SHRINK)) for side in picture.size)
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)
        image = _as_webp(picture, worst)
    return Fitted(image, "webp", *picture.size, lossy=True)


def _as_jpeg(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.convert("RGB").save(file, "JPEG", quality=_JPEG_QUALITY)
    return file.getvalue()


def _as_webp(picture: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    picture.save(file, "WEBP", quality=quality)
    return file.getvalue()

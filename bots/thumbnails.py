"""Thumbnails of styles on one picture, in the places their buttons have below it."""

import io
from collections.abc import Sequence
from typing import Final

from PIL import Image, ImageDraw, ImageFont, ImageOps

_COLUMNS: Final = 2
_WIDTH_PX: Final = 480
_HEIGHT_PX: Final = 300
_GAP_PX: Final = 8
_LABEL_PX: Final = 26
_BACKGROUND: Final = "#1d1d1f"
_INK: Final = "#ffffff"
# A preview is small; what is larger is a person's own picture, and is reduced while it is decoded.
_PIXELS_MAX: Final = 40_000_000


def sheet(previews: Sequence[bytes | None], labels: Sequence[str]) -> bytes:
    """Lay previews out in two columns, as a JPEG.

    Args:
        previews: Picture files; None where there is none.
        labels: What to write on them; letters the font lacks are left out.
    """
    rows = max(1, -(-len(previews) // _COLUMNS))
    width = _COLUMNS * (_WIDTH_PX + _GAP_PX) + _GAP_PX
    page = Image.new("RGB", (width, rows * (_HEIGHT_PX + _GAP_PX) + _GAP_PX), _BACKGROUND)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(_LABEL_PX)
    for number, (preview, label) in enumerate(zip(previews, labels, strict=True)):
        left = _GAP_PX + number % _COLUMNS * (_WIDTH_PX + _GAP_PX)
        top = _GAP_PX + number // _COLUMNS * (_HEIGHT_PX + _GAP_PX)
        picture = _open(preview) if preview else None
        if picture:
            page.paste(ImageOps.fit(picture, (_WIDTH_PX, _HEIGHT_PX)), (left, top))
        plain = "".join(letter for letter in label if letter.isascii()).strip()
        if plain:
            _write(draw, plain, (left + 10, top + _HEIGHT_PX - _LABEL_PX - 14), font)
    file = io.BytesIO()
    page.save(file, "JPEG", quality=85)
    return file.getvalue()


def _open(file: bytes) -> Image.Image | None:
    try:
        picture = Image.open(io.BytesIO(file))
        if picture.width * picture.height > _PIXELS_MAX:
            return None
        picture.draft("RGB", (_WIDTH_PX, _HEIGHT_PX))
        return ImageOps.exif_transpose(picture).convert("RGB")
    except (OSError, ValueError, SyntaxError):
        # Pillow knows fewer formats than the engine.
        return None


def _write(
    draw: ImageDraw.ImageDraw,
    text: str,
    at: tuple[int, int],
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
) -> None:
    draw.text(at, text, _INK, font, stroke_width=3, stroke_fill=_BACKGROUND)

"""A contact sheet: the photo and its paintings side by side, each with its title."""

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from engine.media.images import Picture

_GAP_PX = 8
_TITLE_PX = 22


def contact_sheet(pictures: Sequence[tuple[str, Picture]], columns: int, cell_px: int) -> Picture:
    """Arrange titled pictures in rows, each fitted into a square cell.

    Args:
        pictures: Titles and pictures, in reading order.
        columns: Cells per row.
        cell_px: Side of a cell.
    """
    rows = math.ceil(len(pictures) / columns)
    pitch_x, pitch_y = cell_px + _GAP_PX, cell_px + _TITLE_PX + _GAP_PX
    sheet = Image.new("RGB", (columns * pitch_x + _GAP_PX, rows * pitch_y + _GAP_PX), "white")
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=_TITLE_PX * 0.64)
    for place, (title, picture) in enumerate(pictures):
        image = Image.fromarray(picture.rgb)
        image.thumbnail((cell_px, cell_px), Image.Resampling.LANCZOS)
        left = _GAP_PX + place % columns * pitch_x + (cell_px - image.width) // 2
        top = _GAP_PX + place // columns * pitch_y + (cell_px - image.height) // 2
        sheet.paste(image, (left, top))
        middle = _GAP_PX + place % columns * pitch_x + cell_px / 2
        baseline = _GAP_PX + place // columns * pitch_y + cell_px + _TITLE_PX / 2
        draw.text((middle, baseline), title, fill="black", font=font, anchor="mm")
    return Picture(np.asarray(sheet), None)

"""What travels between a bot and the engine; needs nothing but the standard library."""

from dataclasses import dataclass
from typing import Final, Literal

Brush = Literal["fine", "normal", "bold"]

# Strokes keep the pixel size they were trained at, so the side a photo is painted at is the size of
# the brush. Thirds either way are seen at once and still look like the style.
BRUSH_SCALES: Final[dict[Brush, float]] = {"fine": 4 / 3, "normal": 1.0, "bold": 2 / 3}

# What stands for a checkpoint in the code of a filter, which every checkpoint applies alike.
FILTER: Final = "filter"


@dataclass(frozen=True, slots=True)
class StyleCode:
    """A style as the engine understands it, to be kept and carried by those who do not.

    Attributes:
        checkpoint: Id of the checkpoint that made the code; only that one can paint with it.
            `FILTER` where no checkpoint is needed.
        data: The style vector's bytes, or a filter's slug. Opaque: only the engine opens them.
    """

    checkpoint: str
    data: bytes

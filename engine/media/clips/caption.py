"""Text over the frames of a film."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from engine.api.errors import CaptionError
from engine.media.clips.clip import Frame

# Fonts by the names of their files, which Pillow looks for where the system keeps fonts. The first
# that has all of a text's characters is taken; Pillow's own has Latin letters only.
_FONTS: Final = (
    "DejaVuSans-Bold.ttf",
    "NotoSans-Bold.ttf",
    "NotoSansCJK-Bold.ttc",
    "NotoSansCJK-Regular.ttc",
    "DroidSansFallbackFull.ttf",
    "wqy-zenhei.ttc",
    "wqy-microhei.ttc",
    "PingFang.ttc",
    "Hiragino Sans GB.ttc",
    "msyhbd.ttc",
    "arialbd.ttf",
)
# Size of the letters and of the space around, as shares of the film's short side.
_LETTERS: Final = 1 / 18
_SIDE_SPACE: Final = 0.07
_BOTTOM_SPACE: Final = 0.14
_LINES_MAX: Final = 4
# The point of a text that Pillow puts at a place.
_MIDDLE_BOTTOM: Final = "md"
# No character: fonts draw their sign for a missing one instead.
_MISSING: Final = "\uffff"

_Font = ImageFont.FreeTypeFont


@dataclass(frozen=True, slots=True)
class Caption:
    """A text as pixels.

    Attributes:
        top: First row that it covers.
        light: (h, w, 1) float32, the text's colour times its opacity: white letters on a shadow.
        clear: (h, w, 1) float32, the share of the film that is left.
    """

    top: int
    light: NDArray[np.float32]
    clear: NDArray[np.float32]

    def over(self, frame: Frame) -> Frame:
        """The frame with the text."""
        rows = slice(self.top, self.top + len(self.light))
        shown = frame.copy()
        shown[rows] = np.rint(frame[rows] * self.clear + self.light).astype(np.uint8)
        return shown


@lru_cache(maxsize=4)
def caption_of(text: str, size: tuple[int, int]) -> Caption:
    """Draw a text for films of a size (width, height), in px.

    Raises:
        CaptionError: it is too long, or no font has its characters.
    """
    width, height = size
    letters_px = round(min(size) * _LETTERS)
    font = _font_for(text, letters_px)
    lines = list(_wrapped(text, font, width * (1 - 2 * _SIDE_SPACE)))
    if len(lines) > _LINES_MAX:
        raise CaptionError(f"The caption is too long: at most {_LINES_MAX} lines are shown.")
    written, spacing = "\n".join(lines), letters_px // 3
    sheet = Image.new("L", size)
    bottom = height - round(_BOTTOM_SPACE * min(size))
    place = (width / 2, bottom)
    ImageDraw.Draw(sheet).multiline_text(
        place, written, 255, font, _MIDDLE_BOTTOM, spacing, align="center"
    )
    shadow = sheet.filter(ImageFilter.MaxFilter(3)).filter(ImageFilter.GaussianBlur(letters_px / 6))
    shade = np.minimum(1, 1.6 * np.asarray(shadow, np.float32) / 255) * 0.75
    ink = np.asarray(sheet, np.float32) / 255
    covered = np.flatnonzero((shade > 0).any(axis=1))
    rows = slice(int(covered[0]), int(covered[-1]) + 1) if len(covered) else slice(0, 1)
    clear = ((1 - ink) * (1 - shade))[rows, :, None].astype(np.float32)
    return Caption(rows.start, (255 * ink)[rows, :, None].astype(np.float32), clear)


def _wrapped(text: str, font: _Font, width: float) -> Iterator[str]:
    """Lines of at most a width; Chinese, which has no spaces, is broken anywhere."""
    for paragraph in text.splitlines():
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}".strip()
            if font.getlength(longer) <= width:
                line = longer
                continue
            if line:
                yield line
            line = ""
            for letter in word:
                if line and font.getlength(line + letter) > width:
                    yield line
                    line = ""
                line += letter
        yield line


def _font_for(text: str, size_px: int) -> _Font:
    missing = set[str]()
    for font in _fonts(size_px):
        lacks = {letter for letter in text if not _has(font, letter)}
        if not lacks:
            return font
        missing = missing & lacks if missing else lacks
    letter = min(missing) if missing else text[:1]
    raise CaptionError(
        f"No font on the engine's machine has {letter!r}; install one, such as Noto Sans CJK."
    )


def _fonts(size_px: int) -> Iterator[_Font]:
    for name in _FONTS:
        try:
            yield ImageFont.truetype(name, size_px)
        except OSError:
            continue
    own = ImageFont.load_default(size_px)
    if isinstance(own, ImageFont.FreeTypeFont):
        yield own


def _has(font: _Font, letter: str) -> bool:
    if letter.isspace():
        return True
    return bytes(font.getmask(letter)) != bytes(font.getmask(_MISSING))

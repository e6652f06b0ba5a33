"""Sheets of numbered pictures: a photo in several styles, or a sample in several styles.

Nothing is cropped. Untrusted files are decoded only in the engine; files decoded here are its own.
"""

import asyncio
import io
import logging
import math
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from cachetools import LRUCache
from PIL import Image, ImageDraw, ImageFont, ImageOps

from bots.core.common.services import Services
from bots.core.errors import BotError, SourceGoneError
from bots.core.jobs.platform import DeliverLaterError
from bots.core.policy import control
from bots.core.styles import previews
from bots.core.users import preferences
from engine.api.errors import EngineError, ImageError
from storage.values.people import ChatKey, UserKey
from storage.values.styles import Style

logger = logging.getLogger(__name__)

# Number of pictures on a sheet.
ON_A_SHEET: Final = 8
_TILE_PX: Final = 360
_GAP_PX: Final = 8
_LABEL_PX: Final = 22
_BADGE_PX: Final = 40
_BACKGROUND: Final = "#1d1d1f"
_INK: Final = "#ffffff"
_COLUMNS: Final = (2, 3, 4)
# Preferred ratio of width to height, for a phone.
_GOOD_SHAPE: Final = 0.9
_SHAPES: Final = (0.5, 2.0)
_KEPT: Final = 100
_KEPT_S: Final = 15 * 60.0
# Limits one person's sheet, so that other requests do not wait for it in the engine.
_AT_ONCE: Final = 2
_TIMEOUT_S: Final = 20.0

Key = tuple[str, int]


class Sheets:
    """Paints small versions of a photo in several styles; caches the photo for the next page."""

    def __init__(self, services: Services) -> None:
        """Start with an empty cache."""
        self._services = services
        self._small: LRUCache[Key, bytes] = LRUCache(_KEPT)

    async def of(
        self,
        asker: tuple[UserKey, ChatKey],
        key: Key,
        fetch: Callable[[], Awaitable[bytes]],
        shown: Sequence[Style],
        language: str,
    ) -> bytes | None:
        """A photo in some styles, JPEG; None if it may not be shown, or is not ready in time.

        Args:
            asker: The photo's owner, and the chat where it is shown.
            key: Cache key.
            fetch: Gets the file.
            shown: The styles, in the order of their numbers.
            language: Language of their titles.

        Raises:
            ImageError: the file is not a picture that can be painted.
            SourceGoneError: the platform no longer has it.
        """
        user, chat = asker
        if (await control.read_now(self._services)).mode != "open":
            return None
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                small = await self._small_of(key, fetch)
                if not await self._may_be_shown(chat, small):
                    return None
                painted = await self._painted(user, small, shown)
        except (ImageError, SourceGoneError):
            raise
        except (BotError, DeliverLaterError, EngineError, TimeoutError) as error:
            logger.info("no sheet: %s", type(error).__name__)
            return None
        labels = [style.title(language) for style in shown]
        return await asyncio.to_thread(sheet, painted, labels, small)

    def forget(self, key: Key) -> None:
        """Remove a photo from the cache."""
        self._small.pop(key, None)

    async def _small_of(self, key: Key, fetch: Callable[[], Awaitable[bytes]]) -> bytes:
        if key not in self._small:
            normalised = await previews.normalised(self._services, await fetch())
            small = self._small[key] = await asyncio.to_thread(_fitted, normalised)
            # After that the next page is unlikely to be wanted, and the photo is private.
            asyncio.get_running_loop().call_later(_KEPT_S, self.forget, key)
            return small
        return self._small[key]

    async def _may_be_shown(self, chat: ChatKey, small: bytes) -> bool:
        """Whether a chat's content check would neither cover nor refuse this photo."""
        settings = await preferences.chat_settings(self._services, chat)
        check = self._services.content_check
        return settings.photo_check == "off" or not check or not await check.unsuitable(small)

    async def _painted(
        self, user: UserKey, small: bytes, shown: Sequence[Style]
    ) -> list[bytes | None]:
        turn = asyncio.Semaphore(_AT_ONCE)

        async def paint(style: Style) -> bytes:
            async with turn:
                return await previews.sample(self._services, style, small, user)

        return list(await asyncio.gather(*map(paint, shown)))


def sheet(
    pictures: Sequence[bytes | None], labels: Sequence[str], photo: bytes | None = None
) -> bytes:
    """Arrange pictures with numbers and labels, as a JPEG.

    Args:
        pictures: Files from the engine; None for an empty place.
        labels: Their labels; letters that the font lacks are left out.
        photo: Fills a place that is left, without a number.
    """
    opened = [_open(picture) if picture else None for picture in pictures]
    width, height = _tile(opened)
    columns = _columns(len(pictures), width / height)
    rows = max(1, -(-len(pictures) // columns))
    size = (columns * (width + _GAP_PX) + _GAP_PX, rows * (height + _GAP_PX) + _GAP_PX)
    page = Image.new("RGB", size, _BACKGROUND)
    draw = ImageDraw.Draw(page)
    spare = [_open(photo)] if photo and len(pictures) < columns * rows else []
    for number, picture in enumerate([*opened, *spare]):
        left = _GAP_PX + number % columns * (width + _GAP_PX)
        top = _GAP_PX + number // columns * (height + _GAP_PX)
        if picture:
            fitted = ImageOps.contain(picture, (width, height), Image.Resampling.LANCZOS)
            across, down = width - fitted.width, height - fitted.height
            page.paste(fitted, (left + across // 2, top + down // 2))
        if number < len(labels):
            _label(draw, str(number + 1), labels[number], (left, top + height), width)
    file = io.BytesIO()
    page.save(file, "JPEG", quality=88)
    return file.getvalue()


def _tile(pictures: Sequence[Image.Image | None]) -> tuple[int, int]:
    """Width and height of a place: the shape of the pictures, within limits."""
    shapes = sorted(picture.width / picture.height for picture in pictures if picture)
    least, most = _SHAPES
    shape = min(most, max(least, shapes[len(shapes) // 2])) if shapes else 1.0
    long = _TILE_PX
    return (long, round(long / shape)) if shape >= 1 else (round(long * shape), long)


def _columns(count: int, shape: float) -> int:
    """The number of columns that gives a sheet the best shape for a phone."""

    def strangeness(columns: int) -> float:
        rows = -(-count // columns)
        return abs(math.log(columns * shape / rows / _GOOD_SHAPE))

    return min((columns for columns in _COLUMNS if columns <= max(2, count)), key=strangeness)


def _label(
    draw: ImageDraw.ImageDraw, number: str, label: str, corner: tuple[int, int], width: int
) -> None:
    """A number in a corner, and as much of a label as fits beside it."""
    left, bottom = corner
    box = (left, bottom - _BADGE_PX, left + _BADGE_PX, bottom)
    draw.rectangle(box, fill=_BACKGROUND)
    middle = (left + _BADGE_PX // 2, bottom - _BADGE_PX // 2)
    draw.text(middle, number, _INK, ImageFont.load_default(_LABEL_PX + 4), anchor="mm")
    font = ImageFont.load_default(_LABEL_PX)
    plain = "".join(letter for letter in label if letter.isascii()).strip()
    free_px = width - _BADGE_PX - 16
    while plain and draw.textlength(plain, font) > free_px:
        plain = plain[:-1].rstrip()
    at = (left + _BADGE_PX + 8, bottom - _BADGE_PX // 2)
    draw.text(at, plain, _INK, font, anchor="lm", stroke_width=3, stroke_fill=_BACKGROUND)


def _open(file: bytes) -> Image.Image | None:
    try:
        return Image.open(io.BytesIO(file)).convert("RGB")
    except (OSError, ValueError, SyntaxError):
        return None


def _fitted(file: bytes) -> bytes:
    """A photo reduced to the size of a place."""
    with Image.open(io.BytesIO(file)) as opened:
        opened.draft("RGB", (_TILE_PX, _TILE_PX))
        picture = opened.convert("RGB")
    picture.thumbnail((_TILE_PX, _TILE_PX), Image.Resampling.LANCZOS)
    small = io.BytesIO()
    picture.save(small, "JPEG", quality=92)
    return small.getvalue()

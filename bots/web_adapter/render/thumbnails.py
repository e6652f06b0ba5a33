"""Thumbnails of photos, plain and painted in each style.

Decodes only files that the engine wrote.
"""

import asyncio
import contextlib
import io
from collections.abc import Awaitable, Callable
from typing import Final

from cachetools import LRUCache
from PIL import Image

from bots.core.common.services import Services
from bots.core.requests import pictures
from bots.core.requests.animation import video_form
from bots.core.styles import previews
from bots.web_adapter.render import galleries
from engine.api.analyses import Faces
from engine.api.errors import EngineError
from storage.values.people import UserKey
from storage.values.styles import Style

# So small that forty of them are painted while the user looks at the first few.
SMALL_PX: Final = 320
SCREEN_PX: Final = 1600
_QUALITY: Final = {SMALL_PX: 84, SCREEN_PX: 90}
_KEPT_BYTES: Final = 48 * 1000 * 1000
_KEPT_S: Final = 3600.0
# Limits one visitor's gallery, so that other requests do not wait for it in the engine.
_AT_ONCE: Final = 2


class Thumbnails:
    """Makes thumbnails on request and caches them in memory."""

    def __init__(
        self, services: Services, kept_bytes: int = _KEPT_BYTES, kept_s: float = _KEPT_S
    ) -> None:
        """Start with an empty cache.

        Args:
            services: The bot's services.
            kept_bytes: Size of the cache.
            kept_s: Seconds after which a thumbnail is dropped.
        """
        self._services = services
        self._kept: LRUCache[tuple[str, ...], bytes] = LRUCache(kept_bytes, getsizeof=len)
        self._kept_s = kept_s
        self._making: dict[tuple[str, ...], asyncio.Task[bytes]] = {}
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def plain(self, user: UserKey, picture_id: str, side_px: int) -> bytes:
        """A person's picture reduced to this longest side, JPEG; of a GIF its first frame.

        A video is left as it is.

        Raises:
            SourceGoneError: it is gone, or someone else's.
        """
        body = await pictures.read(self._services, user, picture_id)
        if video_form(body):
            return body
        return await asyncio.to_thread(_fitted, body, side_px)

    async def painted(self, user: UserKey, picture_id: str, style: Style) -> bytes:
        """A person's photo in a style, small, JPEG.

        Args:
            user: The photo's owner.
            picture_id: The photo's id, unique for owner and content.
            style: The style; its version is part of the cache's key.

        Raises:
            SourceGoneError: the photo is gone, or someone else's.
            EngineError: the engine is away.
        """
        small = await self._small(user, picture_id)
        key = (user.id, picture_id, str(style.id), str(style.version))

        async def paint() -> bytes:
            async with self._turn:
                return await previews.sample(self._services, style, small, user)

        return await self._once(key, paint)

    async def focus(self, user: UserKey, picture_id: str) -> tuple[int, int]:
        """Which part of a photo its tiles show: its faces, where the engine can find them.

        Raises:
            SourceGoneError: the photo is gone, or someone else's.
        """
        small = await self._small(user, picture_id)

        async def find() -> bytes:
            try:
                async with self._turn:
                    found = await self._services.engine.analyse(small, Faces.what)
            except EngineError:  # not installed, or no picture
                found = None
            faces = found if isinstance(found, Faces) else None
            return bytes(galleries.focus(faces))

        x, y = await self._once((user.id, picture_id, "focus"), find)
        return x, y

    async def stock(self, style: Style) -> bytes | None:
        """A style on the checkpoint's own sample, or an own style's picture, small, JPEG.

        Raises:
            EngineError: the engine is away.
        """
        if style.owner is None:
            return await previews.preview(self._services, style)
        key = ("stock", str(style.id), str(style.version))

        async def read() -> bytes:
            reference = await previews.preview(self._services, style)
            normalised = await previews.normalised(self._services, reference or b"")
            return await asyncio.to_thread(_fitted, normalised, SMALL_PX)

        return await self._once(key, read)

    async def sample(self, style: Style, number: int) -> bytes:
        """A sample photo in a style, JPEG.

        Raises:
            EngineError: the engine is away.
        """
        key = ("sample", str(number), str(style.id), str(style.version))

        async def paint() -> bytes:
            async with self._turn:
                photo = self._services.samples[number]
                return await previews.sample(self._services, style, photo)

        return await self._once(key, paint)

    def forget(self, user: UserKey) -> None:
        """Drop all thumbnails of a person."""
        for key in [key for key in self._kept if key[0] == user.id]:
            self._drop(key)

    async def _small(self, user: UserKey, picture_id: str) -> bytes:
        # The store is asked each time: pictures deleted there must not be shown from here.
        known = await pictures.known(self._services, user, [picture_id])
        key = (user.id, picture_id, "small")
        if not known:
            self._drop(key)

        async def fit() -> bytes:
            return await self.plain(user, picture_id, SMALL_PX)

        return await self._once(key, fit)

    async def _once(self, key: tuple[str, ...], make: Callable[[], Awaitable[bytes]]) -> bytes:
        """The cached value of a key; concurrent callers share one computation."""
        if key in self._kept:
            return self._kept[key]
        making = self._making.get(key)
        if making is None:
            making = asyncio.ensure_future(make())
            self._making[key] = making
            making.add_done_callback(lambda done: self._keep(key, done))
        # A caller that is cancelled must not cancel it for the others.
        return await asyncio.shield(making)

    def _keep(self, key: tuple[str, ...], done: "asyncio.Future[bytes]") -> None:
        self._making.pop(key, None)
        if done.cancelled() or done.exception():
            return
        with contextlib.suppress(ValueError):  # larger than all the room there is
            self._kept[key] = done.result()
        # Pictures deleted in the store must not stay here.
        done.get_loop().call_later(self._kept_s, self._drop, key)

    def _drop(self, key: tuple[str, ...]) -> None:
        self._kept.pop(key, None)


def _fitted(image: bytes, side_px: int) -> bytes:
    with Image.open(io.BytesIO(image)) as opened:
        # Of a GIF the first frame is shown.
        if max(opened.size) <= side_px and not getattr(opened, "is_animated", False):
            return image
        opened.draft("RGB", (side_px, side_px))
        picture = opened.convert("RGB")
    picture.thumbnail((side_px, side_px), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=_QUALITY[side_px])
    return file.getvalue()

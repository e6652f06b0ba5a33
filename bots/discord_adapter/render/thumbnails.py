"""Small pictures of styles, several side by side."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import discord

from bots.core.styles import previews
from bots.discord_adapter.render.cards import paged
from bots.discord_adapter.render.layouts import gallery
from bots.discord_adapter.render.sizes import fitted
from bots.discord_adapter.transport.client import StylebotClient
from bots.discord_adapter.transport.posting import Upload
from engine.api.errors import EngineError
from storage.values.people import UserKey
from storage.values.styles import Style

# Number of places in a gallery.
ON_A_PAGE: Final = 10
_SIDE_PX: Final = 256
_BYTES_MAX: Final = 256 * 1024

Shown = tuple[list[discord.ui.Item[Any]], list[Upload]]


class Thumbnails:
    """Small pictures of styles, in a cache."""

    def __init__(self, client: StylebotClient) -> None:
        """Use the client's cache.

        Args:
            client: The client.
        """
        self._services = client.services
        self._kept = client.thumbnails

    async def of(self, style: Style, user: UserKey) -> bytes | None:
        """A style's picture, JPEG; None if there is none, or the engine is away.

        Args:
            style: The style.
            user: The person who sees it.
        """
        # Part of the key: an own style shows the picture its owner sent, and only to them.
        key = (style.id, style.version, style.owner is None)
        if key not in self._kept:
            try:
                picture = await self._made(style, user)
            except EngineError:
                return None
            if picture is None:
                return None
            self._kept[key] = picture
        return self._kept[key]

    async def _made(self, style: Style, user: UserKey) -> bytes | None:
        picture = await previews.preview(self._services, style)
        if picture is not None and style.owner:
            # It is unchanged from the user; only the engine decodes it, in a process of its own.
            picture = await previews.normalised(self._services, picture)
        if picture is None:
            return None
        small = await asyncio.to_thread(fitted, picture, _BYTES_MAX, _SIDE_PX)
        return small.image


async def page_of(
    client: StylebotClient, styles: Sequence[Style], page: int, language: str, user: UserKey
) -> Shown:
    """A page of styles as pictures with names; names only if pictures are missing.

    Args:
        client: The client.
        styles: All styles.
        page: Page number.
        language: Language of the titles.
        user: The person who sees it.
    """
    shown, _ = paged(styles, page, ON_A_PAGE)
    kept = Thumbnails(client)
    pictures = await asyncio.gather(*(kept.of(style, user) for style in shown))
    uploads, places = [], []
    for style, picture in zip(shown, pictures, strict=True):
        if picture is not None:
            uploads.append(Upload(f"style-{style.id}.jpg", picture))
            places.append((f"style-{style.id}.jpg", style.title(language)))
    return ([gallery(places)] if places else []), uploads

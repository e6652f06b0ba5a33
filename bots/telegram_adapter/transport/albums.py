"""Albums: each photo is a message, and nothing marks the last one.

A message that comes late is handled together with the earlier ones: the request becomes the same
as before, with one more photo.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from cachetools import LRUCache
from telegram import Message

# Telegram sends an album's messages in quick succession.
_QUIET_S: Final = 1.0
_AT_MOST_S: Final = 5.0
_REMEMBERED: Final = 1_000

Deal = Callable[[Sequence[Message]], Awaitable[None]]


@dataclass(slots=True)
class _Album:
    messages: list[Message] = field(default_factory=list)
    grown: asyncio.Event = field(default_factory=asyncio.Event)
    dealing: "asyncio.Future[None] | None" = None


class Albums:
    """Collects the messages of an album, then handles them together."""

    def __init__(self, deal: Deal, quiet_s: float = _QUIET_S) -> None:
        """Start empty.

        Args:
            deal: Called with all messages of an album received so far, in their order.
            quiet_s: Seconds without a message after which an album is complete.
        """
        self._deal = deal
        self._quiet_s = quiet_s
        self._albums: dict[tuple[int, str], _Album] = {}
        self._dealt: LRUCache[tuple[int, str], list[Message]] = LRUCache(_REMEMBERED)

    async def add(self, message: Message) -> None:
        """Add one message of an album; returns when the whole album was handled."""
        key = (message.chat.id, message.media_group_id or "")
        album = self._albums.setdefault(key, _Album())
        album.messages.append(message)
        album.grown.set()
        if album.dealing is None:
            album.dealing = asyncio.ensure_future(self._collect(key, album))
        # If one caller is cancelled, the others must still get their result.
        await asyncio.shield(album.dealing)

    async def _collect(self, key: tuple[int, str], album: _Album) -> None:
        try:
            async with asyncio.timeout(_AT_MOST_S):
                while True:
                    album.grown.clear()
                    async with asyncio.timeout(self._quiet_s):
                        await album.grown.wait()
        except TimeoutError:
            pass
        del self._albums[key]
        messages = {one.message_id: one for one in (*self._dealt.get(key, ()), *album.messages)}
        self._dealt[key] = list(messages.values())
        await self._deal(self._dealt[key])

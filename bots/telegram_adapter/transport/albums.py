"""Albums: as many messages as photos, with nothing to say which is the last one.

So one that comes late is dealt with together with those that came before: what was asked for is the
same request as before, with one photo more.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from cachetools import LRUCache
from telegram import Message

# Telegram sends an album's messages one right after the other.
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
    """Collects messages of one album, then deals with them at once."""

    def __init__(self, deal: Deal, quiet_s: float = _QUIET_S) -> None:
        """Collect nothing yet.

        Args:
            deal: Called with all messages of an album that came so far, in the order they came.
            quiet_s: An album to which nothing came for so long is whole.
        """
        self._deal = deal
        self._quiet_s = quiet_s
        self._albums: dict[tuple[int, str], _Album] = {}
        self._dealt: LRUCache[tuple[int, str], list[Message]] = LRUCache(_REMEMBERED)

    async def add(self, message: Message) -> None:
        """Take one message of an album; returns when the whole album was dealt with."""
        key = (message.chat.id, message.media_group_id or "")
        album = self._albums.setdefault(key, _Album())
        album.messages.append(message)
        album.grown.set()
        if album.dealing is None:
            album.dealing = asyncio.ensure_future(self._collect(key, album))
        # One caller's end must not end what the others wait for.
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

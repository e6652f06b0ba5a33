"""The order in which messages are handled, so that a flood in one chat does not delay others."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Final
from weakref import WeakValueDictionary

# Messages of one chat that are handled at a time.
_AT_ONCE: Final = 2
# How long a busy chat's message waits for those of quiet chats, and the longest pause of a busy
# chat after each of its messages.
_GIVES_WAY_S: Final = 2.0
_RESTS_S: Final = 0.5


class ChatTurns:
    """Limits the messages of one chat handled at once, and prefers those of quiet chats.

    A chat is busy while it has more messages here than are handled at a time. The surplus is
    handled one by one. Each waits, for a limited time, until no quiet chat's message is being
    handled, and is followed by a pause as long as it took: so half of the CPU is left for others.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._chats: WeakValueDictionary[int, asyncio.Semaphore] = WeakValueDictionary()
        self._too_many: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._here: Counter[int] = Counter()
        self._first = 0
        self._none_first = asyncio.Event()
        self._none_first.set()

    @contextlib.asynccontextmanager
    async def turn(self, chat_id: int) -> AsyncIterator[None]:
        """Wait for a message's turn; it lasts as long as the block."""
        at_once = self._chats.setdefault(chat_id, asyncio.Semaphore(_AT_ONCE))
        self._here[chat_id] += 1
        try:
            if self._here[chat_id] <= _AT_ONCE:
                async with self._going_first(), at_once:
                    yield
            else:
                async with self._too_many.setdefault(chat_id, asyncio.Lock()):
                    async with at_once:
                        await self._give_way()
                        began = time.monotonic()
                        yield
                    await asyncio.sleep(min(_RESTS_S, time.monotonic() - began))
        finally:
            self._here[chat_id] -= 1
            if not self._here[chat_id]:
                del self._here[chat_id]

    @contextlib.asynccontextmanager
    async def _going_first(self) -> AsyncIterator[None]:
        self._first += 1
        self._none_first.clear()
        try:
            yield
        finally:
            self._first -= 1
            if not self._first:
                self._none_first.set()

    async def _give_way(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GIVES_WAY_S):
                await self._none_first.wait()

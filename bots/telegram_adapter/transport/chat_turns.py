"""Whose message is dealt with next, so that a flood in one chat keeps no other waiting."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Final
from weakref import WeakValueDictionary

# Messages of one chat that are dealt with at a time.
_AT_ONCE: Final = 2
# For how long a message of a busy chat lets those of quiet chats go first, and how long a busy
# chat rests at most after each of its messages.
_GIVES_WAY_S: Final = 2.0
_RESTS_S: Final = 0.5


class ChatTurns:
    """Bounds what one chat has in work, and lets messages of quiet chats go first.

    A chat is busy while it has more messages here than are dealt with at a time. What is too many
    is dealt with one by one. Each waits until no message of a quiet chat is in work, for a bounded
    time, and is followed by a rest as long as it took: so half of the processor is left to others.
    """

    def __init__(self) -> None:
        """Have nothing in work."""
        self._chats: WeakValueDictionary[int, asyncio.Semaphore] = WeakValueDictionary()
        self._too_many: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._here: Counter[int] = Counter()
        self._first = 0
        self._none_first = asyncio.Event()
        self._none_first.set()

    @contextlib.asynccontextmanager
    async def turn(self, chat_id: int) -> AsyncIterator[None]:
        """Wait for a message's turn, and hold it."""
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

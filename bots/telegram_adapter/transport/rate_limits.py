"""Telegram's rate limits, per chat, so that a flood in one does not delay others.

Telegram accepts about a message a second in a private chat, twenty a minute in a group and thirty a
second in all (https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this), and
permits short bursts.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final, Literal

from aiolimiter import AsyncLimiter
from cachetools import LRUCache
from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter
from typing_extensions import override

Answer = bool | dict[str, Any] | list[dict[str, Any]]
Urgency = Literal["droppable", "uncounted"]

# Only these send something to a chat. (Deleting, reacting and answering buttons are free.)
_COUNTED: Final = ("send", "edit", "copy", "forward")
_FREE: Final = frozenset({"sendChatAction"})
_CHATS: Final = 10_000
# Longest wait in here; after that a job returns to the queue, where it survives a restart.
PATIENCE_S: Final = 20.0


class DroppedError(Exception):
    """The chat accepts nothing now, and the request may be left out."""


def seconds_of(error: RetryAfter) -> float:
    """The seconds for which Telegram asks to wait."""
    # The public attribute warns at every use that its type will change.
    return error._retry_after.total_seconds()  # noqa: SLF001


class ChatRateLimiter(BaseRateLimiter[Urgency]):
    """A leaky bucket per chat, one for all, and a pause when Telegram asks for it."""

    def __init__(self, refused: Callable[[], None] = lambda: None) -> None:
        """Start with empty buckets.

        Args:
            refused: Called whenever Telegram answers 429 nevertheless.
        """
        self._refused = refused
        self._all = AsyncLimiter(30, 1)
        self._chats: LRUCache[str, AsyncLimiter] = LRUCache(_CHATS)
        self._quiet_until: dict[str, float] = {}
        self._stopping = asyncio.Event()

    @override
    async def initialize(self) -> None:
        """Do nothing."""

    @override
    async def shutdown(self) -> None:
        """Do nothing."""

    def stop(self) -> None:
        """Stop waiting: jobs that would wait return to the queue."""
        self._stopping.set()

    @override
    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Answer]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Urgency | None,
    ) -> Answer:
        """Send the request when its chat accepts it.

        Raises:
            DroppedError: the chat does not accept it now, and the request is "droppable".
            RetryAfter: Telegram asks for a longer wait than is allowed here.
        """
        chat = str(data.get("chat_id") or "")
        counted = endpoint.startswith(_COUNTED) and endpoint not in _FREE
        counted = counted and rate_limit_args != "uncounted"
        if not chat or not counted:
            try:
                return await callback(*args, **kwargs)
            except RetryAfter:
                self._refused()
                raise
        bucket = self._bucket(chat)
        if rate_limit_args == "droppable" and not (
            bucket.has_capacity() and not self._left_s(chat)
        ):
            raise DroppedError
        while True:
            await self._quiet(chat)
            await self._wait_for_capacity(bucket)
            async with self._all:
                try:
                    return await callback(*args, **kwargs)
                except RetryAfter as error:
                    self._refused()
                    # It was refused, so it has not been sent before.
                    self._note(chat, error)
                    if rate_limit_args == "droppable":
                        raise DroppedError from error

    async def _wait_for_capacity(self, bucket: AsyncLimiter) -> None:
        """Wait until a chat accepts one more request.

        Raises:
            RetryAfter: it does not accept it yet, and waiting has been stopped.
        """
        waiting = asyncio.ensure_future(bucket.acquire())
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait([waiting, stopping], return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done():
                raise RetryAfter(1)
        finally:
            for task in (waiting, stopping):
                task.cancel()

    def _bucket(self, chat: str) -> AsyncLimiter:
        """The chat's bucket. Groups and channels have negative ids."""
        if chat not in self._chats:
            per = (20, 60) if chat.startswith("-") else (10, 10)
            self._chats[chat] = AsyncLimiter(*per)
        return self._chats[chat]

    def _left_s(self, chat: str) -> float:
        return max(0.0, self._quiet_until.get(chat, 0.0) - time.monotonic())

    async def _quiet(self, chat: str) -> None:
        left_s = self._left_s(chat)
        if left_s > PATIENCE_S:
            raise RetryAfter(int(left_s) + 1)
        if left_s:
            await asyncio.sleep(left_s)
        self._quiet_until.pop(chat, None)

    def _note(self, chat: str, error: RetryAfter) -> None:
        seconds = seconds_of(error)
        self._quiet_until[chat] = time.monotonic() + seconds
        if seconds > PATIENCE_S:
            raise error

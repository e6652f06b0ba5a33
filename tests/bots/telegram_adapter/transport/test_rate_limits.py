"""The rate limiter: chat by chat, and what can be left out is."""

import asyncio
import time
from typing import Any

import pytest
from telegram.error import RetryAfter

from bots.telegram_adapter.transport.rate_limits import ChatRateLimiter, DroppedError, Urgency

pytestmark = pytest.mark.anyio


class Telegram:
    """Counts what gets through, and asks for a pause when told to."""

    def __init__(self, *pauses: int) -> None:
        self.pauses = list(pauses)
        self.sent = 0

    async def __call__(self) -> bool:
        if self.pauses:
            raise RetryAfter(self.pauses.pop(0))
        self.sent += 1
        return True


async def send(
    limiter: ChatRateLimiter, telegram: Telegram, chat: int, urgency: Urgency | None = None,
    method: str = "sendMessage",
) -> Any:  # fmt: skip
    return await limiter.process_request(telegram, (), {}, method, {"chat_id": chat}, urgency)


async def test_a_group_that_is_full_keeps_no_other_waiting():
    limiter, telegram = ChatRateLimiter(), Telegram()
    for _ in range(20):
        await send(limiter, telegram, -5)
    with pytest.raises(DroppedError):
        await send(limiter, telegram, -5, "droppable")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(send(limiter, telegram, -5), 0.1)
    await asyncio.wait_for(send(limiter, telegram, -6), 1)
    # What puts nothing into a chat is not counted.
    await asyncio.wait_for(send(limiter, telegram, -5, method="deleteMessage"), 1)
    await asyncio.wait_for(send(limiter, telegram, -5, method="sendChatAction"), 1)
    assert telegram.sent == 23


async def test_a_pause_that_telegram_asks_for_is_kept_in_that_chat_alone():
    limiter, telegram = ChatRateLimiter(), Telegram(1)
    began = time.monotonic()
    waiting = asyncio.create_task(send(limiter, telegram, 5))
    await asyncio.sleep(0.05)
    with pytest.raises(DroppedError):
        await send(limiter, telegram, 5, "droppable")
    await asyncio.wait_for(send(limiter, telegram, 6), 0.5)
    assert await waiting
    assert time.monotonic() - began >= 1
    assert telegram.sent == 2


async def test_a_pause_that_is_too_long_is_the_callers():
    limiter, telegram = ChatRateLimiter(), Telegram(300)
    for _ in range(2):
        with pytest.raises(RetryAfter):
            await send(limiter, telegram, 5)
    with pytest.raises(DroppedError):
        await send(limiter, Telegram(2), 6, "droppable")
    assert telegram.sent == 0

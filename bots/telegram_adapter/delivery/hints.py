"""Hints: messages that are deleted after a while in groups."""

import asyncio
import contextlib
from typing import Final

from cachetools import TTLCache
from telegram import InlineKeyboardMarkup, Message
from telegram.error import TelegramError

from bots.core.errors import BotError, LimitError
from bots.telegram_adapter.context import Context, Runtime, reply_to, topic_of
from bots.telegram_adapter.transport.rate_limits import DroppedError
from engine.api.errors import EngineError

_LIFE_S: Final = 20.0
_NOTICE_EVERY_S: Final = 30.0
_REMEMBERED: Final = 10_000


class Hints:
    """Sends hints."""

    def __init__(self, runtime: Runtime, life_s: float = _LIFE_S) -> None:
        self._runtime = runtime
        self._life_s = life_s
        self._noticed: TTLCache[tuple[int, str], None] = TTLCache(_REMEMBERED, _NOTICE_EVERY_S)

    async def say(
        self, context: Context, text: str, markup: InlineKeyboardMarkup | None = None
    ) -> None:
        """Answer a message; in groups the answer is deleted later, in quiet ones not sent."""
        message, private = context.message, context.private
        if not private and context.settings.quiet:
            return
        try:
            sent = await self._runtime.bot.send_message(
                message.chat.id, text, reply_markup=markup, disable_notification=not private,
                reply_parameters=reply_to(message.message_id),
                message_thread_id=topic_of(message),
                # The person's other messages wait until this one is sent.
                rate_limit_args=None if private else "droppable",
            )  # fmt: skip
        except DroppedError:
            return
        if not private:
            self._runtime.spawn(self._delete_later(sent))

    async def refuse(self, context: Context, error: BotError | EngineError) -> None:
        """Say why a request was refused; limits are mentioned only once in a while per person."""
        if isinstance(error, LimitError) and self._lately(context, error):
            return
        text = self._runtime.services.texts.of_error(error, context.language)
        await self.say(context, text)

    def _lately(self, context: Context, error: LimitError) -> bool:
        """Whether this was said to the person recently; records that it is said now."""
        key = (context.message.chat.id, f"{context.user} {error.code}")
        lately = key in self._noticed
        if not lately:
            self._noticed[key] = None
        return lately

    async def _delete_later(self, sent: Message) -> None:
        await asyncio.sleep(self._life_s)
        with contextlib.suppress(TelegramError):
            await sent.delete()

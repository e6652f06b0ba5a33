"""Finds out whether a message was sent although the answer was lost.

When a connection breaks or a gateway fails, a message may have been sent or not, and a bot cannot
read a chat. But a reply comes with the message it replies to. So every message id above
the last known one is replied to, newest first, by a silent message that is deleted at once.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final, TypeVar
from weakref import WeakValueDictionary

from telegram import Message, ReplyParameters
from telegram.error import BadRequest, NetworkError, TelegramError

from bots.core.jobs.platform import UncertainDeliveryError
from bots.telegram_adapter.transport.bot import Bot

logger = logging.getLogger(__name__)

_PROBE: Final = "…"
_TRIES: Final = 3
_TIDIED_MAX: Final = 20
# In private chats, all of a bot's messages share one sequence of ids.
_LOOKED_MAX: Final = 200

Result = TypeVar("Result")
IsIt = Callable[[Message], bool]


@dataclass(frozen=True, slots=True)
class Where:
    """The place that something was sent to.

    Attributes:
        chat: The chat.
        after: Id of the newest message before.
        topic: The topic, if the chat has topics.
    """

    chat: str
    after: int
    topic: int | None = None


def is_uncertain(error: TelegramError) -> bool:
    """Whether the request may have succeeded in spite of the error."""
    return isinstance(error, NetworkError) and not isinstance(error, BadRequest)


async def retry(do: Callable[[], Awaitable[Result]]) -> Result:
    """Repeat an idempotent request, such as an edit, when its answer is lost.

    Raises:
        TelegramError: Telegram refuses it or does not answer.
    """
    for left in reversed(range(_TRIES)):
        try:
            return await do()
        except NetworkError as error:
            if not (is_uncertain(error) and left):
                raise
    raise AssertionError("the last try returns or raises")


class SentMessages:
    """Sends messages that must not be duplicated."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, chat: str) -> AsyncIterator[None]:
        """A lock per chat, for sending messages that look alike."""
        lock = self._turns.setdefault(chat, asyncio.Lock())
        async with lock:
            yield

    async def send(
        self,
        where: Where,
        send: Callable[[], Awaitable[Message | Sequence[Message]]],
        is_it: IsIt,
        count: int = 1,
    ) -> list[Message]:
        """Send something once, even if answers are lost.

        Args:
            where: The place.
            send: Sends it.
            is_it: Recognises its messages among the bot's own.
            count: Number of messages; more than one is an album.

        Raises:
            UncertainDeliveryError: it cannot be known whether an album was sent.
            TelegramError: Telegram refuses it or does not answer.
        """
        for left in reversed(range(_TRIES)):
            try:
                sent = await send()
            except NetworkError as error:
                if not (is_uncertain(error) and left):
                    raise
                logger.info("an answer was lost: %s", type(error).__name__)
            else:
                return [sent] if isinstance(sent, Message) else list(sent)
            if found := await self.find(where, is_it, count):
                return found
        raise AssertionError("the last try returns or raises")

    async def find(self, where: Where, is_it: IsIt, count: int = 1) -> list[Message]:
        """The bot's own messages that match, the oldest first; empty if there are none.

        Raises:
            UncertainDeliveryError: there are too many ids to try, and an album is searched for.
            TelegramError: Telegram does not answer.
        """
        newest = await self._probe(where, None, where.after)
        first = max(where.after + 1, newest.message_id - _LOOKED_MAX)
        found: list[Message] = []
        for message_id in range(newest.message_id - 1, first - 1, -1):
            message = await self._read(where, message_id, newest.message_id)
            if message is None:
                continue
            if self._is_ours(message) and is_it(message) and _together(message, found):
                found.insert(0, message)
                if len(found) == count:
                    return found
            else:
                found = []
        if count > 1 and first > where.after + 1:
            raise UncertainDeliveryError
        return []

    async def read(self, where: Where, message_id: int) -> Message | None:
        """A message of a chat; None if it does not exist.

        Raises:
            TelegramError: Telegram does not answer.
        """
        return await self._read(where, message_id, message_id)

    async def _read(self, where: Where, message_id: int, newest: int) -> Message | None:
        try:
            probe = await self._probe(where, message_id, newest)
        except BadRequest:
            return None
        return probe.reply_to_message

    async def _probe(self, where: Where, message_id: int | None, newest: int) -> Message:
        """Send a message, as a reply or not, and delete it.

        Args:
            where: The place.
            message_id: The message to reply to.
            newest: Older messages cannot be probes whose answer was lost.
        """
        answered = ReplyParameters(message_id) if message_id else None
        for left in reversed(range(_TRIES)):
            try:
                probe = await self._bot.send_message(
                    where.chat, _PROBE, disable_notification=True, message_thread_id=where.topic,
                    reply_parameters=answered, rate_limit_args="uncounted",
                )  # fmt: skip
            except NetworkError as error:
                if not (is_uncertain(error) and left):
                    raise
            else:
                await self._delete(where, probe.message_id)
                if left < _TRIES - 1:
                    await self._tidy(where, range(probe.message_id - 1, newest, -1)[:_TIDIED_MAX])
                return probe
        raise AssertionError("the last try returns or raises")

    async def _tidy(self, where: Where, ids: Sequence[int]) -> None:
        """Delete probes whose answer was lost."""
        for message_id in ids:
            message = await self._read(where, message_id, message_id)
            if message and self._is_ours(message) and message.text == _PROBE:
                await self._delete(where, message_id)

    def _is_ours(self, message: Message) -> bool:
        return message.from_user is not None and message.from_user.id == self._bot.id

    async def _delete(self, where: Where, message_id: int) -> None:
        with suppress(TelegramError):
            await retry(lambda: self._bot.delete_message(where.chat, message_id))


def _together(message: Message, others: Sequence[Message]) -> bool:
    """Whether a message belongs to the same album as others, if there are any."""
    return not others or message.media_group_id == others[0].media_group_id

"""What was sent and never answered: whether it is in the chat.

When a connection breaks or a gateway fails, a message may have been sent or not, and a bot cannot
look into a chat. But a message that answers another one brings that along. So what is newer than
what is known is answered, the newest first, by a silent message that is taken away at once.
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

from bots.core.jobs.workers import UncertainDeliveryError
from bots.telegram_adapter.transport.bot import Bot

logger = logging.getLogger(__name__)

_PROBE: Final = "…"
_TRIES: Final = 3
_TIDIED_MAX: Final = 20
# In private chats, a bot's messages to all people share one sequence of ids.
_LOOKED_MAX: Final = 200

Result = TypeVar("Result")
IsIt = Callable[[Message], bool]


@dataclass(frozen=True, slots=True)
class Where:
    """Where something was sent to.

    Attributes:
        chat: The chat.
        after: The newest message that was there before.
        topic: The topic, where the chat has any.
    """

    chat: str
    after: int
    topic: int | None = None


def is_uncertain(error: TelegramError) -> bool:
    """Whether what was asked for may have been done anyway."""
    return isinstance(error, NetworkError) and not isinstance(error, BadRequest)


async def retry(do: Callable[[], Awaitable[Result]]) -> Result:
    """Do what may be done twice, such as an edit, also when the answer gets lost.

    Raises:
        TelegramError: Telegram does not take it, or does not answer.
    """
    for left in reversed(range(_TRIES)):
        try:
            return await do()
        except NetworkError as error:
            if not (is_uncertain(error) and left):
                raise
    raise AssertionError("the last try returns or raises")


class SentMessages:
    """Sends what must not be there twice."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, chat: str) -> AsyncIterator[None]:
        """Be the only one who sends something to a chat that looks like other things there."""
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
        """Send something once, however often the answer gets lost.

        Args:
            where: Where to.
            send: Sends it.
            is_it: Recognises its messages among the bot's own.
            count: How many messages it is; more than one are an album.

        Raises:
            UncertainDeliveryError: nobody can tell whether an album is there.
            TelegramError: Telegram does not take it, or does not answer.
        """
        for left in reversed(range(_TRIES)):
            try:
                sent = await send()
            except NetworkError as error:
                if not (is_uncertain(error) and left):
                    raise
                logger.info("an answer got lost: %s", type(error).__name__)
            else:
                return [sent] if isinstance(sent, Message) else list(sent)
            if found := await self.find(where, is_it, count):
                return found
        raise AssertionError("the last try returns or raises")

    async def find(self, where: Where, is_it: IsIt, count: int = 1) -> list[Message]:
        """The bot's own messages that one is looking for, the oldest first; empty for none.

        Raises:
            UncertainDeliveryError: there is too much to look at, and an album is looked for.
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
        """A message as it is in the chat; None where there is none.

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
        """A message that answers another one, or none, and is gone already.

        Args:
            where: Where to send it.
            message_id: What it answers.
            newest: Nothing that is older is one of these whose answer got lost.
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
        """Take away what was to be gone at once, and whose answer got lost."""
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
    """Whether a message is of the same album as others, if there are any."""
    return not others or message.media_group_id == others[0].media_group_id

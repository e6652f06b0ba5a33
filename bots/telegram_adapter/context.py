"""What everything that deals with a message shares, and who and where someone is."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final

from telegram import Chat, Message, ReplyParameters, User
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import TelegramError

from bots.core.common.services import Services
from bots.core.users import preferences
from bots.telegram_adapter.transport.bot import Bot
from bots.telegram_adapter.transport.sent_messages import Traces
from storage.values.json import Json
from storage.values.people import ChatKey, UserKey

PLATFORM: Final = "telegram"
# Who has no settings and no styles of his own.
NOBODY: Final = UserKey(PLATFORM, "0")
# Who speaks for a group without a name, and who for a channel in its group.
_ANONYMOUS_ADMIN: Final = 1087968824
# The topic that every chat with topics has; the Bot API names it in no message.
_GENERAL: Final = 1
_NAME_LETTERS: Final = 40


def chat_key(chat: Chat) -> ChatKey:
    """A chat, as the store knows it."""
    return ChatKey(PLATFORM, str(chat.id))


def user_key(message: Message) -> UserKey | None:
    """Who sent a message: a person, or a chat that speaks for itself; None for nobody."""
    if message.sender_chat:
        return UserKey(PLATFORM, str(message.sender_chat.id))
    return UserKey(PLATFORM, str(message.from_user.id)) if message.from_user else None


def key_of(user: User) -> UserKey:
    """A person, as the store knows one."""
    return UserKey(PLATFORM, str(user.id))


def is_private(chat: Chat) -> bool:
    """Whether someone is alone with the bot."""
    return chat.type == ChatType.PRIVATE


def reply_to(message_id: int) -> ReplyParameters:
    """An answer to a message, or just a message should that be deleted by then."""
    return ReplyParameters(message_id, allow_sending_without_reply=True)


def topic_of(message: Message) -> int | None:
    """The topic to answer a message in. Only topics' messages may name one; "General" must not."""
    topic = place_in(message)
    return None if topic == _GENERAL else topic


def place_in(message: Message) -> int | None:
    """The topic a message is in, where the chat has topics."""
    if message.is_topic_message:
        return message.message_thread_id
    return _GENERAL if message.chat.is_forum else None


def name_of(message: Message) -> str:
    """What the sender is called, safe in HTML."""
    sender = message.sender_chat.title if message.sender_chat else None
    person = message.from_user.first_name if message.from_user else None
    return escape((sender or person or "?")[:_NAME_LETTERS])


@dataclass(slots=True)
class Station:
    """What everything that deals with a message shares.

    Attributes:
        services: The use cases' needs.
        bot: Telegram.
        traces: What was sent there without an answer.
        nudge: Called when a job was added.
        spawn: Runs something in the background and sees it ended before the bot stops.
    """

    services: Services
    bot: Bot
    nudge: Callable[[], None]
    spawn: Callable[[Coroutine[Any, Any, None]], None]
    traces: Traces = field(init=False)

    def __post_init__(self) -> None:
        self.traces = Traces(self.bot)

    def say(self, text: str, language: str, /, **facts: str | int) -> str:
        """A sentence, from the one place they are in."""
        return self.services.texts.say(text, language, **facts)

    async def language(self, user: User | None, key: UserKey, chat: Chat) -> str:
        """What to speak to a person in a chat."""
        locale = user.language_code if user else None
        return await preferences.language(self.services, key, chat_key(chat), locale)

    async def is_admin(self, message: Message) -> bool:
        """Whether a message is from one of its group's admins, named or not."""
        chat, sender = message.chat, message.from_user
        if is_private(chat):
            return True
        if message.sender_chat:
            return message.sender_chat.id == chat.id
        return sender is not None and await self.may_press(chat, sender)

    async def may_press(self, chat: Chat, user: User) -> bool:
        """Whether someone is one of a group's admins at this moment; that may change any time."""
        if is_private(chat):
            return True
        try:
            member = await self.bot.get_chat_member(chat.id, user.id)
        except TelegramError:
            return False
        return member.status in (ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR)


def anchor_of(message: Message, answered: Message, *, spoiler: bool) -> Json:
    """What a job keeps of where it was asked for.

    Args:
        message: The one with the command.
        answered: The one with the photo.
        spoiler: Whether the photo was covered.
    """
    anchor: Json = {"reply": answered.message_id, "command": message.message_id}
    if topic := topic_of(message):
        anchor["topic"] = topic
    if spoiler:
        anchor["spoiler"] = True
    if not is_private(message.chat):
        anchor["name"] = name_of(message)
    return anchor

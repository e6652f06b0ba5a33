"""Who asks, where and in which language: made once for an update; and what handlers share."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any, Final

from telegram import Chat, Message, ReplyParameters, User
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import TelegramError

from bots.core.common.services import Services
from bots.core.requests.values import RequestInput
from bots.core.users import preferences
from bots.telegram_adapter.transport.bot import Bot
from bots.telegram_adapter.transport.sent_messages import SentMessages
from bots.telegram_adapter.transport.waits import Waits
from storage.values.json import Json
from storage.values.people import ChatKey, ChatSettings, UserKey

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
class Runtime:
    """What the handlers share, for as long as the bot runs.

    Attributes:
        services: The use cases' needs.
        bot: Telegram.
        sent_messages: What was sent there without an answer.
        nudge: Called when a job was added.
        spawn: Runs something in the background and sees it ended before the bot stops.
        waits: How long Telegram is waited for.
    """

    services: Services
    bot: Bot
    nudge: Callable[[], None]
    spawn: Callable[[Coroutine[Any, Any, None]], None]
    waits: Waits = field(default_factory=Waits)
    sent_messages: SentMessages = field(init=False)

    def __post_init__(self) -> None:
        self.sent_messages = SentMessages(self.bot)

    def say(self, text: str, language: str, /, **facts: str | int) -> str:
        """A sentence, from the one place they are in."""
        return self.services.texts.say(text, language, **facts)

    async def of_message(self, *messages: Message) -> "Context | None":
        """The context of a message, or of those of an album; None where nobody sent it."""
        message = messages[0]
        user = user_key(message)
        if user is None:
            return None
        return await self._context(messages, user, message.from_user, message.sender_chat)

    async def of_press(self, message: Message, person: User) -> "Context":
        """The context of a button that someone presses beneath a message."""
        return await self._context((message,), key_of(person), person, None)

    async def _context(
        self,
        messages: tuple[Message, ...],
        user: UserKey,
        person: User | None,
        sender_chat: Chat | None,
    ) -> "Context":
        chat = chat_key(messages[0].chat)
        locale = person.language_code if person else None
        settings, language = await preferences.settings_and_language(
            self.services, user, chat, locale
        )
        return Context(self, messages, user, chat, settings, language, person, sender_chat)


@dataclass(slots=True)
class Context:
    """An update: who asks, where, in which language, and what the chat's admins chose.

    Attributes:
        runtime: What handlers share.
        messages: What was sent, or the message with the button; others of its album after it.
        user: Who asks, as the store knows one: a person, or a chat that speaks for itself.
        chat: Where, as the store knows it.
        settings: The chat's.
        language: What to speak.
        person: Who asks, as Telegram knows one.
        sender_chat: The chat that speaks for itself; None for a person.
    """

    runtime: Runtime
    messages: tuple[Message, ...]
    user: UserKey
    chat: ChatKey
    settings: ChatSettings
    language: str
    person: User | None = None
    sender_chat: Chat | None = None
    _admin: bool | None = None

    @property
    def message(self) -> Message:
        """The first of them."""
        return self.messages[0]

    @property
    def private(self) -> bool:
        """Whether someone is alone with the bot."""
        return is_private(self.message.chat)

    @property
    def locale(self) -> str | None:
        """What the person's Telegram speaks."""
        return self.person.language_code if self.person else None

    def about(self, *messages: Message) -> "Context":
        """The same person in the same chat, about other messages."""
        return replace(self, messages=messages)

    async def renewed(self) -> "Context":
        """The same, after settings were changed."""
        if self.sender_chat is None and self.person:
            return await self.runtime.of_press(self.message, self.person)
        return await self.runtime.of_message(*self.messages) or self

    def say(self, text: str, /, **facts: str | int) -> str:
        """A sentence in the language of who asks."""
        return self.runtime.say(text, self.language, **facts)

    async def is_admin(self) -> bool:
        """Whether who asks is one of the group's admins at this moment, named or not."""
        if self._admin is None:
            self._admin = await self._ask_for_admin()
        return self._admin

    async def _ask_for_admin(self) -> bool:
        if self.private:
            return True
        if self.sender_chat:
            return self.sender_chat.id == self.message.chat.id
        if self.person is None:
            return False
        try:
            member = await self.runtime.bot.get_chat_member(self.message.chat.id, self.person.id)
        except TelegramError:
            return False
        return member.status in (ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR)

    async def request_input(self, dedupe: str, **more: Any) -> RequestInput:  # noqa: ANN401 - its attributes
        """A request that is made by this.

        Args:
            dedupe: What makes it the same as one that came before.
            more: Its other attributes.
        """
        return RequestInput(
            dedupe=dedupe,
            user=self.user,
            chat=self.chat,
            locale=self.locale,
            # Only where it matters, for it may be a question to Telegram.
            admin=self.settings.audience == "admins" and await self.is_admin(),
            topic=place_in(self.message),
            alone=self.private,
            **more,
        )


def reply_target_of(message: Message, answered: Message, *, spoiler: bool) -> Json:
    """What a job keeps of where it was asked for.

    Args:
        message: The one with the command.
        answered: The one with the photo.
        spoiler: Whether the photo was covered.
    """
    reply_target: Json = {"reply": answered.message_id, "command": message.message_id}
    if topic := topic_of(message):
        reply_target["topic"] = topic
    if spoiler:
        reply_target["spoiler"] = True
    if not is_private(message.chat):
        reply_target["name"] = name_of(message)
    return reply_target

"""The context of an update (user, chat, language), made once for each; and what handlers share.

Messages, presses and changes of a group's members have a `Context`. An inline query does not say in
which chat it is typed, so it has the `Sender` alone.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any, Final

from telegram import Chat, ChatMemberUpdated, InlineQuery, Message, ReplyParameters, User
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
# Accounts that have no settings and styles of their own.
NOBODY: Final = UserKey(PLATFORM, "0")
# Telegram's accounts for anonymous group admins, and for a channel in its discussion group.
_ANONYMOUS_ADMIN: Final = 1087968824
# The topic that every chat with topics has; the Bot API does not give it in messages.
_GENERAL: Final = 1
_NAME_LETTERS: Final = 40


def chat_key(chat: Chat) -> ChatKey:
    """The store's key of a chat."""
    return ChatKey(PLATFORM, str(chat.id))


def user_key(message: Message) -> UserKey | None:
    """The store's key of a message's sender: a person, or a chat posting as itself; may be None."""
    if message.sender_chat:
        return UserKey(PLATFORM, str(message.sender_chat.id))
    return UserKey(PLATFORM, str(message.from_user.id)) if message.from_user else None


def key_of(user: User) -> UserKey:
    """The store's key of a person."""
    return UserKey(PLATFORM, str(user.id))


def is_private(chat: Chat) -> bool:
    """Whether this is a private chat with the bot."""
    return chat.type == ChatType.PRIVATE


def reply_to(message_id: int) -> ReplyParameters:
    """Parameters to reply to a message, or just to send one if it has been deleted."""
    return ReplyParameters(message_id, allow_sending_without_reply=True)


def topic_of(message: Message) -> int | None:
    """The topic for an answer to a message; None for "General", which must not be given."""
    topic = place_in(message)
    return None if topic == _GENERAL else topic


def place_in(message: Message) -> int | None:
    """The topic of a message, if the chat has topics."""
    if message.is_topic_message:
        return message.message_thread_id
    return _GENERAL if message.chat.is_forum else None


def name_of(message: Message) -> str:
    """The sender's name, escaped for HTML."""
    sender = message.sender_chat.title if message.sender_chat else None
    person = message.from_user.first_name if message.from_user else None
    return escape((sender or person or "?")[:_NAME_LETTERS])


@dataclass(slots=True)
class Runtime:
    """What handlers share, as long as the bot runs.

    Attributes:
        services: The core's services.
        bot: The client of the Bot API.
        sent_messages: Finds sent messages if an answer was lost.
        nudge: Called when a job was added.
        spawn: Runs a coroutine in the background and awaits it before the bot stops.
        waits: Timeouts.
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
        """A text in a language."""
        return self.services.texts.say(text, language, **facts)

    async def of_message(self, *messages: Message) -> "Context | None":
        """The context of a message or an album; None if it has no sender."""
        message = messages[0]
        user = user_key(message)
        if user is None:
            return None
        return await self._context(
            user, message.chat, message.from_user, messages, message.sender_chat
        )

    async def of_press(self, message: Message, person: User) -> "Context":
        """The context of a button pressed by a person."""
        return await self._context(key_of(person), message.chat, person, (message,))

    async def of_membership(self, change: ChatMemberUpdated) -> "Context":
        """The context of a change of the bot's own membership, answered to all in the chat."""
        return await self._context(NOBODY, change.chat, change.from_user)

    async def of_inline(self, query: InlineQuery) -> "Sender":
        """The person who types an inline query, in any chat."""
        person = query.from_user
        user = key_of(person)
        language = await preferences.language(self.services, user, None, person.language_code)
        return Sender(self, user, language, person)

    async def _context(
        self,
        user: UserKey,
        here: Chat,
        person: User | None,
        messages: tuple[Message, ...] = (),
        sender_chat: Chat | None = None,
    ) -> "Context":
        chat = chat_key(here)
        locale = person.language_code if person else None
        settings, language = await preferences.settings_and_language(
            self.services, user, chat, locale
        )
        return Context(
            self, user, language, person, here, chat, settings, messages, sender_chat
        )  # fmt: skip


@dataclass(slots=True)
class Sender:
    """The user of an update.

    Attributes:
        runtime: What handlers share.
        user: The store's key of the user: a person, or a chat posting as itself; `NOBODY` if the
            answer is to all in the chat.
        language: Language for answers.
        person: The user as Telegram's object.
    """

    runtime: Runtime
    user: UserKey
    language: str
    person: User | None

    @property
    def locale(self) -> str | None:
        """The language of the person's Telegram app."""
        return self.person.language_code if self.person else None

    def say(self, text: str, /, **facts: str | int) -> str:
        """A text in the user's language."""
        return self.runtime.say(text, self.language, **facts)


@dataclass(slots=True)
class Context(Sender):
    """An update in a chat: user, chat, language and the chat's settings.

    Attributes:
        here: The chat as Telegram's object.
        chat: The store's key of the chat.
        settings: The chat's settings.
        messages: The message received, or the one with the button; then others of its album. Empty
            for a change of membership.
        sender_chat: The chat posting as itself; None for a person.
    """

    here: Chat
    chat: ChatKey
    settings: ChatSettings
    messages: tuple[Message, ...] = ()
    sender_chat: Chat | None = None
    _admin: bool | None = None

    @property
    def message(self) -> Message:
        """The first message."""
        return self.messages[0]

    @property
    def private(self) -> bool:
        """Whether this is a private chat with the bot."""
        return is_private(self.here)

    def about(self, *messages: Message) -> "Context":
        """The same person in the same chat, with other messages."""
        return replace(self, messages=messages)

    async def renewed(self) -> "Context":
        """The same, with settings read again after a change."""
        if self.sender_chat is None and self.person:
            return await self.runtime.of_press(self.message, self.person)
        return await self.runtime.of_message(*self.messages) or self

    async def is_admin(self) -> bool:
        """Whether the user is one of the group's admins now, also if anonymous."""
        if self._admin is None:
            self._admin = await self._ask_for_admin()
        return self._admin

    async def _ask_for_admin(self) -> bool:
        if self.private:
            return True
        if self.sender_chat:
            return self.sender_chat.id == self.here.id
        if self.person is None:
            return False
        try:
            member = await self.runtime.bot.get_chat_member(self.here.id, self.person.id)
        except TelegramError:
            return False
        return member.status in (ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR)

    async def request_input(self, dedupe: str, **more: Any) -> RequestInput:  # noqa: ANN401 - its attributes
        """A request made by this update.

        Args:
            dedupe: Key that identifies a repeated request.
            more: Its other attributes.
        """
        return RequestInput(
            dedupe=dedupe,
            user=self.user,
            chat=self.chat,
            locale=self.locale,
            # Only if it matters, because it may need a call to Telegram.
            admin=self.settings.audience == "admins" and await self.is_admin(),
            topic=place_in(self.message),
            alone=self.private,
            **more,
        )


def reply_target_of(message: Message, answered: Message, *, spoiler: bool) -> Json:
    """The part of a job that says where it was requested.

    Args:
        message: The message with the command.
        answered: The message with the photo.
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

"""The context of an interaction or message (user, place, language), and its answer.

Discord requires the first answer within three seconds.
"""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

import aiohttp
import discord

from bots.core.errors import BotError
from bots.core.requests.values import RequestInput
from bots.discord_adapter.render.layouts import Layout, words
from bots.discord_adapter.transport.client import StylebotClient
from bots.discord_adapter.transport.posting import ALREADY_ANSWERED, UNKNOWN_INTERACTION, Upload
from bots.discord_adapter.transport.reply_target import (
    FILE_LIMIT_BYTES,
    TOKEN_LIFE_S,
    ReplyTarget,
    chat_key,
    is_adult,
    may_manage,
    user_key,
)
from engine.api.errors import EngineError, ShuttingDownError
from storage.errors import StorageUnavailableError
from storage.values.json import Json
from storage.values.people import ChatKey, ChatSettings, UserKey

logger = logging.getLogger(__name__)

Deferred = Literal["no", "public", "private", "in place"]


class Context:
    """An interaction: user, place, language and answer.

    Attributes:
        interaction: The library's object.
        client: The client that received it.
        user: The store's key of the user.
        chat: The store's key of the place.
        message: The message with the answer, once deferred; in place, the message of the button.
    """

    def __init__(self, interaction: discord.Interaction[StylebotClient]) -> None:
        self.interaction = interaction
        self.client = interaction.client
        self.user: UserKey = user_key(interaction.user)
        self.chat: ChatKey = chat_key(interaction.guild_id, interaction.channel_id)
        self.message: int | None = None
        self._deferred: Deferred = "no"

    @property
    def private(self) -> bool:
        """Whether only the user sees the answer."""
        if self._deferred == "in place":
            message = self.interaction.message
            return message is not None and message.flags.ephemeral
        return self._deferred == "private"

    @property
    def alone(self) -> bool:
        """Whether no one but the user sees the answer."""
        return self.private or self._is_own_dm()

    @property
    def manages(self) -> bool:
        """Whether the user may manage the server."""
        return self.interaction.guild_id is not None and may_manage(self.interaction.permissions)

    @property
    def language(self) -> str:
        """The language for the user."""
        locale = self.interaction.locale.value
        return self.client.cache.language(self.user, self.chat, locale)

    def say(self, name: str, /, **facts: str | int) -> str:
        """A text in the user's language."""
        return self.client.services.texts.say(name, self.language, **facts)

    def check_open(self) -> None:
        """Check that the bot still accepts requests.

        Raises:
            ShuttingDownError: it is about to stop.
        """
        if self.client.stopping:
            raise ShuttingDownError("The bot is about to stop.")

    async def defer(self, *, private: bool) -> None:
        """Defer the answer, as a new message.

        Raises:
            ShuttingDownError: the bot is about to stop.
        """
        self.check_open()
        response = await self._acknowledge(ephemeral=private, thinking=True)
        self._deferred = "private" if private else "public"
        if response is None:
            # The id of the answer's message was in the answer that was lost.
            self.message = (await self.interaction.original_response()).id
        else:
            self.message = response.message_id

    async def defer_in_place(self) -> None:
        """Defer the answer, as an edit of the button's message.

        Raises:
            ShuttingDownError: the bot is about to stop.
        """
        self.check_open()
        await self._acknowledge()
        self._deferred = "in place"
        self.message = self.interaction.message.id if self.interaction.message else None

    async def _acknowledge(self, **how: bool) -> discord.InteractionCallbackResponse[Any] | None:
        """Acknowledge the interaction; None if that was done before and the answer was lost."""
        for left in (1, 0):
            try:
                return await self.interaction.response.defer(**how)
            except discord.HTTPException as error:
                # The library has retried.
                if error.code == ALREADY_ANSWERED:
                    return None
                raise
            except (aiohttp.ClientError, OSError):
                if not left:
                    raise
        raise AssertionError("the last try returns or raises")

    async def show(self, view: Layout, files: Sequence[Upload] | None = None) -> None:
        """Edit the answer to show this; without files, existing ones are kept."""
        more: dict[str, Any] = {}
        if files is not None:
            more["attachments"] = [each.file() for each in files]
        await self.interaction.edit_original_response(view=view, **more)

    async def tell(self, sentence: str) -> None:
        """Send a text that only the user sees, without changing the existing message."""
        if self._deferred == "private":
            await self.show(words(sentence), [])
            return
        if self._deferred == "no":
            await self.interaction.response.send_message(view=words(sentence), ephemeral=True)
            return
        if self._deferred == "public":
            # The first followup after "thinking" replaces it and has the same visibility.
            await self.show(words("…"), [])
        await self.interaction.followup.send(view=words(sentence), ephemeral=True)
        if self._deferred == "public":
            await self.interaction.delete_original_response()

    async def excuse(self, error: BaseException) -> None:
        """Tell the user why the request failed; unexpected errors are logged."""
        if isinstance(error, discord.HTTPException) and error.code == UNKNOWN_INTERACTION:
            # The three seconds were over before it was received: it cannot be answered.
            logger.warning("an interaction was received too late to be answered")
            return
        texts = self.client.services.texts
        if isinstance(error, BotError | EngineError | StorageUnavailableError):
            sentence = texts.of_error(error, self.language)
        else:
            logger.error("an interaction failed", exc_info=error)
            sentence = texts.of_code("internal", self.language)
        try:
            await self.tell(sentence)
        except Exception:
            logger.warning("an error could not be shown", exc_info=True)

    def reply_target(self) -> ReplyTarget:
        """The reply target for results: this answer."""
        interaction, client = self.interaction, self.client
        guild_id, channel_id = interaction.guild_id, interaction.channel_id or 0
        present = client.get_guild(guild_id) is not None if guild_id else self._is_own_dm()
        return ReplyTarget(
            channel=channel_id,
            message=self.message,
            guild=guild_id,
            application=interaction.application_id,
            token=interaction.token,
            until=client.services.now().timestamp() + TOKEN_LIFE_S,
            bot=present,
            private=self.private,
            adult=is_adult(interaction.channel),
            limit=interaction.filesize_limit,
        )

    def request_input(
        self,
        photos: Sequence[Json] = (),
        words: str = "",
        **more: Any,  # noqa: ANN401 - its attributes
    ) -> RequestInput:
        """The user's request, for the core.

        Args:
            photos: The photos.
            words: The text they typed.
            more: Other attributes of `RequestInput`; the default reply target is this answer.
        """
        shared = None if self.private else self.interaction.guild_locale
        reply_target: Json = more.pop("reply_target", None) or self.reply_target().as_json()
        return RequestInput(
            dedupe=f"discord interaction {self.interaction.id}",
            user=self.user,
            chat=self.chat,
            photos=tuple(photos),
            words=words,
            locale=(shared or self.interaction.locale).value,
            admin=self.manages,
            alone=self.alone,
            reply_target=reply_target,
            **more,
        )

    def _is_own_dm(self) -> bool:
        return bool(self.interaction.context.dm_channel)


@dataclass(frozen=True, slots=True)
class MessageContext:
    """A message to the bot: sender, place, language.

    Attributes:
        client: The client that received it.
        message: The library's object.
        user: The store's key of the sender.
        chat: The store's key of the place.
        locale: The server's locale.
        words: The text without the bot's name.
    """

    client: StylebotClient
    message: discord.Message
    user: UserKey
    chat: ChatKey
    locale: str | None
    words: str

    @classmethod
    def of(cls, client: StylebotClient, message: discord.Message) -> "MessageContext":
        """Create the context of a message."""
        me, guild = client.user.id if client.user else 0, message.guild
        return cls(
            client,
            message,
            user=user_key(message.author),
            chat=chat_key(guild.id if guild else None, message.channel.id),
            locale=guild.preferred_locale.value if guild else None,
            words=message.content.replace(f"<@{me}>", " ").replace(f"<@!{me}>", " ").strip(),
        )

    @property
    def private(self) -> bool:
        """Whether this is a direct message."""
        return self.message.guild is None

    @property
    def manages(self) -> bool:
        """Whether the user may manage the server."""
        author = self.message.author
        return isinstance(author, discord.Member) and may_manage(author.guild_permissions)

    @property
    def settings(self) -> ChatSettings:
        """The server's settings."""
        return self.client.cache.chat(self.chat)

    @property
    def language(self) -> str:
        """The language for the user."""
        return self.client.cache.language(self.user, self.chat, self.locale)

    def say(self, name: str, /, **facts: str | int) -> str:
        """A text in the user's language."""
        return self.client.services.texts.say(name, self.language, **facts)

    def reply_target(self) -> ReplyTarget:
        """The reply target for results: a reply to the message."""
        message = self.message
        return ReplyTarget(
            channel=message.channel.id,
            guild=message.guild.id if message.guild else None,
            bot=True,
            adult=is_adult(message.channel),
            limit=message.guild.filesize_limit if message.guild else FILE_LIMIT_BYTES,
            reply_to=message.id,
        )

    def request_input(self, words: str, **more: Any) -> RequestInput:  # noqa: ANN401 - attributes
        """The user's request, for the core.

        Args:
            words: The text, typed now or before.
            more: Other attributes of `RequestInput`.
        """
        return RequestInput(
            dedupe=f"discord message {self.message.id}",
            user=self.user,
            chat=self.chat,
            words=words,
            locale=self.locale,
            admin=self.manages,
            **more,
        )


@asynccontextmanager
async def answering(interaction: discord.Interaction[Any]) -> AsyncIterator[Context]:
    """The context of an interaction; errors in the block are reported to the user.

    Args:
        interaction: The library's object.
    """
    context = Context(interaction)
    try:
        yield context
    except Exception as error:  # noqa: BLE001 - whatever it is, the person is told
        await context.excuse(error)

"""The answer to an interaction: a sign of life within three seconds, then what is to be said."""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal

import aiohttp
import discord

from bots.core.errors import BotError
from bots.core.stylize import Asked
from bots.discord_adapter.client import StylebotClient
from bots.discord_adapter.origin import (
    TOKEN_LIFE_S,
    Anchor,
    chat_key,
    is_adult,
    may_manage,
    user_key,
)
from bots.discord_adapter.posting import ALREADY_ANSWERED, UNKNOWN_INTERACTION, Upload
from bots.discord_adapter.views import Layout, words
from engine.api.errors import EngineError, ShuttingDownError
from storage.errors import StorageUnavailableError
from storage.values import ChatKey, Json, UserKey

logger = logging.getLogger(__name__)

Deferred = Literal["no", "public", "private", "in place"]


class Answer:
    """What is said to one interaction.

    Attributes:
        interaction: The library's.
        client: The connection it came by.
        user: Who asks.
        chat: Where.
        message: The message the answer is, once it was deferred; that of the button, in place.
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
        """Whether only the person sees the answer."""
        if self._deferred == "in place":
            message = self.interaction.message
            return message is not None and message.flags.ephemeral
        return self._deferred == "private"

    @property
    def alone(self) -> bool:
        """Whether no one but the person sees the answer."""
        return self.private or self._is_own_dm()

    @property
    def manages(self) -> bool:
        """Whether the person may manage the server."""
        return self.interaction.guild_id is not None and may_manage(self.interaction.permissions)

    @property
    def language(self) -> str:
        """What to speak to the person."""
        locale = self.interaction.locale.value
        return self.client.memory.language(self.user, self.chat, locale)

    def say(self, name: str, /, **facts: str | int) -> str:
        """A text in the person's language."""
        return self.client.services.texts.say(name, self.language, **facts)

    def check_open(self) -> None:
        """See that the bot still takes something.

        Raises:
            ShuttingDownError: it is about to stop.
        """
        if self.client.stopping:
            raise ShuttingDownError("The bot is about to stop.")

    async def defer(self, *, private: bool) -> None:
        """Show that an answer of its own is on its way.

        Raises:
            ShuttingDownError: nothing new is taken.
        """
        self.check_open()
        response = await self._acknowledge(ephemeral=private, thinking=True)
        self._deferred = "private" if private else "public"
        if response is None:
            # Which message the answer is was said in what got lost.
            self.message = (await self.interaction.original_response()).id
        else:
            self.message = response.message_id

    async def defer_in_place(self) -> None:
        """Say that the message of the button is about to change.

        Raises:
            ShuttingDownError: nothing new is taken.
        """
        self.check_open()
        await self._acknowledge()
        self._deferred = "in place"
        self.message = self.interaction.message.id if self.interaction.message else None

    async def _acknowledge(self, **how: bool) -> discord.InteractionCallbackResponse[Any] | None:
        """Give the sign of life; None where it is known to be given, and the answer got lost."""
        for left in (1, 0):
            try:
                return await self.interaction.response.defer(**how)
            except discord.HTTPException as error:
                # The library has tried again by itself.
                if error.code == ALREADY_ANSWERED:
                    return None
                raise
            except (aiohttp.ClientError, OSError):
                if not left:
                    raise
        raise AssertionError("the last try returns or raises")

    async def show(self, view: Layout, files: Sequence[Upload] | None = None) -> None:
        """Let the answer be this; without files, those there are stay."""
        more: dict[str, Any] = {}
        if files is not None:
            more["attachments"] = [each.file() for each in files]
        await self.interaction.edit_original_response(view=view, **more)

    async def tell(self, sentence: str) -> None:
        """Say something that only the person is to see, and leave what was there."""
        if self._deferred == "private":
            await self.show(words(sentence), [])
            return
        if self._deferred == "no":
            await self.interaction.response.send_message(view=words(sentence), ephemeral=True)
            return
        if self._deferred == "public":
            # What follows first upon "thinking" takes its place and is as visible as that was.
            await self.show(words("…"), [])
        await self.interaction.followup.send(view=words(sentence), ephemeral=True)
        if self._deferred == "public":
            await self.interaction.delete_original_response()

    async def excuse(self, error: BaseException) -> None:
        """Say why nothing came of it; what is no one's fault is logged."""
        if isinstance(error, discord.HTTPException) and error.code == UNKNOWN_INTERACTION:
            # The three seconds had passed before it reached us: there is nothing to answer to.
            logger.warning("an interaction came too late to be answered")
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
            logger.warning("nobody could be told what went wrong", exc_info=True)

    def anchor(self) -> Anchor:
        """Where what comes of it is to be shown: as this answer."""
        interaction, client = self.interaction, self.client
        guild_id, channel_id = interaction.guild_id, interaction.channel_id or 0
        present = client.get_guild(guild_id) is not None if guild_id else self._is_own_dm()
        return Anchor(
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

    def asked(self, photos: Sequence[Json] = (), words: str = "", **more: Any) -> Asked:  # noqa: ANN401
        """What the person asks for, for the core.

        Args:
            photos: Of what.
            words: What he typed.
            more: Other attributes of `Asked`; without an anchor, this answer is.
        """
        shared = None if self.private else self.interaction.guild_locale
        anchor: Json = more.pop("anchor", None) or self.anchor().as_json()
        return Asked(
            dedupe=f"discord interaction {self.interaction.id}",
            user=self.user,
            chat=self.chat,
            photos=tuple(photos),
            words=words,
            locale=(shared or self.interaction.locale).value,
            admin=self.manages,
            alone=self.alone,
            anchor=anchor,
            **more,
        )

    def _is_own_dm(self) -> bool:
        return bool(self.interaction.context.dm_channel)


@asynccontextmanager
async def answering(interaction: discord.Interaction[Any]) -> AsyncIterator[Answer]:
    """The answer to an interaction; whatever goes wrong on the way is said to the person.

    Args:
        interaction: The library's.
    """
    answer = Answer(interaction)
    try:
        yield answer
    except Exception as error:  # noqa: BLE001 - whatever it is, the person is told
        await answer.excuse(error)

"""Pictures in messages to the bot: a mention, a reply that pings it, a direct message."""

import logging
from dataclasses import replace

import discord

from bots.core import stylize
from bots.core.errors import BotError, NoPhotoError
from bots.core.jobs import UndeliverableError
from bots.core.stylize import Asked
from bots.discord_adapter import pickers, posting, sources
from bots.discord_adapter.client import StylebotClient
from bots.discord_adapter.origin import (
    FILE_LIMIT_BYTES,
    Anchor,
    chat_key,
    is_adult,
    may_manage,
    user_key,
)
from bots.discord_adapter.statuses import Statuses
from bots.discord_adapter.views import words
from engine.errors import EngineError
from storage.errors import StorageUnavailableError

logger = logging.getLogger(__name__)


async def take(client: StylebotClient, message: discord.Message) -> None:
    """Paint what a message to the bot shows, or what it answers; all others are not read."""
    if client.stopping or message.author.bot or not _is_for(client, message):
        return
    asked = _asked(client, message)
    try:
        photos, author = sources.pictures(message), asked.user
        if not photos and (answered := await _answered(message)):
            photos, author = sources.pictures(answered), sources.author_of(answered)
        await _take(client, message, replace(asked, photos=tuple(photos), author=author))
    except (BotError, EngineError, StorageUnavailableError) as error:
        await _excuse(client, message, asked, error)
    except (*posting.UNSAID, UndeliverableError):
        logger.info("a message could not be answered", exc_info=True)


async def _take(client: StylebotClient, message: discord.Message, asked: Asked) -> None:
    if not asked.photos:
        raise NoPhotoError
    liked, here = client.memory.preference(asked.user), client.memory.chat(asked.chat)
    if message.guild is None and not asked.words and liked.style_id is None is here.style_id:
        anchor = Anchor.from_json(asked.anchor)
        await pickers.ask_by_message(client, asked, anchor)
        return
    await Statuses(client).submit(asked.dedupe, stylize.accept(client.services, asked))


def _is_for(client: StylebotClient, message: discord.Message) -> bool:
    """Whether a message is to the bot and to no one else, or names it."""
    if client.user is None or message.is_system():
        return False
    return message.guild is None or client.user in message.mentions


def _asked(client: StylebotClient, message: discord.Message) -> Asked:
    me = client.user.id if client.user else 0
    words_typed = message.content.replace(f"<@{me}>", " ").replace(f"<@!{me}>", " ")
    author = message.author
    guild = message.guild
    manages = isinstance(author, discord.Member) and may_manage(author.guild_permissions)
    anchor = Anchor(
        channel=message.channel.id,
        guild=guild.id if guild else None,
        bot=True,
        adult=is_adult(message.channel),
        limit=guild.filesize_limit if guild else FILE_LIMIT_BYTES,
        reply_to=message.id,
    )
    return Asked(
        dedupe=f"discord message {message.id}",
        user=user_key(author),
        chat=chat_key(guild.id if guild else None, message.channel.id),
        photos=(),
        words=words_typed.strip(),
        locale=guild.preferred_locale.value if guild else None,
        admin=manages,
        anchor=anchor.as_json(),
    )


async def _answered(message: discord.Message) -> discord.Message | None:
    """The message that one answers, as far as the bot may read it."""
    reference = message.reference
    if reference is None or reference.message_id is None:
        return None
    if isinstance(reference.resolved, discord.Message):
        return reference.resolved
    try:
        return await message.channel.fetch_message(reference.message_id)
    except (discord.NotFound, discord.Forbidden):
        return None


async def _excuse(
    client: StylebotClient,
    message: discord.Message,
    asked: Asked,
    error: BotError | EngineError | StorageUnavailableError,
) -> None:
    """Say why nothing comes of it, unless the server wants to hear of results alone.

    What got lost is said in any case: Discord does not send it again.
    """
    memory, texts = client.memory, client.services.texts
    if memory.chat(asked.chat).quiet and not isinstance(error, StorageUnavailableError):
        return
    language = memory.language(asked.user, asked.chat, asked.locale)
    # Pictures in others' messages reach the bot by its menu alone.
    name = "discord-no-photo" if isinstance(error, NoPhotoError) else None
    sentence = texts.say(name, language) if name else texts.of_error(error, language)
    try:
        anchor = Anchor.from_json(asked.anchor)
        await posting.put(client, anchor, words(sentence), nonce=f"no {message.id}"[:25])
    except (*posting.UNSAID, UndeliverableError):
        logger.info("nobody could be told what went wrong", exc_info=True)

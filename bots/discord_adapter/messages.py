"""Pictures in messages to the bot: a mention, a reply that pings it, a direct message."""

import logging
from dataclasses import replace

import discord

from bots.core import styles as style_cases
from bots.core import stylize
from bots.core.errors import BotError, NoPhotoError
from bots.core.jobs import UndeliverableError
from bots.core.search import find, is_greeting
from bots.core.stylize import Asked, Question
from bots.core.wishes import without_numbers
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
from engine.api.errors import EngineError
from storage.errors import StorageUnavailableError

logger = logging.getLogger(__name__)


async def take(client: StylebotClient, message: discord.Message) -> None:
    """Paint what a message to the bot shows, or what it answers; all others are not read."""
    if client.stopping or message.author.bot or not _is_for(client, message):
        return
    asked = _asked(client, message)
    try:
        photos, author = sources.pictures(message), asked.user
        answered = None if photos else await _answered(message)
        if answered and not _asks(client, answered):
            photos, author = sources.pictures(answered), sources.author_of(answered)
        await _take(client, message, replace(asked, photos=tuple(photos), author=author))
    except (BotError, EngineError, StorageUnavailableError) as error:
        await _excuse(client, message, asked, error)
    except (*posting.UNSAID, UndeliverableError):
        logger.info("a message could not be answered", exc_info=True)


async def _take(client: StylebotClient, message: discord.Message, asked: Asked) -> None:
    services = client.services
    if not asked.photos:
        await _words(client, message, asked)
        return
    words_before = client.named.take(asked.user, asked.chat)
    asked = replace(asked, words=asked.words or words_before)
    # To the bot alone people also send captions; who names it says what he wants.
    loose = message.guild is None and bool(asked.words)
    taken = await Statuses(client).submit(asked.dedupe, stylize.take(services, asked, loose=loose))
    if isinstance(taken, Question):
        await pickers.ask_by_message(client, taken, Anchor.from_json(asked.anchor))


async def _words(client: StylebotClient, message: discord.Message, asked: Asked) -> None:
    """Words without a picture: the answer to a question, a style for the next photo, or a hello.

    Raises:
        NoPhotoError: they are none of these.
    """
    services, anchor = client.services, Anchor.from_json(asked.anchor)
    draft = await stylize.waiting_draft(services, asked.user, asked.chat)
    # What an interaction asked is answered there.
    if asked.words and draft and not Anchor.from_json(draft.wanted.anchor).token:
        where = draft.wanted.anchor
        answering = stylize.answer(services, draft.id, replace(asked, anchor={}))
        taken = await Statuses(client).submit(draft.wanted.dedupe, answering)
        if isinstance(taken, Question):
            await pickers.ask_by_message(client, taken, Anchor.from_json(where))
        return
    if client.memory.chat(asked.chat).quiet:
        return
    language = client.memory.language(asked.user, asked.chat, asked.locale)
    texts = services.texts
    if is_greeting(asked.words):
        sentence = texts.say("discord-hello", language)
    else:
        styles = await style_cases.listed(services, asked.user, asked.chat)
        found = find(without_numbers(asked.words), styles)
        if not found.style or found.rest:
            raise NoPhotoError(what=sources.what_is(message) if message.guild is None else "none")
        client.named.keep(asked.user, asked.chat, asked.words)
        title = discord.utils.escape_markdown(found.style.title(language))
        sentence = texts.say("send-photo-for", language, title=title)
    await posting.put(client, anchor, words(sentence), nonce=f"words {message.id}"[:25])


def _asks(client: StylebotClient, message: discord.Message) -> bool:
    """Whether a message is the bot's question which style; its sheet is no photo of anyone's."""
    ours = client.user is not None and message.author.id == client.user.id
    return ours and any(each.filename.endswith(pickers.SHEET) for each in message.attachments)


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
    none = isinstance(error, NoPhotoError) and error.facts.get("what") == "none"
    name = "discord-no-photo" if none else None
    sentence = texts.say(name, language) if name else texts.of_error(error, language)
    try:
        anchor = Anchor.from_json(asked.anchor)
        await posting.put(client, anchor, words(sentence), nonce=f"no {message.id}"[:25])
    except (*posting.UNSAID, UndeliverableError):
        logger.info("nobody could be told what went wrong", exc_info=True)

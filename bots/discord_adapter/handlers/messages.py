"""Pictures in messages to the bot: a mention, a reply that pings it, a direct message."""

import logging
from dataclasses import replace

import discord

from bots.core.errors import BotError, NoPhotoError
from bots.core.jobs.workers import UndeliverableError
from bots.core.requests import stylize
from bots.core.requests.stylize import Question, RequestInput
from bots.core.styles import catalogue
from bots.core.styles.request_parser import without_numbers
from bots.core.styles.search import find, is_greeting
from bots.discord_adapter.delivery.statuses import Statuses
from bots.discord_adapter.handlers import pickers
from bots.discord_adapter.render.layouts import words
from bots.discord_adapter.transport import attachments, posting
from bots.discord_adapter.transport.client import StylebotClient
from bots.discord_adapter.transport.reply_target import (
    FILE_LIMIT_BYTES,
    ReplyTarget,
    chat_key,
    is_adult,
    may_manage,
    user_key,
)
from engine.errors import EngineError
from storage.errors import StorageUnavailableError

logger = logging.getLogger(__name__)


async def take(client: StylebotClient, message: discord.Message) -> None:
    """Paint what a message to the bot shows, or what it answers; all others are not read."""
    if client.stopping or message.author.bot or not _is_for(client, message):
        return
    request_input = _request_input(client, message)
    try:
        photos, author = attachments.pictures(message), request_input.user
        answered = None if photos else await _answered(message)
        if answered and not _asks(client, answered):
            photos, author = attachments.pictures(answered), attachments.author_of(answered)
        await _take(client, message, replace(request_input, photos=tuple(photos), author=author))
    except (BotError, EngineError, StorageUnavailableError) as error:
        await _excuse(client, message, request_input, error)
    except (*posting.UNSAID, UndeliverableError):
        logger.info("a message could not be answered", exc_info=True)


async def _take(
    client: StylebotClient, message: discord.Message, request_input: RequestInput
) -> None:
    services = client.services
    if not request_input.photos:
        await _words(client, message, request_input)
        return
    words_before = client.named.take(request_input.user, request_input.chat)
    request_input = replace(request_input, words=request_input.words or words_before)
    # To the bot alone people also send captions; who names it says what he wants.
    loose = message.guild is None and bool(request_input.words)
    taken = await Statuses(client).submit(
        request_input.dedupe, stylize.take(services, request_input, loose=loose)
    )
    if isinstance(taken, Question):
        await pickers.ask_by_message(
            client, taken, ReplyTarget.from_json(request_input.reply_target)
        )


async def _words(
    client: StylebotClient, message: discord.Message, request_input: RequestInput
) -> None:
    """Words without a picture: the answer to a question, a style for the next photo, or a hello.

    Raises:
        NoPhotoError: they are none of these.
    """
    services, reply_target = client.services, ReplyTarget.from_json(request_input.reply_target)
    draft = await stylize.waiting_draft(services, request_input.user, request_input.chat)
    # What an interaction asked is answered there.
    if request_input.words and draft and not ReplyTarget.from_json(draft.wanted.reply_target).token:
        where = draft.wanted.reply_target
        answering = stylize.answer(services, draft.id, replace(request_input, reply_target={}))
        taken = await Statuses(client).submit(draft.wanted.dedupe, answering)
        if isinstance(taken, Question):
            await pickers.ask_by_message(client, taken, ReplyTarget.from_json(where))
        return
    if client.cache.chat(request_input.chat).quiet:
        return
    language = client.cache.language(request_input.user, request_input.chat, request_input.locale)
    texts = services.texts
    if is_greeting(request_input.words):
        sentence = texts.say("discord-hello", language)
    else:
        styles = await catalogue.listed(services, request_input.user, request_input.chat)
        found = find(without_numbers(request_input.words), styles)
        if not found.style or found.rest:
            raise NoPhotoError(
                what=attachments.what_is(message) if message.guild is None else "none"
            )
        client.named.keep(request_input.user, request_input.chat, request_input.words)
        title = discord.utils.escape_markdown(found.style.title(language))
        sentence = texts.say("send-photo-for", language, title=title)
    await posting.put(client, reply_target, words(sentence), nonce=f"words {message.id}"[:25])


def _asks(client: StylebotClient, message: discord.Message) -> bool:
    """Whether a message is the bot's question which style; its sheet is no photo of anyone's."""
    ours = client.user is not None and message.author.id == client.user.id
    return ours and any(each.filename.endswith(pickers.SHEET) for each in message.attachments)


def _is_for(client: StylebotClient, message: discord.Message) -> bool:
    """Whether a message is to the bot and to no one else, or names it."""
    if client.user is None or message.is_system():
        return False
    return message.guild is None or client.user in message.mentions


def _request_input(client: StylebotClient, message: discord.Message) -> RequestInput:
    me = client.user.id if client.user else 0
    words_typed = message.content.replace(f"<@{me}>", " ").replace(f"<@!{me}>", " ")
    author = message.author
    guild = message.guild
    manages = isinstance(author, discord.Member) and may_manage(author.guild_permissions)
    reply_target = ReplyTarget(
        channel=message.channel.id,
        guild=guild.id if guild else None,
        bot=True,
        adult=is_adult(message.channel),
        limit=guild.filesize_limit if guild else FILE_LIMIT_BYTES,
        reply_to=message.id,
    )
    return RequestInput(
        dedupe=f"discord message {message.id}",
        user=user_key(author),
        chat=chat_key(guild.id if guild else None, message.channel.id),
        photos=(),
        words=words_typed.strip(),
        locale=guild.preferred_locale.value if guild else None,
        admin=manages,
        reply_target=reply_target.as_json(),
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
    request_input: RequestInput,
    error: BotError | EngineError | StorageUnavailableError,
) -> None:
    """Say why nothing comes of it, unless the server wants to hear of results alone.

    What got lost is said in any case: Discord does not send it again.
    """
    cache, texts = client.cache, client.services.texts
    if cache.chat(request_input.chat).quiet and not isinstance(error, StorageUnavailableError):
        return
    language = cache.language(request_input.user, request_input.chat, request_input.locale)
    # Pictures in others' messages reach the bot by its menu alone.
    none = isinstance(error, NoPhotoError) and error.facts.get("what") == "none"
    name = "discord-no-photo" if none else None
    sentence = texts.say(name, language) if name else texts.of_error(error, language)
    try:
        reply_target = ReplyTarget.from_json(request_input.reply_target)
        await posting.put(client, reply_target, words(sentence), nonce=f"no {message.id}"[:25])
    except (*posting.UNSAID, UndeliverableError):
        logger.info("nobody could be told what went wrong", exc_info=True)

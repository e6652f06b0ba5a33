"""Handles messages to the bot: mentions, replies that ping it, direct messages."""

import logging
from collections.abc import Sequence

import discord

from bots.core.errors import BotError, NoPhotoError
from bots.core.jobs.platform import UndeliverableError
from bots.core.requests import drafts
from bots.core.requests.values import Question
from bots.core.styles import catalogue
from bots.core.styles.request_parser import without_numbers
from bots.core.styles.search import find, is_greeting
from bots.discord_adapter.context import MessageContext
from bots.discord_adapter.delivery.statuses import Statuses
from bots.discord_adapter.handlers import pickers
from bots.discord_adapter.render.layouts import words
from bots.discord_adapter.transport import attachments, posting
from bots.discord_adapter.transport.client import StylebotClient
from bots.discord_adapter.transport.reply_target import ReplyTarget
from engine.api.errors import EngineError
from storage.errors import StorageUnavailableError
from storage.values.json import Json
from storage.values.people import UserKey

logger = logging.getLogger(__name__)


async def take(client: StylebotClient, message: discord.Message) -> None:
    """Paint the pictures of a message to the bot, or of the one it answers; ignore others."""
    if client.stopping or message.author.bot or not _is_for(client, message):
        return
    context = MessageContext.of(client, message)
    try:
        photos, author = attachments.pictures(message), context.user
        answered = None if photos else await _answered(message)
        if answered and not _asks(client, answered):
            photos, author = attachments.pictures(answered), attachments.author_of(answered)
        if photos:
            await _paint(context, photos, author)
        else:
            await _words(context)
    except (BotError, EngineError, StorageUnavailableError) as error:
        await _excuse(context, error)
    except (*posting.UNSAID, UndeliverableError):
        logger.info("a message could not be answered", exc_info=True)


async def _paint(context: MessageContext, photos: Sequence[Json], author: UserKey) -> None:
    client = context.client
    words_before = client.named.take(context.user, context.chat)
    target = context.reply_target()
    request_input = context.request_input(
        context.words or words_before, photos=tuple(photos), author=author,
        reply_target=target.as_json(),
    )  # fmt: skip
    # In direct messages the text may be a caption; with a mention it is a request.
    loose = context.private and bool(request_input.words)
    taken = await Statuses(client).submit(
        request_input.dedupe, drafts.take(client.services, request_input, loose=loose)
    )
    if isinstance(taken, Question):
        await pickers.ask_by_message(client, taken, target)


async def _words(context: MessageContext) -> None:
    """Handle words without a picture: an answer, a style for the next photo, or a greeting.

    Raises:
        NoPhotoError: they are none of these.
    """
    client, services, typed = context.client, context.client.services, context.words
    draft = await drafts.waiting_draft(services, context.user, context.chat)
    # Questions of an interaction are answered there.
    if typed and draft and not ReplyTarget.from_json(draft.wanted.reply_target).token:
        where = draft.wanted.reply_target
        answering = drafts.answer(services, draft.id, context.request_input(typed, photos=()))
        taken = await Statuses(client).submit(draft.wanted.dedupe, answering)
        if isinstance(taken, Question):
            await pickers.ask_by_message(client, taken, ReplyTarget.from_json(where))
        return
    if context.settings.quiet:
        return
    if is_greeting(typed):
        sentence = context.say("discord-hello")
    else:
        styles = await catalogue.listed(services, context.user, context.chat)
        found = find(without_numbers(typed), styles)
        if not found.style or found.rest:
            what = attachments.what_is(context.message) if context.private else "none"
            raise NoPhotoError(what=what)
        client.named.keep(context.user, context.chat, typed)
        title = discord.utils.escape_markdown(found.style.title(context.language))
        sentence = context.say("send-photo-for", title=title)
    nonce = f"words {context.message.id}"[:25]
    await posting.put(client, context.reply_target(), words(sentence), nonce=nonce)


def _asks(client: StylebotClient, message: discord.Message) -> bool:
    """Whether a message is a picker of the bot's; its sheet is not a user's photo."""
    ours = client.user is not None and message.author.id == client.user.id
    return ours and any(each.filename.endswith(pickers.SHEET) for each in message.attachments)


def _is_for(client: StylebotClient, message: discord.Message) -> bool:
    """Whether a message is only to the bot, or mentions it."""
    if client.user is None or message.is_system():
        return False
    return message.guild is None or client.user in message.mentions


async def _answered(message: discord.Message) -> discord.Message | None:
    """The message that one replies to, if the bot can read it."""
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
    context: MessageContext, error: BotError | EngineError | StorageUnavailableError
) -> None:
    """Tell the user why the request failed, unless the server wants results only.

    Lost messages are always reported, because Discord does not send them again.
    """
    client = context.client
    if context.settings.quiet and not isinstance(error, StorageUnavailableError):
        return
    # The bot receives pictures in others' messages only by its context menu.
    none = isinstance(error, NoPhotoError) and error.facts.get("what") == "none"
    texts = client.services.texts
    sentence = context.say("discord-no-photo") if none else texts.of_error(error, context.language)
    try:
        nonce = f"no {context.message.id}"[:25]
        await posting.put(client, context.reply_target(), words(sentence), nonce=nonce)
    except (*posting.UNSAID, UndeliverableError):
        logger.info("an error could not be shown", exc_info=True)

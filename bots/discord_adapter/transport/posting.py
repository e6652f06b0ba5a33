"""Writes a message to a reply target, in any way that is still possible."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import aiohttp
import discord

from bots.core.errors import NoPicturesHereError, TopicClosedError
from bots.core.jobs.platform import DeliverLaterError, UndeliverableError
from bots.discord_adapter.transport.client import StylebotClient
from bots.discord_adapter.transport.reply_target import ReplyTarget

# Discord's error codes: docs.discord.com/developers/topics/opcodes-and-status-codes
UNKNOWN_MESSAGE: Final = 10008
UNKNOWN_INTERACTION: Final = 10062
ALREADY_ANSWERED: Final = 40060
_DEAD_TOKEN: Final = (10015, 50027)
_TOO_LARGE: Final = 40005
# The bot may not attach files there; the thread is archived.
_TOLD: Final = {50013: NoPicturesHereError.code, 50083: TopicClosedError.code}
# Errors of a failed request to Discord, for any reason.
UNSAID: Final = (discord.DiscordException, aiohttp.ClientError, OSError)
_BANNED_S: Final = 60.0
_NEWER_MESSAGES: Final = 50


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to send.

    Attributes:
        name: Its name in the message.
        content: Its bytes.
    """

    name: str
    content: bytes

    def file(self) -> discord.File:
        """The library's object, for one request; the library closes it afterwards."""
        return discord.File(io.BytesIO(self.content), filename=self.name)


async def put(
    client: StylebotClient,
    reply_target: ReplyTarget,
    view: discord.ui.LayoutView,
    files: Sequence[Upload] | None = None,
    nonce: str | None = None,
) -> discord.Message:
    """Edit the reply target's message, or send one if there is none.

    An interaction's token is valid for a quarter of an hour; after that the bot writes as itself
    if it may. A known message is edited, so that a second try changes nothing.

    Args:
        client: The client.
        reply_target: The reply target.
        view: The message's content.
        files: New files, which replace existing ones; None to keep those.
        nonce: Prevents a new message from being sent twice within a short time.

    Raises:
        UndeliverableError: nothing is possible.
        discord.DiscordException: Discord refuses this message, or all messages now.
    """
    if reply_target.token and client.services.now() < _until(reply_target):
        try:
            return await _by_token(client, reply_target, view, files)
        except discord.HTTPException as error:
            if not is_dead_token(error):
                raise
    if not reply_target.bot or reply_target.private:
        raise UndeliverableError
    try:
        return await _as_bot(client, reply_target, view, files, nonce)
    except discord.HTTPException as error:
        if error.status == 401:
            client.refused.set()
        raise


async def get(client: StylebotClient, reply_target: ReplyTarget) -> discord.Message | None:
    """The message on Discord; None if there is none, or it cannot be read."""
    try:
        if (
            reply_target.token
            and reply_target.message
            and client.services.now() < _until(reply_target)
        ):
            return await webhook(client, reply_target).fetch_message(reply_target.message)
        if not reply_target.bot or reply_target.private:
            return None
        channel = client.get_partial_messageable(reply_target.channel, guild_id=reply_target.guild)
        if reply_target.message:
            return await channel.fetch_message(reply_target.message)
        return await _own_reply(client, channel, reply_target)
    except (discord.NotFound, discord.Forbidden):
        return None


def webhook(client: StylebotClient, reply_target: ReplyTarget) -> discord.Webhook:
    """The webhook that writes an interaction's messages."""
    return discord.Webhook.partial(reply_target.application, reply_target.token, client=client)


def is_dead_token(error: discord.HTTPException) -> bool:
    """Whether an interaction's token has expired."""
    return error.code in _DEAD_TOKEN or error.status == 401


def is_too_large(error: discord.HTTPException) -> bool:
    """Whether a file exceeded Discord's limit."""
    return error.code == _TOO_LARGE or error.status == 413


def translated(error: Exception, again_s: float) -> Exception:
    """The queue's error for one of Discord's; unchanged if there is none.

    Args:
        error: The error.
        again_s: Seconds before a request that was not answered is tried again.
    """
    if isinstance(error, discord.RateLimited):
        return DeliverLaterError(error.retry_after)
    if isinstance(error, discord.Forbidden | discord.NotFound) or _told(error):
        return UndeliverableError(_told(error))
    if isinstance(error, discord.HTTPException) and error.status in (401, 429):
        # If a bot continues after these, Discord blocks its IP address, for all who share it.
        return DeliverLaterError(_BANNED_S)
    away = (discord.DiscordServerError, aiohttp.ClientError, OSError, TimeoutError)
    return DeliverLaterError(again_s) if isinstance(error, away) else error


def _told(error: Exception) -> str | None:
    """The code of the error to tell the user, if it prevents the result; None for nothing."""
    return _TOLD.get(error.code) if isinstance(error, discord.HTTPException) else None


def _until(reply_target: ReplyTarget) -> datetime:
    return datetime.fromtimestamp(reply_target.until, UTC)


def _changes(view: discord.ui.LayoutView, files: Sequence[Upload] | None) -> dict[str, Any]:
    attachments = {} if files is None else {"attachments": [each.file() for each in files]}
    # Needed for edits: by default the library disables pings only in new messages.
    return {"view": view, "allowed_mentions": discord.AllowedMentions.none(), **attachments}


async def _by_token(
    client: StylebotClient,
    reply_target: ReplyTarget,
    view: discord.ui.LayoutView,
    files: Sequence[Upload] | None,
) -> discord.Message:
    hook = webhook(client, reply_target)
    try:
        if reply_target.message:
            return await hook.edit_message(reply_target.message, **_changes(view, files))
    except discord.NotFound as error:
        if error.code != UNKNOWN_MESSAGE:
            raise
    # If the status was deleted, a new message is sent.
    uploads = [each.file() for each in files or ()]
    return await hook.send(view=view, files=uploads, ephemeral=reply_target.private, wait=True)


async def _as_bot(
    client: StylebotClient,
    reply_target: ReplyTarget,
    view: discord.ui.LayoutView,
    files: Sequence[Upload] | None,
    nonce: str | None,
) -> discord.Message:
    channel = client.get_partial_messageable(reply_target.channel, guild_id=reply_target.guild)
    message_id = reply_target.message
    if message_id is None and (known := await _own_reply(client, channel, reply_target)):
        message_id = known.id
    if message_id is not None:
        try:
            return await channel.get_partial_message(message_id).edit(**_changes(view, files))
        except discord.NotFound as error:
            if error.code != UNKNOWN_MESSAGE:
                raise
    more: dict[str, Any] = (
        {"reference": reference} if (reference := _reference(reply_target)) else {}
    )
    if nonce is not None:
        more["nonce"] = nonce
    uploads = [each.file() for each in files or ()]
    return await channel.send(view=view, files=uploads, **more)


def _reference(reply_target: ReplyTarget) -> discord.MessageReference | None:
    if reply_target.reply_to is None:
        return None
    return discord.MessageReference(
        message_id=reply_target.reply_to,
        channel_id=reply_target.channel,
        guild_id=reply_target.guild,
        fail_if_not_exists=False,
    )


async def _own_reply(
    client: StylebotClient, channel: discord.PartialMessageable, reply_target: ReplyTarget
) -> discord.Message | None:
    """The bot's reply to a message, if one was sent before a crash and not recorded."""
    if reply_target.reply_to is None or client.user is None:
        return None
    after = discord.Object(reply_target.reply_to)
    try:
        async for message in channel.history(limit=_NEWER_MESSAGES, after=after):
            answers = message.reference and message.reference.message_id == reply_target.reply_to
            if answers and message.author.id == client.user.id:
                return message
    except (discord.Forbidden, discord.NotFound):
        return None
    return None

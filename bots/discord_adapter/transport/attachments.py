"""The pictures in a message, and their files."""

import logging
from collections.abc import Iterable, Iterator
from typing import Any, Final

import aiohttp
import discord
from discord.http import Route

from bots.core.errors import SourceGoneError
from bots.core.jobs.platform import DeliverLaterError
from bots.discord_adapter.transport.client import StylebotClient
from bots.discord_adapter.transport.reply_target import is_adult, user_key
from engine.api.errors import ImageTooLargeError
from storage.values.json import Json
from storage.values.people import UserKey

logger = logging.getLogger(__name__)

# The engine's limit; larger files are not downloaded.
IMAGE_BYTES_MAX: Final = 20 * 1024 * 1024
_SUFFIXES: Final = (
    "jpg", "jpeg", "png", "webp", "gif", "avif", "heic", "heif", "hif", "tif", "tiff", "bmp",
)  # fmt: skip


def pictures(message: discord.Message) -> list[Json]:
    """All paintable pictures in a message: uploads and forwards, then embeds and stickers."""
    parts: list[Any] = [message, *message.message_snapshots]
    found: list[Json] = []
    for part in parts:
        found += [of_attachment(each) for each in part.attachments if _is_picture(each)]
    for part in parts:
        found += _embedded(part.embeds)
        found += _stickers(part.stickers)
    where = {
        "channel": message.channel.id,
        "message": message.id,
        "adult": is_adult(message.channel),
    }
    return [photo | where for photo in found]


def what_is(message: discord.Message) -> str:
    """The kind of a message's content that is not a picture, for its error message."""
    kinds = {(each.content_type or "").partition("/")[0] for each in message.attachments}
    for kind, what in (("video", "video"), ("audio", "voice")):
        if kind in kinds:
            return what
    if kinds:
        return "file"
    if "://" in message.content:
        return "link"
    return "words" if message.content else "other"


def author_of(message: discord.Message) -> UserKey:
    """The owner of a message's pictures; for the bot's answers, the person who made the request."""
    cause = message.interaction_metadata
    return user_key(cause.user if cause and message.author.bot else message.author)


def of_attachment(attachment: discord.Attachment, *, adult: bool = False) -> Json:
    """The data with which an upload is found again.

    Args:
        attachment: The upload.
        adult: Whether it is from an age-restricted channel.
    """
    return {
        "id": str(attachment.id),
        "url": attachment.url,
        "bytes": attachment.size,
        "spoiler": attachment.is_spoiler(),
        "adult": adult,
    }


async def fetch(client: StylebotClient, photo: Json) -> bytes:
    """Download a picture.

    Raises:
        ImageTooLargeError: it is larger than the engine accepts.
        SourceGoneError: Discord no longer has it.
        DeliverLaterError: Discord does not answer now.
    """
    if photo.get("bytes", 0) > IMAGE_BYTES_MAX:
        raise ImageTooLargeError("The picture is too large.")
    return await download(client, photo)


async def download(client: StylebotClient, photo: Json) -> bytes:
    """Download any file.

    Raises:
        SourceGoneError: Discord no longer has it.
        DeliverLaterError: Discord does not answer now.
    """
    try:
        return await _fetch(client, photo)
    except discord.RateLimited as error:
        raise DeliverLaterError(error.retry_after) from error
    except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
        raise DeliverLaterError(client.again_s) from error


async def _fetch(client: StylebotClient, photo: Json) -> bytes:
    try:
        return await client.http.get_from_cdn(photo["url"])
    except (discord.NotFound, discord.Forbidden):
        # URLs of uploads expire after a day; Discord gives new ones as long as it has the file.
        url = await _renewed(client, photo)
    try:
        return await client.http.get_from_cdn(url)
    except (discord.NotFound, discord.Forbidden) as error:
        raise SourceGoneError from error


async def _renewed(client: StylebotClient, photo: Json) -> str:
    """A new URL of a picture: from its message or, if the bot cannot read that, from Discord's API.

    Raises:
        SourceGoneError: there is none.
    """
    if "message" in photo:
        channel = client.get_partial_messageable(photo["channel"])
        try:
            message = await channel.fetch_message(photo["message"])
            known = {each["id"]: each["url"] for each in pictures(message)}
            return str(known[photo["id"]])
        except (discord.NotFound, discord.Forbidden, KeyError):
            logger.info("a message with a picture cannot be read")
    route = Route("POST", "/attachments/refresh-urls")
    try:
        context = await client.http.request(route, json={"attachment_urls": [photo["url"]]})
        return str(context["refreshed_urls"][0]["refreshed"])
    except (discord.NotFound, discord.Forbidden, KeyError, IndexError) as error:
        raise SourceGoneError from error
    except discord.HTTPException as error:
        if error.status == 400:
            raise SourceGoneError from error
        raise


def _is_picture(attachment: discord.Attachment) -> bool:
    """Whether an upload is declared as a picture; the engine checks its content."""
    if attachment.content_type:
        return attachment.content_type.startswith("image/")
    return attachment.filename.rpartition(".")[2].lower() in _SUFFIXES


def _embedded(embeds: Iterable[discord.Embed]) -> Iterator[Json]:
    for number, embed in enumerate(embeds):
        for media in (embed.image, embed.thumbnail):
            # Through Discord's proxy: a URL given by a user is never requested from here.
            if media.proxy_url:
                # Of a video only a still is available.
                moves = {"first_frame": True} if embed.type in ("gifv", "video") else {}
                yield {"id": f"embed {number}", "url": media.proxy_url} | moves
                break


def _stickers(stickers: Iterable[discord.StickerItem]) -> Iterator[Json]:
    for sticker in stickers:
        if sticker.format is not discord.StickerFormatType.lottie:
            yield {"id": f"sticker {sticker.id}", "url": sticker.url}

"""The pictures and clips in a message, and their files."""

import logging
from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
import discord
from discord.http import Route

from bots.core.errors import ClipTooLargeError, SourceGoneError, VectorStickerError
from bots.core.jobs.platform import DeliverLaterError
from bots.core.requests import clips
from bots.discord_adapter.transport.client import StylebotClient
from bots.discord_adapter.transport.reply_target import is_adult, user_key
from engine.api.errors import ImageTooLargeError
from storage.values.json import Json
from storage.values.people import UserKey

logger = logging.getLogger(__name__)

_MOVING_STICKERS: Final = (discord.StickerFormatType.apng, discord.StickerFormatType.gif)
# The engine's limit; larger files are not downloaded.
IMAGE_BYTES_MAX: Final = 20 * 1024 * 1024
_SUFFIXES: Final = (
    "jpg", "jpeg", "png", "webp", "gif", "avif", "heic", "heif", "hif", "tif", "tiff", "bmp",
)  # fmt: skip


def pictures(message: discord.Message) -> list[Json]:
    """All paintable pictures in a message: uploads and forwards, then embeds and stickers.

    Raises:
        VectorStickerError: there is nothing but drawings that move.
    """
    parts: list[Any] = [message, *message.message_snapshots]
    found: list[Json] = []
    for part in parts:
        found += [of_attachment(each) for each in part.attachments if _is_picture(each)]
    for part in parts:
        found += _embedded(part.embeds)
        found += _stickers(part.stickers)
    if not found and any(_is_vector(sticker) for part in parts for sticker in part.stickers):
        raise VectorStickerError
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
    photo = {
        "id": str(attachment.id),
        "url": attachment.url,
        "bytes": attachment.size,
        "spoiler": attachment.is_spoiler(),
        "adult": adult,
    }
    form = clips.form_of(attachment.content_type, attachment.filename)
    if form is None:
        return photo
    if attachment.duration is not None:
        photo["seconds"] = attachment.duration
    # The engine reads a GIF's first frame itself.
    return photo | {"clip": form} | ({"still": {}} if form == "gif" else {})


async def fetch(client: StylebotClient, photo: Json) -> bytes:
    """Download a picture.

    Raises:
        ImageTooLargeError: it is larger than the engine accepts.
        ClipTooLargeError: it is so, and a clip.
        SourceGoneError: Discord no longer has it.
        DeliverLaterError: Discord does not answer now.
    """
    check_size(photo, photo.get("bytes", 0))
    file = await download(client, photo)
    # Of an embed the size is known only now.
    check_size(photo, len(file))
    return file


def check_size(photo: Json, size_bytes: int) -> None:
    """Check that a file is not larger than the engine accepts.

    Raises:
        ImageTooLargeError: it is larger.
        ClipTooLargeError: it is larger, and a clip.
    """
    if size_bytes <= IMAGE_BYTES_MAX:
        return
    if clips.is_clip(photo):
        raise ClipTooLargeError
    raise ImageTooLargeError("The picture is too large.")


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
            known = {each["id"]: each for each in pictures(message)}
            still = {"first_frame": bool(photo.get("first_frame"))}
            return str(clips.source_of(known[photo["id"]] | still)["url"])
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
    """Whether an upload is declared as a picture or a clip; the engine checks its content."""
    if clips.form_of(attachment.content_type, attachment.filename):
        return True
    if attachment.content_type:
        return attachment.content_type.startswith("image/")
    return attachment.filename.rpartition(".")[2].lower() in _SUFFIXES


def _embedded(embeds: Iterable[discord.Embed]) -> Iterator[Json]:
    for number, embed in enumerate(embeds):
        name = {"id": f"embed {number}"}
        # Through Discord's proxy: a URL given by a user is never requested from here.
        still = next((m.proxy_url for m in (embed.image, embed.thumbnail) if m.proxy_url), None)
        if embed.type == "gifv" and embed.video.proxy_url:
            # What Tenor and Giphy call a GIF is a video.
            found = {"url": embed.video.proxy_url, "clip": "mp4"}
            yield name | found | ({"still": {"url": still}} if still else {})
        elif still and embed.type in ("gifv", "video"):
            # The video is on someone's page, and only a still is here.
            yield name | {"url": still, "first_frame": True}
        elif still and urlsplit(still).path.lower().endswith(".gif"):
            yield name | {"url": still, "clip": "gif", "still": {}}
        elif still:
            yield name | {"url": still}


def _stickers(stickers: Iterable[discord.StickerItem]) -> Iterator[Json]:
    for sticker in stickers:
        found = {"id": f"sticker {sticker.id}", "url": sticker.url}
        if sticker.format in _MOVING_STICKERS:
            yield found | {"clip": "gif", "still": {}}
        elif not _is_vector(sticker):
            yield found


def _is_vector(sticker: discord.StickerItem) -> bool:
    return sticker.format is discord.StickerFormatType.lottie

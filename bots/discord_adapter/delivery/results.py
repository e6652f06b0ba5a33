"""The workers' interface to Discord: fetch photos, deliver pictures, update statuses."""

import asyncio
import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import discord

from bots.core.effects import controls
from bots.core.errors import BotError, ResultTooLargeError
from bots.core.requests import clips, queueing, versions
from bots.core.requests.values import Version
from bots.core.styles import catalogue
from bots.discord_adapter.delivery.statuses import Statuses
from bots.discord_adapter.render.cards import SPOILER, Made, card
from bots.discord_adapter.render.layouts import Layout, words
from bots.discord_adapter.render.sizes import SHOWN_SIDE_PX, fitted
from bots.discord_adapter.transport import attachments, posting
from bots.discord_adapter.transport.client import StylebotClient
from bots.discord_adapter.transport.posting import Upload
from bots.discord_adapter.transport.reply_target import PLATFORM, ReplyTarget, chat_key
from engine.api.contract import Painted
from storage.values.jobs import Job
from storage.values.json import Json
from storage.values.styles import Style

logger = logging.getLogger(__name__)

# How often the size is halved if Discord's limit is unknown.
_SIZES: Final = 4


class Delivery:
    """Discord's implementation of `Platform`."""

    name = PLATFORM

    def __init__(self, client: StylebotClient) -> None:
        """Create the interface.

        Args:
            client: The client.
        """
        self.client = client

    async def fetch(self, job: Job, photo: Json) -> bytes:
        """Download a photo; see `attachments.fetch`."""
        return await attachments.fetch(self.client, photo)

    async def started(self, job: Job) -> None:
        """Update the status, for albums and after a restart."""
        known = Statuses(self.client).knows(job)
        if len(job.wanted.photos) > 1 or not known:
            await Statuses(self.client).update(job, always=not known)

    async def paused(self, job: Job) -> None:
        """Say that the engine is away."""
        await Statuses(self.client).pause(job)

    async def deliver(self, job: Job, pictures: Sequence[Painted], notes: Sequence[str]) -> Json:
        """Edit the request's message to show the result.

        Raises:
            ResultTooLargeError: a clip is larger than Discord takes there.
            DeliverLaterError: it is not possible now.
            UndeliverableError: it is not possible at all.
        """
        async with Statuses(self.client).lock(job.wanted.dedupe):
            Statuses(self.client).over(job)
            # The store may know more about its message than the worker's copy.
            job = await queueing.job(self.client.services, job.id) or job
            try:
                return await self._deliver(job, pictures, notes)
            except posting.UNSAID as error:
                raise posting.translated(error, self.client.again_s) from error

    async def delivered(self, job: Job) -> Json | None:
        """The delivered result in the request's message; None if there is none or it is unknown."""
        reply_target = ReplyTarget.from_json(job.wanted.reply_target)
        try:
            message = await posting.get(self.client, reply_target)
        except posting.UNSAID:
            return None
        if message is None:
            return None
        names = [each.filename for each in message.attachments]
        ours = [name for name in names if _names(job, name)]
        return _result(job, reply_target, message, ours) if ours else None

    async def tell(self, job: Job, sentence: str) -> None:
        """Say in the request's message why it failed.

        Raises:
            DeliverLaterError: it is not possible now.
            UndeliverableError: it is not possible at all.
        """
        async with Statuses(self.client).lock(job.wanted.dedupe):
            Statuses(self.client).over(job)
            job = await queueing.job(self.client.services, job.id) or job
            reply_target = ReplyTarget.from_json(job.wanted.reply_target)
            before = await card_before(self.client, job, reply_target, sentence)
            files: list[Upload] | None = None if before else []
            view = before or words(sentence)
            try:
                await posting.put(self.client, reply_target, view, files, f"job {job.id}")
            except posting.UNSAID as error:
                raise posting.translated(error, self.client.again_s) from error

    async def _deliver(self, job: Job, pictures: Sequence[Painted], notes: Sequence[str]) -> Json:
        reply_target, wanted = ReplyTarget.from_json(job.wanted.reply_target), job.wanted
        title = await catalogue.title(self.client.services, wanted.recipe, wanted.language)
        absent = controls.absent_in(pictures)
        made = replace(Made.of_job(job, title, reply_target), absent=absent)
        limit = self._limit(reply_target)
        for left in reversed(range(_SIZES)):
            uploads, remarks = await self._fitted(job, pictures, limit, made)
            names = [upload.name for upload in uploads]
            view = card(
                self.client.services, wanted.language,
                made.with_files(names, [*notes, *remarks]), self._styles_of(job, reply_target),
            )  # fmt: skip
            try:
                message = await posting.put(
                    self.client, reply_target, view, uploads, nonce=f"job {job.id}"
                )
            except discord.HTTPException as error:
                if not (posting.is_too_large(error) and left):
                    raise
                if any(map(clips.moves, pictures)):
                    raise ResultTooLargeError from error
                limit = min(limit, max(len(upload.content) for upload in uploads)) // 2
            else:
                types = {p.content_type for p in pictures if clips.moves(p)}
                kept = _result(job, reply_target, message, names)
                return kept | ({"type": types.pop()} if types else {})
        raise AssertionError("the last size either went out or was refused")

    def _limit(self, reply_target: ReplyTarget) -> int:
        """The file size limit, from the interaction or the server."""
        guild = (
            self.client.get_guild(reply_target.guild)
            if reply_target.guild and not reply_target.token
            else None
        )
        return guild.filesize_limit if guild else reply_target.limit

    async def _fitted(
        self, job: Job, pictures: Sequence[Painted], limit: int, made: Made
    ) -> tuple[list[Upload], list[str]]:
        """The pictures as files within the limit, and sentences about those that were reduced.

        Raises:
            ResultTooLargeError: a clip is larger, which is not reduced.
        """
        side_px = None if made.as_file else SHOWN_SIDE_PX
        uploads, remarks = [], []
        called = await catalogue.file_name(self.client.services, job.wanted.recipe)
        for number, picture in enumerate(pictures, start=1):
            prefix = SPOILER if made.spoiler else ""
            name = f"{prefix}{called}-{job.id}-{number}"
            if clips.moves(picture):
                if len(picture.image) > limit:
                    raise ResultTooLargeError
                suffix = clips.SUFFIXES[picture.content_type]
                uploads.append(Upload(f"{name}.{suffix}", picture.image))
                continue
            file = await asyncio.to_thread(fitted, picture.image, limit, side_px)
            name = f"{name}.{file.suffix}"
            uploads.append(Upload(name, file.image))
            if file.lossy:
                facts = {"width": file.width, "height": file.height}
                remark = self.client.services.texts.say(
                    "discord-made-smaller", job.wanted.language, **facts
                )
                remarks.append(remark)
        return uploads, list(dict.fromkeys(remarks))

    def _styles_of(self, job: Job, reply_target: ReplyTarget) -> list[Style]:
        """The styles offered below a result; own styles only if no one else sees their names."""
        user = job.wanted.user if reply_target.private else None
        return self.client.cache.styles(user, job.wanted.chat, edits=True)


async def card_before(
    client: StylebotClient, job: Job, reply_target: ReplyTarget, sentence: str
) -> Layout | None:
    """The card that a request replaces, with a remark; None if it replaces none."""
    if reply_target.of is None:
        return None
    services, wanted = client.services, job.wanted
    try:
        version = await versions.version(services, reply_target.of, wanted.user, wanted.chat)
    except BotError:
        return None
    return card_of(client, version, reply_target, wanted.language, sentence)


def card_of(
    client: StylebotClient, version: Version, reply_target: ReplyTarget, language: str, *notes: str
) -> Layout:
    """A result's card, for a message that has its files already."""
    made = Made.of_version(version, reply_target.private)
    made = made.with_files(reply_target.shown or made.files, notes)
    user = version.user if reply_target.private else None
    chat = chat_key(reply_target.guild, reply_target.channel)
    here = client.cache.styles(user, chat, edits=True)
    return card(client.services, language, made, here)


def _names(job: Job, file: str) -> bool:
    """Whether a file's name is that of a job's result."""
    return re.search(rf"-{job.id}-\d+\.\w+$", file) is not None


def _result(
    job: Job, reply_target: ReplyTarget, message: discord.Message, names: Sequence[str]
) -> Json:
    """What is stored of a delivery."""
    return {
        "channel": reply_target.channel,
        "guild": reply_target.guild,
        "message": message.id,
        "private": reply_target.private,
        "files": list(names),
        "as_file": job.wanted.output == "file",
    }

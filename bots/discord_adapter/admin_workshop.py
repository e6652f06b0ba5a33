"""Where styles are made: begun from pictures or a file, looked at, named, and polished."""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from typing import Final

import discord

from bots.core import admin_styles
from bots.core.errors import BadStyleFileError, BotError
from bots.core.style_files import FILE_MAX_BYTES
from bots.discord_adapter import forms, sources
from bots.discord_adapter.admin_desk import preview_name, show_style
from bots.discord_adapter.answers import Answer
from bots.discord_adapter.bot_admins import admin_act, admin_form
from bots.discord_adapter.controls import Press
from bots.discord_adapter.forms import Field
from bots.discord_adapter.posting import UNSAID, Upload
from bots.discord_adapter.sizes import fitted
from bots.discord_adapter.views import words
from engine.errors import EngineError
from storage.values import Style

logger = logging.getLogger(__name__)

_SHOWN_SIDE_PX: Final = 1024
_TAGS_LETTERS: Final = 400
_TELL_EVERY_S: Final = 5.0


async def add(answer: Answer, name: str, pictures: Sequence[discord.Attachment]) -> None:
    """Begin a style from pictures, and show what it does."""
    client = answer.client
    files = [await sources.fetch(client, sources.of_attachment(each)) for each in pictures]
    style = await admin_styles.add(client.services, answer.user, name, files)
    await _show_new(answer, style)


async def import_file(answer: Answer, attachment: discord.Attachment) -> None:
    """Begin a style from a file, and show what it does.

    Raises:
        BadStyleFileError: it is too large to be one.
    """
    if attachment.size > FILE_MAX_BYTES:
        raise BadStyleFileError
    client = answer.client
    file = await sources.download(client, sources.of_attachment(attachment))
    style = await admin_styles.import_file(client.services, answer.user, file)
    await _show_new(answer, style)


@admin_act("adm-preview", "styles.read")
async def preview(press: Press) -> None:
    """Show what a style does."""
    await press.answer.defer_in_place()
    await _show_previews(press.answer, press.number)


@admin_act("adm-rename", "style.rename")
async def ask_for_titles(press: Press) -> None:
    """Ask what it is to be called, in every language."""
    answer, services = press.answer, press.answer.client.services
    style = await admin_styles.get(services, answer.user, press.number)
    fields = [
        Field(
            tag,
            answer.say("admin-title", language=services.texts.say("language-name", tag)),
            style.titles.get(tag, ""),
            services.limits.name_letters,
        )
        for tag in services.texts.languages
    ]
    title = answer.say("discord-admin-rename")
    await forms.ask(answer, title, "adm-renamed", [style.id], fields)


@admin_form("adm-renamed", "style.rename")
async def rename(press: Press) -> None:
    """Call it that; what was left empty stays as it was."""
    answer = press.answer
    await answer.defer_in_place()
    titles = {tag: title for tag, title in press.fields.items() if title.strip()}
    await admin_styles.rename(answer.client.services, answer.user, press.number, titles)
    await answer.client.memory.follow()
    await show_style(answer, press.number)


@admin_act("adm-tags", "style.tag")
async def ask_for_tags(press: Press) -> None:
    """Ask what it is like."""
    answer = press.answer
    style = await admin_styles.get(answer.client.services, answer.user, press.number)
    line = Field("tags", answer.say("discord-admin-tags"), ", ".join(style.tags), _TAGS_LETTERS)
    await forms.ask(answer, answer.say("admin-tags"), "adm-tagged", [style.id], [line])


@admin_form("adm-tagged", "style.tag")
async def retag(press: Press) -> None:
    """Say what it is like."""
    answer = press.answer
    await answer.defer_in_place()
    tags = press.fields.get("tags", "")
    await admin_styles.retag(answer.client.services, answer.user, press.number, tags)
    await answer.client.memory.follow()
    await show_style(answer, press.number)


@admin_act("adm-refine", "style.refine")
async def refine(press: Press) -> None:
    """Polish a style's code; it takes minutes, and goes on in the background."""
    answer = press.answer
    await answer.defer(private=True)
    style = await admin_styles.get(answer.client.services, answer.user, press.number)
    answer.client.later(_Refining(answer, style).run())


class _Refining:
    """One style that is being polished, and the message that says how far it is."""

    def __init__(self, answer: Answer, style: Style) -> None:
        self._answer = answer
        self._style = style
        self._title = style.title(answer.language)
        self._share = 0.0

    async def run(self) -> None:
        """Polish it, and tell."""
        telling = asyncio.create_task(self._keep_telling())
        try:
            sentence = await self._refined()
        except Exception:
            logger.exception("a style could not be refined")
            sentence = self._answer.say("error-internal")
        finally:
            telling.cancel()
            await asyncio.wait([telling])
        try:
            await _show_previews(self._answer, self._style.id, sentence)
        except UNSAID:
            await self._tell_in_person(sentence)

    async def _refined(self) -> str:
        answer = self._answer
        services = answer.client.services
        try:
            found = await admin_styles.refine(
                services, answer.user, self._style.id, report=self._report
            )
        except (BotError, EngineError) as error:
            return services.texts.of_error(error, answer.language)
        gram = {"before": f"{found.gram_before:.2f}", "after": f"{found.gram_after:.2f}"}
        better = found.gram_after < found.gram_before
        name = "admin-refined" if better else "admin-not-better"
        return answer.say(name, title=self._title, **gram)

    def _report(self, share: float) -> None:
        self._share = share

    async def _keep_telling(self) -> None:
        while True:
            percent = round(100 * self._share)
            sentence = self._answer.say("admin-refining", title=self._title, percent=percent)
            # What cannot be said now is said better in a moment.
            with contextlib.suppress(*UNSAID):
                await self._answer.show(words(sentence), [])
            await asyncio.sleep(_TELL_EVERY_S)

    async def _tell_in_person(self, sentence: str) -> None:
        """An interaction is over after a quarter of an hour; a message to the admin never is."""
        try:
            await self._answer.interaction.user.send(view=words(sentence))
        except UNSAID:
            logger.warning("nobody could be told of a refinement", exc_info=True)


async def _show_new(answer: Answer, style: Style) -> None:
    """A style that was just begun: what it is at once, and then what it does."""
    await show_style(answer, style.id, answer.say("discord-admin-painting"))
    await _show_previews(answer, style.id)


async def _show_previews(answer: Answer, style_id: int, note: str = "") -> None:
    """A style's desk, with the reference photos as it paints them."""
    services, user = answer.client.services, answer.user
    notes, uploads = [note], []
    try:
        pictures = await admin_styles.previews(services, user, style_id)
        if await admin_styles.doubtful(services, user, style_id):
            notes.append(answer.say("admin-doubtful"))
    except EngineError as error:
        notes.append(services.texts.of_error(error, answer.language))
        pictures = []
    # Where its code was out of date, it has a newer version now.
    style = await admin_styles.get(services, user, style_id)
    limit = answer.interaction.filesize_limit
    for number, picture in enumerate(pictures, start=1):
        small = await asyncio.to_thread(fitted, picture, limit, _SHOWN_SIDE_PX)
        uploads.append(Upload(preview_name(style.id, style.version, number), small.image))
    await answer.client.memory.follow()
    await show_style(answer, style_id, "\n".join(filter(None, notes)), uploads)

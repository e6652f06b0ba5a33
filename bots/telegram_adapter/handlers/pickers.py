"""Pickers: a sheet of the photo in eight styles, with a button for each."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final
from weakref import WeakValueDictionary

from telegram import InlineKeyboardMarkup, InputFile, InputMediaPhoto
from telegram.error import TelegramError

from bots.core.errors import (
    BotError,
    ClipsOffError,
    EntryGoneError,
    SourceGoneError,
    StyleGoneError,
)
from bots.core.requests import clips, drafts, queueing
from bots.core.requests.values import Question, Ticket
from bots.core.styles import catalogue
from bots.images.sheets import ON_A_SHEET, Sheets
from bots.telegram_adapter.context import Context, Runtime, reply_to
from bots.telegram_adapter.delivery.statuses import Statuses, where_of
from bots.telegram_adapter.handlers.buttons import Buttons, Press, quietly
from bots.telegram_adapter.render import keyboards
from bots.telegram_adapter.transport.rate_limits import DroppedError
from engine.api.errors import EngineError, ImageError
from storage.values.jobs import Job
from storage.values.recipes import Choice
from storage.values.styles import Style

logger = logging.getLogger(__name__)

# Telegram's limit for captions.
_CAPTION_LETTERS: Final = 1024

Fetch = Callable[[dict[str, str]], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class _Page:
    """The content of a picker."""

    job: Job
    message_id: int
    styles: Sequence[Style]
    text: str
    markup: InlineKeyboardMarkup


class Pickers:
    """Asks for a style, and takes the answer."""

    def __init__(
        self, runtime: Runtime, statuses: Statuses, buttons: Buttons, fetch: Fetch
    ) -> None:
        self._runtime = runtime
        self._statuses = statuses
        self._fetch = fetch
        self._sheets = Sheets(runtime.services)
        # The page each picker is to show; None once it was answered.
        self._wanted: dict[int, _Page] = {}
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        buttons.add("s", 2, self._choose)
        buttons.add("ps", 2, self._leaf)
        buttons.add("surprise", 1, self._surprise)

    async def ask(self, context: Context, question: Question) -> None:
        """Reply with a picker, once; not in a quiet chat.

        Raises:
            StyleGoneError: there is no style to choose.
        """
        job, services, message = question.job, self._runtime.services, context.message
        reply_target = job.wanted.reply_target
        if job.state != "draft" or reply_target.get("asked") == message.message_id:
            return
        if not question.styles:
            raise StyleGoneError
        if not context.private and context.settings.quiet:
            return
        text = self._words(context, question)
        edits = await catalogue.edits(services, job.wanted.user, job.wanted.chat)
        markup = keyboards.picker(services, question.styles, edits, job.wanted.language, job.id)
        (sent,) = await self._runtime.sent_messages.send(
            where_of(job),
            lambda: message.reply_text(
                text, reply_markup=markup, disable_notification=not context.private,
                reply_parameters=reply_to(message.message_id),
            ),
            lambda one: keyboards.chooses_for(one, job.id),
        )  # fmt: skip
        shown = question.styles[:ON_A_SHEET]
        await queueing.extend_reply_target(
            services, job.id, asked=message.message_id, picker=sent.message_id,
            meant=[style.id for style in question.styles[: question.meant]],
            shown=[style.id for style in shown],
        )  # fmt: skip
        if "picker" in reply_target:
            await self._remove(job, reply_target["picker"])
        self._show(_Page(job, sent.message_id, shown, text, markup))

    async def close(self, ticket: Ticket) -> None:
        """Remove a picker that was answered by a message."""
        picker = ticket.job.wanted.reply_target.get("picker")
        if ticket.new and picker is not None:
            await self._remove(ticket.job, picker)

    def _words(self, context: Context, question: Question) -> str:
        language, texts = question.job.wanted.language, self._runtime.services.texts
        name = "choose-style" if context.private else "choose-style-group"
        text = self._runtime.say(name, language, count=len(question.job.wanted.photos))
        if question.why:
            text = f"{texts.of_error(question.why, language)}\n{text}"
        return text[:_CAPTION_LETTERS]

    def _show(self, page: _Page) -> None:
        """Replace a picker by a sheet once that is painted."""
        self._wanted[page.job.id] = page
        self._runtime.spawn(self._picture(page))

    async def _picture(self, page: _Page) -> None:
        wanted = page.job.wanted
        try:
            await self._put_sheet(page)
        except (ImageError, SourceGoneError) as error:
            # Other photos of the album may still be painted.
            if len(wanted.photos) == 1:
                await self._give_up(page, error)
        except (DroppedError, TelegramError, ClipsOffError) as error:
            # The names are shown anyway.
            logger.info("a picker has no sheet: %s", type(error).__name__)

    async def _put_sheet(self, page: _Page) -> None:
        wanted = page.job.wanted
        sheet = await self._sheets.of(
            (wanted.user, wanted.chat), ("telegram", page.job.id),
            lambda: self._fetch(clips.still_of(wanted.photos[0])), page.styles, wanted.language,
        )  # fmt: skip
        if sheet is None:
            return
        media = InputMediaPhoto(
            InputFile(sheet, "styles.jpg", attach=True), page.text,
            has_spoiler=bool(wanted.reply_target.get("spoiler")),
        )  # fmt: skip
        async with self._lock(page.job):
            if self._wanted.get(page.job.id) is page:
                await self._runtime.bot.edit_message_media(
                    media, wanted.chat.id, page.message_id, reply_markup=page.markup
                )

    async def _give_up(self, page: _Page, error: BotError | EngineError) -> None:
        """Report at once that a photo cannot be painted in any style."""
        wanted, services = page.job.wanted, self._runtime.services
        async with self._lock(page.job):
            if self._wanted.pop(page.job.id, None) is None:
                return
            await queueing.extend_reply_target(services, page.job.id, unreadable=True)
            sentence = services.texts.of_error(error, wanted.language)
            with contextlib.suppress(TelegramError, DroppedError):
                await self._runtime.bot.edit_message_text(sentence, wanted.chat.id, page.message_id)

    async def _choose(self, press: Press, numbers: Sequence[int]) -> None:
        job_id, style_id = numbers
        request_input = replace(
            await press.request_input(), choices=(Choice(style_id),),
            reply_target={"status": press.message.message_id},
        )  # fmt: skip
        ticket = await drafts.choose(self._runtime.services, job_id, request_input)
        await press.answer()
        await self._end(ticket.job)
        self._statuses.accepted(ticket, press.message)

    async def _surprise(self, press: Press, numbers: Sequence[int]) -> None:
        styles = await self._offered(await self._own(press, numbers[0]))
        if not styles:
            raise EntryGoneError
        # The choice need not be unpredictable.
        await self._choose(press, (*numbers, random.choice(styles).id))  # noqa: S311

    async def _leaf(self, press: Press, numbers: Sequence[int]) -> None:
        job_id, number = numbers
        job = await self._own(press, job_id)
        await press.answer()
        if job.state != "draft":
            return
        styles = await self._offered(job)
        number %= max(1, -(-len(styles) // ON_A_SHEET))
        shown = styles[number * ON_A_SHEET :][:ON_A_SHEET]
        services, message = self._runtime.services, press.message
        edits = await catalogue.edits(services, job.wanted.user, job.wanted.chat)
        markup = keyboards.picker(services, styles, edits, job.wanted.language, job.id, number)
        await queueing.extend_reply_target(services, job.id, shown=[style.id for style in shown])
        await quietly(message.edit_reply_markup(markup))
        text = message.text or message.caption or ""
        self._show(_Page(job, message.message_id, shown, text, markup))

    async def _own(self, press: Press, job_id: int) -> Job:
        return await queueing.own_job(self._runtime.services, job_id, press.user)

    async def _offered(self, job: Job) -> list[Style]:
        wanted = job.wanted
        return await catalogue.offered(
            self._runtime.services, wanted.user, wanted.chat, wanted.reply_target.get("meant", ())
        )

    async def _end(self, job: Job) -> None:
        """Stop sheets for an answered picker, including one being painted."""
        self._wanted.pop(job.id, None)
        async with self._lock(job):
            self._sheets.forget(("telegram", job.id))

    async def _remove(self, job: Job, message_id: int) -> None:
        await self._end(job)
        with contextlib.suppress(TelegramError, DroppedError):
            await self._runtime.bot.delete_message(job.wanted.chat.id, message_id)

    def _lock(self, job: Job) -> asyncio.Lock:
        return self._locks.setdefault(job.id, asyncio.Lock())

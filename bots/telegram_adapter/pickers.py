"""Which style: a sheet of the photo in eight of them, with a button for each."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final
from weakref import WeakValueDictionary

from telegram import InlineKeyboardMarkup, InputFile, InputMediaPhoto, Message
from telegram.error import TelegramError

from bots.core import people, stylize
from bots.core import styles as style_cases
from bots.core.errors import BotError, EntryGoneError, SourceGoneError, StyleGoneError
from bots.core.stylize import Question, Ticket
from bots.sheets import ON_A_SHEET, Sheets
from bots.telegram_adapter import keyboards
from bots.telegram_adapter.buttons import Buttons, Press, quietly
from bots.telegram_adapter.rate_limits import DroppedError
from bots.telegram_adapter.station import Station, is_private, reply_to
from bots.telegram_adapter.statuses import Statuses, where_of
from engine.api.errors import EngineError, ImageError
from storage.values import Choice, Job, Style

logger = logging.getLogger(__name__)

# As Telegram counts them for words beneath a picture.
_CAPTION_LETTERS: Final = 1024

Fetch = Callable[[dict[str, str]], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class _Page:
    """What a picker shows."""

    job: Job
    message_id: int
    styles: Sequence[Style]
    text: str
    markup: InlineKeyboardMarkup


class Pickers:
    """Asks which style, and takes the answer."""

    def __init__(
        self, station: Station, statuses: Statuses, buttons: Buttons, fetch: Fetch
    ) -> None:
        self._station = station
        self._statuses = statuses
        self._fetch = fetch
        self._sheets = Sheets(station.services)
        # The page each picker is to show; none once it was answered.
        self._wanted: dict[int, _Page] = {}
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        buttons.add("s", 2, self._choose)
        buttons.add("ps", 2, self._leaf)
        buttons.add("surprise", 1, self._surprise)

    async def ask(self, message: Message, question: Question) -> None:
        """Answer a message with the question which style, once; in a quiet chat not at all.

        Raises:
            StyleGoneError: there is none to choose.
        """
        job, services = question.job, self._station.services
        anchor = job.wanted.anchor
        if job.state != "draft" or anchor.get("asked") == message.message_id:
            return
        if not question.styles:
            raise StyleGoneError
        if (
            not is_private(message.chat)
            and (await people.chat_settings(services, job.wanted.chat)).quiet
        ):
            return
        text = self._words(message, question)
        markup = keyboards.picker(services, question.styles, job.wanted.language, job.id)
        (sent,) = await self._station.traces.send(
            where_of(job),
            lambda: message.reply_text(
                text, reply_markup=markup, disable_notification=not is_private(message.chat),
                reply_parameters=reply_to(message.message_id),
            ),
            lambda one: keyboards.chooses_for(one, job.id),
        )  # fmt: skip
        shown = question.styles[:ON_A_SHEET]
        await stylize.anchor(
            services, job.id, asked=message.message_id, picker=sent.message_id,
            meant=[style.id for style in question.styles[: question.meant]],
            shown=[style.id for style in shown],
        )  # fmt: skip
        if "picker" in anchor:
            await self._remove(job, anchor["picker"])
        self._show(_Page(job, sent.message_id, shown, text, markup))

    async def close(self, ticket: Ticket) -> None:
        """Take a picker away that was answered by words."""
        picker = ticket.job.wanted.anchor.get("picker")
        if ticket.new and picker is not None:
            await self._remove(ticket.job, picker)

    def _words(self, message: Message, question: Question) -> str:
        language, texts = question.job.wanted.language, self._station.services.texts
        name = "choose-style" if is_private(message.chat) else "choose-style-group"
        text = self._station.say(name, language, count=len(question.job.wanted.photos))
        if question.why:
            text = f"{texts.of_error(question.why, language)}\n{text}"
        return text[:_CAPTION_LETTERS]

    def _show(self, page: _Page) -> None:
        """Let a picker become a sheet, when that is painted."""
        self._wanted[page.job.id] = page
        self._station.spawn(self._picture(page))

    async def _picture(self, page: _Page) -> None:
        wanted = page.job.wanted
        try:
            await self._put_sheet(page)
        except (ImageError, SourceGoneError) as error:
            # Of an album others may be painted.
            if len(wanted.photos) == 1:
                await self._give_up(page, error)
        except (DroppedError, TelegramError) as error:
            # The names are there all the same.
            logger.info("a picker has no sheet: %s", type(error).__name__)

    async def _put_sheet(self, page: _Page) -> None:
        wanted = page.job.wanted
        sheet = await self._sheets.of(
            (wanted.user, wanted.chat), ("telegram", page.job.id),
            lambda: self._fetch(wanted.photos[0]), page.styles, wanted.language,
        )  # fmt: skip
        if sheet is None:
            return
        media = InputMediaPhoto(
            InputFile(sheet, "styles.jpg", attach=True), page.text,
            has_spoiler=bool(wanted.anchor.get("spoiler")),
        )  # fmt: skip
        async with self._lock(page.job):
            if self._wanted.get(page.job.id) is page:
                await self._station.bot.edit_message_media(
                    media, wanted.chat.id, page.message_id, reply_markup=page.markup
                )

    async def _give_up(self, page: _Page, error: BotError | EngineError) -> None:
        """Say at once that nothing can come of a photo, whatever the style."""
        wanted, services = page.job.wanted, self._station.services
        async with self._lock(page.job):
            if self._wanted.pop(page.job.id, None) is None:
                return
            await stylize.anchor(services, page.job.id, unreadable=True)
            sentence = services.texts.of_error(error, wanted.language)
            with contextlib.suppress(TelegramError, DroppedError):
                await self._station.bot.edit_message_text(sentence, wanted.chat.id, page.message_id)

    async def _choose(self, press: Press, numbers: Sequence[int]) -> None:
        job_id, style_id = numbers
        asked = replace(
            await press.asked(), choices=(Choice(style_id),),
            anchor={"status": press.message.message_id},
        )  # fmt: skip
        ticket = await stylize.choose(self._station.services, job_id, asked)
        await press.answer()
        await self._end(ticket.job)
        self._statuses.accepted(ticket, press.message)

    async def _surprise(self, press: Press, numbers: Sequence[int]) -> None:
        styles = await self._offered(await self._own(press, numbers[0]))
        if not styles:
            raise EntryGoneError
        # Nothing depends on the choice being unforeseeable.
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
        services, message = self._station.services, press.message
        markup = keyboards.picker(services, styles, job.wanted.language, job.id, number)
        await stylize.anchor(services, job.id, shown=[style.id for style in shown])
        await quietly(message.edit_reply_markup(markup))
        text = message.text or message.caption or ""
        self._show(_Page(job, message.message_id, shown, text, markup))

    async def _own(self, press: Press, job_id: int) -> Job:
        return await stylize.own_job(self._station.services, job_id, press.user)

    async def _offered(self, job: Job) -> list[Style]:
        wanted = job.wanted
        return await style_cases.offered(
            self._station.services, wanted.user, wanted.chat, wanted.anchor.get("meant", ())
        )

    async def _end(self, job: Job) -> None:
        """No sheet is put into a picker that was answered, not even one on its way."""
        self._wanted.pop(job.id, None)
        async with self._lock(job):
            self._sheets.forget(("telegram", job.id))

    async def _remove(self, job: Job, message_id: int) -> None:
        await self._end(job)
        with contextlib.suppress(TelegramError, DroppedError):
            await self._station.bot.delete_message(job.wanted.chat.id, message_id)

    def _lock(self, job: Job) -> asyncio.Lock:
        return self._locks.setdefault(job.id, asyncio.Lock())

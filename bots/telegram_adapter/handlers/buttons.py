"""Handles button presses.

Callback data may be forged, so owners are read from the store. A press is answered right after
that, before other calls to Telegram, which waits only some seconds for the answer.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from telegram import (
    CallbackQuery,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    Message,
)
from telegram.error import BadRequest, TelegramError

from bots.core.effects import controls
from bots.core.errors import BotError, EntryGoneError, NotYoursError, TooLateError
from bots.core.jobs.platform import DeliverLaterError
from bots.core.requests import clips, queueing, versions
from bots.core.requests.values import RequestInput, Ticket, Version
from bots.core.styles import catalogue, previews
from bots.core.users import history
from bots.telegram_adapter.context import Context, Runtime, reply_to, topic_of
from bots.telegram_adapter.delivery.results import caption_of
from bots.telegram_adapter.delivery.statuses import Statuses
from bots.telegram_adapter.render import keyboards
from bots.telegram_adapter.render.callback_data import Said, unpack
from bots.telegram_adapter.render.keyboards import Card
from bots.telegram_adapter.render.media import CLIPS, STICKER, media
from bots.telegram_adapter.render.pictures import shown
from engine.api.errors import EngineError
from storage.errors import StorageUnavailableError
from storage.values.jobs import ENDED
from storage.values.json import Json
from storage.values.people import UserKey
from storage.values.recipes import Choice
from storage.values.styles import Style

logger = logging.getLogger(__name__)

_VERSIONS_MAX: Final = 20


class Press:
    """A button being pressed, answered once."""

    def __init__(self, query: CallbackQuery, context: Context) -> None:
        self.query = query
        self.context = context
        # A parameter and its new value.
        self.words: tuple[str, ...] = ()
        self._answered = False

    @property
    def message(self) -> Message:
        """The message with the button."""
        return self.context.message

    @property
    def user(self) -> UserKey:
        """The person who pressed it."""
        return self.context.user

    @property
    def language(self) -> str:
        """The language for the person who pressed it."""
        return self.context.language

    async def request_input(self) -> RequestInput:
        """A new request by the person who pressed it."""
        return await self.context.request_input(f"telegram:press:{self.query.id}", photos=())

    def topic(self) -> Json:
        """The topic of the button, for a reply target."""
        topic = topic_of(self.message)
        return {"topic": topic} if topic else {}

    async def show(self, text: str, markup: InlineKeyboardMarkup) -> None:
        """Answer, and replace the text of the message with the button."""
        await self.answer()
        # When pressed twice, the second edit is "not modified".
        await quietly(self.message.edit_text(text, reply_markup=markup))

    async def answer(self, text: str | None = None, *, alert: bool = False) -> None:
        """Answer the press, optionally with a text; does nothing the second time."""
        if self._answered:
            return
        self._answered = True
        try:
            await self.query.answer(text, show_alert=alert)
        except BadRequest as error:
            # It was too late. The operation is performed nevertheless.
            logger.info("a press was answered too late: %s", error)


Operation = Callable[[Press, Sequence[int]], Awaitable[None]]
Doing = Callable[[Press], Awaitable[None]]
Fetch = Callable[[Json], Awaitable[bytes]]


class Buttons:
    """Dispatches presses to handlers, which panels register."""

    def __init__(self, runtime: Runtime, statuses: Statuses, fetch: Fetch) -> None:
        self._runtime = runtime
        self._statuses = statuses
        self._fetch = fetch
        # Number of arguments of each, to detect forged ones here.
        self._shaped: dict[re.Pattern[str], Doing] = {}
        self._operations: dict[str, tuple[int, Operation]] = {
            "x": (0, self._nothing),
            "cancel": (1, self._cancel),
            "n": (2, self._other_style),
            "pn": (2, self._leaf_more),
            "card": (1, self._back_to_card),
            "adjust": (1, self._adjust),
            "controls": (1, self._show_controls),
            "file": (1, self._file),
            "compare": (1, self._compare),
            "film": (1, self._film),
            "version": (2, self._show_version),
            "delete": (1, self._delete),
        }
        self._worded = {"adjust"}

    def add(self, name: str, numbers: int, operation: Operation, *, worded: bool = False) -> None:
        """Register an operation; `worded` if its buttons have a parameter and a value."""
        self._operations[name] = (numbers, operation)
        if worded:
            self._worded.add(name)

    def add_words(self, shape: re.Pattern[str], doing: Doing) -> None:
        """Register a handler for all buttons whose data has this shape."""
        self._shaped[shape] = doing

    async def press(self, query: CallbackQuery) -> None:
        """Perform a button's operation."""
        message, doing = query.message, self._doing(query.data or "")
        if not isinstance(message, Message) or doing is None:
            await query.answer()
            return
        press = Press(query, await self._runtime.of_press(message, query.from_user))
        try:
            await doing(press)
        except (BotError, EngineError) as error:
            texts = self._runtime.services.texts
            await press.answer(texts.of_error(error, press.language), alert=True)
        except StorageUnavailableError:
            # It is performed once the store accepts it, and answered then.
            raise
        except Exception:
            await press.answer()
            raise
        else:
            await press.answer()

    def _doing(self, data: str) -> Doing | None:
        """The handler of a button's data; None if it is not ours."""
        shaped = (do for shape, do in self._shaped.items() if shape.fullmatch(data))
        return next(shaped, None) or self._operation(data)

    def _operation(self, data: str) -> Doing | None:
        said = unpack(data)
        if said is None:
            return None
        known = self._operations.get(said.operation)
        if known is None and said.numbers:
            # Buttons of an earlier version below a result: they are replaced by today's.
            known, said = (1, self._back_to_card), Said("card", said.numbers[:1])
        words = 2 if said.operation in self._worded else 0
        if known is None or (known[0], words) != (len(said.numbers), len(said.words)):
            return None
        return partial(self._do, known[1], said)

    async def _do(self, operation: Operation, said: Said, press: Press) -> None:
        press.words = said.words
        await operation(press, said.numbers)

    async def _nothing(self, press: Press, _: Sequence[int]) -> None:
        await press.answer()

    async def _cancel(self, press: Press, numbers: Sequence[int]) -> None:
        (job_id,) = numbers
        job = await queueing.own_job(self._runtime.services, job_id, press.user)
        try:
            await queueing.cancel(self._runtime.services, press.user, job_id)
        except TooLateError:
            unfinished = job.state == "cancelled" or not press.message.effective_attachment
            if job.state in ENDED and unfinished:
                # The button is old, and there is nothing left to cancel.
                await quietly(press.message.delete())
            raise
        text = self._runtime.say("queue-cancelled", press.language)
        await press.answer(text)
        await quietly(self._statuses.given_up(job, press.message.message_id, text))

    async def _other_style(self, press: Press, numbers: Sequence[int]) -> None:
        await self._vary(press, numbers[0], choices=(Choice(numbers[1]),))

    async def _adjust(self, press: Press, numbers: Sequence[int]) -> None:
        made = await self._made(press, numbers[0])
        params = controls.said_of(self._runtime.services.effects, made.recipe, *press.words)
        await self._vary(press, numbers[0], params=params)

    async def _show_controls(self, press: Press, numbers: Sequence[int]) -> None:
        made = await self._made(press, numbers[0])
        await press.answer()
        markup = keyboards.adjust(self._runtime.services, made, press.language)
        await quietly(press.message.edit_reply_markup(markup))

    async def _vary(
        self,
        press: Press,
        job_id: int,
        *,
        choices: tuple[Choice, ...] = (),
        params: Mapping[str, Any] | None = None,
    ) -> None:
        """Make another version of a result, on the same card; of an album, a new one."""
        made = await self._made(press, job_id)
        # A sticker cannot become another one.
        single = made.results == 1 and made.result.get("kind") != STICKER
        request_input = replace(
            await press.request_input(), choices=choices, params=params or {},
            reply_target=self._card_reply_target(press, made) if single else _beside(made),
            output="file" if made.result.get("kind") == "document" else None,
        )  # fmt: skip
        ticket = await versions.vary(self._runtime.services, made, request_input)
        await press.answer(self._standing(ticket))
        self._statuses.accepted(ticket)

    async def _file(self, press: Press, numbers: Sequence[int]) -> None:
        """Send the result at full resolution, as a file."""
        made = await self._made(press, numbers[0])
        reply_target = _beside(made) | {"reply": press.message.message_id} | press.topic()
        request_input = replace(
            await press.request_input(), output="file", reply_target=reply_target
        )
        ticket = await versions.vary(self._runtime.services, made, request_input)
        await press.answer(self._standing(ticket))
        self._statuses.accepted(ticket)

    async def _film(self, press: Press, numbers: Sequence[int]) -> None:
        """Send a film in which the photo turns into the result."""
        made = await self._made(press, numbers[0])
        reply_target = _beside(made) | {"reply": press.message.message_id} | press.topic()
        request_input = replace(
            await press.request_input(), output="photo", reply_target=reply_target
        )
        result = (made, {"file": _file_of(made)})
        ticket = await versions.film(self._runtime.services, [result], request_input)
        await press.answer(self._standing(ticket))
        self._statuses.accepted(ticket)

    async def _compare(self, press: Press, numbers: Sequence[int]) -> None:
        """Send before and after side by side, as Telegram shows two photos."""
        made = await self._made(press, numbers[0])
        before, after = clips.still_of(made.photos[0])["file"], _file_of(made)
        await press.answer()
        covered = bool(made.reply_target.get("spoiler"))
        try:
            if made.result.get("kind") == "photo":
                album = [InputMediaPhoto(file, has_spoiler=covered) for file in (before, after)]
                await self._send_album(press.message, album)
            else:
                await self._send_album(
                    press.message, [InputMediaDocument(file) for file in (before, after)]
                )
        except BadRequest as error:
            # A photo and a file cannot be mixed: both are sent again, as photos.
            logger.info("no comparison from files on Telegram: %s", error)
            await self._compare_anew(press, made, before, after)

    async def _compare_anew(self, press: Press, made: Version, before: str, after: str) -> None:
        services, message = self._runtime.services, press.message
        try:
            files = [await self._fetch({"file": file}) for file in (before, after)]
            files[0] = await previews.normalised(services, files[0])
            shrunk = [await asyncio.to_thread(shown, file) for file in files]
        except (BotError, EngineError, DeliverLaterError) as error:
            logger.info("no comparison: %s", error)
            text = self._runtime.say("telegram-no-comparison", press.language)
            await message.reply_text(text)
            return
        covered = bool(made.reply_target.get("spoiler"))
        await self._send_album(
            message, [InputMediaPhoto(file, has_spoiler=covered) for file in shrunk]
        )

    async def _send_album(
        self, message: Message, album: Sequence[InputMediaPhoto | InputMediaDocument]
    ) -> None:
        await self._runtime.bot.send_media_group(
            message.chat.id, album, message_thread_id=topic_of(message),
            reply_parameters=reply_to(message.message_id),
        )  # fmt: skip

    async def _leaf_more(self, press: Press, numbers: Sequence[int]) -> None:
        job_id, page = numbers
        await self._made(press, job_id)
        await press.answer()
        styles = await self._styles(press)
        edits = catalogue.edits_among(self._runtime.services, styles)
        styles = [style for style in styles if style not in edits]
        markup = keyboards.more_styles(self._runtime.services, styles, press.language, job_id, page)
        await quietly(press.message.edit_reply_markup(markup))

    async def _back_to_card(self, press: Press, numbers: Sequence[int]) -> None:
        made = await self._made(press, numbers[0])
        await press.answer()
        earlier = made.reply_target.get("versions", [])
        await self._show_keyboard(
            press, _card(made, made.job_id, len(earlier), len(earlier) + 1),
            album=made.results > 1,
        )  # fmt: skip

    async def _show_keyboard(self, press: Press, card: Card, *, album: bool) -> None:
        styles = await self._styles(press)
        markup = keyboards.result(self._runtime, card, styles, press.language, album=album)
        await quietly(press.message.edit_reply_markup(markup))

    async def _show_version(self, press: Press, numbers: Sequence[int]) -> None:
        """Show another version on a card; nothing is painted or sent again for that."""
        newest_id, index = numbers
        newest = await self._made(press, newest_id)
        ids = [*newest.reply_target.get("versions", []), newest_id]
        made = await self._made(press, ids[index % len(ids)])
        await press.answer()
        card = _card(made, newest_id, index % len(ids), len(ids))
        language = press.language
        caption = caption_of(
            self._runtime, made.title, card, language, name=made.reply_target.get("name")
        )
        shown_again = media(
            str(made.result.get("kind")), _file_of(made), caption,
            spoiler=bool(made.reply_target.get("spoiler")),
        )  # fmt: skip
        markup = keyboards.result(self._runtime, card, await self._styles(press), language)
        await quietly(press.message.edit_media(shown_again, reply_markup=markup))

    async def _delete(self, press: Press, numbers: Sequence[int]) -> None:
        made = await self._made(press, numbers[0])
        services = self._runtime.services
        for job_id in [*made.reply_target.get("versions", []), made.job_id]:
            try:
                entry = await history.of_job(services, made.user, job_id)
            except EntryGoneError:
                continue
            await history.remove(services, made.user, entry.id)
        await press.answer(self._runtime.say("telegram-deleted", press.language))
        try:
            await press.message.delete()
        except TelegramError:
            # Older than 48 hours: only the buttons can be removed.
            await quietly(press.message.edit_reply_markup(None))

    async def _made(self, press: Press, job_id: int) -> Version:
        """The result of a button; only its owner may use it."""
        services, context = self._runtime.services, press.context
        chat, private = context.chat, context.private
        try:
            made = await versions.version(services, job_id, press.user, chat, alone=private)
        except NotYoursError:
            # An anonymous group admin presses buttons with their own account.
            group = UserKey(press.user.platform, chat.id)
            if private or not await context.is_admin():
                raise
            made = await versions.version(services, job_id, group, chat)
        return made

    def _card_reply_target(self, press: Press, made: Version) -> Json:
        versions = [*made.reply_target.get("versions", []), made.job_id][-_VERSIONS_MAX:]
        kept = {
            k: made.reply_target[k] for k in ("spoiler", "name", "reply") if k in made.reply_target
        }
        return kept | {"card": press.message.message_id, "versions": versions} | press.topic()

    def _standing(self, ticket: Ticket) -> str:
        return queueing.described(self._runtime.services, ticket.job, ticket.place, ticket.title)

    async def _styles(self, press: Press) -> list[Style]:
        services, chat = self._runtime.services, press.context.chat
        return await catalogue.listed(services, press.user, chat, edits=True)


def _card(made: Version, newest: int, index: int, count: int) -> Card:
    clip = made.result.get("kind") in CLIPS or "type" in made.result
    return Card(made.job_id, made.recipe, newest, index, count, clip, made.absent)


def _file_of(made: Version) -> str:
    """Telegram's file id of a result; empty if it may be lost."""
    file = made.result.get("file")
    if not file:
        raise EntryGoneError
    return str(file)


def _beside(made: Version) -> Json:
    return {
        k: made.reply_target[k]
        for k in ("spoiler", "name", "reply", "topic")
        if k in made.reply_target
    }


async def quietly(edit: Awaitable[object]) -> None:
    """Edit a message; errors are logged only."""
    try:
        await edit
    except TelegramError as error:
        logger.info("a message was not edited: %s", error)

"""Everyone's styles, in the hands of those who administer the bot: a list, and a desk for each.

It is all in their private chats. What a button or a reply says may be forged; the core asks again
who it is.
"""

import asyncio
import contextlib
import io
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from telegram import ForceReply, InlineKeyboardMarkup, InputFile, InputMediaPhoto, Message
from telegram.error import TelegramError

from bots.core import admin_styles, admins
from bots.core.admin_styles import MARKS, PICTURES_MAX, StyleView
from bots.core.errors import BotError
from bots.core.style_files import FILE_MAX_BYTES
from bots.telegram_adapter.buttons import Buttons, Press
from bots.telegram_adapter.hints import Hints
from bots.telegram_adapter.keyboards import PAGE_STYLES, Button, button, paged
from bots.telegram_adapter.pictures import DOWNLOAD_MAX_BYTES, picture_of
from bots.telegram_adapter.station import Station, is_private, reply_to, user_key
from engine.errors import EngineError
from storage.values import StyleState, UserKey

logger = logging.getLogger(__name__)

# What the second number of a button stands for; only ever add to the end.
_STATES: Final[tuple[StyleState, ...]] = ("on", "resting", "retired")
_TAGS: Final = "tags"
# What a reply to a question of ours is about: a style, and a language or its tags.
_QUESTION: Final = re.compile(r"#(\d{1,9}) ([a-z]{2,4})$")
_TELL_EVERY_S: Final = 5.0

Fetch = Callable[[dict[str, str]], Awaitable[bytes]]


class AdminStyles:
    """Shows and changes everyone's styles."""

    def __init__(self, station: Station, buttons: Buttons, hints: Hints, fetch: Fetch) -> None:
        self._station = station
        self._hints = hints
        self._fetch = fetch
        buttons.add("al", 2, self._leaf)
        buttons.add("av", 1, self._open)
        buttons.add("as", 2, self._put_state)
        buttons.add("am", 2, self._move)
        buttons.add("ad", 1, self._make_default)
        buttons.add("ar", 2, self._ask)
        buttons.add("ap", 1, self._preview)
        buttons.add("ae", 1, self._export)
        buttons.add("af", 1, self._refine)
        buttons.add("ax", 1, self._discard)
        buttons.add("ay", 2, self._decide)

    async def add(self, messages: Sequence[Message], name: str) -> None:
        """`/addstyle NAME` with a picture, several, or in reply to one."""
        message, services = messages[0], self._station.services
        user = await self._admin(message, "style.add")
        if user is None:
            return
        answered = message.reply_to_message
        found = [picture_of(one) for one in messages]
        pictures = [one for one in found if one] or [
            one for one in [picture_of(answered) if answered else None] if one
        ]
        if not pictures or not name:
            await self._explain(message, user, "admin-add-how")
            return
        files = [await self._fetch(picture.photo) for picture in pictures[:PICTURES_MAX]]
        style = await admin_styles.add(services, user, name, files)
        await self._show_new(message, user, style.id)

    async def import_file(self, message: Message, _: str) -> None:
        """`/importstyle` with a style's file, or in reply to one."""
        user = await self._admin(message, "style.import")
        if user is None:
            return
        answered = message.reply_to_message
        document = message.document or (answered.document if answered else None)
        if document is None:
            await self._explain(message, user, "admin-import-how")
            return
        file = b""
        if (document.file_size or 0) <= min(FILE_MAX_BYTES, DOWNLOAD_MAX_BYTES):
            file = await self._fetch({"file": document.file_id})
        style = await admin_styles.import_file(self._station.services, user, file)
        await self._show_new(message, user, style.id)

    async def answered(self, message: Message) -> bool:
        """Take a title or tags, in reply to the question for them; False for anything else."""
        question = message.reply_to_message
        found = _QUESTION.search(question.text or "") if question else None
        user, services = user_key(message), self._station.services
        ours = question and question.from_user and question.from_user.id == self._station.bot.id
        if not (found and ours and user and message.text and admins.is_admin(services, user)):
            return False
        style_id, what = int(found[1]), found[2]
        if what == _TAGS:
            await admin_styles.retag(services, user, style_id, message.text)
        else:
            await admin_styles.rename(services, user, style_id, {what: message.text})
        language = await self._station.language(message.from_user, user, message.chat)
        text, markup = await self._desk(user, style_id, language)
        await message.reply_text(text, reply_markup=markup)
        return True

    async def page(
        self, user: UserKey, language: str, page: int
    ) -> tuple[str, InlineKeyboardMarkup]:
        """A page of all styles."""
        views = await admin_styles.listed(self._station.services, user)
        labelled = [button(_label(view, language), "av", view.style.id) for view in views]
        rows = paged(labelled, page, "al", 0)
        rows.append([button(self._say("button-back", language), "aroom")])
        return self._say("admin-styles", language, count=len(views)), InlineKeyboardMarkup(rows)

    async def _leaf(self, press: Press, numbers: Sequence[int]) -> None:
        text, markup = await self.page(press.user, await press.language(), numbers[1])
        await press.show(text, markup)

    async def _open(self, press: Press, numbers: Sequence[int]) -> None:
        await self._back_to_desk(press, numbers[0])

    async def _put_state(self, press: Press, numbers: Sequence[int]) -> None:
        style_id, which = numbers
        if which < len(_STATES):
            services = self._station.services
            await admin_styles.put_state(services, press.user, style_id, _STATES[which])
            await self._back_to_desk(press, style_id)

    async def _move(self, press: Press, numbers: Sequence[int]) -> None:
        style_id, place = numbers
        await admin_styles.move(self._station.services, press.user, style_id, place)
        await self._back_to_desk(press, style_id)

    async def _make_default(self, press: Press, numbers: Sequence[int]) -> None:
        await admin_styles.make_default(self._station.services, press.user, numbers[0])
        await self._back_to_desk(press, numbers[0])

    async def _discard(self, press: Press, numbers: Sequence[int]) -> None:
        await admin_styles.discard(self._station.services, press.user, numbers[0])
        await self._leaf(press, (0, 0))

    async def _decide(self, press: Press, numbers: Sequence[int]) -> None:
        style_id, accept = numbers
        services = self._station.services
        await admin_styles.decide(services, press.user, style_id, accept=bool(accept))
        await self._leaf(press, (0, 0))

    async def _ask(self, press: Press, numbers: Sequence[int]) -> None:
        """Ask for a title in a language, or for tags; the answer is a reply to the question."""
        style_id, which = numbers
        kinds = [*self._station.services.texts.languages, _TAGS]
        style = await admin_styles.get(self._station.services, press.user, style_id)
        await press.answer()
        if which >= len(kinds):
            return
        language, kind = await press.language(), kinds[which]
        title = style.title(language)
        text = (
            self._say("admin-ask-tags", language, title=title)
            if kind == _TAGS
            else self._say(
                "admin-ask-title", language, title=title, language=self._say("language-name", kind)
            )
        )
        await press.message.reply_text(f"{text}\n#{style_id} {kind}", reply_markup=ForceReply())

    async def _preview(self, press: Press, numbers: Sequence[int]) -> None:
        style = await admin_styles.get(self._station.services, press.user, numbers[0])
        await press.answer()
        await self._send_previews(press.message, press.user, style.id)

    async def _export(self, press: Press, numbers: Sequence[int]) -> None:
        name, file = await admin_styles.export_file(self._station.services, press.user, numbers[0])
        await press.answer()
        await press.message.reply_document(InputFile(io.BytesIO(file), name))

    async def _refine(self, press: Press, numbers: Sequence[int]) -> None:
        """Polish a style's code; it takes minutes, and goes on in the background."""
        style = await admin_styles.get(self._station.services, press.user, numbers[0])
        await press.answer()
        language = await press.language()
        title = style.title(language)
        text = self._say("admin-refining", language, title=title, percent=0)
        shown = await press.message.reply_text(text)
        self._station.spawn(self._keep_refining(press.user, style.id, shown, language, title))

    async def _keep_refining(
        self, user: UserKey, style_id: int, shown: Message, language: str, title: str
    ) -> None:
        passed = 0.0

        def report(share: float) -> None:
            nonlocal passed
            passed = share

        async def tell() -> None:
            while True:
                await asyncio.sleep(_TELL_EVERY_S)
                percent = round(100 * passed)
                text = self._say("admin-refining", language, title=title, percent=percent)
                with contextlib.suppress(TelegramError):
                    await shown.edit_text(text)

        services, better = self._station.services, False
        telling = asyncio.ensure_future(tell())
        try:
            found = await admin_styles.refine(services, user, style_id, report=report)
        except (BotError, EngineError) as error:
            text = services.texts.of_error(error, language)
        else:
            gram = {"before": f"{found.gram_before:.2f}", "after": f"{found.gram_after:.2f}"}
            better = found.gram_after < found.gram_before
            name = "admin-refined" if better else "admin-not-better"
            text = self._say(name, language, title=title, **gram)
        finally:
            telling.cancel()
        with contextlib.suppress(TelegramError):
            await shown.edit_text(text)
        if better:
            await self._send_previews(shown, user, style_id)

    async def _show_new(self, message: Message, user: UserKey, style_id: int) -> None:
        """A style that was just begun: what it does, and what to do with it."""
        await self._send_previews(message, user, style_id)
        language = await self._station.language(message.from_user, user, message.chat)
        text, markup = await self._desk(user, style_id, language)
        await message.reply_text(
            text, reply_markup=markup, reply_parameters=reply_to(message.message_id)
        )

    async def _explain(self, message: Message, user: UserKey, name: str) -> None:
        language = await self._station.language(message.from_user, user, message.chat)
        await message.reply_text(self._say(name, language))

    async def _send_previews(self, message: Message, user: UserKey, style_id: int) -> None:
        try:
            shown = await admin_styles.previews(self._station.services, user, style_id)
        except EngineError as error:
            # The style is there all the same; [Previews] shows them later.
            logger.info("no previews: %s", error.code)
            return
        media = [
            InputMediaPhoto(InputFile(picture, f"{number}.jpg", attach=True))
            for number, picture in enumerate(shown)
        ]
        await self._station.bot.send_media_group(message.chat.id, media)

    async def _back_to_desk(self, press: Press, style_id: int) -> None:
        text, markup = await self._desk(press.user, style_id, await press.language())
        await press.show(text, markup)

    async def _desk(
        self, user: UserKey, style_id: int, language: str
    ) -> tuple[str, InlineKeyboardMarkup]:
        """One style, and all that can be done with it."""
        services = self._station.services
        views = await admin_styles.listed(services, user)
        place = next((n for n, view in enumerate(views) if view.style.id == style_id), None)
        if place is None:
            # Gone, or never theirs: the core says which.
            await admin_styles.get(services, user, style_id)
            return await self.page(user, language, 0)
        view = views[place]
        lines = [_title_line(self._station, view, language)]
        if view.style.tags:
            lines.append(", ".join(view.style.tags))
        lines.append(self._say("admin-used", language, count=view.used))
        if view.style.state in ("draft", "submitted") and await self._is_doubtful(user, style_id):
            lines.append(self._say("admin-doubtful", language))
        rows = self._desk_rows(view, place, language)
        rows.append([button(self._say("button-back", language), "al", 0, place // PAGE_STYLES)])
        return "\n".join(lines), InlineKeyboardMarkup(rows)

    def _desk_rows(self, view: StyleView, place: int, language: str) -> list[list[Button]]:
        style_id, state = view.style.id, view.style.state

        def one(name: str, operation: str, *numbers: int) -> Button:
            return button(self._say(name, language), operation, style_id, *numbers)

        if state == "submitted":
            return [
                [one("admin-accept", "ay", 1), one("admin-decline", "ay", 0)],
                [one("admin-previews", "ap")],
            ]
        states = {
            "draft": [one("admin-enable", "as", 0), one("admin-discard", "ax")],
            "on": [one("admin-rest", "as", 1), one("admin-retire", "as", 2)],
            "resting": [one("admin-enable", "as", 0), one("admin-retire", "as", 2)],
            "retired": [one("admin-restore", "as", 0)],
        }
        languages = self._station.services.texts.languages
        asks = [
            button(
                self._say("admin-title", language, language=self._say("language-name", tag)),
                "ar", style_id, number,
            )
            for number, tag in enumerate(languages)
        ]  # fmt: skip
        moves = [one("admin-first", "am", 0), one("admin-later", "am", place + 1)]
        if place:
            moves.insert(1, one("admin-earlier", "am", place - 1))
        rows = [
            states[state],
            asks,
            [
                one("admin-tags", "ar", len(languages)),
                one("admin-previews", "ap"),
                one("admin-export", "ae"),
            ],
            moves,
        ]
        last = []
        if state == "on" and not view.default:
            last.append(one("admin-make-default", "ad"))
        if view.style.kind == "custom":
            last.append(one("admin-refine", "af"))
        if last:
            rows.append(last)
        return rows

    async def _is_doubtful(self, user: UserKey, style_id: int) -> bool:
        try:
            return await admin_styles.doubtful(self._station.services, user, style_id)
        except EngineError:
            return False

    async def _admin(self, message: Message, act: str) -> UserKey | None:
        """Whoever administers the bot, in his private chat; elsewhere he is led there."""
        return await admin_in_private(self._station, self._hints, message, act)

    def _say(self, name: str, language: str, /, **facts: str | int) -> str:
        return self._station.say(name, language, **facts)


async def admin_in_private(
    station: Station, hints: Hints, message: Message, act: str
) -> UserKey | None:
    """Who sent a message, if he administers the bot and is alone with it; else he is led there.

    Raises:
        BotAdminsOnlyError: he does not; that he tried is noted.
    """
    user = user_key(message)
    if user is None:
        return None
    await admins.check(station.services, user, act)
    if is_private(message.chat):
        return user
    language = await station.language(message.from_user, user, message.chat)
    await hints.say(message, station.say("telegram-in-private", language))
    return None


def _label(view: StyleView, language: str) -> str:
    star = " ★" if view.default else ""
    return f"{MARKS[view.style.state]} {view.style.title(language)} · {view.used}{star}"


def _title_line(station: Station, view: StyleView, language: str) -> str:
    style = view.style
    state = station.say(f"admin-state-{style.state}", language)
    titles = dict.fromkeys(style.title(tag) for tag in station.services.texts.languages)
    star = " ★" if view.default else ""
    return f"{MARKS[style.state]} {' / '.join(titles)} · {state}{star}"

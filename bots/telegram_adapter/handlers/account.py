"""A person's own: `/start`, `/help`, `/history`, `/privacy`, `/export`, `/forget`, `/cancel`."""

import io
import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from telegram import InlineKeyboardMarkup, InputFile, InputMediaDocument, InputMediaPhoto, Message
from telegram.constants import ParseMode
from telegram.error import TelegramError

from bots.core.admin.use_cases import rights
from bots.core.errors import EntryGoneError, OtherChatError
from bots.core.requests import stylize
from bots.core.styles import catalogue as style_cases
from bots.core.users import history, privacy
from bots.telegram_adapter.context import Station, chat_key, is_private, user_key
from bots.telegram_adapter.delivery.hints import Hints
from bots.telegram_adapter.delivery.results import caption_of
from bots.telegram_adapter.delivery.statuses import Statuses
from bots.telegram_adapter.handlers.buttons import Buttons, Press
from bots.telegram_adapter.handlers.gallery import Gallery
from bots.telegram_adapter.handlers.profile import present_admin
from bots.telegram_adapter.handlers.settings import Panels
from bots.telegram_adapter.render import keyboards
from bots.telegram_adapter.render.keyboards import Button, Card, button
from storage.values.history import HistoryEntry
from storage.values.people import UserKey

logger = logging.getLogger(__name__)

_LINK_STYLE: Final = "style_"
_SHOWN: Final = 10
_TITLE_LETTERS: Final = 28


class Account:
    """What a person can ask of the bot about himself."""

    def __init__(
        self,
        station: Station,
        statuses: Statuses,
        hints: Hints,
        buttons: Buttons,
        rooms: tuple[Gallery, Panels],
    ) -> None:
        self._station = station
        self._statuses = statuses
        self._hints = hints
        self._gallery, self._panels = rooms
        buttons.add("settings", 0, self._settings_pressed)
        buttons.add("gallery", 0, self._gallery_pressed)
        buttons.add("privacy", 0, self._privacy_pressed)
        buttons.add("export", 0, self._export_pressed)
        buttons.add("forget", 0, self._forget_pressed)
        buttons.add("forgetall", 0, self._forget_all)
        buttons.add("keepall", 0, self._keep_all)
        buttons.add("hshow", 1, self._show_entry)
        buttons.add("hagain", 1, self._again)
        buttons.add("hdelete", 1, self._delete_entry)

    async def start(self, message: Message, words: str) -> None:
        """Say hello with a picture; or do what a link asks for."""
        if rights.is_admin(self._station.services, self._user(message)):
            await present_admin(self._station, self._user(message))
        if not is_private(message.chat):
            await self._hints.say(message, await self._text(message, "telegram-added"))
        elif words.startswith(_LINK_STYLE) and words.removeprefix(_LINK_STYLE).isdigit():
            await self._gallery.open_style(message, int(words.removeprefix(_LINK_STYLE)))
        elif words in ("settings", "export", "forget", "privacy", "history", "styles"):
            await self._by_link(message, words)
        else:
            await self._welcome(message)

    async def help(self, message: Message, _: str) -> None:
        """Say what there is."""
        private = is_private(message.chat)
        text = await self._text(message, "telegram-help" if private else "telegram-help-group")
        if private:
            await message.reply_text(text)
        else:
            await self._hints.say(message, text)

    async def history(self, message: Message, _: str) -> None:
        """One's last results; in a group the way to where they are shown."""
        if await self._elsewhere(message, "history"):
            return
        user, language = self._user(message), await self._language(message)
        text, markup = await self._entries(user, language)
        await message.reply_text(text, reply_markup=markup)

    async def privacy(self, message: Message, _: str) -> None:
        """What is kept, for how long, and how to be rid of it."""
        await self._privacy(message, await self._language(message))

    async def export(self, message: Message, _: str) -> None:
        """All that is known of a person, to him alone."""
        if not await self._elsewhere(message, "export"):
            await self._export(message, self._user(message), await self._language(message))

    async def forget(self, message: Message, _: str) -> None:
        """Ask once more before everything is deleted."""
        if not await self._elsewhere(message, "forget"):
            await self._ask_forget(message, self._user(message), await self._language(message))

    async def cancel(self, message: Message, _: str) -> None:
        """Give up all one's own requests."""
        count = await stylize.cancel_all(self._station.services, self._user(message))
        language = await self._language(message)
        text = self._station.say("telegram-cancelled", language, count=count)
        await self._hints.say(message, text)

    async def _welcome(self, message: Message) -> None:
        language = await self._language(message)
        say = self._station.say
        username = self._station.bot.username
        add = Button(
            say("button-add-to-group", language), url=f"https://t.me/{username}?startgroup=1"
        )
        markup = InlineKeyboardMarkup(
            [
                [button(say("button-styles", language), "gallery"),
                 button(say("button-settings", language), "settings")],
                [button(say("button-privacy", language), "privacy"), add],
            ]
        )  # fmt: skip
        text = say("telegram-welcome", language)
        picture = await self._gallery.strip(language)
        if picture is None:
            await message.reply_text(text, reply_markup=markup)
        else:
            await message.reply_photo(picture, text, reply_markup=markup)

    async def _privacy(self, message: Message, language: str) -> None:
        row = [
            button(self._station.say("button-export", language), "export"),
            button(self._station.say("button-forget", language), "forget"),
        ]
        await message.reply_text(
            privacy.policy(self._station.services, language),
            reply_markup=InlineKeyboardMarkup([row]) if is_private(message.chat) else None,
        )

    async def _by_link(self, message: Message, words: str) -> None:
        """What a button in a group, or someone's link, leads to."""
        commands = {
            "settings": self._panels.settings, "export": self.export, "forget": self.forget,
            "privacy": self.privacy, "history": self.history, "styles": self._gallery.styles,
        }  # fmt: skip
        await commands[words](message, "")

    async def _elsewhere(self, message: Message, what: str) -> bool:
        """In a group, lead to the private chat instead: others need not read it."""
        if is_private(message.chat):
            return False
        language = await self._language(message)
        url = f"https://t.me/{self._station.bot.username}?start={what}"
        row = [Button(self._station.say("button-open-private", language), url=url)]
        text = self._station.say("telegram-in-private", language)
        await self._hints.say(message, text, InlineKeyboardMarkup([row]))
        return True

    async def _entries(
        self, user: UserKey, language: str
    ) -> tuple[str, InlineKeyboardMarkup | None]:
        entries = await history.page(self._station.services, user, _SHOWN)
        if not entries:
            return self._station.say("telegram-no-history", language), None
        rows = [
            [
                button(_line(entry), "hshow", entry.id),
                button("↻", "hagain", entry.id),
                button("🗑", "hdelete", entry.id),
            ]
            for entry in entries
        ]
        return self._station.say("telegram-history", language), InlineKeyboardMarkup(rows)

    async def _show_entry(self, press: Press, numbers: Sequence[int]) -> None:
        """Send a result once more; Telegram has it still."""
        entry = await history.entry(self._station.services, press.user, numbers[0])
        language, chat = await press.language(), press.message.chat
        if not (is_private(chat) or entry.chat == chat_key(chat)):
            raise OtherChatError
        await press.answer()
        files = entry.result.get("files") or [entry.result.get("file")]
        if not files[0]:
            raise EntryGoneError
        if len(files) > 1:
            media = InputMediaPhoto if entry.result.get("kind") == "photo" else InputMediaDocument
            await self._station.bot.send_media_group(chat.id, [media(file) for file in files])
            return
        card = Card(
            entry.job_id, entry.recipe, newest=entry.job_id
        )  # fmt: skip
        styles = await style_cases.listed(self._station.services, press.user, chat_key(chat))
        markup = keyboards.result(self._station, card, styles, language)
        caption = caption_of(self._station, entry.title, card, language)
        bot = self._station.bot
        send = bot.send_photo if entry.result.get("kind") == "photo" else bot.send_document
        await send(
            chat.id, files[0], caption=caption, parse_mode=ParseMode.HTML, reply_markup=markup
        )

    async def _again(self, press: Press, numbers: Sequence[int]) -> None:
        anchor = {"reply": press.message.message_id} | press.topic()
        asked = replace(await press.asked(), anchor=anchor)
        ticket = await stylize.again(self._station.services, numbers[0], asked)
        await press.answer()
        self._statuses.accepted(ticket)

    async def _delete_entry(self, press: Press, numbers: Sequence[int]) -> None:
        await history.remove(self._station.services, press.user, numbers[0])
        language = await press.language()
        await press.answer(self._station.say("telegram-deleted", language))
        text, markup = await self._entries(press.user, language)
        await press.message.edit_text(text, reply_markup=markup)

    async def _export(self, message: Message, user: UserKey, language: str) -> None:
        found = await privacy.export(self._station.services, user)
        file = json.dumps(found, indent=2, ensure_ascii=False, default=str).encode()
        await self._station.bot.send_document(
            message.chat.id, InputFile(io.BytesIO(file), "stylebot-export.json"),
            caption=self._station.say("telegram-export", language),
        )  # fmt: skip

    async def _ask_forget(self, message: Message, user: UserKey, language: str) -> None:
        known = await privacy.known(self._station.services, user)
        text = self._station.say(
            "telegram-forget", language,
            history=known.history, styles=known.styles, jobs=known.jobs,
        )  # fmt: skip
        row = [
            button(self._station.say("button-forget-all", language), "forgetall"),
            button(self._station.say("button-keep-all", language), "keepall"),
        ]
        await self._station.bot.send_message(
            message.chat.id, text, reply_markup=InlineKeyboardMarkup([row])
        )

    async def _forget_all(self, press: Press, _: Sequence[int]) -> None:
        language = await press.language()
        gone = await privacy.forget(self._station.services, press.user)
        await press.answer()
        text = self._station.say(
            "forgot", language, history=gone.history, styles=gone.styles, jobs=gone.jobs
        )
        await press.message.edit_text(text)

    async def _keep_all(self, press: Press, _: Sequence[int]) -> None:
        await press.answer()
        try:
            await press.message.delete()
        except TelegramError as error:
            logger.info("a question stays: %s", type(error).__name__)

    async def _export_pressed(self, press: Press, _: Sequence[int]) -> None:
        await press.answer()
        if is_private(press.message.chat):
            await self._export(press.message, press.user, await press.language())

    async def _forget_pressed(self, press: Press, _: Sequence[int]) -> None:
        await press.answer()
        if is_private(press.message.chat):
            await self._ask_forget(press.message, press.user, await press.language())

    async def _settings_pressed(self, press: Press, _: Sequence[int]) -> None:
        await press.answer()
        if is_private(press.message.chat):
            await self._panels.send_own(press.message.chat.id, press.user, await press.language())

    async def _gallery_pressed(self, press: Press, _: Sequence[int]) -> None:
        await press.answer()
        await self._gallery.send(press.message, press.user, await press.language())

    async def _privacy_pressed(self, press: Press, _: Sequence[int]) -> None:
        await press.answer()
        await self._privacy(press.message, await press.language())

    async def _text(self, message: Message, name: str) -> str:
        return self._station.say(name, await self._language(message))

    async def _language(self, message: Message) -> str:
        return await self._station.language(message.from_user, self._user(message), message.chat)

    def _user(self, message: Message) -> UserKey:
        user = user_key(message)
        if user is None:
            raise EntryGoneError
        return user


def _line(entry: HistoryEntry) -> str:
    return f"{entry.created_at:%d.%m. %H:%M} · {entry.title[:_TITLE_LETTERS]}"

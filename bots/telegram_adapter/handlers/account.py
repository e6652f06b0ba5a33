"""`/start`, `/help`, `/history`, `/privacy`, `/export`, `/forget`, `/cancel`."""

import io
import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from telegram import InlineKeyboardMarkup, InputFile
from telegram.error import TelegramError

from bots.core.admin.use_cases import rights
from bots.core.errors import EntryGoneError, OtherChatError
from bots.core.requests import queueing, versions
from bots.core.requests.values import absent_of
from bots.core.styles import catalogue
from bots.core.users import history, privacy
from bots.telegram_adapter.context import Context, Runtime
from bots.telegram_adapter.delivery.hints import Hints
from bots.telegram_adapter.delivery.results import caption_of
from bots.telegram_adapter.delivery.statuses import Statuses
from bots.telegram_adapter.handlers.buttons import Buttons, Press
from bots.telegram_adapter.handlers.gallery import Gallery
from bots.telegram_adapter.handlers.profile import present_admin
from bots.telegram_adapter.handlers.settings import Panels
from bots.telegram_adapter.render import keyboards
from bots.telegram_adapter.render.keyboards import Button, Card, button
from bots.telegram_adapter.render.media import CLIPS, captioned, in_album, sender
from storage.values.history import HistoryEntry

logger = logging.getLogger(__name__)

_LINK_STYLE: Final = "style_"
_SHOWN: Final = 10
_TITLE_LETTERS: Final = 28


class Account:
    """Handlers of a person's account commands."""

    def __init__(
        self,
        runtime: Runtime,
        statuses: Statuses,
        hints: Hints,
        buttons: Buttons,
        gallery: Gallery,
        panels: Panels,
    ) -> None:
        self._runtime = runtime
        self._statuses = statuses
        self._hints = hints
        self._gallery, self._panels = gallery, panels
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

    async def start(self, context: Context, words: str) -> None:
        """Greet with a picture, or follow a deep link."""
        if rights.is_admin(self._runtime.services, context.user):
            await present_admin(self._runtime, context.user)
        if not context.private:
            await self._hints.say(context, context.say("telegram-added"))
        elif words.startswith(_LINK_STYLE) and words.removeprefix(_LINK_STYLE).isdigit():
            await self._gallery.open_style(context, int(words.removeprefix(_LINK_STYLE)))
        elif words in ("settings", "export", "forget", "privacy", "history", "styles"):
            await self._by_link(context, words)
        else:
            await self._welcome(context)

    async def help(self, context: Context, _: str) -> None:
        """Show the help."""
        if context.private:
            await context.message.reply_text(context.say("telegram-help"))
        else:
            await self._hints.say(context, context.say("telegram-help-group"))

    async def history(self, context: Context, _: str) -> None:
        """Show the last results; in a group, a link to the private chat."""
        if not await self._elsewhere(context, "history"):
            text, markup = await self._entries(context)
            await context.message.reply_text(text, reply_markup=markup)

    async def privacy(self, context: Context, _: str = "") -> None:
        """Show the privacy notice."""
        row = [
            button(context.say("button-export"), "export"),
            button(context.say("button-forget"), "forget"),
        ]
        await context.message.reply_text(
            privacy.policy(self._runtime.services, context.language),
            reply_markup=InlineKeyboardMarkup([row]) if context.private else None,
        )

    async def export(self, context: Context, _: str) -> None:
        """Send all data of the person, in private."""
        if not await self._elsewhere(context, "export"):
            await self._export(context)

    async def forget(self, context: Context, _: str) -> None:
        """Ask for confirmation before everything is deleted."""
        if not await self._elsewhere(context, "forget"):
            await self._ask_forget(context)

    async def cancel(self, context: Context, _: str) -> None:
        """Cancel all of the person's requests."""
        count = await queueing.cancel_all(self._runtime.services, context.user)
        await self._hints.say(context, context.say("telegram-cancelled", count=count))

    async def _welcome(self, context: Context) -> None:
        say, message = context.say, context.message
        username = self._runtime.bot.username
        add = Button(say("button-add-to-group"), url=f"https://t.me/{username}?startgroup=1")
        markup = InlineKeyboardMarkup(
            [
                [button(say("button-styles"), "gallery"),
                 button(say("button-settings"), "settings")],
                [button(say("button-privacy"), "privacy"), add],
            ]
        )  # fmt: skip
        text = say("telegram-welcome")
        picture = await self._gallery.strip(context.language)
        if picture is None:
            await message.reply_text(text, reply_markup=markup)
        else:
            await message.reply_photo(picture, text, reply_markup=markup)

    async def _by_link(self, context: Context, words: str) -> None:
        """Follow a deep link."""
        commands = {
            "settings": self._panels.settings, "export": self.export, "forget": self.forget,
            "privacy": self.privacy, "history": self.history, "styles": self._gallery.styles,
        }  # fmt: skip
        await commands[words](context, "")

    async def _elsewhere(self, context: Context, what: str) -> bool:
        """In a group, link to the private chat instead, because the answer is private."""
        if context.private:
            return False
        url = f"https://t.me/{self._runtime.bot.username}?start={what}"
        row = [Button(context.say("button-open-private"), url=url)]
        text = context.say("telegram-in-private")
        await self._hints.say(context, text, InlineKeyboardMarkup([row]))
        return True

    async def _entries(self, context: Context) -> tuple[str, InlineKeyboardMarkup | None]:
        entries = await history.page(self._runtime.services, context.user, _SHOWN)
        if not entries:
            return context.say("telegram-no-history"), None
        rows = [
            [
                button(_line(entry), "hshow", entry.id),
                button("↻", "hagain", entry.id),
                button("🗑", "hdelete", entry.id),
            ]
            for entry in entries
        ]
        return context.say("telegram-history"), InlineKeyboardMarkup(rows)

    async def _show_entry(self, press: Press, numbers: Sequence[int]) -> None:
        """Send a result again; Telegram still has it."""
        entry = await history.entry(self._runtime.services, press.user, numbers[0])
        context, chat = press.context, press.message.chat
        if not (context.private or entry.chat == context.chat):
            raise OtherChatError
        await press.answer()
        files = entry.result.get("files") or [entry.result.get("file")]
        kind = str(entry.result.get("kind"))
        if not files[0]:
            raise EntryGoneError
        if len(files) > 1:
            kinds = entry.result.get("kinds") or [kind] * len(files)
            group = [in_album(one, file) for one, file in zip(kinds, files, strict=True)]
            await self._runtime.bot.send_media_group(chat.id, group)
            return
        card = Card(
            entry.job_id, entry.recipe, newest=entry.job_id,
            clip=kind in CLIPS or "type" in entry.result, absent=absent_of(entry.result),
        )  # fmt: skip
        styles = await catalogue.listed(self._runtime.services, press.user, context.chat)
        markup = keyboards.result(self._runtime, card, styles, context.language)
        caption = caption_of(self._runtime, entry.title, card, context.language)
        send = sender(self._runtime.bot, kind)
        await send(chat.id, files[0], reply_markup=markup, **captioned(kind, caption))

    async def _again(self, press: Press, numbers: Sequence[int]) -> None:
        reply_target = {"reply": press.message.message_id} | press.topic()
        request_input = replace(await press.request_input(), reply_target=reply_target)
        ticket = await versions.again(self._runtime.services, numbers[0], request_input)
        await press.answer()
        self._statuses.accepted(ticket)

    async def _delete_entry(self, press: Press, numbers: Sequence[int]) -> None:
        await history.remove(self._runtime.services, press.user, numbers[0])
        await press.answer(press.context.say("telegram-deleted"))
        text, markup = await self._entries(press.context)
        await press.message.edit_text(text, reply_markup=markup)

    async def _export(self, context: Context) -> None:
        found = await privacy.export(self._runtime.services, context.user)
        file = json.dumps(found, indent=2, ensure_ascii=False, default=str).encode()
        await self._runtime.bot.send_document(
            context.message.chat.id, InputFile(io.BytesIO(file), "stylebot-export.json"),
            caption=context.say("telegram-export"),
        )  # fmt: skip

    async def _ask_forget(self, context: Context) -> None:
        known = await privacy.known(self._runtime.services, context.user)
        text = context.say(
            "telegram-forget", history=known.history, styles=known.styles, jobs=known.jobs
        )
        row = [
            button(context.say("button-forget-all"), "forgetall"),
            button(context.say("button-keep-all"), "keepall"),
        ]
        await self._runtime.bot.send_message(
            context.message.chat.id, text, reply_markup=InlineKeyboardMarkup([row])
        )

    async def _forget_all(self, press: Press, _: Sequence[int]) -> None:
        gone = await privacy.forget(self._runtime.services, press.user)
        await press.answer()
        text = press.context.say("forgot", history=gone.history, styles=gone.styles, jobs=gone.jobs)
        await press.message.edit_text(text)

    async def _keep_all(self, press: Press, _: Sequence[int]) -> None:
        await press.answer()
        try:
            await press.message.delete()
        except TelegramError as error:
            logger.info("a question was not deleted: %s", type(error).__name__)

    async def _export_pressed(self, press: Press, _: Sequence[int]) -> None:
        await press.answer()
        if press.context.private:
            await self._export(press.context)

    async def _forget_pressed(self, press: Press, _: Sequence[int]) -> None:
        await press.answer()
        if press.context.private:
            await self._ask_forget(press.context)

    async def _settings_pressed(self, press: Press, _: Sequence[int]) -> None:
        await press.answer()
        if press.context.private:
            await self._panels.send_own(press.context)

    async def _gallery_pressed(self, press: Press, _: Sequence[int]) -> None:
        await press.answer()
        await self._gallery.styles(press.context)

    async def _privacy_pressed(self, press: Press, _: Sequence[int]) -> None:
        await press.answer()
        await self.privacy(press.context)


def _line(entry: HistoryEntry) -> str:
    film = "🎬 " if entry.story else ""
    return f"{entry.created_at:%d.%m. %H:%M} · {film}{entry.title[:_TITLE_LETTERS]}"

"""`/styles`: the styles as pages of thumbnails."""

import asyncio
import logging
from collections.abc import Sequence
from html import escape
from typing import Final

from cachetools import LRUCache
from telegram import InlineKeyboardMarkup, InputFile, InputMediaPhoto, Message
from telegram.constants import ParseMode

from bots.core.errors import StyleGoneError
from bots.core.styles import catalogue, previews
from bots.core.users import preferences
from bots.images.sheets import sheet
from bots.telegram_adapter.context import NOBODY, Context, Runtime, reply_to
from bots.telegram_adapter.handlers.buttons import Buttons, Press
from bots.telegram_adapter.render.keyboards import PAGE_STYLES, button, grid
from engine.api.errors import EngineError
from storage.values.styles import Style

logger = logging.getLogger(__name__)

_REMEMBERED: Final = 500


class Gallery:
    """Shows styles."""

    def __init__(self, runtime: Runtime, buttons: Buttons) -> None:
        self._runtime = runtime
        # Telegram's file ids of sheets, by the styles, versions and titles on them.
        self._sent: LRUCache[tuple[tuple[int, int, str], ...], str] = LRUCache(_REMEMBERED)
        buttons.add("w", 2, self._show_style)
        buttons.add("pw", 2, self._leaf)
        buttons.add("usual", 1, self._make_default)

    async def styles(self, context: Context, _: str = "") -> None:
        """Answer with the first page."""
        styles, language = await self._shown(context), context.language
        if not styles:
            raise StyleGoneError
        shown = styles[:PAGE_STYLES]
        sent = await context.message.reply_photo(
            await self._sheet(shown, language), self._caption(context),
            reply_markup=self._markup(styles, language, 0),
            reply_parameters=reply_to(context.message.message_id),
        )  # fmt: skip
        self._remember(shown, language, sent)

    async def strip(self, language: str) -> str | InputFile | None:
        """Some styles in one picture, for new users."""
        styles = await catalogue.listed(self._runtime.services, NOBODY)
        return await self._sheet(styles[:4], language) if styles else None

    async def open_style(self, context: Context, style_id: int) -> None:
        """Show one style, opened by a link, with a button that makes it the default."""
        services, message = self._runtime.services, context.message
        style = await self._find(style_id, await catalogue.listed(services, context.user))
        default = button(context.say("button-default"), "usual", style.id)
        markup, about = InlineKeyboardMarkup([[default]]), _about(style, context.language)
        preview = await self._preview(style)
        if preview:
            await message.reply_photo(
                preview, about, parse_mode=ParseMode.HTML, reply_markup=markup
            )
        else:
            await message.reply_text(about, parse_mode=ParseMode.HTML, reply_markup=markup)

    async def _leaf(self, press: Press, numbers: Sequence[int]) -> None:
        _, page = numbers
        await press.answer()
        language = press.language
        styles = await self._shown(press.context)
        page %= max(1, -(-len(styles) // PAGE_STYLES))
        shown = styles[page * PAGE_STYLES :][:PAGE_STYLES]
        media = InputMediaPhoto(await self._sheet(shown, language), self._caption(press.context))
        edited = await press.message.edit_media(
            media, reply_markup=self._markup(styles, language, page)
        )
        if isinstance(edited, Message):
            self._remember(shown, language, edited)

    async def _show_style(self, press: Press, numbers: Sequence[int]) -> None:
        _, style_id = numbers
        language = press.language
        styles = await self._shown(press.context)
        style = await self._find(style_id, styles)
        await press.answer()
        caption = _about(style, language)
        rows = [
            [button(self._runtime.say("button-default", language), "usual", style.id)],
            [button(self._runtime.say("button-back", language), "pw", 0, _page(style, styles))],
        ]
        preview = await self._preview(style)
        if preview is None:
            await press.message.edit_caption(
                caption, parse_mode=ParseMode.HTML, reply_markup=InlineKeyboardMarkup(rows)
            )
            return
        media = InputMediaPhoto(preview, caption, parse_mode=ParseMode.HTML)
        await press.message.edit_media(media, reply_markup=InlineKeyboardMarkup(rows))

    async def _make_default(self, press: Press, numbers: Sequence[int]) -> None:
        services, language = self._runtime.services, press.language
        style = await self._find(numbers[0], await catalogue.listed(services, press.user))
        await preferences.prefer_style(services, press.user, style.id)
        await press.answer(
            self._runtime.say("telegram-prefers", language, title=style.title(language)), alert=True
        )

    async def _shown(self, context: Context) -> list[Style]:
        """The styles that are shown in a chat.

        Own styles show the picture their owner sent, so only the owner sees them.
        """
        user = context.user if context.private else NOBODY
        return await catalogue.listed(self._runtime.services, user, context.chat)

    async def _find(self, style_id: int, styles: Sequence[Style]) -> Style:
        found = next((style for style in styles if style.id == style_id), None)
        if found is None:
            raise StyleGoneError
        return found

    def _caption(self, context: Context) -> str:
        return context.say("telegram-styles" if context.private else "telegram-styles-group")

    def _markup(self, styles: Sequence[Style], language: str, page: int) -> InlineKeyboardMarkup:
        return InlineKeyboardMarkup(grid(styles, language, page, "w", 0))

    async def _sheet(self, styles: Sequence[Style], language: str) -> str | InputFile:
        """A page of thumbnails: Telegram's file id, or a file."""
        if known := self._sent.get(_key(styles, language)):
            return known
        previews = await asyncio.gather(*map(self._preview, styles))
        labels = [style.title(language) for style in styles]
        file = await asyncio.to_thread(sheet, previews, labels)
        return InputFile(file, "styles.jpg", attach=True)

    async def _preview(self, style: Style) -> bytes | None:
        try:
            picture = await previews.preview(self._runtime.services, style)
            if picture is None or style.owner is None:
                return picture
            # It is unchanged from the user; only the engine decodes it.
            return await previews.normalised(self._runtime.services, picture)
        except EngineError as error:
            logger.info("no preview: %s", error.code)
            return None

    def _remember(self, styles: Sequence[Style], language: str, sent: Message) -> None:
        if sent.photo:
            self._sent[_key(styles, language)] = sent.photo[-1].file_id


def _about(style: Style, language: str) -> str:
    """The description of a style, in HTML."""
    by = ", ".join(filter(None, [style.by(language), str(style.year or "")]))
    name = style.title("en") if style.owner else style.slug
    lines = [f"<b>{escape(style.title(language))}</b>", *([escape(by)] if by else [])]
    return "\n".join([*lines, f"<code>/style {escape(name)}</code>"])


def _key(styles: Sequence[Style], language: str) -> tuple[tuple[int, int, str], ...]:
    return tuple((style.id, style.version, style.title(language)) for style in styles)


def _page(style: Style, styles: Sequence[Style]) -> int:
    return styles.index(style) // PAGE_STYLES

"""`/settings` in private: a panel for a person, edited in place.

A button contains the new value instead of toggling, so pressing it twice does the same.
"""

from collections.abc import Sequence
from typing import Any, Final

from telegram import InlineKeyboardMarkup

from bots.core.effects import controls
from bots.core.styles import catalogue, recipes
from bots.core.users import preferences
from bots.telegram_adapter.context import Context, Runtime, reply_to
from bots.telegram_adapter.handlers.buttons import Buttons, Press
from bots.telegram_adapter.render.keyboards import (
    Button,
    button,
    control_rows,
    grid,
)
from storage.values.styles import Style

_MARK: Final = {True: "✓ ", False: "· "}
# Meaning of a button's first number; only append to it. Empty ones were parameters of effects,
# which buttons now name.
_OWN: Final = ("", "", "output", "history", "language", "repaintable")


class Panels:
    """Shows and changes a person's settings."""

    def __init__(self, runtime: Runtime, buttons: Buttons) -> None:
        self._runtime = runtime
        buttons.add("own", 2, self._change_own)
        buttons.add("ownset", 0, self._change_value, worded=True)
        buttons.add("ownstyle", 2, self._choose_own_style)
        buttons.add("pownstyle", 2, self._leaf_own_styles)
        buttons.add("ownback", 0, self._back_to_own)

    async def settings(self, context: Context, _: str = "") -> None:
        """Show the person's panel, in a private chat."""
        text, markup = await self._own(context)
        message = context.message
        await message.reply_text(
            text, reply_markup=markup, reply_parameters=reply_to(message.message_id)
        )

    async def send_own(self, context: Context) -> None:
        """Send the person's panel, in a private chat."""
        text, markup = await self._own(context)
        await self._runtime.bot.send_message(context.message.chat.id, text, reply_markup=markup)

    async def _own(self, context: Context) -> tuple[str, InlineKeyboardMarkup]:
        services, user, language = self._runtime.services, context.user, context.language
        preference = await preferences.preference(services, user)
        styles = await catalogue.listed(services, user)
        default = recipes.default_in(preference.recipe, styles)
        drawn = controls.of_preference(services.effects, preference.recipe, language)
        rows = [
            [button(self._style_label(default, language), "pownstyle", 0, 0)],
            *control_rows(drawn, "ownset", stops=True),
            [self._toggle("button-as-file", language, "own", 2, on=preference.output == "file")],
            [self._toggle("button-history", language, "own", 3, on=preference.history)],
            [self._toggle("button-repaintable", language, "own", 5, on=preference.repaintable)],
            self._languages("own", 4, preference.language, language),
        ]
        return self._runtime.say("telegram-settings", language), InlineKeyboardMarkup(rows)

    async def _change_own(self, press: Press, numbers: Sequence[int]) -> None:
        which, value = numbers
        changes = _own_change(which, value, self._runtime.services.texts.languages)
        if changes is None or not press.context.private:
            return
        await preferences.prefer(self._runtime.services, press.user, **changes)
        await self._back_to_own(press, ())

    async def _change_value(self, press: Press, _: Sequence[int]) -> None:
        """Set a parameter's value for future requests."""
        if not press.context.private:
            return
        services = self._runtime.services
        liked = await preferences.preference(services, press.user)
        param_id, word = press.words
        value = controls.read(
            controls.default_specs(services.effects, liked.recipe), param_id, word
        )
        await preferences.prefer_values(services, press.user, {param_id: value})
        await self._back_to_own(press, ())

    async def _choose_own_style(self, press: Press, numbers: Sequence[int]) -> None:
        styles = await catalogue.listed(self._runtime.services, press.user)
        if numbers[1] in {style.id for style in styles}:
            await preferences.prefer_style(self._runtime.services, press.user, numbers[1])
        await self._back_to_own(press, ())

    async def _leaf_own_styles(self, press: Press, numbers: Sequence[int]) -> None:
        styles = await catalogue.listed(self._runtime.services, press.user)
        await self._show_grid(press, styles, numbers[1], "ownstyle", "ownback")

    async def _back_to_own(self, press: Press, _: Sequence[int]) -> None:
        await press.answer()
        if press.context.private:
            await press.show(*await self._own(await press.context.renewed()))

    async def _show_grid(
        self, press: Press, styles: Sequence[Style], page: int, operation: str, back: str
    ) -> None:
        await press.answer()
        language = press.language
        rows = grid(styles, language, page, operation, 0)
        rows.append([button(self._runtime.say("button-back", language), back)])
        text = self._runtime.say("telegram-default-style", language)
        await press.show(text, InlineKeyboardMarkup(rows))

    def _style_label(self, default: Style | None, language: str) -> str:
        title = default.title(language) if default else "·"
        return self._runtime.say("button-default-style", language, title=title)

    def _toggle(self, name: str, language: str, operation: str, which: int, *, on: bool) -> Button:
        label = _MARK[on] + self._runtime.say(name, language)
        return button(label, operation, which, int(not on))

    def _languages(
        self, operation: str, which: int, chosen: str | None, language: str
    ) -> list[Button]:
        texts = self._runtime.services.texts
        automatic = texts.say("button-any-language", language)
        names = [automatic, *(texts.say("language-name", tag) for tag in texts.languages)]
        tags = [None, *texts.languages]
        return [
            button(("• " if tag == chosen else "") + name, operation, which, number)
            for number, (tag, name) in enumerate(zip(tags, names, strict=True))
        ]


def _own_change(which: int, value: int, languages: Sequence[str]) -> dict[str, Any] | None:
    """The change that a button of the person's panel makes; None for a forged one."""
    if which >= len(_OWN):
        return None
    name = _OWN[which]
    if not name:
        return None
    if name == "output":
        return {name: "file" if value else "photo"}
    return _common_change(name, value, languages)


def _common_change(name: str, value: int, languages: Sequence[str]) -> dict[str, Any] | None:
    if name == "language":
        tags = [None, *languages]
        return {name: tags[value]} if value < len(tags) else None
    return {name: bool(value)}

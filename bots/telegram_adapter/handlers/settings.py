"""`/settings`: a panel for a person, or for a chat's admins, edited in place.

A button contains the new value instead of toggling, so pressing it twice does the same.
"""

from collections.abc import Sequence
from typing import Any, Final

from telegram import InlineKeyboardMarkup

from bots.core.effects import controls
from bots.core.errors import AdminsOnlyError
from bots.core.styles import catalogue, recipes
from bots.core.users import chat_choices, preferences
from bots.telegram_adapter.context import NOBODY, Context, Runtime, place_in, reply_to
from bots.telegram_adapter.handlers.buttons import Buttons, Press
from bots.telegram_adapter.render.keyboards import (
    PAGE_STYLES,
    Button,
    button,
    control_rows,
    grid,
    paged,
)
from storage.values.styles import Style

_MARK: Final = {True: "✓ ", False: "· "}
# Meaning of a button's first number; only append to it. Empty ones were parameters of effects,
# which buttons now name.
_OWN: Final = ("", "", "output", "history", "language", "repaintable")
_CHAT: Final = (
    "audience", "waiting_per_user", "quiet", "own_styles", "open_buttons", "language",
    "per_minute", "photo_check", "topic",
)  # fmt: skip


class Panels:
    """Shows and changes settings."""

    def __init__(self, runtime: Runtime, buttons: Buttons) -> None:
        self._runtime = runtime
        buttons.add("own", 2, self._change_own)
        buttons.add("ownset", 0, self._change_value, worded=True)
        buttons.add("ownstyle", 2, self._choose_own_style)
        buttons.add("pownstyle", 2, self._leaf_own_styles)
        buttons.add("ownback", 0, self._back_to_own)
        buttons.add("chat", 2, self._change_chat)
        buttons.add("chatstyle", 2, self._choose_chat_style)
        buttons.add("pchatstyle", 2, self._leaf_chat_styles)
        buttons.add("allow", 2, self._allow)
        buttons.add("pallow", 2, self._leaf_allowed)
        buttons.add("chatback", 0, self._back_to_chat)

    async def settings(self, context: Context, _: str = "") -> None:
        """Show the person's panel in private, the group's panel to its admins in a group."""
        if context.private:
            text, markup = await self._own(context)
        elif await context.is_admin():
            text, markup = await self._of_chat(context)
        else:
            raise AdminsOnlyError
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

    async def _of_chat(self, context: Context) -> tuple[str, InlineKeyboardMarkup]:
        services, settings, language = self._runtime.services, context.settings, context.language
        styles, here = await self._everyones(), place_in(context.message)
        default = next((style for style in styles if style.id == settings.style_id), None)
        allowed = settings.allowed_styles
        count = len(styles) if allowed is None else len(allowed)
        offered = self._runtime.say("button-styles-here", language, count=count)
        admins = settings.audience == "admins"
        rows = [
            [button(offered, "pallow", 0, 0)],
            [button(self._style_label(default, language), "pchatstyle", 0, 0)],
            [self._toggle("button-admins-only", language, "chat", 0, on=admins)],
            self._limit("button-waiting", language, 1, settings.waiting_per_user),
            self._limit("button-per-minute", language, 6, settings.per_minute),
            [self._toggle("button-quiet", language, "chat", 2, on=settings.quiet)],
            [self._toggle("button-own-styles", language, "chat", 3, on=settings.own_styles)],
            [self._toggle("button-open-buttons", language, "chat", 4, on=settings.open_buttons)],
            self._languages("chat", 5, settings.language, language),
        ]
        if services.content_check:
            rows.insert(-1, self._checks(language, settings.photo_check))
        if here is not None:
            chosen = settings.topic == here
            rows.insert(-1, [self._toggle("button-this-topic", language, "chat", 8, on=chosen)])
        return self._runtime.say("telegram-chat-settings", language), InlineKeyboardMarkup(rows)

    async def _change_chat(self, press: Press, numbers: Sequence[int]) -> None:
        which, value = numbers
        name = _CHAT[which] if which < len(_CHAT) else ""
        if name == "topic":
            await self._settle(press, topic=place_in(press.message) if value else None)
        elif name:
            offered = chat_choices.values(self._runtime.services, name)
            numbered = {_number(each, offered): each for each in offered}
            if value not in numbered:
                return
            await self._settle(press, **{name: numbered[value]})
        await self._back_to_chat(press, ())

    async def _choose_chat_style(self, press: Press, numbers: Sequence[int]) -> None:
        if numbers[1] in {style.id for style in await self._everyones()}:
            await self._settle(press, style_id=numbers[1])
        await self._back_to_chat(press, ())

    async def _leaf_chat_styles(self, press: Press, numbers: Sequence[int]) -> None:
        await self._check_admin(press)
        await self._show_grid(press, await self._everyones(), numbers[1], "chatstyle", "chatback")

    async def _allow(self, press: Press, numbers: Sequence[int]) -> None:
        """Allow a style in this chat, or not: 2 x id, plus one to allow it."""
        page, value = numbers
        style_id, allow = divmod(value, 2)
        await self._check_admin(press)
        ids = [style.id for style in await self._everyones()]
        settings = press.context.settings
        allowed = set(ids if settings.allowed_styles is None else settings.allowed_styles)
        allowed = allowed | {style_id} if allow else allowed - {style_id}
        chosen = tuple(i for i in ids if i in allowed)
        # At least one style must remain.
        if chosen:
            everything = len(chosen) == len(ids)
            await self._settle(press, allowed_styles=None if everything else chosen)
        await self._leaf_allowed(press, (0, page))

    async def _leaf_allowed(self, press: Press, numbers: Sequence[int]) -> None:
        await self._check_admin(press)
        await press.answer()
        context = await press.context.renewed()
        language, allowed = context.language, context.settings.allowed_styles
        styles = await self._everyones()
        marked = []
        for place, style in enumerate(styles):
            on = allowed is None or style.id in allowed
            page, target = place // PAGE_STYLES, 2 * style.id + int(not on)
            marked.append(button(_MARK[on] + style.title(language), "allow", page, target))
        rows = paged(marked, numbers[1], "pallow", 0)
        rows.append([button(self._runtime.say("button-back", language), "chatback")])
        text = self._runtime.say("telegram-allowed-styles", language)
        await press.show(text, InlineKeyboardMarkup(rows))

    async def _back_to_chat(self, press: Press, _: Sequence[int]) -> None:
        await self._check_admin(press)
        await press.answer()
        await press.show(*await self._of_chat(await press.context.renewed()))

    async def _show_grid(
        self, press: Press, styles: Sequence[Style], page: int, operation: str, back: str
    ) -> None:
        await press.answer()
        language = press.language
        rows = grid(styles, language, page, operation, 0)
        rows.append([button(self._runtime.say("button-back", language), back)])
        text = self._runtime.say("telegram-default-style", language)
        await press.show(text, InlineKeyboardMarkup(rows))

    async def _settle(self, press: Press, **changes: Any) -> None:  # noqa: ANN401 - any setting
        services, context = self._runtime.services, press.context
        admin = await context.is_admin()
        await preferences.settle(services, context.chat, context.user, admin=admin, **changes)

    async def _check_admin(self, press: Press) -> None:
        if press.context.private or not await press.context.is_admin():
            raise AdminsOnlyError

    async def _everyones(self) -> list[Style]:
        """Styles that are not anyone's own."""
        return await catalogue.listed(self._runtime.services, NOBODY)

    def _style_label(self, default: Style | None, language: str) -> str:
        title = default.title(language) if default else "·"
        return self._runtime.say("button-default-style", language, title=title)

    def _toggle(self, name: str, language: str, operation: str, which: int, *, on: bool) -> Button:
        label = _MARK[on] + self._runtime.say(name, language)
        return button(label, operation, which, int(not on))

    def _limit(self, label: str, language: str, which: int, chosen: int | None) -> list[Button]:
        values = [
            button(("• " if chosen == value else "") + str(value or "∞"), "chat", which, value or 0)
            for value in chat_choices.values(self._runtime.services, _CHAT[which])
        ]
        return [button(self._runtime.say(label, language), "x"), *values]

    def _checks(self, language: str, chosen: str) -> list[Button]:
        """The buttons for the content check of photos."""
        return [
            button(
                ("• " if check == chosen else "")
                + self._runtime.say(f"button-photo-check-{check}", language),
                "chat", 7, number,
            )
            for number, check in enumerate(
                chat_choices.values(self._runtime.services, "photo_check")
            )
        ]  # fmt: skip

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


def _number(value: Any, offered: Sequence[Any]) -> int:  # noqa: ANN401 - any setting's value
    """The number of a value in a button: a limit itself, 0 for none, or its place."""
    return int(value or 0) if isinstance(offered[-1], int) else offered.index(value)


def _common_change(name: str, value: int, languages: Sequence[str]) -> dict[str, Any] | None:
    if name == "language":
        tags = [None, *languages]
        return {name: tags[value]} if value < len(tags) else None
    return {name: bool(value)}

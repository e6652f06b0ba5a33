"""The core's settings of a chat as a panel for a server's admins."""

from collections.abc import Sequence
from typing import Any, Final

import discord

from bots.core.errors import EntryGoneError
from bots.core.users import chat_panel, preferences
from bots.core.users.chat_panel import Manager, Setting
from bots.discord_adapter.context import Context
from bots.discord_adapter.handlers.presses import Press
from bots.discord_adapter.render.cards import paged
from bots.discord_adapter.render.component_ids import button, control_id
from bots.discord_adapter.render.layouts import Layout, box, row, text

# Discord shows at most 25 options in a menu.
_OPTIONS_ON_A_PAGE: Final = 24
_BESIDE: Final = 5


async def show_server(context: Context) -> None:
    """Show a server's settings.

    Raises:
        AdminsOnlyError: the person is not an admin of the server.
    """
    await context.show(await _panel(context, 0))


async def turn(press: Press) -> None:
    """Show another page of the menus that have several."""
    await press.context.defer_in_place()
    await press.context.show(await _panel(press.context, press.number))


async def change(press: Press) -> None:
    """Give a setting one of its values, by a button or from a menu."""
    await press.context.defer_in_place()
    await chat_panel.change(_manager(press.context), *press.setting)
    await _changed(press)


async def mark(press: Press) -> None:
    """Turn the chosen values of a page on, and its others off."""
    context, name = press.context, _named(press)
    await context.defer_in_place()
    manager = _manager(context)
    for setting in await chat_panel.look(manager):
        if setting.name == name:
            shown = paged(setting.options, press.number, _OPTIONS_ON_A_PAGE)[0]
            words = [option.word for option in shown]
            await chat_panel.mark(manager, name, press.values, words)
    await _changed(press)


async def mark_all(press: Press) -> None:
    """Turn all values on."""
    context, name = press.context, _named(press)
    await context.defer_in_place()
    manager = _manager(context)
    for setting in await chat_panel.look(manager):
        if setting.name == name:
            await chat_panel.mark(manager, name, [option.word for option in setting.options])
    await _changed(press)


def _named(press: Press) -> str:
    """The setting of a menu or button.

    Raises:
        EntryGoneError: there is none, as in a message of an earlier version.
    """
    if len(press.words) != 1:
        raise EntryGoneError
    return press.words[0]


async def _changed(press: Press) -> None:
    context = press.context
    settings = await preferences.chat_settings(context.client.services, context.chat)
    context.client.cache.note_chat(context.chat, settings)
    await context.show(await _panel(context, press.number))


def _manager(context: Context) -> Manager:
    services = context.client.services
    return Manager(services, context.chat, context.user, context.language, context.manages)


async def _panel(context: Context, page: int) -> Layout:
    settings = await chat_panel.look(_manager(context))
    long = [setting for setting in settings if setting.question]
    rows: list[discord.ui.Item[Any]] = [row(_menu(setting, page)) for setting in long]
    rows += _buttons(long, page)
    rows += _switches([setting for setting in settings if setting.kind == "switch"], page)
    rows += [
        row(_menu(setting, page))
        for setting in settings
        if setting.kind != "switch" and not setting.question
    ]
    headline = "## " + context.say("chat-settings")
    lines = [discord.utils.escape_markdown(setting.label) for setting in long]
    return Layout(box(text("\n".join([headline, *lines]))), *rows)


def _menu(setting: Setting, page: int) -> discord.ui.Select[Any]:
    """The values of a setting; those of a long one are shown page by page."""
    many = setting.kind == "many"
    shown, _ = paged(setting.options, page, _OPTIONS_ON_A_PAGE)
    options = [
        discord.SelectOption(
            label=option.label if setting.question else f"{setting.label} {option.label}".strip(),
            value=option.word,
            default=option.on,
        )
        for option in shown
    ]
    return discord.ui.Select(
        custom_id=control_id("srv-mark" if many else "srv-set", page, words=(setting.name,)),
        options=options, placeholder=setting.question or None,
        min_values=0 if many else 1, max_values=len(options) if many else 1,
    )  # fmt: skip


def _buttons(long: Sequence[Setting], page: int) -> list[discord.ui.Item[Any]]:
    """The buttons that turn pages, and those that turn all values on."""
    last = max(paged(setting.options, page, _OPTIONS_ON_A_PAGE)[1] for setting in long)
    found = [
        button(setting.everything, "srv-all", page, words=(setting.name,))
        for setting in long
        if setting.everything
    ]
    if last:
        found += [
            button("◀", "srv-page", max(0, page - 1), disabled=page == 0),
            # It may equal the previous one, and an id must be unique in a message.
            button("▶", "srv-page", page + 1, 0, disabled=page >= last),
        ]
    return [row(*found)] if found else []


def _switches(settings: Sequence[Setting], page: int) -> list[discord.ui.Item[Any]]:
    buttons = [
        button(
            setting.label, "srv-set", page, on=setting.on,
            words=(setting.name, setting.options[not setting.on].word),
        )
        for setting in settings
    ]  # fmt: skip
    return [row(*buttons[at : at + _BESIDE]) for at in range(0, len(buttons), _BESIDE)]

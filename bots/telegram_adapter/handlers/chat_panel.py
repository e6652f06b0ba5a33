"""`/settings` in a group: the core's settings of the chat as buttons, for its admins.

A button contains the new value instead of toggling, so pressing it twice does the same.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from telegram import InlineKeyboardMarkup

from bots.core.errors import AdminsOnlyError
from bots.core.users import chat_panel
from bots.core.users.chat_panel import Manager, Setting
from bots.telegram_adapter.context import Context, Runtime, place_in, reply_to
from bots.telegram_adapter.handlers.buttons import Buttons, Press
from bots.telegram_adapter.render.callback_data import pack
from bots.telegram_adapter.render.keyboards import PAGE_STYLES, Button, button, columns, turning

_MARK: Final = {True: "✓ ", False: "· "}
_CHOSEN: Final = {True: "• ", False: ""}
# A button's words are a setting and a value; this one stands for all values, and for none.
_ALL: Final = "all"
# Buttons of earlier versions, by their number of arguments: a press shows the panel anew.
_OLD: Final = {"chat": 2, "chatstyle": 2, "pchatstyle": 2, "allow": 2, "pallow": 2}


class ChatPanel:
    """Shows and changes the settings of groups."""

    def __init__(self, runtime: Runtime, buttons: Buttons) -> None:
        self._runtime = runtime
        buttons.add("chatset", 0, self._acting(self._change), worded=True)
        buttons.add("chatmark", 2, self._acting(self._mark), worded=True)
        buttons.add("chatopen", 1, self._acting(self._open), worded=True)
        buttons.add("chatback", 0, self._acting(self._back))
        for name, numbers in _OLD.items():
            buttons.add(name, numbers, self._acting(self._back))

    async def settings(self, context: Context, _: str = "") -> None:
        """Show the panel to an admin of the group."""
        text, markup = await self._panel(await _manager(context))
        message = context.message
        await message.reply_text(
            text, reply_markup=markup, reply_parameters=reply_to(message.message_id)
        )

    def _acting(
        self, operation: Callable[[Press, Sequence[int]], Awaitable[None]]
    ) -> Callable[[Press, Sequence[int]], Awaitable[None]]:
        """An operation of a group's admins."""

        async def act(press: Press, numbers: Sequence[int]) -> None:
            if press.context.private or not await press.context.is_admin():
                raise AdminsOnlyError
            await operation(press, numbers)

        return act

    async def _change(self, press: Press, _: Sequence[int]) -> None:
        await chat_panel.change(await _manager(press.context), *press.words)
        await self._back(press, ())

    async def _mark(self, press: Press, numbers: Sequence[int]) -> None:
        """Turn a value on or off, or all of them on."""
        (page, on), (name, word) = numbers, press.words
        manager = await _manager(press.context)
        if word == _ALL:
            for setting in await chat_panel.look(manager):
                if setting.name == name:
                    await chat_panel.mark(manager, name, [o.word for o in setting.options])
        else:
            await chat_panel.mark(manager, name, [word] if on else [], [word])
        await self._open(press, (page,))

    async def _open(self, press: Press, numbers: Sequence[int]) -> None:
        """Show the values of one setting."""
        name, _ = press.words
        manager = await _manager(await press.context.renewed())
        for setting in await chat_panel.look(manager):
            if setting.name == name and setting.question:
                await press.answer()
                await press.show(setting.question, _values(manager, setting, numbers[0]))

    async def _back(self, press: Press, _: Sequence[int]) -> None:
        await press.answer()
        await press.show(*await self._panel(await _manager(await press.context.renewed())))

    async def _panel(self, manager: Manager) -> tuple[str, InlineKeyboardMarkup]:
        rows = [_row(setting) for setting in await chat_panel.look(manager)]
        return manager.say("chat-settings"), InlineKeyboardMarkup(rows)


async def _manager(context: Context) -> Manager:
    topic = place_in(context.message)
    return Manager(
        context.runtime.services, context.chat, context.user, context.language,
        await context.is_admin(), topic,
    )  # fmt: skip


def _row(setting: Setting) -> list[Button]:
    """The buttons of a setting beside others."""
    if setting.question:
        return [_worded(setting.label, "chatopen", setting.name, _ALL, 0)]
    if setting.kind == "switch":
        following = setting.options[not setting.on]
        label = _MARK[setting.on] + setting.label
        return [_worded(label, "chatset", setting.name, following.word)]
    values = [
        _worded(_CHOSEN[option.on] + option.label, "chatset", setting.name, option.word)
        for option in setting.options
    ]
    return [button(setting.label, "x"), *values] if setting.label else values


def _values(manager: Manager, setting: Setting, page: int) -> InlineKeyboardMarkup:
    """The buttons of a setting with many values, page by page."""
    pages = max(1, -(-len(setting.options) // PAGE_STYLES))
    page %= pages
    many, buttons = setting.kind == "many", list[Button]()
    for option in setting.options[page * PAGE_STYLES :][:PAGE_STYLES]:
        if many:
            label, numbers = _MARK[option.on] + option.label, (page, int(not option.on))
            buttons.append(_worded(label, "chatmark", setting.name, option.word, *numbers))
        else:
            label = _CHOSEN[option.on] + option.label
            buttons.append(_worded(label, "chatset", setting.name, option.word))
    rows = columns(buttons)
    if pages > 1:
        before, after = (
            _worded(sign, "chatopen", setting.name, _ALL, (page + step) % pages)
            for sign, step in (("◀", -1), ("▶", 1))
        )
        rows.append(turning(before, page, pages, after))
    if setting.everything:
        rows.append([_worded(setting.everything, "chatmark", setting.name, _ALL, page, 1)])
    rows.append([button(manager.say("button-back"), "chatback")])
    return InlineKeyboardMarkup(rows)


def _worded(label: str, operation: str, name: str, word: str, *numbers: int) -> Button:
    return Button(label, callback_data=pack(operation, *numbers, words=(name, word)))

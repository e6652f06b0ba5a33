"""The ids of buttons and menus, which contain their arguments."""

import re
from collections.abc import Sequence
from typing import Any, Final

import discord

# Admins' components have ids of their own.
TEMPLATE: Final = r"sb:(?!adm-)(?P<act>[a-z-]+)(?P<numbers>(?::\d+)*)(?P<words>(?:\.[\w-]+)*)"


def control_id(name: str, *numbers: int, words: Sequence[str] = ()) -> str:
    """The id of a button or menu."""
    return ".".join((":".join(("sb", name, *map(str, numbers))), *words))


def numbers_of(match: re.Match[str]) -> tuple[int, ...]:
    """The arguments in an id."""
    return tuple(int(number) for number in match["numbers"].split(":") if number)


def button(
    label: str,
    name: str,
    *numbers: int,
    words: Sequence[str] = (),
    on: bool = False,
    danger: bool = False,
    disabled: bool = False,
) -> discord.ui.Button[Any]:
    """A button with an operation.

    Args:
        label: Its label.
        name: The operation.
        numbers: Its arguments.
        words: A parameter and its new value, if it sets one.
        on: Whether it is shown as switched on.
        danger: Whether it deletes something.
        disabled: Whether it cannot be pressed.
    """
    plain = discord.ButtonStyle.primary if on else discord.ButtonStyle.secondary
    style = discord.ButtonStyle.danger if danger else plain
    custom_id = control_id(name, *numbers, words=words)
    return discord.ui.Button(label=label, style=style, custom_id=custom_id, disabled=disabled)

"""The ids of buttons and menus: all they need is in them and in the store."""

import re
from collections.abc import Sequence
from typing import Any, Final

import discord

# An admin's are known elsewhere.
TEMPLATE: Final = r"sb:(?!adm-)(?P<act>[a-z-]+)(?P<numbers>(?::\d+)*)(?P<words>(?:\.[\w-]+)*)"


def control_id(name: str, *numbers: int, words: Sequence[str] = ()) -> str:
    """The id of a button or menu."""
    return ".".join((":".join(("sb", name, *map(str, numbers))), *words))


def numbers_of(match: re.Match[str]) -> tuple[int, ...]:
    """What an id says after its act."""
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
    """A button that does what `name` stands for.

    Args:
        label: What stands on it.
        name: Which act.
        numbers: What that needs to know.
        words: A parameter and the value it shall have, where it sets one.
        on: Whether what it stands for is so at present.
        danger: Whether it takes something away.
        disabled: Whether it cannot be pressed.
    """
    plain = discord.ButtonStyle.primary if on else discord.ButtonStyle.secondary
    style = discord.ButtonStyle.danger if danger else plain
    custom_id = control_id(name, *numbers, words=words)
    return discord.ui.Button(label=label, style=style, custom_id=custom_id, disabled=disabled)

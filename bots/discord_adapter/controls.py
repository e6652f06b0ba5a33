"""Buttons and menus that outlive the process: all they need is in their ids and in the store."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import discord
from typing_extensions import override

from bots.core.errors import EntryGoneError
from bots.discord_adapter.answers import Answer, answering

# An admin's are known elsewhere.
TEMPLATE: Final = r"sb:(?!adm-)(?P<act>[a-z-]+)(?P<numbers>(?::\d+)*)(?P<words>(?:\.[\w-]+)*)"

_WISH_WORDS: Final = 2


@dataclass(frozen=True, slots=True)
class Press:
    """A button someone pressed, or a menu in which he chose.

    Attributes:
        answer: The answer to it.
        numbers: What its id says after its act: ids of jobs, pages.
        words: What it says after these: a parameter, and the value it shall have.
        values: What was chosen in a menu.
    """

    answer: Answer
    numbers: tuple[int, ...]
    values: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def wish(self) -> tuple[str, str]:
        """A parameter and the value it shall have, out of a button's id or a menu.

        Raises:
            EntryGoneError: there is none, as in a message of a version that had none.
        """
        said = (*self.words, *self.values)
        if len(said) != _WISH_WORDS:
            raise EntryGoneError
        return said[0], said[1]

    @property
    def number(self) -> int:
        """The first of the numbers.

        Raises:
            EntryGoneError: there is none, as in a message of a version that had none.
        """
        if not self.numbers:
            raise EntryGoneError
        return self.numbers[0]


Act = Callable[[Press], Awaitable[None]]
_ACTS: Final[dict[str, Act]] = {}


def act(name: str) -> Callable[[Act], Act]:
    """Let a function do what ids of this name stand for."""

    def register(function: Act) -> Act:
        if name in _ACTS:
            raise ValueError(f"{name} is taken")
        _ACTS[name] = function
        return function

    return register


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


class Control(discord.ui.DynamicItem[discord.ui.Item[Any]], template=TEMPLATE):
    """Whatever was pressed, recognised by its id alone."""

    def __init__(self, item: discord.ui.Item[Any], match: re.Match[str]) -> None:
        super().__init__(item)
        self._name = match["act"]
        self._numbers = numbers_of(match)
        self._words = tuple(match["words"].split(".")[1:])

    @classmethod
    @override
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],
        item: discord.ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> "Control":
        return cls(item, match)

    @override
    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        data: Any = interaction.data or {}
        values = tuple(data.get("values", ()))
        async with answering(interaction) as answer:
            await _ACTS.get(self._name, _gone)(Press(answer, self._numbers, values, self._words))


async def _gone(press: Press) -> None:
    """What a button does that this version has no more."""
    raise EntryGoneError

"""Draws effects' parameters on Discord, in one way for each kind."""

from collections.abc import Sequence
from typing import Any, Final

import discord

from bots.core.effects.controls import STEP, Control
from bots.discord_adapter.render.component_ids import button, control_id

MINUS: Final = "\N{MINUS SIGN}"
# Discord's limit for a row.
_IN_A_ROW: Final = 5
# Discord's limits: 25 options, and this many letters.
_OPTIONS_MAX: Final = 25
_LABEL_MAX: Final = 100


def buttons(
    drawn: Sequence[Control], name: str, numbers: Sequence[int]
) -> list[discord.ui.Button[Any]]:
    """Less and more for each slider, and each toggle.

    Args:
        drawn: The controls.
        name: Operation of the buttons; ids contain the parameter and its new value.
        numbers: Arguments of the operation.
    """
    sliders = [control for control in drawn if control.kind == "slider"]
    found: list[discord.ui.Button[Any]] = []
    for control in sliders:
        by = f"{STEP} %" if len(sliders) == 1 else control.title
        for sign, value in ((MINUS, control.less), ("+", control.more)):
            # Discord refuses two buttons with one id, which would occur at either end.
            word = value.word if value else f"end{sign == '+':d}"
            found.append(
                button(
                    f"{sign} {by}", name, *numbers,
                    words=(control.id, word), disabled=value is None,
                )
            )  # fmt: skip
    for control in drawn:
        if control.kind == "toggle":
            words = (control.id, control.values[0].word)
            found.append(button(control.title, name, *numbers, words=words, on=control.on))
    return found


def menus(
    drawn: Sequence[Control], name: str, numbers: Sequence[int]
) -> list[discord.ui.Select[Any]]:
    """A menu for each choice; see `buttons`."""
    return [
        discord.ui.Select(
            custom_id=control_id(name, *numbers, words=(control.id,)),
            options=[
                discord.SelectOption(
                    label=f"{control.title}: {value.title}"[:_LABEL_MAX],
                    value=value.word,
                    default=value.chosen,
                )
                for value in control.values[:_OPTIONS_MAX]
            ],
        )
        for control in drawn
        if control.kind == "choice"
    ]


def rows(
    items: Sequence[discord.ui.Button[Any]],
) -> list[discord.ui.ActionRow[discord.ui.LayoutView]]:
    """Arrange buttons in rows."""
    return [
        discord.ui.ActionRow(*items[at : at + _IN_A_ROW]) for at in range(0, len(items), _IN_A_ROW)
    ]

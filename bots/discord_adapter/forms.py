"""Forms that outlive the process: as with buttons, what they are for is in their ids."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import discord

from bots.discord_adapter.answers import Answer, answering
from bots.discord_adapter.controls import TEMPLATE, Act, Press, control_id, numbers_of

_TITLE_MAX: Final = 45
_ACTS: Final[dict[str, Act]] = {}


@dataclass(frozen=True, slots=True)
class Field:
    """A line to be filled in.

    Attributes:
        name: What the answer calls it.
        label: What stands beside it.
        value: What is in it at first.
        most: How many letters it takes.
        required: Whether it may not be left empty.
    """

    name: str
    label: str
    value: str = ""
    most: int = 200
    required: bool = False


def form_act(name: str) -> Any:  # noqa: ANN401 - a decorator, as `controls.act`
    """Let a function do what forms of this name are filled in for."""

    def register(function: Act) -> Act:
        if name in _ACTS:
            raise ValueError(f"{name} is taken")
        _ACTS[name] = function
        return function

    return register


async def ask(
    answer: Answer, title: str, name: str, numbers: Sequence[int], fields: Sequence[Field]
) -> None:
    """Let the answer be a form.

    Args:
        answer: The answer; nothing was said yet.
        title: What stands above it.
        name: What filling it in does.
        numbers: What that needs to know.
        fields: What is asked.

    Raises:
        ShuttingDownError: nothing new is taken.
    """
    answer.check_open()
    form = discord.ui.Modal(
        title=title[:_TITLE_MAX], timeout=None, custom_id=control_id(name, *numbers)
    )
    for each in fields:
        line: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id=each.name,
            default=each.value[: each.most] or None,
            required=each.required,
            max_length=each.most,
        )
        form.add_item(discord.ui.Label(text=each.label[:_TITLE_MAX], component=line))
    # The library keeps every form it sends, but not one that is over.
    form.stop()
    await answer.interaction.response.send_modal(form)


async def take(interaction: discord.Interaction[Any]) -> None:
    """Do what a form was filled in for, if it is one of these."""
    data: Any = interaction.data or {}
    if interaction.type is not discord.InteractionType.modal_submit:
        return
    found = re.fullmatch(TEMPLATE, data.get("custom_id", ""))
    if found is None or found["act"] not in _ACTS:
        return
    async with answering(interaction) as answer:
        press = Press(answer, numbers_of(found), fields=_typed(data.get("components", ())))
        await _ACTS[found["act"]](press)


def _typed(labels: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    lines = [label.get("component", {}) for label in labels]
    return {line["custom_id"]: line["value"] for line in lines if "value" in line}

"""An admin page as a message's text and buttons."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from telegram import InlineKeyboardMarkup

from bots.core.admin import registry
from bots.core.admin.pages.actions import Ask, Caller
from bots.core.admin.pages.pages import Address, Cell, Page, Row
from bots.telegram_adapter.render.keyboards import Button

PREFIX: Final = "a:"
_ROWS: Final = 12
_WIDE_LETTERS: Final = 20
_LABEL_LETTERS: Final = 60
_BESIDE: Final = 3
_TEXT_MAX: Final = 4096
# Largest data of a button.
_DATA_BYTES: Final = 64


def words(caller: Caller, page: Page, note: str) -> str:
    """The text of a page; rows that lead to another page are only buttons."""
    shown, leaf, last = page.part(_ROWS)
    lines = [*page.lines, *([page.refining.said(caller.services.texts)] if page.refining else ())]
    lines += [row.line(_said) for row in shown if not row.control or row.control.address.acts]
    leaves = f"{leaf + 1} / {last + 1}" if last else ""
    return "\n".join(filter(None, (note, page.title, *lines, leaves)))[:_TEXT_MAX]


async def keyboard(caller: Caller, page: Page) -> InlineKeyboardMarkup:
    """The buttons of a page."""
    shown, leaf, last = page.part(_ROWS)
    rows = _columns([_button(_chosen(row), row.control.address) for row in shown if row.control])
    if last:
        turns = (("◀", (leaf - 1) % (last + 1)), ("▶", (leaf + 1) % (last + 1)))
        rows.append([_button(sign, page.turned(to)) for sign, to in turns])
    for group in page.controls:
        buttons = [
            _button(("• " if each.on else "") + each.label, each.address)
            for control in group
            for each in await registry.taken_apart(caller, control, in_forms=False)
        ]
        rows += [buttons[at : at + _BESIDE] for at in range(0, len(buttons), _BESIDE)]
    return InlineKeyboardMarkup(rows)


def of_choices(where: Address, ask: Ask) -> InlineKeyboardMarkup:
    """The options of a field."""
    choices = [
        _button(("• " if value == ask.value else "") + label,
                registry.alone(where, ask.field.name, value))
        for value, label in ask.choices
    ]  # fmt: skip
    return InlineKeyboardMarkup(_columns(choices))


def to_go_on(caller: Caller, where: Address, ask: Ask) -> InlineKeyboardMarkup | None:
    """The button to skip a question, if it may be left out."""
    lone = registry.ONLY in where.named
    if not ask.field.optional or (lone and ask.field.kind == "text"):
        return None
    told = Address(where.name, where.values, {**({} if lone else where.named), ask.field.name: ""})
    if len(f"{PREFIX}{told}".encode()) > _DATA_BYTES:
        return None
    return InlineKeyboardMarkup([[_button(caller.say("admin-skip"), told)]])


def _chosen(row: Row) -> str:
    """The label of a row's button."""
    if row.control and row.control.address.acts:
        return f"{row.control.label} · {row.name}"
    return row.line(_said)


def _said(cell: Cell) -> str:
    return f"{cell:%d.%m. %H:%M}" if isinstance(cell, datetime) else cell


def _columns(buttons: Sequence[Button]) -> list[list[Button]]:
    """Put short buttons side by side."""
    beside = 1 if any(len(each.text) > _WIDE_LETTERS for each in buttons) else 2
    return [list(buttons[at : at + beside]) for at in range(0, len(buttons), beside)]


def _button(label: str, where: Address) -> Button:
    return Button(label[:_LABEL_LETTERS], callback_data=f"{PREFIX}{where}")

"""A page of the admin's as a message's words and buttons."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from telegram import InlineKeyboardMarkup

from bots.core.admin import desk
from bots.core.admin.actions import Ask, Caller
from bots.core.admin.pages import Address, Cell, Control, Page, Row
from bots.telegram_adapter.keyboards import Button

PREFIX: Final = "a:"
_ROWS: Final = 12
_WIDE_LETTERS: Final = 20
_LABEL_LETTERS: Final = 60
_BESIDE: Final = 3
_TEXT_MAX: Final = 4096
# Telegram takes no longer data.
_DATA_BYTES: Final = 64
_MARK: Final = {"1": "✓ ", "0": "· "}


def words(caller: Caller, page: Page, note: str) -> str:
    """What a page says."""
    shown, leaf, last = page.part(_ROWS)
    listed = [_line(row) for row in shown if not _is_on_a_button(page, row)]
    leaves = [f"{leaf + 1} / {last + 1}"] if last else []
    goes_on = [page.refining.said(caller.services.texts)] if page.refining else []
    parts = [note, page.title, *page.lines, *goes_on, *listed, *leaves]
    return "\n".join(filter(None, parts))[:_TEXT_MAX]


async def keyboard(caller: Caller, page: Page) -> InlineKeyboardMarkup:
    """What can be pressed beneath it."""
    shown, leaf, last = page.part(_ROWS)
    rows = _columns([
        _button(_chosen(page, row), row.control.address) for row in shown if row.control
    ])  # fmt: skip
    if last:
        turns = ((leaf - 1) % (last + 1), (leaf + 1) % (last + 1))
        rows.append([_button(sign, page.turned(to))
                     for sign, to in zip("◀▶", turns, strict=True)])  # fmt: skip
    for group in page.controls:
        buttons = [each for control in group for each in await _pressable(caller, control)]
        rows += [buttons[at : at + _BESIDE] for at in range(0, len(buttons), _BESIDE)]
    return InlineKeyboardMarkup(rows)


def of_choices(where: Address, ask: Ask) -> InlineKeyboardMarkup:
    """What a field may be."""
    return InlineKeyboardMarkup(_columns([
        _button(
            ("• " if value == ask.value else "") + label,
            desk.alone(where, ask.field.name, value),
        )
        for value, label in ask.choices
    ]))  # fmt: skip


def to_go_on(caller: Caller, where: Address, ask: Ask) -> InlineKeyboardMarkup | None:
    """The way on without an answer, where a question may be left without one."""
    of = ask.field
    lone = desk.ONLY in where.named
    if not of.optional or (lone and of.kind == "text"):
        return None
    named = {} if lone else where.named
    told = Address(where.name, where.values, {**named, of.name: ""})
    if len(_data(told)) > _DATA_BYTES:
        return None
    return InlineKeyboardMarkup([[_button(caller.say("admin-skip"), told)]])


async def _pressable(caller: Caller, control: Control) -> list[Button]:
    """A control as a button; where its fields may be given alone, as one for each."""
    action = desk.ACTIONS.get(control.address.name)
    if action is None or not action.apart:
        return [_button(("• " if control.on else "") + control.label, control.address)]
    return [_alone(control.address, ask) for ask in await desk.asked(caller, control.address)]


def _alone(where: Address, ask: Ask) -> Button:
    if ask.field.kind == "toggle":
        other = "0" if ask.value == "1" else "1"
        return _button(_MARK[ask.value] + ask.label, desk.alone(where, ask.field.name, other))
    now = dict(ask.choices).get(ask.value, ask.value) if ask.field.kind != "text" else ""
    return _button(" ".join(filter(None, (ask.label, now))), desk.alone(where, ask.field.name))


def _is_on_a_button(page: Page, row: Row) -> bool:
    """Whether a row is nothing but a button, as a style is."""
    return row.style is not None and row.control is not None and bool(page.tables)


def _chosen(page: Page, row: Row) -> str:
    """What stands on the button of a row."""
    if row.control is None:
        raise AssertionError("a row without a control has no button")
    if _is_on_a_button(page, row):
        return f"{row.mark} {row.name} · {row.count}" + (" ★" if row.control.on else "")
    return f"{row.control.label} · {row.name}"


def _line(row: Row) -> str:
    return " · ".join(filter(None, (row.name, *map(_said, row.cells))))


def _said(cell: Cell) -> str:
    return f"{cell:%d.%m. %H:%M}" if isinstance(cell, datetime) else cell


def _columns(buttons: Sequence[Button]) -> list[list[Button]]:
    """Beside each other where they are short."""
    wide = any(len(each.text) > _WIDE_LETTERS for each in buttons)
    beside = 1 if wide else 2
    return [list(buttons[at : at + beside]) for at in range(0, len(buttons), beside)]


def _button(label: str, where: Address) -> Button:
    return Button(label[:_LABEL_LETTERS], callback_data=_data(where).decode())


def _data(where: Address) -> bytes:
    return f"{PREFIX}{where}".encode()

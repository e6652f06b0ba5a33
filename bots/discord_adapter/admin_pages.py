"""What the core shows an admin, as messages that are laid out."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import discord

from bots.core.admin import desk
from bots.core.admin.actions import Ask, Caller
from bots.core.admin.pages import Address, Cell, Control, Page, Row, Table
from bots.discord_adapter.answers import Answer
from bots.discord_adapter.posting import Upload
from bots.discord_adapter.sizes import fitted
from bots.discord_adapter.views import Layout, box, gallery, row, text
from storage.values import Style

PREFIX: Final = "adm:"
# What a menu is called: where it leads, what is chosen says.
PICK: Final = "pick"
_ROWS: Final = 20
_BESIDE: Final = 5
_LABEL_MAX: Final = 80
_OPTION_MAX: Final = 100
_CELL_LETTERS: Final = 100
_SHOWN_SIDE_PX: Final = 1024
_MARK: Final = {"1": "✓ ", "0": "· "}


async def show(answer: Answer, caller: Caller, where: Address, note: str = "") -> None:
    """Let the answer be a page; its pictures come once they are painted.

    Raises:
        BotError: there is no such page, or he is no admin.
    """
    await answer.client.memory.follow()
    page = await desk.look(caller, where)
    if not page.pictured or page.style is None:
        await _put(answer, caller, page, note, None)
        return
    painting = "\n".join(filter(None, (note, answer.say("discord-admin-painting"))))
    await _put(answer, caller, page, painting, None)
    pictures, why_not = await desk.samples(caller, page.style)
    # Where its code was out of date, it has a newer version now.
    await answer.client.memory.follow()
    page = await desk.look(caller, where)
    if page.style is None:
        raise AssertionError("the page of a style is of one")
    limit, uploads = answer.interaction.filesize_limit, []
    for number, picture in enumerate(pictures, start=1):
        small = await asyncio.to_thread(fitted, picture, limit, _SHOWN_SIDE_PX)
        uploads.append(Upload(_preview_name(page.style, number), small.image))
    await _put(answer, caller, page, "\n".join(filter(None, (note, why_not))), uploads)


async def _put(
    answer: Answer, caller: Caller, page: Page, note: str, pictures: Sequence[Upload] | None
) -> None:
    shown, leaf, last = page.part(_ROWS)
    parts: list[discord.ui.Item[Any]] = [text(note)] if note else []
    parts += [
        text(part) for part in (_headline(caller, page, leaf, last), _listed(page, shown)) if part
    ]
    names = _kept(answer, page) if pictures is None else [each.name for each in pictures]
    if names:
        alt = answer.say("discord-alt", title=page.title)
        parts.append(gallery([(name, alt) for name in names]))
    rows = _menu(shown) + (_turns(page, leaf, last) if last else [])
    for group in page.controls:
        buttons = [each for control in group for each in await _pressable(caller, control)]
        rows += [row(*buttons[at : at + _BESIDE]) for at in range(0, len(buttons), _BESIDE)]
    # Pictures that are shown already stay; those of another page go.
    uploads = [] if pictures is None and not names else pictures
    await answer.show(Layout(box(*parts), *_each_once(rows)), uploads)


def _headline(caller: Caller, page: Page, leaf: int, last: int) -> str:
    lines = [discord.utils.escape_markdown(line) for line in page.lines]
    if page.refining:
        lines.append(page.refining.said(caller.services.texts))
    if last:
        lines.append(f"{leaf + 1} / {last + 1}")
    return "\n".join([f"## {discord.utils.escape_markdown(page.title)}", *lines])


def _listed(page: Page, shown: Sequence[Row]) -> str:
    lines, here = [], {id(each) for each in shown}
    for table in page.tables:
        rows = [each for each in table.rows if id(each) in here]
        if rows and table.title:
            lines.append(f"### {table.title}")
        lines += [_line(table, each) for each in rows]
    return "\n".join(lines)


def _line(table: Table, of: Row) -> str:
    name = f"**{discord.utils.escape_markdown(of.name)}**"
    cells = [str(of.count)] if table.look == "shelf" else [_said(cell) for cell in of.cells]
    star = " ★" if of.control and of.control.on else ""
    return f"{of.mark} {' · '.join(filter(None, (name, *cells)))}{star}".strip()


def _said(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return discord.utils.format_dt(cell, "f")
    return discord.utils.escape_markdown(cell[:_CELL_LETTERS])


def _menu(shown: Sequence[Row]) -> list[discord.ui.ActionRow[Any]]:
    """The rows to choose from; what is chosen is where its row leads."""
    options = [
        discord.SelectOption(
            label=" · ".join([f"{each.mark} {each.name}".strip(),
                              *(c for c in each.cells if isinstance(c, str) and c)])[:_OPTION_MAX],
            value=str(each.control.address),
        )
        for each in shown if each.control
    ]  # fmt: skip
    if not options:
        return []
    label = next(each.control.label for each in shown if each.control)
    return [row(discord.ui.Select(custom_id=f"{PREFIX}{PICK}", options=options,
                                  placeholder=f"{label} …"))]  # fmt: skip


def _turns(page: Page, leaf: int, last: int) -> list[discord.ui.ActionRow[Any]]:
    # Round and round: what is last is as near as what is first.
    turns = (("◀", (leaf - 1) % (last + 1)), ("▶", (leaf + 1) % (last + 1)))
    return [row(*(_button(label, page.turned(to)) for label, to in turns))]


async def _pressable(caller: Caller, control: Control) -> list[discord.ui.Button[Any]]:
    """A control as a button, and one for each of its fields that is on or off by itself."""
    style = {"main": discord.ButtonStyle.success, "danger": discord.ButtonStyle.danger}.get(
        control.look, discord.ButtonStyle.primary if control.on else discord.ButtonStyle.secondary
    )
    button = _button(control.label, control.address, style)
    action = desk.ACTIONS.get(control.address.name)
    if action is None or not action.apart:
        return [button]
    asks = await desk.asked(caller, control.address)
    return [*(_switch(control.address, ask) for ask in asks if ask.field.kind == "toggle"), button]


def _switch(where: Address, ask: Ask) -> discord.ui.Button[Any]:
    other = "0" if ask.value == "1" else "1"
    return _button(_MARK[ask.value] + ask.label, desk.alone(where, ask.field.name, other))


def _button(
    label: str,
    where: Address,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
) -> discord.ui.Button[Any]:
    return discord.ui.Button(label=label[:_LABEL_MAX], style=style, custom_id=f"{PREFIX}{where}")


def _each_once(rows: Sequence[discord.ui.ActionRow[Any]]) -> Sequence[discord.ui.ActionRow[Any]]:
    """Rows of which no two buttons have the same id, which Discord does not take."""
    known: set[str] = set()
    for item in (item for each in rows for item in each.children):
        if isinstance(item, discord.ui.Button) and item.custom_id:
            if item.custom_id in known:
                item.custom_id = f"{item.custom_id}#{len(known)}"
            known.add(item.custom_id)
    return rows


def _preview_name(style: Style, number: int) -> str:
    """What a preview's file is called, so that it is known to be one of a style as it is."""
    return f"preview-{style.id}-{style.version}-{number}.jpg"


def _kept(answer: Answer, page: Page) -> list[str]:
    """Names of previews that the message has already, if they are of the style as it is."""
    message = answer.interaction.message
    if message is None or message.id != answer.message or page.style is None:
        return []
    begins = _preview_name(page.style, 0).removesuffix("0.jpg")
    known = [each.filename for each in message.attachments]
    return [name for name in known if name.startswith(begins)]

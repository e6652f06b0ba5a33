"""Renders the core's admin pages as Discord layouts."""

import asyncio
import itertools
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import discord

from bots.core.admin import registry
from bots.core.admin.pages.actions import Caller
from bots.core.admin.pages.pages import Address, Cell, Control, Page, Row
from bots.discord_adapter.context import Context
from bots.discord_adapter.render.layouts import Layout, box, gallery, row, text
from bots.discord_adapter.render.sizes import fitted
from bots.discord_adapter.transport.posting import Upload
from storage.values.styles import Style

PREFIX: Final = "adm:"
# Operation of a menu: the chosen row is the address.
PICK: Final = "pick"
_ROWS: Final = 20
_BESIDE: Final = 5
_LABEL_MAX: Final = 80
_OPTION_MAX: Final = 100
_CELL_LETTERS: Final = 100
_SHOWN_SIDE_PX: Final = 1024


async def show(context: Context, caller: Caller, where: Address, note: str = "") -> None:
    """Show a page as the answer; its pictures follow once they are painted.

    Raises:
        BotError: there is no such page, or the person is not an admin.
    """
    await context.client.cache.follow()
    page = await registry.look(caller, where)
    if not page.pictured or page.style is None:
        await _put(context, caller, page, note, None)
        return
    painting = "\n".join(filter(None, (note, context.say("discord-admin-painting"))))
    await _put(context, caller, page, painting, None)
    pictures, why_not = await registry.samples(caller, page.style)
    # If its code was stale, it has a newer version now.
    await context.client.cache.follow()
    page = await registry.look(caller, where)
    if page.style is None:
        raise AssertionError("the page of a style is of one")
    limit, uploads = context.interaction.filesize_limit, []
    for number, picture in enumerate(pictures, start=1):
        small = await asyncio.to_thread(fitted, picture, limit, _SHOWN_SIDE_PX)
        uploads.append(Upload(_preview_name(page.style, number), small.image))
    await _put(context, caller, page, "\n".join(filter(None, (note, why_not))), uploads)


async def _put(
    context: Context, caller: Caller, page: Page, note: str, pictures: Sequence[Upload] | None
) -> None:
    shown, leaf, last = page.part(_ROWS)
    parts: list[discord.ui.Item[Any]] = [text(note)] if note else []
    parts += [
        text(part) for part in (_headline(caller, page, leaf, last), _listed(page, shown)) if part
    ]
    names = _kept(context, page) if pictures is None else [each.name for each in pictures]
    if names:
        alt = context.say("discord-alt", title=page.title)
        parts.append(gallery([(name, alt) for name in names]))
    rows, number = _menu(shown), itertools.count()
    for controls in await _buttons(caller, page, leaf, last):
        rows.append(row(*(_button(each, next(number)) for each in controls)))
    # Pictures already shown stay; those of another page are removed.
    uploads = [] if pictures is None and not names else pictures
    await context.show(Layout(box(*parts), *rows), uploads)


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
        rows = [each.line(_said, "**") for each in table.rows if id(each) in here]
        lines += [*([f"### {table.title}"] if rows and table.title else ()), *rows]
    return "\n".join(lines)


def _said(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return discord.utils.format_dt(cell, "f")
    return discord.utils.escape_markdown(cell[:_CELL_LETTERS])


def _menu(shown: Sequence[Row]) -> list[discord.ui.ActionRow[Any]]:
    """The rows as a menu; its values are the rows' addresses."""
    rows = [(each, each.control) for each in shown if each.control]
    if not rows:
        return []
    options = [
        discord.SelectOption(
            label=each.line(lambda cell: cell if isinstance(cell, str) else "")[:_OPTION_MAX],
            value=str(control.address),
        )
        for each, control in rows
    ]
    name, label = f"{PREFIX}{PICK}", f"{rows[0][1].label} …"
    return [row(discord.ui.Select(custom_id=name, options=options, placeholder=label))]


async def _buttons(caller: Caller, page: Page, leaf: int, last: int) -> list[list[Control]]:
    """The buttons, in rows."""
    # Cyclic: the page after the last is the first.
    turns = (("◀", (leaf - 1) % (last + 1)), ("▶", (leaf + 1) % (last + 1)))
    rows = [[Control(sign, page.turned(to)) for sign, to in turns]] if last else []
    for group in page.controls:
        found: list[Control] = []
        for control in group:
            found += await registry.taken_apart(caller, control, in_forms=True)
        rows += [found[at : at + _BESIDE] for at in range(0, len(found), _BESIDE)]
    return rows


def _button(of: Control, number: int) -> discord.ui.Button[Any]:
    plain = discord.ButtonStyle.primary if of.on else discord.ButtonStyle.secondary
    style = {"main": discord.ButtonStyle.success, "danger": discord.ButtonStyle.danger}
    # Two may lead to the same place, and an id must be unique in a message.
    custom_id = f"{PREFIX}{of.address}#{number}"
    return discord.ui.Button(
        label=of.label[:_LABEL_MAX], style=style.get(of.look, plain), custom_id=custom_id
    )


def _preview_name(style: Style, number: int) -> str:
    """File name of a preview, which identifies the style and its version."""
    return f"preview-{style.id}-{style.version}-{number}.jpg"


def _kept(context: Context, page: Page) -> list[str]:
    """Names of previews that the message has already, if they are up to date."""
    message = context.interaction.message
    if message is None or message.id != context.message or page.style is None:
        return []
    begins = _preview_name(page.style, 0).removesuffix("0.jpg")
    known = [each.filename for each in message.attachments]
    return [name for name in known if name.startswith(begins)]

"""Everyone's styles in the hands of those who administer the bot: a list, and what they decide."""

import contextlib
from typing import Any, Final

import discord

from bots.core import admin_styles
from bots.core.admin_styles import MARKS, StyleView
from bots.core.errors import StyleGoneError
from bots.discord_adapter.admin_desk import STYLES_ON_A_PAGE, show_style
from bots.discord_adapter.answers import Answer
from bots.discord_adapter.bot_admins import admin_act
from bots.discord_adapter.cards import paged
from bots.discord_adapter.controls import Press, button, control_id
from bots.discord_adapter.posting import Upload
from bots.discord_adapter.views import Layout, box, row, text
from storage.values import StyleState

_LABEL_MAX: Final = 100


async def show_list(answer: Answer, page: int = 0, note: str = "") -> None:
    """All styles of everyone, and those that were submitted, some at a time."""
    views = await admin_styles.listed(answer.client.services, answer.user)
    shown, last = paged(views, page, STYLES_ON_A_PAGE)
    page = min(page, last)
    headline = f"## {answer.say('admin-styles', count=len(views))}"
    lines = [f"{headline}\n{page + 1} / {last + 1}", *(_line(answer, view) for view in shown)]
    options = [
        discord.SelectOption(
            label=f"{MARKS[view.style.state]} {view.style.title(answer.language)}"[:_LABEL_MAX],
            value=str(view.style.id),
        )
        for view in shown
    ]
    rows: list[discord.ui.Item[Any]] = []
    if options:
        menu: discord.ui.Select[Any] = discord.ui.Select(
            custom_id=control_id("adm-pick", page),
            options=options,
            placeholder=answer.say("discord-choose-style"),
        )
        rows.append(row(menu))
    # Round and round: drafts and submissions are on the last page.
    turns = row(
        button("◀", "adm-list", (page - 1) % (last + 1), 0, disabled=last == 0),
        button("▶", "adm-list", (page + 1) % (last + 1), 1, disabled=last == 0),
        button("↻", "adm-list", page, 2),
    )
    parts = [text(note)] if note else []
    await answer.show(Layout(box(*parts, text("\n".join(lines))), *rows, turns), [])


@admin_act("adm-list", "styles.read")
async def turn(press: Press) -> None:
    """Another part of the list."""
    await press.answer.defer_in_place()
    await show_list(press.answer, press.number)


@admin_act("adm-pick", "styles.read")
async def pick(press: Press) -> None:
    """One of the list."""
    await press.answer.defer_in_place()
    (value,) = press.values
    await show_style(press.answer, int(value))


@admin_act("adm-enable", "style.enable")
async def enable(press: Press) -> None:
    """Let everyone choose it."""
    await _put_state(press, "on")


@admin_act("adm-rest", "style.rest")
async def rest(press: Press) -> None:
    """Let no one choose it for a while."""
    await _put_state(press, "resting")


@admin_act("adm-retire", "style.retire")
async def retire(press: Press) -> None:
    """Let no one choose it any more."""
    await _put_state(press, "retired")


@admin_act("adm-discard", "style.discard")
async def discard(press: Press) -> None:
    """Delete a draft."""
    answer = press.answer
    await answer.defer_in_place()
    try:
        await admin_styles.discard(answer.client.services, answer.user, press.number)
    except StyleGoneError:
        # Pressed twice; or it is no draft any more, and then it stays.
        if await _is_there(answer, press.number):
            raise
    await show_list(answer, note=answer.say("discord-admin-discarded"))


@admin_act("adm-move", "style.move")
async def move(press: Press) -> None:
    """Put it at a place; the id says at which, so that a second press changes nothing."""
    answer, (style_id, place, *_) = press.answer, press.numbers
    await answer.defer_in_place()
    await admin_styles.move(answer.client.services, answer.user, style_id, place)
    await _again(answer, style_id)


@admin_act("adm-default", "style.default")
async def make_default(press: Press) -> None:
    """Let it be the style of whoever names none, or no longer."""
    answer, (style_id, on) = press.answer, press.numbers
    await answer.defer_in_place()
    chosen = style_id if on else None
    await admin_styles.make_default(answer.client.services, answer.user, chosen)
    await _again(answer, style_id)


@admin_act("adm-accept", "style.accept")
async def accept(press: Press) -> None:
    """Make a submitted style everyone's."""
    answer = press.answer
    await answer.defer_in_place()
    # Pressed twice, it is everyone's already, and its desk says so; if not, it is gone.
    with contextlib.suppress(StyleGoneError):
        await admin_styles.decide(answer.client.services, answer.user, press.number, accept=True)
    await _again(answer, press.number)


@admin_act("adm-decline", "style.decline")
async def decline(press: Press) -> None:
    """Let a submitted style be its owner's alone."""
    answer = press.answer
    await answer.defer_in_place()
    note = ""
    try:
        style = await admin_styles.decide(
            answer.client.services, answer.user, press.number, accept=False
        )
        note = answer.say("discord-admin-declined", title=style.title(answer.language))
    except StyleGoneError:
        # Pressed twice; or it was accepted, and then it stays.
        if await _is_there(answer, press.number):
            raise
    await answer.client.memory.follow()
    await show_list(answer, note=note)


@admin_act("adm-export", "style.export")
async def export(press: Press) -> None:
    """A style as a file."""
    answer = press.answer
    await answer.defer(private=True)
    services = answer.client.services
    name, file = await admin_styles.export_file(services, answer.user, press.number)
    if len(file) > answer.interaction.filesize_limit:
        await answer.tell(answer.say("discord-admin-file-too-large"))
        return
    parts = [text(answer.say("discord-admin-exported")), discord.ui.File(f"attachment://{name}")]
    await answer.show(Layout(*parts), [Upload(name, file)])


async def _put_state(press: Press, state: StyleState) -> None:
    answer = press.answer
    await answer.defer_in_place()
    await admin_styles.put_state(answer.client.services, answer.user, press.number, state)
    await _again(answer, press.number)


async def _again(answer: Answer, style_id: int) -> None:
    """The desk once more, after something was changed at it."""
    await answer.client.memory.follow()
    await show_style(answer, style_id)


async def _is_there(answer: Answer, style_id: int) -> bool:
    views = await admin_styles.listed(answer.client.services, answer.user)
    return any(view.style.id == style_id for view in views)


def _line(answer: Answer, view: StyleView) -> str:
    title = discord.utils.escape_markdown(view.style.title(answer.language))
    star = " ★" if view.default else ""
    return f"{MARKS[view.style.state]} **{title}** · {view.used}{star}"

"""Everyone's styles, in the hands of those who administer the bot: a list, and a desk for each."""

import contextlib
from collections.abc import Sequence
from typing import Any, Final

import discord

from bots.core import admin_styles
from bots.core.admin_styles import StyleView
from bots.core.errors import StyleGoneError
from bots.discord_adapter.answers import Answer
from bots.discord_adapter.bot_admins import admin_act
from bots.discord_adapter.cards import paged
from bots.discord_adapter.controls import Press, button, control_id
from bots.discord_adapter.posting import Upload
from bots.discord_adapter.views import Layout, box, gallery, row, text
from storage.values import StyleState

_ON_A_PAGE: Final = 20
_LABEL_MAX: Final = 100
_MARKS: Final[dict[StyleState, str]] = {
    "on": "●", "resting": "◌", "draft": "✎", "submitted": "?", "retired": "✕",
}  # fmt: skip


async def show_list(answer: Answer, page: int = 0, note: str = "") -> None:
    """All styles of everyone, and those that were submitted, some at a time."""
    views = await admin_styles.listed(answer.client.services, answer.user)
    shown, last = paged(views, page, _ON_A_PAGE)
    page = min(page, last)
    headline = f"## {answer.say('admin-styles', count=len(views))}"
    lines = [f"{headline}\n{page + 1} / {last + 1}", *(_line(answer, view) for view in shown)]
    options = [
        discord.SelectOption(
            label=f"{_MARKS[view.style.state]} {view.style.title(answer.language)}"[:_LABEL_MAX],
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


async def show_style(
    answer: Answer, style_id: int, note: str = "", pictures: Sequence[Upload] | None = None
) -> None:
    """One style, and all that can be done with it.

    Args:
        answer: The answer that shows it.
        style_id: Which.
        note: A remark.
        pictures: What it does, to be shown; None for those that are there already.

    Raises:
        StyleGoneError: there is none.
    """
    services, language = answer.client.services, answer.language
    views = await admin_styles.listed(services, answer.user)
    place = next((n for n, view in enumerate(views) if view.style.id == style_id), None)
    if place is None:
        raise StyleGoneError
    view, style = views[place], views[place].style
    titles = dict.fromkeys(style.title(tag) for tag in services.texts.languages)
    said = " / ".join(discord.utils.escape_markdown(title) for title in titles)
    lines = [
        f"## {said}",
        f"{_MARKS[style.state]} {answer.say(f'admin-state-{style.state}')} · `{style.slug}`"
        + (" · ★" if view.default else ""),
        answer.say("admin-used", count=view.used),
    ]
    if style.tags:
        lines.append(", ".join(discord.utils.escape_markdown(tag) for tag in style.tags))
    names = _kept(answer, view) if pictures is None else [each.name for each in pictures]
    alt = answer.say("discord-alt", title=style.title(language))
    parts: list[discord.ui.Item[Any]] = [text("\n".join(lines))]
    if note:
        parts.append(text(note))
    if names:
        parts.append(gallery([(name, alt) for name in names]))
    # Pictures that are shown already stay; those of another style go.
    uploads = [] if pictures is None and not names else pictures
    await answer.show(Layout(box(*parts), *_rows(answer, view, place)), uploads)


def preview_name(view_id: int, version: int, number: int) -> str:
    """What a preview's file is called, so that it is known to be one of a style as it is."""
    return f"preview-{view_id}-{version}-{number}.jpg"


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
    return f"{_MARKS[view.style.state]} **{title}** · {view.used}{star}"


def _kept(answer: Answer, view: StyleView) -> list[str]:
    """Names of previews that the message has already, if they are of the style as it is."""
    message = answer.interaction.message
    known = [each.filename for each in message.attachments] if message else []
    begins = preview_name(view.style.id, view.style.version, 0).removesuffix("0.jpg")
    return [name for name in known if name.startswith(begins)]


def _rows(answer: Answer, view: StyleView, place: int) -> list[discord.ui.Item[Any]]:
    style_id, state, say = view.style.id, view.style.state, answer.say
    previews = button(say("admin-previews"), "adm-preview", style_id)
    back = button(say("button-back"), "adm-list", place // _ON_A_PAGE)
    if state == "submitted":
        decisions = [
            button(say("admin-accept"), "adm-accept", style_id),
            button(say("admin-decline"), "adm-decline", style_id),
        ]
        return [row(*decisions, previews), row(back)]
    words = [
        button(say("discord-admin-rename"), "adm-rename", style_id),
        button(say("admin-tags"), "adm-tags", style_id),
        previews,
        button(say("admin-export"), "adm-export", style_id),
    ]
    if view.style.kind == "custom":
        words.append(button(say("admin-refine"), "adm-refine", style_id))
    # The third number keeps apart what may lead to the same place: an id is to be there once.
    moves = [
        button(say("admin-first"), "adm-move", style_id, 0, 0, disabled=place == 0),
        button(
            say("admin-earlier"), "adm-move", style_id, max(0, place - 1), 1, disabled=place == 0
        ),
        button(say("admin-later"), "adm-move", style_id, place + 1, 2),
        back,
    ]
    return [row(*_states(answer, view)), row(*words), row(*moves)]


def _states(answer: Answer, view: StyleView) -> list[discord.ui.Button[Any]]:
    """What a style may become."""
    style_id, say = view.style.id, answer.say
    enable_it = button(say("admin-enable"), "adm-enable", style_id)
    retire_it = button(say("admin-retire"), "adm-retire", style_id, danger=True)
    buttons = {
        "draft": [enable_it, button(say("admin-discard"), "adm-discard", style_id, danger=True)],
        "on": [button(say("admin-rest"), "adm-rest", style_id), retire_it],
        "resting": [enable_it, retire_it],
        "retired": [button(say("admin-restore"), "adm-enable", style_id)],
    }[view.style.state]
    if view.style.state == "on" or view.default:
        label, target = say("admin-make-default"), int(not view.default)
        buttons.append(button(label, "adm-default", style_id, target, on=view.default))
    return buttons

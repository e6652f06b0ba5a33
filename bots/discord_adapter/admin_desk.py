"""A style at the desk of whoever administers the bot, and what can be done with it there."""

from collections.abc import Sequence
from typing import Any, Final

import discord

from bots.core import admin_styles
from bots.core.admin_styles import MARKS, StyleView
from bots.core.errors import StyleGoneError
from bots.discord_adapter.answers import Answer
from bots.discord_adapter.controls import button
from bots.discord_adapter.posting import Upload
from bots.discord_adapter.views import Layout, box, gallery, row, text

STYLES_ON_A_PAGE: Final = 20


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
        f"{MARKS[style.state]} {answer.say(f'admin-state-{style.state}')} · `{style.slug}`"
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


def preview_name(style_id: int, version: int, number: int) -> str:
    """What a preview's file is called, so that it is known to be one of a style as it is."""
    return f"preview-{style_id}-{version}-{number}.jpg"


def _kept(answer: Answer, view: StyleView) -> list[str]:
    """Names of previews that the message has already, if they are of the style as it is."""
    message = answer.interaction.message
    known = [each.filename for each in message.attachments] if message else []
    begins = preview_name(view.style.id, view.style.version, 0).removesuffix("0.jpg")
    return [name for name in known if name.startswith(begins)]


def _rows(answer: Answer, view: StyleView, place: int) -> list[discord.ui.Item[Any]]:
    style_id, state, say = view.style.id, view.style.state, answer.say
    previews = button(say("admin-previews"), "adm-preview", style_id)
    back = button(say("button-back"), "adm-list", place // STYLES_ON_A_PAGE)
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

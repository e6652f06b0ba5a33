"""People who are shut out, limits, numbers and the audit log, for those who administer the bot."""

import json
from collections.abc import Sequence
from typing import Any, Final

import discord

from bots.core import admins, control_room
from bots.core.errors import BadLimitError, BadWhomError
from bots.discord_adapter import forms
from bots.discord_adapter.answers import Answer
from bots.discord_adapter.bot_admins import admin_act, admin_form
from bots.discord_adapter.controls import Press, button, control_id
from bots.discord_adapter.forms import Field
from bots.discord_adapter.origin import user_key
from bots.discord_adapter.views import Layout, box, row, text
from storage.values import AuditEntry, ChatKey, UserKey

HOURS_MAX: Final = 24 * 7
_HOURS: Final = (1, 24, HOURS_MAX)
_AUDIT_ON_A_PAGE: Final = 20
_AUDIT_PAGES: Final = 50
_SUBJECT_LETTERS: Final = 40
_DETAILS_LETTERS: Final = 60
_STYLES: Final = 10
_OPTIONS_MAX: Final = 25
_LABEL_MAX: Final = 100
_PSEUDONYM_LETTERS: Final = 16
_NUMBER_LETTERS: Final = 9


async def block(answer: Answer, user: discord.User | None, whom: str, reason: str) -> None:
    """Shut someone out, and tell the people whose requests come to nothing."""
    services = answer.client.services
    count = await control_room.block(services, answer.user, _whose(user, whom), reason)
    answer.client.nudge()
    await show_blocks(answer, answer.say("admin-blocked", count=count))


async def allow(answer: Answer, user: discord.User | None, whom: str) -> None:
    """Let someone in again; who is named as in the list is meant, too."""
    try:
        whose: UserKey | ChatKey | str = _whose(user, whom)
    except BadWhomError:
        if user or not whom:
            raise
        whose = whom.strip()
    await _let_in(answer, whose)


async def show_blocks(answer: Answer, note: str = "") -> None:
    """Who is shut out, the newest first, and how to let him in again."""
    blocks = await control_room.blocks(answer.client.services, answer.user)
    shown = blocks[:_OPTIONS_MAX]
    lines = [answer.say("discord-admin-blocks", count=len(blocks))]
    lines += [
        f"- {discord.utils.format_dt(each.created_at, 'd')} "
        f"`{each.pseudonym[:_PSEUDONYM_LETTERS]}` "
        + discord.utils.escape_markdown(each.reason[:_DETAILS_LETTERS])
        for each in shown
    ]
    rows: list[discord.ui.Item[Any]] = []
    if shown:
        options = [
            discord.SelectOption(
                label=f"{each.pseudonym[:_PSEUDONYM_LETTERS]} {each.reason}"[:_LABEL_MAX],
                value=each.pseudonym[:_LABEL_MAX],
            )
            for each in shown
        ]
        placeholder = answer.say("discord-admin-let-in")
        menu: discord.ui.Select[Any] = discord.ui.Select(
            custom_id=control_id("adm-allow"), options=options, placeholder=placeholder
        )
        rows.append(row(menu))
    parts = [text(part) for part in (note, "\n".join(lines)) if part]
    await answer.show(Layout(box(*parts), *rows), [])


async def show_limits(answer: Answer) -> None:
    """Limits as they hold, and how to change them."""
    views = await control_room.limits(answer.client.services, answer.user)
    lines = ["## " + answer.say("admin-room-limits")]
    options = []
    for number, view in enumerate(views):
        changed = "" if view.value == view.usual else f" ({view.usual})"
        lines.append(f"- `{view.name}` **{view.value}**{changed}")
        options.append(discord.SelectOption(label=view.name, value=str(number)))
    placeholder = answer.say("discord-admin-change")
    menu: discord.ui.Select[Any] = discord.ui.Select(
        custom_id=control_id("adm-limit"), options=options, placeholder=placeholder
    )
    await answer.show(Layout(box(text("\n".join(lines))), row(menu)), [])


async def put_limit(answer: Answer, name: str, value: int | None) -> None:
    """Change a limit; None for what it usually is."""
    await control_room.put_limit(answer.client.services, answer.user, name, value)
    await show_limits(answer)


async def show_stats(answer: Answer, hours: int) -> None:
    """What became of the requests of the last hours."""
    hours = max(1, min(hours, HOURS_MAX))
    tally, titles = await control_room.stats(answer.client.services, answer.user, hours)
    facts = {"hours": hours, "photos": tally.photos, "people": tally.people, "chats": tally.chats}
    lines = ["## " + answer.say("admin-room-stats"), answer.say("admin-stats", **facts)]
    if tally.wait_s is not None and tally.work_s is not None:
        times = {"wait": f"{tally.wait_s:.1f}", "work": f"{tally.work_s:.1f}"}
        lines.append(answer.say("admin-times", **times))
    lines += [f"- {state} · {count}" for state, count in sorted(tally.states.items())]
    best = sorted(titles, key=lambda style_id: -tally.styles[style_id])[:_STYLES]
    lines += [
        f"- **{discord.utils.escape_markdown(titles[style_id])}** · {tally.styles[style_id]}"
        for style_id in best
    ]
    spans = [button(f"{span} h", "adm-stats", span, on=span == hours) for span in _HOURS]
    await answer.show(Layout(box(text("\n".join(lines))), row(*spans)), [])


async def show_audit(answer: Answer, page: int = 0) -> None:
    """What admins did, and what others tried."""
    page = max(0, min(page, _AUDIT_PAGES))
    begins, ends = page * _AUDIT_ON_A_PAGE, (page + 1) * _AUDIT_ON_A_PAGE
    entries = await admins.audit(answer.client.services, answer.user, ends + 1)
    lines = ["## " + answer.say("admin-room-audit"), answer.say("admin-audit")]
    lines += [_audit_line(entry) for entry in entries[begins:ends]]
    turns = row(
        button("◀", "adm-audit", max(0, page - 1), 0, disabled=page == 0),
        button("▶", "adm-audit", page + 1, disabled=len(entries) <= ends),
        button("↻", "adm-audit", 0, 1),
    )
    await answer.show(Layout(box(text("\n".join(lines))), turns), [])


@admin_act("adm-allow", "people.allow")
async def let_in(press: Press) -> None:
    """Let in again who was chosen."""
    await press.answer.defer_in_place()
    (value,) = press.values
    await _let_in(press.answer, value)


@admin_act("adm-limit", "limits.put")
async def ask_for_limit(press: Press) -> None:
    """Ask what a limit is to be."""
    answer, (value,) = press.answer, press.values
    view = (await _limits(answer))[int(value)]
    label = answer.say("discord-admin-limit", least=view.least, most=view.most, usual=view.usual)
    line = Field("value", label, str(view.value), _NUMBER_LETTERS)
    await forms.ask(answer, view.name, "adm-limited", [int(value)], [line])


@admin_form("adm-limited", "limits.put")
async def change_limit(press: Press) -> None:
    """Let a limit be that; what was left empty is what it usually is.

    Raises:
        BadLimitError: it cannot be that.
    """
    answer, typed = press.answer, press.fields.get("value", "").strip()
    await answer.defer_in_place()
    view = (await _limits(answer))[press.number]
    if typed and not typed.isdecimal():
        raise BadLimitError(names=view.name, least=view.least, most=view.most)
    await put_limit(answer, view.name, int(typed) if typed else None)


@admin_act("adm-stats", "stats.read")
async def other_hours(press: Press) -> None:
    """The same of another span."""
    await press.answer.defer_in_place()
    await show_stats(press.answer, press.number)


@admin_act("adm-audit", "audit.read")
async def turn(press: Press) -> None:
    """Another part of the log."""
    await press.answer.defer_in_place()
    await show_audit(press.answer, press.number)


async def _let_in(answer: Answer, whose: UserKey | ChatKey | str) -> None:
    found = await control_room.allow(answer.client.services, answer.user, whose)
    await show_blocks(answer, answer.say("admin-allowed" if found else "admin-not-blocked"))


async def _limits(answer: Answer) -> Sequence[control_room.LimitView]:
    return await control_room.limits(answer.client.services, answer.user)


def _whose(user: discord.User | None, whom: str) -> UserKey | ChatKey:
    """Who is meant.

    Raises:
        BadWhomError: no one can be, or two are.
    """
    if (user is None) is not bool(whom):
        raise BadWhomError
    return user_key(user) if user else control_room.whom(whom)


def _audit_line(entry: AuditEntry) -> str:
    actor = entry.actor if ":" in entry.actor else entry.actor[:_PSEUDONYM_LETTERS]
    when = discord.utils.format_dt(entry.created_at, "f")
    details = json.dumps(entry.details, ensure_ascii=False) if entry.details else ""
    said = " ".join(filter(None, (entry.subject[:_SUBJECT_LETTERS], details[:_DETAILS_LETTERS])))
    return f"-# {when} {actor} **{entry.act}** {discord.utils.escape_markdown(said)}"

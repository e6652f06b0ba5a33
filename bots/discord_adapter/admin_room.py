"""The queue, in the hands of those who administer the bot."""

from typing import Any, Final

import discord

from bots.core import control_room
from bots.core.control import QueueGate
from bots.core.control_room import QueueView
from bots.discord_adapter import forms
from bots.discord_adapter.answers import Answer
from bots.discord_adapter.bot_admins import admin_act, admin_form
from bots.discord_adapter.controls import Press, button, control_id
from bots.discord_adapter.forms import Field
from bots.discord_adapter.statuses import Statuses
from bots.discord_adapter.views import Layout, box, row, text
from storage.values import Job

_WORDS_LETTERS: Final = 200
_JOBS: Final = 20


async def show_queue(answer: Answer, note: str = "") -> None:
    """What waits and what is painted, and how to stop it."""
    view = await control_room.queue(answer.client.services, answer.user)
    now = answer.client.services.now().timestamp()
    lines = [_gate_line(answer, view)]
    if view.oldest_s is not None:
        lines.append(answer.say("admin-oldest", seconds=round(view.oldest_s)))
    lines += [f"- `{chat}` · {photos}" for chat, photos in view.shares]
    jobs = view.jobs[:_JOBS]
    listed = "\n".join(f"-# {_job_line(job, now)}" for job in jobs)
    parts = [text(part) for part in (note, "\n".join(lines), listed) if part]
    rows: list[discord.ui.Item[Any]] = [row(*_gates(answer, view))]
    if jobs:
        options = [
            discord.SelectOption(label=_job_line(job, now), value=str(job.id)) for job in jobs
        ]
        menu: discord.ui.Select[Any] = discord.ui.Select(
            custom_id=control_id("adm-job"),
            options=options,
            placeholder=answer.say("discord-admin-cancel"),
        )
        rows.append(row(menu))
    await answer.show(Layout(box(*parts), *rows), [])


async def put_gate(answer: Answer, gate: QueueGate, said: str = "") -> None:
    """Pause the queue, drain it or open it, and let those who wait know."""
    client = answer.client
    await control_room.put_gate(client.services, answer.user, gate, said)
    client.nudge()
    client.later(Statuses(client).update_all())
    await show_queue(answer)


async def cancel(answer: Answer, job_id: int) -> None:
    """Give a request up; its person is told by a worker."""
    await control_room.cancel(answer.client.services, answer.user, job_id)
    answer.client.nudge()
    await show_queue(answer, answer.say("discord-admin-cancelled", job=str(job_id)))


@admin_act("adm-queue", "queue.read")
async def again(press: Press) -> None:
    """How it stands now."""
    await press.answer.defer_in_place()
    await show_queue(press.answer)


@admin_act("adm-pause", "queue.pause")
async def ask_before_pause(press: Press) -> None:
    """Ask what people are to be told meanwhile."""
    await _ask(press.answer, "admin-gate-paused", "adm-paused")


@admin_form("adm-paused", "queue.pause")
async def pause(press: Press) -> None:
    """Take photos and paint none."""
    await press.answer.defer_in_place()
    await put_gate(press.answer, "paused", press.fields.get("words", ""))


@admin_act("adm-drain", "queue.drain")
async def ask_before_drain(press: Press) -> None:
    """Ask what people are to be told meanwhile."""
    await _ask(press.answer, "admin-gate-draining", "adm-draining")


@admin_form("adm-draining", "queue.drain")
async def drain(press: Press) -> None:
    """Take nothing new and paint what waits."""
    await press.answer.defer_in_place()
    await put_gate(press.answer, "draining", press.fields.get("words", ""))


@admin_act("adm-open", "queue.open")
async def open_again(press: Press) -> None:
    """Let it move."""
    await press.answer.defer_in_place()
    await put_gate(press.answer, "open")


@admin_act("adm-job", "job.cancel")
async def give_up(press: Press) -> None:
    """Give up the request that was chosen."""
    await press.answer.defer_in_place()
    (value,) = press.values
    await cancel(press.answer, int(value))


async def _ask(answer: Answer, title: str, name: str) -> None:
    line = Field("words", answer.say("discord-admin-words"), most=_WORDS_LETTERS)
    await forms.ask(answer, answer.say(title), name, [], [line])


def _gate_line(answer: Answer, view: QueueView) -> str:
    state = answer.say(f"admin-is-{view.control.gate}")
    waiting = answer.say("admin-waiting", waiting=view.waiting, running=view.running)
    said = discord.utils.escape_markdown(view.control.words)
    return f"## {state}\n" + " · ".join(filter(None, (f"“{said}”" if said else "", waiting)))


def _gates(answer: Answer, view: QueueView) -> list[discord.ui.Button[Any]]:
    say, gate = answer.say, view.control.gate
    return [
        button(say("admin-gate-paused"), "adm-pause", on=gate == "paused"),
        button(say("admin-gate-draining"), "adm-drain", on=gate == "draining"),
        button(say("admin-gate-open"), "adm-open", disabled=gate == "open"),
        button("↻", "adm-queue"),
    ]


def _job_line(job: Job, now: float) -> str:
    wanted, age_s = job.wanted, round(now - job.created_at.timestamp())
    return f"{job.id} · {job.state} · {wanted.chat} · {len(wanted.photos)} · {age_s} s"

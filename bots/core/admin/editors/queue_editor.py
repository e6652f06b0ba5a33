"""The admin's start page, and views and actions for the queue."""

from dataclasses import replace
from typing import Final

from bots.core.admin.editors.style_editor import back
from bots.core.admin.pages.actions import Action, Ask, Caller, Field, Given, Outcome, View
from bots.core.admin.pages.pages import Control, Page, Row, Table, address
from bots.core.admin.use_cases import queue_admin
from bots.core.admin.use_cases.queue_admin import QueueView
from bots.core.policy.control import QueueMode
from storage.values.jobs import Job

_WORDS: Final = Field("words", label="admin-words", how="admin-ask-words", optional=True)
_PARTS: Final = ("styles", "queue", "limits", "blocks", "chats", "stats", "audit")


async def look_around(caller: Caller, _: Given) -> Page:
    """The start page."""
    view = await queue_admin.queue(caller.services, caller.user)
    parts = [Control(caller.say(f"admin-part-{part}"), address(part)) for part in _PARTS]
    return Page(
        address("room"), caller.say("admin-home"), [_standing(caller, view)],
        controls=[parts[:2], parts[2:5], parts[5:]],
    )  # fmt: skip


async def look_at_queue(caller: Caller, given: Given) -> Page:
    """The waiting and running requests."""
    view = await queue_admin.queue(caller.services, caller.user)
    lines = [_standing(caller, view)]
    if view.oldest_s is not None:
        lines.append(caller.say("admin-oldest", seconds=round(view.oldest_s)))
    lines += [f"{chat} · {photos}" for chat, photos in view.shares]
    columns = [caller.say(f"admin-column-{name}")
               for name in ("request", "of", "photos", "state", "age")]  # fmt: skip
    jobs = Table([_job(caller, job) for job in view.jobs], columns=columns)
    mode = view.control.mode
    modes = [
        Control(caller.say("admin-mode-paused"), address("queue.pause"), on=mode == "paused"),
        Control(caller.say("admin-mode-draining"), address("queue.drain"), on=mode == "draining"),
    ]
    if mode != "open":
        modes.append(Control(caller.say("admin-mode-open"), address("queue.open"), "main"))
    return Page(
        address("queue"), caller.say("admin-part-queue"), lines,
        [jobs] if view.jobs else [],
        [modes, [Control("↻", address("queue"), named=caller.say("admin-again")), back(caller)]],
        given.get("leaf") or 0, live=True,
    )  # fmt: skip


def _standing(caller: Caller, view: QueueView) -> str:
    state = caller.say(f"admin-is-{view.control.mode}")
    waiting = caller.say("admin-waiting", waiting=view.waiting, running=view.running)
    words = f" “{view.control.words}”" if view.control.words else ""
    return f"{state}{words} · {waiting}"


def _job(caller: Caller, job: Job) -> Row:
    wanted = job.wanted
    age_s = round((caller.services.now() - job.created_at).total_seconds())
    cells = [str(wanted.user), str(len(wanted.photos)),
             caller.say(f"admin-job-{job.state}"), f"{age_s} s"]  # fmt: skip
    give_up = Control(
        caller.say("admin-give-up"), address("job.cancel", job.id), "danger",
        named=caller.say("admin-give-up-named", job=str(job.id)),
    )  # fmt: skip
    return Row(str(job.id), cells, control=give_up)


async def pause(caller: Caller, given: Given) -> Outcome:
    """Pause the queue: accept photos, paint none."""
    return await _put(caller, "paused", given)


async def drain(caller: Caller, given: Given) -> Outcome:
    """Drain the queue: accept nothing new, paint what waits."""
    return await _put(caller, "draining", given)


async def open_again(caller: Caller, given: Given) -> Outcome:
    """Open the queue."""
    return await _put(caller, "open", given)


async def _put(caller: Caller, mode: QueueMode, given: Given) -> Outcome:
    await queue_admin.put_mode(caller.services, caller.user, mode, given.get("words", ""))
    return Outcome(address("queue"))


async def _words_now(caller: Caller, _: Given, asks: list[Ask]) -> list[Ask]:
    words = (await queue_admin.queue(caller.services, caller.user)).control.words
    return [replace(ask, value=words) for ask in asks]


async def cancel(caller: Caller, given: Given) -> Outcome:
    """Cancel a request; a worker tells its person."""
    await queue_admin.cancel(caller.services, caller.user, given["job"])
    return Outcome(address("queue"), caller.say("admin-cancelled", job=str(given["job"])))


VIEWS: Final = (
    View("room", "admin", look_around, command="admin", about="command-admin"),
    View("queue", "queue.read", look_at_queue, command="queue", about="command-queue"),
)
ACTIONS: Final = (
    Action("queue.pause", (_WORDS,), pause, "admin-mode-paused", asking=_words_now,
           command="pause", about="command-pause"),
    Action("queue.drain", (_WORDS,), drain, "admin-mode-draining", asking=_words_now,
           command="drain", about="command-drain"),
    Action("queue.open", (), open_again, "admin-mode-open", command="open", about="command-open"),
    Action("job.cancel", (Field("job", "job", "admin-job"),), cancel, "admin-give-up",
           command="cancel", about="admin-about-cancel"),
)  # fmt: skip

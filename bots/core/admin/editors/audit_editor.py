"""Admin views of statistics and of the audit log."""

import json
from typing import Final

from bots.core.admin.editors.style_editor import back
from bots.core.admin.pages.actions import Action, Caller, Field, Given, View
from bots.core.admin.pages.pages import Control, Page, Row, Table, address
from bots.core.admin.use_cases import queue_admin, rights
from bots.core.admin.use_cases.queue_admin import PSEUDONYM_LETTERS
from storage.values.audit import AuditEntry

_HOURS: Final = (1, 24, 24 * 7)
_BEST: Final = 10
_AUDIT_MOST: Final = 2000
_SUBJECT_LETTERS: Final = 40
_DETAILS_LETTERS: Final = 200


async def look_at_stats(caller: Caller, given: Given) -> Page:
    """Statistics of the requests of the last hours."""
    hours: int = given.get("hours") or _HOURS[1]
    tally, titles = await queue_admin.stats(caller.services, caller.user, hours)
    lines = [
        caller.say("admin-stats", hours=hours, photos=tally.photos, people=tally.people,
                   chats=tally.chats)
    ]  # fmt: skip
    if tally.wait_s is not None and tally.work_s is not None:
        times = {"wait": f"{tally.wait_s:.1f}", "work": f"{tally.work_s:.1f}"}
        lines.append(caller.say("admin-times", **times))
    states = [Row(caller.say(f"admin-job-{state}"), [str(count)], count=count)
              for state, count in sorted(tally.states.items())]  # fmt: skip
    best = sorted(titles, key=lambda style_id: -tally.styles[style_id])[:_BEST]
    most = [Row(titles[style_id], [str(tally.styles[style_id])], count=tally.styles[style_id])
            for style_id in best]  # fmt: skip
    tables = [Table(states, caller.say("admin-outcomes"), look="bars"),
              Table(most, caller.say("admin-best"), look="bars")]  # fmt: skip
    spans = [Control(f"{span} h", address("stats", span), on=span == hours) for span in _HOURS]
    return Page(
        address("stats", hours), caller.say("admin-part-stats"), lines,
        [table for table in tables if table.rows], [spans, [back(caller)]],
        given.get("leaf") or 0,
    )  # fmt: skip


async def look_at_audit(caller: Caller, given: Given) -> Page:
    """The audit log: admins' actions and refused attempts."""
    entries = await rights.audit(caller.services, caller.user, _AUDIT_MOST)
    columns = [caller.say(f"admin-column-{name}") for name in ("act", "when", "who", "subject")]
    return Page(
        address("audit"), caller.say("admin-part-audit"), [caller.say("admin-audit")],
        [Table([_entry(entry) for entry in entries], columns=columns)],
        [[Control("↻", address("audit"), named=caller.say("admin-again")), back(caller)]],
        given.get("leaf") or 0,
    )  # fmt: skip


def _entry(entry: AuditEntry) -> Row:
    actor = entry.actor if ":" in entry.actor else entry.actor[:PSEUDONYM_LETTERS]
    details = ", ".join(
        f"{name}: {json.dumps(value, ensure_ascii=False)}"
        for name, value in entry.details.items()
        if value not in ("", None)
    )
    said = (entry.subject[:_SUBJECT_LETTERS], details[:_DETAILS_LETTERS])
    return Row(entry.act, [entry.created_at, actor, " ".join(filter(None, said))])


VIEWS: Final = (
    View(
        "stats", "stats.read", look_at_stats,
        (Field("hours", "number", "admin-spans", optional=True, least=1, most=max(_HOURS)),),
        command="stats", about="command-stats",
    ),
    View("audit", "audit.read", look_at_audit, command="audit", about="command-audit"),
)  # fmt: skip
ACTIONS: Final[tuple[Action, ...]] = ()

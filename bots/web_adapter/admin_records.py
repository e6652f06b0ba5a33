"""Limits, who is shut out, numbers and the audit log, for the admin."""

import json
from typing import Any, Final

from aiohttp import web

from bots.core import admins, control_room
from bots.web_adapter.admin_entrance import PATH
from bots.web_adapter.admin_site import ID_MAX, actor_of, admin_page
from bots.web_adapter.site import language_of, number, see_other, site_of
from storage.values import AuditEntry

ROUTES: Final = web.RouteTableDef()
_LIMITS, _BLOCKS = f"{PATH}/limits", f"{PATH}/blocks"
_HOURS: Final = (1, 24, 24 * 7)
_AUDIT_PAGE: Final = 50
_AUDIT_PAGES: Final = 40
_BEST: Final = 10
_SUBJECT_LETTERS: Final = 40


@ROUTES.get(_LIMITS)
async def limits(request: web.Request) -> web.Response:
    """How much of everything."""
    services, language = site_of(request).services, await language_of(request)
    views = await control_room.limits(services, actor_of(request))
    texts = services.texts
    named = [(texts.say(f"studio-admin-limit-{view.name}", language), view) for view in views]
    return await admin_page(request, "limits", limits=named, saved="saved" in request.query)


@ROUTES.post(f"{_LIMITS}/{{name:[a-z_]{{1,40}}}}")
async def put_limit(request: web.Request) -> web.Response:
    """Change one, or let it be what it usually is."""
    services, fields = site_of(request).services, await request.post()
    value = None
    if "usual" not in fields:
        # What is no number can be no limit, which the core says in a sentence.
        given = number(fields.get("value"), 0, ID_MAX)
        value = -1 if given is None else given
    name = request.match_info["name"]
    await control_room.put_limit(services, actor_of(request), name, value)
    return see_other(f"{_LIMITS}?saved")


@ROUTES.get(_BLOCKS)
async def blocks(request: web.Request) -> web.Response:
    """Who is shut out."""
    found = await control_room.blocks(site_of(request).services, actor_of(request))
    gone = number(request.query.get("gone"), 0, ID_MAX)
    return await admin_page(request, "blocks", blocks=found, gone=gone)


@ROUTES.post(f"{_BLOCKS}/add")
async def block(request: web.Request) -> web.Response:
    """Shut someone out."""
    site, actor, fields = site_of(request), actor_of(request), await request.post()
    await admins.check(site.services, actor, "people.block")
    whose = control_room.whom(str(fields.get("whom", "")))
    count = await control_room.block(site.services, actor, whose, str(fields.get("reason", "")))
    site.nudge()
    return see_other(f"{_BLOCKS}?gone={count}")


@ROUTES.post(f"{_BLOCKS}/{{whose:[0-9a-f]{{8,64}}}}/allow")
async def allow(request: web.Request) -> web.Response:
    """Let someone in again."""
    services, whose = site_of(request).services, request.match_info["whose"]
    await control_room.allow(services, actor_of(request), whose)
    return see_other(_BLOCKS)


@ROUTES.get(f"{PATH}/stats")
async def stats(request: web.Request) -> web.Response:
    """What became of the requests of the last hours."""
    asked = number(request.query.get("hours"), 1, max(_HOURS))
    hours = 24 if asked is None else asked
    services, language = site_of(request).services, await language_of(request)
    tally, titles = await control_room.stats(services, actor_of(request), hours)
    best = sorted(titles, key=lambda style_id: -tally.styles[style_id])[:_BEST]
    return await admin_page(
        request, "stats",
        hours=hours,
        spans=_HOURS,
        tally=tally,
        states=[(services.texts.say(f"studio-admin-job-{state}", language), count)
                for state, count in sorted(tally.states.items())],
        best=[(titles[style_id], tally.styles[style_id]) for style_id in best],
    )  # fmt: skip


@ROUTES.get(f"{PATH}/audit")
async def audit(request: web.Request) -> web.Response:
    """What admins did, and what others tried."""
    asked = number(request.query.get("page"), 0, _AUDIT_PAGES - 1)
    page = asked or 0
    entries = await admins.audit(
        site_of(request).services, actor_of(request), (page + 1) * _AUDIT_PAGE + 1
    )
    shown = entries[page * _AUDIT_PAGE :][:_AUDIT_PAGE]
    more = len(entries) > (page + 1) * _AUDIT_PAGE and page + 1 < _AUDIT_PAGES
    return await admin_page(
        request, "audit",
        lines=[_line(entry) for entry in shown],
        newer=page - 1 if page else None,
        older=page + 1 if more else None,
    )  # fmt: skip


def _line(entry: AuditEntry) -> dict[str, Any]:
    details = [f"{name}: {json.dumps(value, ensure_ascii=False)}"
               for name, value in entry.details.items() if value not in ("", None)]  # fmt: skip
    return {
        "when": entry.created_at,
        "actor": entry.actor if ":" in entry.actor else entry.actor[:8],
        "act": entry.act,
        "subject": entry.subject[:_SUBJECT_LETTERS],
        "details": ", ".join(details),
    }

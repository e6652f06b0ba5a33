"""Renders the core's admin pages as HTML, and its actions as forms."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from itertools import groupby
from typing import Any, Final

from aiohttp import web

from bots.core.admin import registry
from bots.core.admin.pages.actions import Action, Ask, Caller, Outcome, Raw
from bots.core.admin.pages.pages import Address, Page, read_address
from bots.web_adapter.admin.context import REFINING, TASKS, caller_of
from bots.web_adapter.context import context_of, page, see_other
from bots.web_adapter.handlers.photos import uploaded
from bots.web_adapter.sessions.admins import PATH

ROUTES: Final = web.RouteTableDef()
# Pages that are part of another one.
_PARTS: Final = {"style": "styles", "previews": "styles", "chat": "chats"}
_NOTE: Final = "note"
_SEAL: Final = "seal"
# Forms on a list lead back to their line.
_THEN: Final = "then"
_LINE: Final = re.compile(r"[a-z]+#style-\d{1,18}", re.ASCII)


@ROUTES.get(f"{PATH}/{{path:.+}}")
async def look(request: web.Request) -> web.Response:
    """Show a page."""
    context = context_of(request)
    caller, admin_sessions = await caller_of(request), context.runtime.admin_sessions
    found = await registry.look(caller, _address_of(request))
    note = request.query.get(_NOTE, "")
    # Anyone could put a sentence into a link; ours is sealed.
    ours = admin_sessions is not None and request.query.get(_SEAL) == admin_sessions.seal(note)
    asks = await _asks(caller, found)
    # Controls with the same fields share a form.
    groups = [
        [(open_, list(controls)) for open_, controls in groupby(group, lambda c: asks[c.address])]
        for group in found.controls
    ]
    return await page(
        request, "admin_page",
        page=found, groups=groups, asks=asks, actions=registry.ACTIONS,
        part=_PARTS.get(found.address.name, found.address.name), note=note if ours else "",
        photos=range(len(caller.services.samples)) if found.style else (),
        said_of=found.refining.said(caller.services.texts, caller.language)
        if found.refining else "",
    )  # fmt: skip


@ROUTES.post(f"{PATH}/{{path:.+}}")
async def act(request: web.Request) -> web.StreamResponse:
    """Run an admin action, then show the next page."""
    context = context_of(request)
    caller, where = await caller_of(request), _address_of(request)
    await registry.check(caller, where)
    filled = await _filled(request, registry.action_of(where), caller)
    outcome = await registry.perform(caller, where, filled)
    context.runtime.nudge()
    if outcome.file:
        disposition = f'attachment; filename="{outcome.file.name}"'
        return web.Response(
            body=outcome.file.content, content_type="application/json",
            headers={"Content-Disposition": disposition},
        )  # fmt: skip
    if outcome.refining:
        run = outcome.refining.run(caller.services, caller.user)
        request.app[TASKS].append(asyncio.create_task(run))
    return await _led_on(request, outcome)


async def keep(application: web.Application) -> AsyncIterator[None]:
    """Cancel running refinements when the studio closes; their styles stay unchanged."""
    application[REFINING], application[TASKS] = {}, []
    yield
    for task in application[TASKS]:
        task.cancel()
    await asyncio.gather(*application[TASKS], return_exceptions=True)


async def _led_on(request: web.Request, outcome: Outcome) -> web.Response:
    context = context_of(request)
    then = str((await request.post()).get(_THEN, ""))
    if _LINE.fullmatch(then):
        return see_other(f"{PATH}/{then}")
    where, admin_sessions = outcome.address, context.runtime.admin_sessions
    if outcome.note and admin_sessions is not None:
        named = {_NOTE: outcome.note, _SEAL: admin_sessions.seal(outcome.note)}
        where = Address(where.name, where.values, {**where.named, **named})
    return see_other(f"{PATH}/{where}")


async def _filled(request: web.Request, action: Action, caller: Caller) -> Mapping[str, Raw]:
    """A form's values for an action's fields."""
    fields: Any = await request.post()
    filled: dict[str, Raw] = {}
    for each in action.all_fields(caller.services):
        given = list(fields.getall(each.name, []))
        if not given:
            continue
        if each.kind == "pictures":
            filled[each.name] = [await uploaded(one) for one in given]
        elif each.kind == "file":
            filled[each.name] = await uploaded(given[-1])
        else:
            # An unchecked box sends nothing, so there is a "no" before each.
            filled[each.name] = str(given[-1])
    return filled


def _address_of(request: web.Request) -> Address:
    path = request.rel_url.raw_path.removeprefix(f"{PATH}/")
    return read_address(f"{path}?{request.rel_url.raw_query_string}")


async def _asks(caller: Caller, found: Page) -> dict[Address, list[Ask]]:
    """The open fields of each of a page's controls."""
    controls = [control for group in found.controls for control in group]
    controls += [row.control for row in found.rows if row.control]
    return {
        control.address: await registry.open_fields(caller, control.address)
        if control.address.acts
        else []
        for control in controls
    }

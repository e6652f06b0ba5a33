"""One style at the admin's desk: what it does, and what can be done with it."""

from typing import Final, get_args

from aiohttp import web

from bots.core import admin_styles
from bots.core import styles as style_cases
from bots.core.admin_styles import MARKS, StyleView
from bots.core.errors import StyleGoneError
from bots.web_adapter.admin_site import STYLE, STYLES, actor_of, admin_page, style_id_of, to_desk
from bots.web_adapter.admin_workshop import refinement_of
from bots.web_adapter.site import language_of, number, see_other, site_of
from engine.errors import EngineError
from storage.values import Style, StyleState

ROUTES: Final = web.RouteTableDef()
_JPEG: Final = "image/jpeg"
_KEEP: Final = {"Cache-Control": "private, max-age=3600"}


@ROUTES.get(STYLE)
async def desk(request: web.Request) -> web.Response:
    """A style, and all that can be done with it."""
    site, actor, style_id = site_of(request), actor_of(request), style_id_of(request)
    views = await admin_styles.listed(site.services, actor)
    view = next((view for view in views if view.style.id == style_id), None)
    if view is None:
        raise StyleGoneError
    refinement = refinement_of(request, style_id)
    said = refinement.said(site.services.texts, await language_of(request)) if refinement else ""
    return await admin_page(
        request, "desk",
        view=view,
        style=view.style,
        mark=MARKS[view.style.state],
        photos=range(len(site.services.samples)),
        doubtful=await _is_doubtful(request, view),
        refines=await _refines(request, view.style),
        refining=bool(refinement and not refinement.over),
        said_of=said,
    )  # fmt: skip


@ROUTES.get(f"{STYLE}/preview")
async def small(request: web.Request) -> web.Response:
    """A style on a sample, small; what a member offers as the picture it was read from."""
    style = await _style(request)
    try:
        body = await site_of(request).thumbnails.stock(style)
    except EngineError:
        raise web.HTTPServiceUnavailable from None
    if body is None:
        raise web.HTTPNotFound
    return web.Response(body=body, content_type=_JPEG, headers=_KEEP)


@ROUTES.get(f"{STYLE}/photos/{{photo:\\d}}/preview")
async def preview(request: web.Request) -> web.Response:
    """One of the reference photos in a style."""
    services, style = site_of(request).services, await _style(request)
    photo = number(request.match_info["photo"], 0, len(services.samples) - 1)
    if photo is None:
        raise web.HTTPNotFound
    try:
        body = await style_cases.sample(services, style, services.samples[photo])
    except EngineError:
        raise web.HTTPServiceUnavailable from None
    return web.Response(body=body, content_type=_JPEG, headers=_KEEP)


@ROUTES.post(f"{STYLE}/state")
async def put_state(request: web.Request) -> web.Response:
    """Enable it, let it rest, retire or restore it."""
    fields = await request.post()
    wanted = str(fields.get("state", ""))
    found: StyleState | None = next((s for s in get_args(StyleState) if s == wanted), None)
    if found is None:
        raise web.HTTPBadRequest
    services, actor = site_of(request).services, actor_of(request)
    await admin_styles.put_state(services, actor, style_id_of(request), found)
    return _back(request)


@ROUTES.post(f"{STYLE}/default")
async def make_default(request: web.Request) -> web.Response:
    """Let it be everyone's usual style, or no longer."""
    services, actor, fields = site_of(request).services, actor_of(request), await request.post()
    usual = None if fields.get("usual") == "0" else style_id_of(request)
    await admin_styles.make_default(services, actor, usual)
    return _back(request)


@ROUTES.post(f"{STYLE}/titles")
async def rename(request: web.Request) -> web.Response:
    """Call it otherwise; a language whose field is empty keeps what it had."""
    services, actor, fields = site_of(request).services, actor_of(request), await request.post()
    given = {tag: str(fields.get(tag, "")).strip() for tag in services.texts.languages}
    titles = {tag: title for tag, title in given.items() if title}
    await admin_styles.rename(services, actor, style_id_of(request), titles)
    return _back(request)


@ROUTES.post(f"{STYLE}/tags")
async def retag(request: web.Request) -> web.Response:
    """Say what it is like."""
    services, actor, fields = site_of(request).services, actor_of(request), await request.post()
    tags = str(fields.get("tags", ""))
    await admin_styles.retag(services, actor, style_id_of(request), tags)
    return _back(request)


@ROUTES.post(f"{STYLE}/export")
async def export(request: web.Request) -> web.Response:
    """It as a file."""
    services, actor = site_of(request).services, actor_of(request)
    name, file = await admin_styles.export_file(services, actor, style_id_of(request))
    return web.Response(
        body=file,
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@ROUTES.post(f"{STYLE}/discard")
async def discard(request: web.Request) -> web.Response:
    """Delete a draft."""
    services, actor = site_of(request).services, actor_of(request)
    await admin_styles.discard(services, actor, style_id_of(request))
    return see_other(STYLES)


@ROUTES.post(f"{STYLE}/decide")
async def decide(request: web.Request) -> web.Response:
    """Let what a member offers be everyone's, or his alone."""
    services, actor, fields = site_of(request).services, actor_of(request), await request.post()
    accept = fields.get("accept") == "1"
    await admin_styles.decide(services, actor, style_id_of(request), accept=accept)
    return _back(request) if accept else see_other(STYLES)


async def _style(request: web.Request) -> Style:
    return await admin_styles.get(
        site_of(request).services, actor_of(request), style_id_of(request)
    )


async def _is_doubtful(request: web.Request, view: StyleView) -> bool:
    """Whether to say that the content check has something against it, before it is everyone's."""
    if view.style.state not in ("draft", "submitted"):
        return False
    services, actor = site_of(request).services, actor_of(request)
    try:
        return await admin_styles.doubtful(services, actor, view.style.id)
    except EngineError:
        return False


async def _refines(request: web.Request, style: Style) -> bool:
    """Whether the engine can polish it: it has the weights, and the style a picture."""
    if style.kind != "custom" or style.owner:
        return False
    try:
        return (await site_of(request).services.engine.capabilities()).refines
    except EngineError:
        return False


def _back(request: web.Request) -> web.Response:
    return to_desk(style_id_of(request))

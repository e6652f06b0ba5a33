"""What a style does, for its page: samples in it, and how far it is polished."""

import asyncio
import contextlib
import json
from typing import Final

from aiohttp import web

from bots.core import styles as style_cases
from bots.core.admin import styles
from bots.web_adapter.admin_entrance import PATH
from bots.web_adapter.admin_site import REFINING, actor_of
from bots.web_adapter.site import language_of, number, site_of
from engine.errors import EngineError
from storage.values import Style

ROUTES: Final = web.RouteTableDef()
_STYLE: Final = f"{PATH}/style/{{style:\\d{{1,18}}}}"
_JPEG: Final = "image/jpeg"
_KEEP: Final = {"Cache-Control": "private, max-age=3600"}
_LOOK_EVERY_S: Final = 0.5


@ROUTES.get(f"{_STYLE}/preview")
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


@ROUTES.get(f"{_STYLE}/photos/{{photo:\\d}}/preview")
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


@ROUTES.get(f"{_STYLE}/events")
async def events(request: web.Request) -> web.StreamResponse:
    """How far it is polished, as server-sent events, until it is over."""
    site, style = site_of(request), await _style(request)
    refining, language = request.app[REFINING].get(style.id), await language_of(request)
    if refining is None:
        raise web.HTTPNotFound
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
    )
    await response.prepare(request)
    # Whoever goes away closes the line, which is no fault.
    with contextlib.suppress(ConnectionError):
        while not site.stopping:
            over = refining.over
            news = {"ended": over, "words": refining.said(site.services.texts, language)}
            await response.write(f"data: {json.dumps(news)}\n\n".encode())
            if over:
                break
            await asyncio.sleep(_LOOK_EVERY_S)
    return response


async def _style(request: web.Request) -> Style:
    style_id = int(request.match_info["style"])
    return await styles.get(site_of(request).services, actor_of(request), style_id)

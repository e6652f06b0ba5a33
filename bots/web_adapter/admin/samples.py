"""Samples of a style for its admin page."""

from collections.abc import Awaitable
from typing import Final

from aiohttp import web

from bots.core.admin.use_cases import styles
from bots.core.styles import previews
from bots.web_adapter.context import context_of, number
from bots.web_adapter.sessions.admins import PATH
from engine.api.errors import EngineError
from storage.values.styles import Style

ROUTES: Final = web.RouteTableDef()
_STYLE: Final = f"{PATH}/style/{{style:\\d{{1,18}}}}"
_JPEG: Final = "image/jpeg"
_KEEP: Final = {"Cache-Control": "private, max-age=3600"}


@ROUTES.get(f"{_STYLE}/preview")
async def small(request: web.Request) -> web.Response:
    """A small sample in a style; for a submitted style, its reference picture."""
    context = context_of(request)
    style = await _style(request)
    return await _sent(context.runtime.thumbnails.stock(style))


@ROUTES.get(f"{_STYLE}/photos/{{photo:\\d}}/preview")
async def preview(request: web.Request) -> web.Response:
    """One of the sample photos in a style."""
    context = context_of(request)
    services, style = context.services, await _style(request)
    photo = number(request.match_info["photo"], 0, len(services.samples) - 1)
    if photo is None:
        raise web.HTTPNotFound
    return await _sent(previews.sample(services, style, services.samples[photo]))


async def _sent(painting: Awaitable[bytes | None]) -> web.Response:
    try:
        body = await painting
    except EngineError:
        raise web.HTTPServiceUnavailable from None
    if body is None:
        raise web.HTTPNotFound
    return web.Response(body=body, content_type=_JPEG, headers=_KEEP)


async def _style(request: web.Request) -> Style:
    context = context_of(request)
    style_id = int(request.match_info["style"])
    return await styles.get(context.services, context.actor, style_id)

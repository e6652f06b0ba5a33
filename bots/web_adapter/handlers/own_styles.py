"""Routes for all styles and for own styles."""

from typing import Final

from aiohttp import web

from bots.core.errors import NoPhotoError
from bots.core.styles import catalogue, custom_styles
from bots.web_adapter.context import context_of, page, see_other
from bots.web_adapter.handlers.photos import uploaded

ROUTES: Final = web.RouteTableDef()


@ROUTES.get("/styles")
async def look(request: web.Request) -> web.Response:
    """Show all styles."""
    context = context_of(request)
    user = context.user
    styles = await catalogue.listed(context.services, user)
    own = [style for style in styles if style.owner]
    others = [style for style in styles if not style.owner]
    return await page(request, "styles", own=own, others=others)


@ROUTES.post("/styles")
async def add(request: web.Request) -> web.Response:
    """Make an own style from a picture."""
    context = context_of(request)
    user, fields = context.user, await request.post()
    picture = await uploaded(fields.get("picture"))
    if not picture:
        raise NoPhotoError
    await custom_styles.add_own(context.services, user, str(fields.get("name", "")), picture)
    return see_other("/styles#own")


@ROUTES.post("/styles/{style:\\d{1,18}}/delete")
async def remove(request: web.Request) -> web.Response:
    """Delete an own style with its picture."""
    context = context_of(request)
    services, user = context.services, context.user
    await custom_styles.remove_own(services, user, int(request.match_info["style"]))
    return see_other("/styles#own")

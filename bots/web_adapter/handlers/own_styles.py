"""Routes for all styles and for own styles."""

from typing import Final

from aiohttp import web

from bots.core.errors import BotError, NoPhotoError
from bots.core.styles import catalogue, custom_styles
from bots.web_adapter.context import context_of, page, see_other
from bots.web_adapter.handlers.photos import uploaded
from bots.web_adapter.refusals import sentence_of, status_of
from engine.api.errors import EngineError

ROUTES: Final = web.RouteTableDef()


@ROUTES.get("/styles")
async def look(request: web.Request) -> web.Response:
    """Show all styles."""
    return await _shown(request)


async def _shown(
    request: web.Request, status: int = 200, refused: str = "", name: str = ""
) -> web.Response:
    """The page, with why a style was refused and the name that was typed for it."""
    context = context_of(request)
    styles = await catalogue.listed(context.services, context.user)
    own = [style for style in styles if style.owner]
    others = [style for style in styles if not style.owner]
    return await page(request, "styles", status, own=own, others=others, refused=refused, name=name)


@ROUTES.post("/styles")
async def add(request: web.Request) -> web.Response:
    """Make an own style from a picture."""
    context = context_of(request)
    user, fields = context.user, await request.post()
    picture, name = await uploaded(fields.get("picture")), str(fields.get("name", ""))
    try:
        if not picture:
            raise NoPhotoError
        await custom_styles.add_own(context.services, user, name, picture)
    except (BotError, EngineError) as error:
        sentence = sentence_of(context.runtime, error, await context.language())
        return await _shown(request, status_of(error), sentence, name)
    return see_other("/styles#own")


@ROUTES.post("/styles/{style:\\d{1,18}}/delete")
async def remove(request: web.Request) -> web.Response:
    """Delete an own style with its picture."""
    context = context_of(request)
    services, user = context.services, context.user
    await custom_styles.remove_own(services, user, int(request.match_info["style"]))
    return see_other("/styles#own")

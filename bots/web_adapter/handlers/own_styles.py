"""Routes for all styles, for one, and for own styles."""

from typing import Final

from aiohttp import web

from bots.core.errors import BotError, NoPhotoError
from bots.core.requests import pictures
from bots.core.styles import catalogue, custom_styles, recipes
from bots.web_adapter.context import context_of, number, page, see_other
from bots.web_adapter.handlers.photos import KEEP, or_404, style_of, uploaded
from bots.web_adapter.refusals import sentence_of, status_of
from bots.web_adapter.render import galleries
from engine.api.errors import EngineError

ROUTES: Final = web.RouteTableDef()
STYLE: Final = "{style:\\d{1,18}}"


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


@ROUTES.get(f"/styles/{STYLE}")
async def one(request: web.Request) -> web.Response:
    """Show a style: what it does with the sample photos, who painted it, and how to use it."""
    context = context_of(request)
    services, user = context.services, context.user
    style = await style_of(request, request.match_info["style"])
    recent = await pictures.photos(services, user)
    return await page(
        request, "style",
        style=style,
        samples=range(len(services.samples)),
        recent=recent[0].id if recent else None,
        tags=galleries.tags(style, await context.language()),
        asks=recipes.needs_more(services.effects, style),
    )  # fmt: skip


@ROUTES.get(f"/styles/{STYLE}/samples/{{sample:\\d}}")
async def sample(request: web.Request) -> web.Response:
    """One of the sample photos in a style."""
    context = context_of(request)
    style = await style_of(request, request.match_info["style"])
    if number(request.match_info["sample"], 0, len(context.services.samples) - 1) is None:
        raise web.HTTPNotFound
    painted = context.runtime.thumbnails.sample(style, int(request.match_info["sample"]))
    return web.Response(body=await or_404(painted), content_type="image/jpeg", headers=KEEP)


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


@ROUTES.post(f"/styles/{STYLE}/delete")
async def remove(request: web.Request) -> web.Response:
    """Delete an own style with its picture."""
    context = context_of(request)
    services, user = context.services, context.user
    await custom_styles.remove_own(services, user, int(request.match_info["style"]))
    return see_other("/styles#own")

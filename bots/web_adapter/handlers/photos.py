"""Routes for the first page, uploads, galleries and pictures."""

import re
from collections.abc import Awaitable, Collection, Iterable, Sequence
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web
from yarl import URL

from bots.core.effects import controls
from bots.core.errors import BotError, NoPhotoError, SourceGoneError
from bots.core.policy import control
from bots.core.requests import pictures
from bots.core.requests.animation import content_type_of, moves
from bots.core.requests.clips import SUFFIXES
from bots.core.styles import catalogue, recipes
from bots.core.users import preferences
from bots.web_adapter.context import Context, Runtime, context_of, number, page, see_other
from bots.web_adapter.render import galleries
from bots.web_adapter.render.thumbnails import SCREEN_PX, SMALL_PX
from engine.api.errors import EngineError
from storage.values.people import UserKey
from storage.values.recipes import Choice, Recipe
from storage.values.styles import Style

ROUTES: Final = web.RouteTableDef()
_JPEG: Final = "image/jpeg"
# Photos that are painted with the one in the path.
ALSO: Final = "also"
_SUFFIXES: Final = {_JPEG: "jpg", "image/png": "png"} | SUFFIXES
_ID: Final = "{picture:[0-9a-f]{40}}"
_SIZES: Final = {"small": SMALL_PX, "screen": SCREEN_PX}
_RECENT: Final = 6
# Two rows of seven in a wide window.
_WALL: Final = 14
_STYLE_ID_MAX: Final = 10**18
_NAME_LETTERS: Final = 60
# A browser may cache pictures for the same person, for about the length of a visit.
KEEP: Final = {"Cache-Control": "private, max-age=3600"}


@ROUTES.get("/")
async def first(request: web.Request) -> web.Response:
    """Show the first page."""
    context = context_of(request)
    services, user = context.services, context.user
    styles = await catalogue.listed(services)
    recent = (await pictures.photos(services, user))[:_RECENT]
    return await page(
        request, "home",
        recent=recent,
        types=await pictures.content_types(services, user, [photo.id for photo in recent]),
        samples=range(len(services.samples)),
        count=len(styles),
        hours=int(services.limits.pictures.total_seconds() // 3600),
        wall=[style for style in styles if style.kind == "painted"][:_WALL],
    )  # fmt: skip


@ROUTES.post("/photos")
async def take(request: web.Request) -> web.Response:
    """Store photos and redirect to their gallery; some that cannot be read cost the others nothing.

    Raises:
        NoPhotoError: there is none.
        BotError: as `pictures.take`, if none can be stored.
        EngineError: the same.
    """
    context = context_of(request)
    services, fields = context.services, await request.post()
    # One field for the camera and one for files: whichever was used.
    given = [await uploaded(field) for field in fields.getall("photo", [])]
    bodies = list(filter(None, given))
    sample = number(fields.get("sample"), 0, len(services.samples) - 1)
    if not bodies and sample is not None:
        bodies = [services.samples[sample]]
    if not bodies:
        raise NoPhotoError
    ids: dict[str, bytes] = {}
    refused: list[BotError | EngineError] = []
    for body in bodies[: services.limits.album]:
        try:
            ids.setdefault(await pictures.take(services, context.user, body), body)
        except (BotError, EngineError) as error:
            refused.append(error)
    if not ids:
        raise refused[0]
    still = any(moves(body) for body in ids.values()) and not services.clips.formats
    left_out = len(bodies) - len(ids)
    told = ({"moves": ""} if still else {}) | ({"left": str(left_out)} if left_out else {})
    return see_other(str(_address(list(ids)).update_query(told)))


def _address(ids: Sequence[str]) -> URL:
    """The address of the gallery of one photo, or of several."""
    first, *others = ids
    return URL(f"/photos/{first}").with_query([(ALSO, each) for each in others])


@ROUTES.post(f"/photos/{_ID}/delete")
async def remove(request: web.Request) -> web.Response:
    """Delete a photo."""
    context = context_of(request)
    user = context.user
    await pictures.remove(context.services, user, [request.match_info["picture"]])
    return see_other("/")


@ROUTES.get(f"/photos/{_ID}")
async def gallery(request: web.Request) -> web.Response:
    """Show a photo's page, with thumbnails in each style."""
    context = context_of(request)
    user = context.user
    photos = await tray(context, request.match_info["picture"], request.query.getall(ALSO, []))
    recipe = await _recipe_for(request)
    facts = await photo_facts(context.runtime, user, photos[0], await context.language(), recipe)
    return await page(
        request, "studio", **facts | {"photos": photos},
        moves="moves" in request.query,
        left=number(request.query.get("left"), 1, _STYLE_ID_MAX),
    )  # fmt: skip


async def tray(context: Context, photo: str, also: Iterable[Any]) -> list[str]:
    """Photos that are painted together, each once.

    Raises:
        SourceGoneError: one is gone, or someone else's.
    """
    ids = list(dict.fromkeys((photo, *map(str, also))))
    if await pictures.known(context.services, context.user, ids) != set(ids):
        raise SourceGoneError
    return ids


async def _recipe_for(request: web.Request) -> Recipe | None:
    """The recipe of the style in `?for=`, which needs more than a click; None without one."""
    if "for" not in request.query:
        return None
    context = context_of(request)
    services, user = context.services, context.user
    style = await style_of(request, request.query["for"])
    liked = (await preferences.preference(services, user)).recipe
    values = liked.steps[0].params if liked.steps else {}
    return recipes.of_choices(services.effects, (Choice(style.id),), (style,), values)


async def photo_facts(
    runtime: Runtime,
    user: UserKey,
    photo: str,
    language: str,
    recipe: Recipe | None = None,
    absent: Collection[str] = (),
) -> dict[str, Any]:
    """Variables of a photo's page.

    Args:
        runtime: The studio's runtime.
        user: The photo's owner.
        photo: The photo's id.
        language: Language tag of the controls' titles.
        recipe: The recipe it was or is to be painted with; None if no style is chosen yet.
        absent: Analyses that find nothing in it, as far as it is known.
    """
    liked, effects = (
        (await preferences.preference(runtime.services, user)).recipe,
        runtime.services.effects,
    )
    everything = await catalogue.listed(runtime.services, user, edits=True)
    edits = catalogue.edits_among(runtime.services, everything)
    styles = [style for style in everything if style not in edits]
    default = recipes.default_in(liked, styles)
    drawn = controls.of_recipe(effects, recipe, language, absent) if recipe else []
    others = controls.of_preference(effects, liked, language, absent)
    if recipe and all(effects.is_edit(step.effect) for step in recipe.steps):
        # What paints has its own page.
        others = []
    known = {control.id for control in drawn}
    # Before a style is chosen, of those that a click or the button paints with.
    specs = controls.default_specs(effects, liked)
    params: dict[str, Any] = {}
    if recipe:
        specs = [spec for step in recipe.steps if (spec := effects.get(step.effect))]
        params = {name: value for step in recipe.steps for name, value in step.params.items()}
    types = await pictures.content_types(runtime.services, user, [photo])
    return {
        "photo": photo,
        "photos": [photo],
        "photo_type": types.get(photo, ""),
        "styles": styles,
        "edits": edits,
        "default": default.id if default else None,
        "chosen": recipes.choices_in(recipe, everything) if recipe else (),
        "drawn": [*drawn, *(control for control in others if control.id not in known)],
        "files": controls.files_of(specs, params, language),
        "asking": {style.id for style in styles if recipes.needs_more(effects, style)},
        "blends": {style.id for style in styles if recipes.blends(effects, style)},
        "finder": galleries.finder(styles, language),
        "words": {style.id: galleries.words(style) for style in styles},
        "job": None,
    }


@ROUTES.get(f"/pictures/{_ID}")
async def picture(request: web.Request) -> web.Response:
    """A picture at full size, or reduced to a screen or a tile."""
    context = context_of(request)
    runtime, user = context.runtime, context.user
    picture_id = request.match_info["picture"]
    side_px = _SIZES.get(request.query.get("size", ""))
    if side_px is None:
        # Also of a video, which is not made smaller.
        body = await or_404(pictures.read(context.services, user, picture_id))
    else:
        body = await or_404(runtime.thumbnails.plain(user, picture_id, side_px))
    kind = content_type_of(body)
    return web.Response(body=body, content_type=kind, headers=KEEP | _saved_as(request, kind))


@ROUTES.get(f"/pictures/{_ID}/in/{{style:\\d{{1,18}}}}")
async def thumbnail(request: web.Request) -> web.Response:
    """A photo's thumbnail in a style; while painting is turned off, a sample in the style."""
    context = context_of(request)
    runtime, user = context.runtime, context.user
    style = await _style(request)
    if (await control.read_now(context.services)).mode != "open":
        return await _stock(runtime, style)
    photo = request.match_info["picture"]
    (kind,) = (await pictures.content_types(context.services, user, [photo])).values() or [""]
    if kind.startswith("video/"):
        # There is no picture of it to paint.
        return await _stock(runtime, style)
    body = await or_404(runtime.thumbnails.painted(user, photo, style))
    return web.Response(body=body, content_type=_JPEG, headers=KEEP)


@ROUTES.get(f"/pictures/{_ID}/focus")
async def focus(request: web.Request) -> web.Response:
    """Which part of a photo its tiles show, in percent of what they leave out."""
    context = context_of(request)
    try:
        x, y = await context.runtime.thumbnails.focus(context.user, request.match_info["picture"])
    except SourceGoneError:
        raise web.HTTPNotFound from None
    return web.json_response({"x": x, "y": y}, headers=KEEP)


@ROUTES.get("/styles/{style:\\d{1,18}}/preview")
async def preview(request: web.Request) -> web.Response:
    """A sample in a style; for an own style, its reference picture."""
    context = context_of(request)
    return await _stock(context.runtime, await _style(request))


@ROUTES.get("/samples/{sample:\\d}")
async def sample(request: web.Request) -> web.Response:
    """One of the sample photos."""
    context = context_of(request)
    samples = context.services.samples
    index = number(request.match_info["sample"], 0, len(samples) - 1)
    if index is None:
        raise web.HTTPNotFound
    return web.Response(body=samples[index], content_type=_JPEG, headers=KEEP)


async def uploaded(field: object) -> bytes:
    """A form's uploaded file; empty if none was chosen."""
    return field.file.read() if isinstance(field, web.FileField) else b""


async def _style(request: web.Request) -> Style:
    return await style_of(request, request.match_info["style"])


async def style_of(request: web.Request, text: str) -> Style:
    """A style that the visitor can choose; 404 for others."""
    context = context_of(request)
    style_id = number(text, 0, _STYLE_ID_MAX)
    for style in await catalogue.listed(context.services, context.user, edits=True):
        if style.id == style_id:
            return style
    raise web.HTTPNotFound


async def _stock(runtime: Runtime, style: Style) -> web.Response:
    try:
        body = await runtime.thumbnails.stock(style)
    except EngineError:
        raise web.HTTPServiceUnavailable from None
    if body is None:
        raise web.HTTPNotFound
    return web.Response(body=body, content_type=_JPEG, headers=KEEP)


async def or_404(reading: Awaitable[bytes]) -> bytes:
    """A picture for an <img>; 404 instead of an error page."""
    try:
        return await reading
    except SourceGoneError:
        raise web.HTTPNotFound from None
    except EngineError:
        raise web.HTTPServiceUnavailable from None


def _saved_as(request: web.Request, content_type: str) -> dict[str, str]:
    """The header with a picture's name, to be saved with `save`, and shown with `name`."""
    for field, how in (("save", "attachment"), ("name", "inline")):
        if field in request.query:
            called = file_name(request.query[field])
            name = called or f"stylebot-{request.match_info['picture'][:8]}"
            return {"Content-Disposition": _disposition(how, f"{name}.{_SUFFIXES[content_type]}")}
    return {}


def suffix_of(body: bytes) -> str:
    """The suffix of a file that the engine wrote."""
    return _SUFFIXES[content_type_of(body)]


def file_name(name: str) -> str:
    """A name that can be a file's on every system."""
    return re.sub(r"[^\w-]+", "-", name).strip("-")[:_NAME_LETTERS]


def _disposition(how: str, name: str) -> str:
    """The header for a file's name, which may have letters of any script (RFC 6266)."""
    ascii_name = re.sub(r"[^\x20-\x7e]", "_", name)
    plain = f'{how}; filename="{ascii_name}"'
    return plain if name.isascii() else f"{plain}; filename*=UTF-8''{quote(name)}"

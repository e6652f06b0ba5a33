"""Everyone's styles as the admin sees them: the list, its order, and new ones."""

from typing import Any, Final

from aiohttp import web

from bots.core import admin_styles, admins
from bots.core.admin_styles import MARKS, PICTURES_MAX
from bots.core.errors import NoPhotoError, StyleGoneError
from bots.web_adapter.admin_entrance import PATH
from bots.web_adapter.admin_site import (
    ID_MAX,
    STYLE,
    STYLES,
    actor_of,
    admin_page,
    style_id_of,
    to_desk,
)
from bots.web_adapter.photos import uploaded
from bots.web_adapter.site import number, see_other, site_of

ROUTES: Final = web.RouteTableDef()


@ROUTES.get(STYLES)
async def look(request: web.Request) -> web.Response:
    """All of them, what members offer first."""
    views = await admin_styles.listed(site_of(request).services, actor_of(request))
    return await admin_page(
        request, "styles",
        offered=[view for view in views if view.style.state == "submitted"],
        views=[view for view in views if view.style.state != "submitted"],
        marks=MARKS,
        most=PICTURES_MAX,
    )  # fmt: skip


@ROUTES.post(STYLES)
async def add(request: web.Request) -> web.Response:
    """Begin a style from a picture or some of one hand, and lead to its desk."""
    services, actor, fields = site_of(request).services, actor_of(request), await request.post()
    await admins.check(services, actor, "style.add")
    chosen = [await uploaded(field) for field in _all(fields, "picture")]
    pictures = [picture for picture in chosen if picture][:PICTURES_MAX]
    if not pictures:
        raise NoPhotoError
    style = await admin_styles.add(services, actor, str(fields.get("name", "")), pictures)
    return to_desk(style.id)


@ROUTES.post(f"{PATH}/import")
async def import_file(request: web.Request) -> web.Response:
    """Begin a style from a file, and lead to its desk."""
    services, actor, fields = site_of(request).services, actor_of(request), await request.post()
    file = await uploaded(fields.get("file"))
    style = await admin_styles.import_file(services, actor, file)
    return to_desk(style.id)


@ROUTES.post(f"{STYLE}/move")
async def move(request: web.Request) -> web.Response:
    """Put a style elsewhere: first, one up, one down, or at a place."""
    services, actor, fields = site_of(request).services, actor_of(request), await request.post()
    style_id = style_id_of(request)
    views = await admin_styles.listed(services, actor)
    ids = [view.style.id for view in views if view.style.state != "submitted"]
    if style_id not in ids:
        raise StyleGoneError
    now, way = ids.index(style_id), str(fields.get("way", ""))
    place = {"first": 0, "earlier": max(0, now - 1), "later": now + 1}.get(
        way, number(fields.get("place"), 0, ID_MAX)
    )
    if place is None:
        raise web.HTTPBadRequest
    await admin_styles.move(services, actor, style_id, place)
    return see_other(f"{STYLES}#style-{style_id}")


def _all(fields: Any, name: str) -> list[object]:  # noqa: ANN401 - a form's
    return list(fields.getall(name, []))

"""What the admin's pages share: who acts, and how such a page is made."""

from typing import Any, Final

from aiohttp import web

from bots.core import admins
from bots.web_adapter.admin_entrance import COOKIE, PATH
from bots.web_adapter.site import page, see_other, site_of, visitor_of
from storage.values import UserKey

# Whoever has shown the token is this one; as visitors' ids are numbers, nobody else is.
ADMIN: Final = UserKey("web", "admin")
ID_MAX: Final = 10**18
STYLES: Final = f"{PATH}/styles"
STYLE: Final = f"{STYLES}/{{style:\\d{{1,18}}}}"


def actor_of(request: web.Request) -> UserKey:
    """In whose name a request acts; that he may, the core says."""
    entrance, visitor = site_of(request).entrance, visitor_of(request)
    inside = entrance is not None and entrance.knows(visitor, request.cookies.get(COOKIE))
    return ADMIN if inside else visitor.user


def acts_as_admin(request: web.Request) -> bool:
    """Whether what follows would be let through."""
    return admins.is_admin(site_of(request).services, actor_of(request))


def style_id_of(request: web.Request) -> int:
    """The style an address is about."""
    return int(request.match_info["style"])


def to_desk(style_id: int) -> web.Response:
    """Lead to a style's own page."""
    return see_other(f"{STYLES}/{style_id}")


async def admin_page(
    request: web.Request,
    name: str,
    status: int = 200,
    /,
    **facts: Any,  # noqa: ANN401
) -> web.Response:
    """One of the admin's pages.

    Args:
        request: What is answered.
        name: The template's, without "admin_" and ".html".
        status: HTTP's.
        facts: What it shows.
    """
    return await page(request, f"admin_{name}", status, **{"part": name} | facts)

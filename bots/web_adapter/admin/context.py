"""What the admin's routes share: who acts, and what goes on meanwhile."""

import asyncio
from typing import Final

from aiohttp import web

from bots.core.admin.pages.actions import Caller
from bots.core.admin.use_cases import rights
from bots.core.admin.use_cases.refining import Refining
from bots.web_adapter.context import language_of, site_of, visitor_of
from bots.web_adapter.sessions.admins import COOKIE, PATH
from storage.values.people import UserKey

# Whoever has shown the token is this one; as visitors' ids are numbers, nobody else is.
ADMIN: Final = UserKey("web", "admin")
STYLES: Final = f"{PATH}/styles"
REFINING: Final = web.AppKey("refining", dict[int, Refining])
TASKS: Final = web.AppKey("tasks", list[asyncio.Task[None]])


def actor_of(request: web.Request) -> UserKey:
    """In whose name a request acts; that he may, the core says."""
    entrance, visitor = site_of(request).entrance, visitor_of(request)
    inside = entrance is not None and entrance.knows(visitor, request.cookies.get(COOKIE))
    return ADMIN if inside else visitor.user


def acts_as_admin(request: web.Request) -> bool:
    """Whether what follows would be let through."""
    return rights.is_admin(site_of(request).services, actor_of(request))


async def caller_of(request: web.Request) -> Caller:
    """Who acts, in his language."""
    services, language = site_of(request).services, await language_of(request)
    return Caller(services, actor_of(request), language, request.app[REFINING])

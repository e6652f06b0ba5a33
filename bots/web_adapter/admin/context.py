"""Shared by the admin's routes: the caller, and running refinements."""

import asyncio
from typing import Final

from aiohttp import web

from bots.core.admin.pages.actions import Caller
from bots.core.admin.use_cases.refining import Refining
from bots.web_adapter.context import context_of
from bots.web_adapter.sessions.admins import PATH

STYLES: Final = f"{PATH}/styles"
REFINING: Final = web.AppKey("refining", dict[int, Refining])
TASKS: Final = web.AppKey("tasks", list[asyncio.Task[None]])


async def caller_of(request: web.Request) -> Caller:
    """The caller of a request, with their language."""
    context = context_of(request)
    refinings = request.app[REFINING]
    return Caller(context.services, context.actor, await context.language(), refinings)

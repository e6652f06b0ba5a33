"""What the admin's routes share: who acts, and what goes on meanwhile."""

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
    """Who acts, in his language."""
    context = context_of(request)
    refinings = request.app[REFINING]
    return Caller(context.services, context.actor, await context.language(), refinings)

"""Signing in with the admin's token, and signing out."""

import contextlib
from typing import Final

from aiohttp import web

from bots.core.admin.use_cases import rights
from bots.core.errors import BotAdminsOnlyError
from bots.web_adapter.admin.context import STYLES
from bots.web_adapter.context import context_of, page, see_other
from bots.web_adapter.sessions.admins import (
    ADMIN,
    AGE_S,
    COOKIE,
    PATH,
    AdminSessions,
    TooManyWrongError,
)

ROUTES: Final = web.RouteTableDef()
_ENTER: Final = "admin.enter"


@ROUTES.get(PATH)
async def show_login(request: web.Request) -> web.Response:
    """Show the form for the token; redirect those who are signed in."""
    context = context_of(request)
    if context.is_admin:
        return see_other(STYLES)
    return await page(request, "admin_login", problem="")


@ROUTES.post(f"{PATH}/enter")
async def enter(request: web.Request) -> web.Response:
    """Sign in with the token."""
    context = context_of(request)
    visitor, fields = context.visitor, await request.post()
    admin_sessions = _admin_sessions(request)
    try:
        cookie = await admin_sessions.log_in(visitor, str(fields.get("token", "")).strip())
    except TooManyWrongError:
        return await _refuse(request, 429, "studio-admin-too-many")
    if cookie is None:
        # The attempt is recorded in the audit log.
        with contextlib.suppress(BotAdminsOnlyError):
            await rights.check(context.services, visitor.user, _ENTER)
        return await _refuse(request, 403, "studio-admin-wrong")
    async with rights.acting(context.services, ADMIN, _ENTER):
        answer = see_other(STYLES)
    answer.set_cookie(
        COOKIE, cookie, max_age=AGE_S, path=PATH, httponly=True, samesite="Strict",
        secure=admin_sessions.secure,
    )  # fmt: skip
    return answer


@ROUTES.post(f"{PATH}/leave")
async def leave(request: web.Request) -> web.Response:
    """Sign out; the cookie becomes invalid."""
    context = context_of(request)
    async with rights.acting(context.services, context.actor, "admin.leave"):
        _admin_sessions(request).log_out(context.visitor, request.cookies.get(COOKIE))
    answer = see_other(PATH)
    answer.del_cookie(COOKIE, path=PATH)
    return answer


async def _refuse(request: web.Request, status: int, name: str) -> web.Response:
    context = context_of(request)
    problem = context.services.texts.say(name, await context.language())
    return await page(request, "admin_login", status, problem=problem)


def _admin_sessions(request: web.Request) -> AdminSessions:
    context = context_of(request)
    admin_sessions = context.runtime.admin_sessions
    if admin_sessions is None:
        raise web.HTTPNotFound
    return admin_sessions

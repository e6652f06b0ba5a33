"""Middleware: hosts, headers, sessions, forms, errors.

Protects against DNS rebinding (a page that points its own name at this machine) and against forms
on other sites (CSRF), because the studio has no accounts.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bots.core.admin.use_cases.styles import PICTURES_MAX
from bots.core.errors import (
    BotError,
)
from bots.web_adapter.context import (
    CONTEXT,
    RUNTIME,
    TOKEN_FIELD,
    carries_token,
    context_of,
    make_context,
    page,
)
from bots.web_adapter.refusals import sentence_of, status_of
from bots.web_adapter.sessions.admins import PATH
from bots.web_adapter.sessions.visitors import AGE_S, COOKIE, cookie_of, recognise
from engine.api.errors import (
    EngineError,
    ShuttingDownError,
)
from engine.api.listening import hang_up_unread, refuse_encoded
from storage.errors import StorageError

logger = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "media-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}
# Uploading a photo over a slow line takes a while; slower clients only occupy a connection.
_FORM_S: Final = 120.0
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
_HOST: Final = re.compile(r"(?P<name>[\w.-]+|\[[\da-fA-F:.]+\])(:\d{1,5})?", re.ASCII)
STATIC: Final = "/static/"


def middlewares(public_url: str) -> list[Any]:
    """All middleware, outermost first.

    Args:
        public_url: The studio's public address; empty for this machine only.
    """
    public = urlsplit(public_url)

    @web.middleware
    async def hosts(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse requests for other host names."""
        host = request.host.lower()
        ours = host == public.netloc if public_url else _is_loopback(host)
        if not ours:
            text = "This is not the address of the studio.\n"
            return _secured(web.Response(status=421, text=text))
        return await handler(request)

    @web.middleware
    async def sessions(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Identify the visitor, and set the cookie."""
        services = request.app[RUNTIME].services
        visitor = recognise(services, request.cookies.get(COOKIE))
        request[CONTEXT] = make_context(request, visitor)
        response = await handler(request)
        if visitor.new and not request.path.startswith(STATIC) and not response.prepared:
            response.set_cookie(
                COOKIE, cookie_of(services, visitor), max_age=AGE_S, path="/", httponly=True,
                samesite="Lax", secure=public.scheme == "https",
            )  # fmt: skip
        return response

    return [hang_up_unread, hosts, headers, sessions, errors, refuse_encoded, forms]


def _is_loopback(host: str) -> bool:
    found = _HOST.fullmatch(host)
    return found is not None and found["name"].lower() in _LOOPBACK


@web.middleware
async def headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Set the security headers."""
    return _secured(await handler(request))


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer errors with a page that has the error's sentence."""
    context = context_of(request)
    error: Exception
    try:
        return await handler(request)
    except web.HTTPException as answer:
        status, error = answer.status, answer
    except (BotError, EngineError) as refused:
        status, error = status_of(refused), refused
    except StorageError as away:
        logger.warning("a page failed: %s", away)
        status, error = 503, away
        # The person's preferences cannot be read now.
        context.speak_as_the_browser()
    except Exception as fault:
        logger.exception("a page failed")
        status, error = 500, fault
    if not _wants_page(request):
        return web.Response(status=status)
    sentence = sentence_of(context.runtime, error, await context.language())
    return await page(request, "error", status, sentence=sentence, lost=status == 404)


@web.middleware
async def forms(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Accept forms only from our own pages; the fields are then in `request.post()`."""
    context = context_of(request)
    if request.method in ("GET", "HEAD"):
        return await handler(request)
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise web.HTTPForbidden
    if request.path.startswith(f"{PATH}/") and context.is_admin:
        # A style may be made from several pictures, each as large as a visitor's.
        request = request.clone(client_max_size=PICTURES_MAX * request.client_max_size)
    fields = await _filled_in(request)
    try:
        return await _taken(request, fields, handler)
    finally:
        # The server does this only for the request it created, which an admin's is not.
        for each in fields.values():
            if isinstance(each, web.FileField):
                each.file.close()


async def _filled_in(request: web.Request) -> Mapping[str, object]:
    """A form's fields; reading stops if it is too large."""
    if (request.content_length or 0) > request.client_max_size:
        size = request.content_length or 0
        raise web.HTTPRequestEntityTooLarge(request.client_max_size, size)
    try:
        async with asyncio.timeout(_FORM_S):
            return await request.post()
    except TimeoutError as error:
        raise web.HTTPRequestTimeout from error
    except (ValueError, LookupError, RuntimeError, HttpProcessingError) as error:
        # Broken multipart, and unknown or overlong charsets.
        raise web.HTTPBadRequest from error


async def _taken(
    request: web.Request, fields: Mapping[str, object], handler: Handler
) -> web.StreamResponse:
    context = context_of(request)
    runtime = context.runtime
    if not carries_token(request, fields.get(TOKEN_FIELD)):
        sentence = runtime.services.texts.say("studio-form-old", await context.language())
        return await page(request, "error", 403, sentence=sentence, lost=False)
    if runtime.stopping:
        raise ShuttingDownError("The studio takes nothing new.")
    return await handler(request)


def _wants_page(request: web.Request) -> bool:
    """Whether the answer is for a person to read, not for an <img> or a <script>."""
    return not request.path.startswith((STATIC, "/pictures/")) and not request.path.endswith(
        "/preview"
    )


def _secured(response: web.StreamResponse) -> web.StreamResponse:
    if not response.prepared:
        response.headers.update(_HEADERS)
        default = "no-cache" if isinstance(response, web.FileResponse) else "no-store"
        response.headers.setdefault("Cache-Control", default)
    return response

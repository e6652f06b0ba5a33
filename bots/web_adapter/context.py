"""The studio's runtime, the context of a request, and rendering of pages."""

import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import jinja2
from aiohttp import web

from bots.core.admin.use_cases import rights
from bots.core.common.services import Services
from bots.core.users import preferences
from bots.web_adapter.render.thumbnails import Thumbnails
from bots.web_adapter.sessions.admins import ADMIN, AdminSessions
from bots.web_adapter.sessions.admins import COOKIE as ADMIN_COOKIE
from bots.web_adapter.sessions.visitors import Visitor, token_of
from storage.values.people import UserKey

FOLDER: Final = Path(__file__).parent
THEME_COOKIE: Final = "theme"
# Prefix of form fields that are parameters of effects.
VALUE: Final = "param-"
THEMES: Final = ("light", "dark")
TOKEN_FIELD: Final = "csrf"  # noqa: S105 - a field's name
_HTML: Final = "text/html"
_ACCEPTED: Final = re.compile(r"\s*([A-Za-z-]+)")


@dataclass
class Runtime:
    """Shared by all handlers while the studio runs.

    Attributes:
        services: The core's services.
        thumbnails: Small pictures in memory.
        nudge: To be called when a job was added.
        upload_bytes: Size of the largest form it accepts.
        waiting_for_engine: Jobs that wait because the engine is away.
        stopping: Whether new requests are refused.
        admin_sessions: The admin's sessions; None if the admin's pages are turned off.
    """

    services: Services
    thumbnails: Thumbnails
    nudge: Callable[[], None] = lambda: None
    upload_bytes: int = 0
    waiting_for_engine: set[int] = field(default_factory=set)
    stopping: bool = False
    admin_sessions: AdminSessions | None = None


@dataclass(slots=True)
class Context:
    """The visitor, language and admin session of a request; made once per request.

    Attributes:
        runtime: The studio's runtime.
        visitor: The visitor.
        locale: The browser's language tag.
        inside: Whether the browser has an admin session.
    """

    runtime: Runtime
    visitor: Visitor
    locale: str | None
    inside: bool
    _language: str | None = None

    @property
    def services(self) -> Services:
        """The core's services."""
        return self.runtime.services

    @property
    def user(self) -> UserKey:
        """The visitor's key."""
        return self.visitor.user

    @property
    def actor(self) -> UserKey:
        """The actor for admin actions; the core checks the rights."""
        return ADMIN if self.inside else self.user

    @property
    def is_admin(self) -> bool:
        """Whether the actor is an admin."""
        return rights.is_admin(self.services, self.actor)

    async def language(self) -> str:
        """The language of answers; read from the store once."""
        if self._language is None:
            self._language = await preferences.language(
                self.services, self.user, locale=self.locale
            )
        return self._language

    def speak_as_the_browser(self) -> None:
        """Use the browser's language, if the store is away."""
        self._language = self._language or self.services.texts.choose(self.locale)

    async def say(self, name: str, /, **facts: str | int) -> str:
        """A sentence in the visitor's language."""
        return self.services.texts.say(name, await self.language(), **facts)


RUNTIME: Final = web.AppKey("runtime", Runtime)
CONTEXT: Final = web.RequestKey("context", Context)


def make_context(request: web.Request, visitor: Visitor) -> Context:
    """Make the context of a request from its visitor."""
    runtime = request.app[RUNTIME]
    admin_sessions, cookie = runtime.admin_sessions, request.cookies.get(ADMIN_COOKIE)
    inside = admin_sessions is not None and admin_sessions.knows(visitor, cookie)
    locale = preferred(request.headers.get("Accept-Language", ""))
    return Context(runtime, visitor, locale, inside)


def context_of(request: web.Request) -> Context:
    """The context of a request."""
    return request[CONTEXT]


def preferred(accepted: str) -> str | None:
    """The first language of an Accept-Language header; browsers put the best one first."""
    found = _ACCEPTED.match(accepted)
    return found[1] if found else None


async def page(request: web.Request, name: str, status: int = 200, /, **facts: Any) -> web.Response:  # noqa: ANN401
    """Render a page from its template.

    Args:
        request: The request.
        name: The template's name without ".html".
        status: The HTTP status.
        facts: The template's variables.
    """
    context = context_of(request)
    texts, language = context.services.texts, await context.language()

    def say(message: str, /, **variables: str | int) -> str:
        return texts.say(message, language, **variables)

    theme = request.cookies.get(THEME_COOKIE)
    common: dict[str, Any] = {
        "t": say,
        "language": language,
        "languages": [(tag, texts.say("language-name", tag)) for tag in texts.languages],
        "theme": theme if theme in THEMES else "",
        "token": token_of(context.services, context.visitor),
        "once": secrets.token_urlsafe(12),
        "here": request.path,
        "here_with_query": request.path_qs,
        "upload_bytes": context.runtime.upload_bytes,
        "album": context.services.limits.album,
    }
    text = _TEMPLATES.get_template(f"{name}.html").render(common | facts)
    return web.Response(text=text, content_type=_HTML, status=status)


def see_other(location: str) -> web.Response:
    """Redirect after a form (303), so that reloading does not submit it again."""
    return web.Response(status=303, headers={"Location": location})


def carries_token(request: web.Request, given: object) -> bool:
    """Whether a form has the visitor's CSRF token."""
    context = context_of(request)
    token = token_of(context.services, context.visitor)
    return isinstance(given, str) and hmac.compare_digest(given.encode(), token.encode())


def values_in(fields: Mapping[str, Any]) -> dict[str, str]:
    """A form's values of parameters by id; of repeated fields the last."""
    return {
        name.removeprefix(VALUE): value
        for name, value in fields.items()
        if name.startswith(VALUE) and isinstance(value, str)
    }


def number(text: object, least: int, most: int) -> int | None:
    """Parse an integer from `least` to `most`; None for anything else."""
    if isinstance(text, str) and re.fullmatch(r"\d{1,18}", text, re.ASCII):
        value = int(text)
        return value if least <= value <= most else None
    return None


_TEMPLATES: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader(FOLDER / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

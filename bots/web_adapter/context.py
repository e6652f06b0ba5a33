"""What all pages share: who asks, in which language, and how a page is made."""

import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import jinja2
from aiohttp import web

from bots.core.common.services import Services
from bots.core.users import preferences
from bots.web_adapter.render.thumbnails import Thumbnails
from bots.web_adapter.sessions.admins import Entrance
from bots.web_adapter.sessions.visitors import Visitor, token_of

FOLDER: Final = Path(__file__).parent
VISITOR: Final = web.RequestKey("visitor", Visitor)
LANGUAGE: Final = web.RequestKey("language", str)
THEME_COOKIE: Final = "theme"
# What the names of fields begin with that are parameters of effects.
VALUE: Final = "param-"
THEMES: Final = ("light", "dark")
TOKEN_FIELD: Final = "csrf"  # noqa: S105 - a field's name
_HTML: Final = "text/html"
_ACCEPTED: Final = re.compile(r"\s*([A-Za-z-]+)")


@dataclass
class Site:
    """The studio, for its routes.

    Attributes:
        services: What use cases need.
        thumbnails: Small pictures in memory.
        nudge: To be called when a job was added.
        upload_bytes: Largest form it takes.
        waiting_for_engine: Jobs that wait because the engine is away.
        stopping: Whether it takes nothing new.
        entrance: Where the admin comes in; None where his pages are not there at all.
    """

    services: Services
    thumbnails: Thumbnails
    nudge: Callable[[], None] = lambda: None
    upload_bytes: int = 0
    waiting_for_engine: set[int] = field(default_factory=set)
    stopping: bool = False
    entrance: Entrance | None = None


SITE: Final = web.AppKey("site", Site)


def site_of(request: web.Request) -> Site:
    """The studio a request came to."""
    return request.app[SITE]


def visitor_of(request: web.Request) -> Visitor:
    """Whose request it is."""
    return request[VISITOR]


async def language_of(request: web.Request) -> str:
    """In which language to answer; asked of the store once for a request."""
    known = request.get(LANGUAGE)
    if known is None:
        locale = preferred(request.headers.get("Accept-Language", ""))
        known = await preferences.language(
            site_of(request).services, visitor_of(request).user, locale=locale
        )
        request[LANGUAGE] = known
    return known


def preferred(accepted: str) -> str | None:
    """The first language of an Accept-Language header; browsers put the best one first."""
    found = _ACCEPTED.match(accepted)
    return found[1] if found else None


async def page(request: web.Request, name: str, status: int = 200, /, **facts: Any) -> web.Response:  # noqa: ANN401
    """A page from its template.

    Args:
        request: What is answered.
        name: The template's, without ".html".
        status: HTTP's.
        facts: What it shows.
    """
    site, visitor, language = site_of(request), visitor_of(request), await language_of(request)
    texts = site.services.texts

    def say(message: str, /, **variables: str | int) -> str:
        return texts.say(message, language, **variables)

    theme = request.cookies.get(THEME_COOKIE)
    common: dict[str, Any] = {
        "t": say,
        "language": language,
        "languages": [(tag, texts.say("language-name", tag)) for tag in texts.languages],
        "theme": theme if theme in THEMES else "",
        "token": token_of(site.services, visitor),
        "once": secrets.token_urlsafe(12),
        "here": request.path,
        "upload_bytes": site.upload_bytes,
    }
    text = _TEMPLATES.get_template(f"{name}.html").render(common | facts)
    return web.Response(text=text, content_type=_HTML, status=status)


def see_other(location: str) -> web.Response:
    """Lead on after a form, so that to load the page again does not send the form again."""
    return web.Response(status=303, headers={"Location": location})


def carries_token(request: web.Request, given: object) -> bool:
    """Whether a form is one of the visitor's own."""
    token = token_of(site_of(request).services, visitor_of(request))
    return isinstance(given, str) and hmac.compare_digest(given.encode(), token.encode())


def values_in(fields: Mapping[str, Any]) -> dict[str, str]:
    """What a form says of parameters, by their ids; of a field that is there twice, the last."""
    return {
        name.removeprefix(VALUE): value
        for name, value in fields.items()
        if name.startswith(VALUE) and isinstance(value, str)
    }


def number(text: object, least: int, most: int) -> int | None:
    """A whole number out of a form or an address; None for anything else."""
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

"""Routes for history, settings and privacy."""

import base64
import json
import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from aiohttp import web

from bots.core.common.services import Services
from bots.core.effects import controls
from bots.core.errors import SourceGoneError
from bots.core.requests import pictures, versions
from bots.core.requests.clips import SUFFIXES, has_films
from bots.core.requests.values import RequestInput
from bots.core.styles import catalogue, recipes
from bots.core.users import history, preferences, privacy
from bots.web_adapter.context import (
    THEME_COOKIE,
    THEMES,
    context_of,
    number,
    page,
    see_other,
    values_in,
)
from bots.web_adapter.handlers.photos import file_name, suffix_of
from bots.web_adapter.render.archives import zipped
from bots.web_adapter.sessions.visitors import AGE_S, COOKIE
from storage.values.history import HistoryEntry

ROUTES: Final = web.RouteTableDef()
# One of our own pages: no other host, and nothing that would end a header.
_BACK: Final = re.compile(r"/(?!/)[\w/-]*(\?[\w=&-]*)?", re.ASCII)
_SHOWN: Final = 12
_ID_MAX: Final = 10**18
_ENTRY: Final = "/history/{entry:\\d{1,18}}"


@ROUTES.get("/history")
async def look_back(request: web.Request) -> web.Response:
    """Show the history, newest first."""
    context = context_of(request)
    services, user = context.services, context.user
    before = number(request.query.get("before"), 0, _ID_MAX)
    entries = await history.page(services, user, _SHOWN + 1, before)
    ids = [each for entry in entries for each in [*_pictures_of(entry), *_photos_of(entry)]]
    known = await pictures.known(services, user, ids)
    language = await context.language()
    shown_entries = [
        (
            entry,
            next((each for each in _pictures_of(entry) if each in known), None),
            next(iter(entry.result.get("types", [])), ""),
            catalogue.said(services, entry.recipe, language),
            _is_scene(services, entry, known),
        )
        for entry in entries[:_SHOWN]
    ]
    older = entries[_SHOWN - 1].id if len(entries) > _SHOWN else None
    preference = await preferences.preference(services, user)
    return await page(
        request, "history", entries=shown_entries, older=older, remembers=preference.history
    )


@ROUTES.post(f"{_ENTRY}/again")
async def again(request: web.Request) -> web.Response:
    """Paint a result again, unchanged."""
    context = context_of(request)
    runtime, visitor, fields = context.runtime, context.visitor, await request.post()
    entry_id = int(request.match_info["entry"])
    entry = await history.entry(context.services, visitor.user, entry_id)
    used = [photo["picture"] for photo in entry.photos]
    used += [photo["painting"]["picture"] for photo in entry.photos if "painting" in photo]
    used += recipes.inputs_of(context.services.effects, entry.recipe)
    if await pictures.known(context.services, visitor.user, used) != set(used):
        raise SourceGoneError
    request_input = RequestInput(
        dedupe=f"{visitor.user} again {entry_id} {str(fields.get('once', ''))[:40]}",
        user=visitor.user,
        chat=visitor.chat,
        photos=(),
        locale=await context.language(),
    )
    ticket = await versions.again(context.services, entry_id, request_input)
    runtime.nudge()
    return see_other(f"/paintings/{ticket.job.id}")


@ROUTES.post(f"{_ENTRY}/delete")
async def remove(request: web.Request) -> web.Response:
    """Delete a result."""
    context = context_of(request)
    services, user = context.services, context.user
    entry = await history.entry(services, user, int(request.match_info["entry"]))
    await history.remove(services, user, entry.id)
    await pictures.remove(services, user, _pictures_of(entry))
    return see_other("/history")


@ROUTES.get("/settings")
async def settings(request: web.Request) -> web.Response:
    """Show the settings."""
    context = context_of(request)
    services, user = context.services, context.user
    preference = await preferences.preference(services, user)
    styles = await catalogue.listed(services, user)
    default = recipes.default_in(preference.recipe, styles)
    return await page(
        request, "settings",
        preference=preference,
        styles=styles,
        default=default.id if default else None,
        drawn=controls.of_preference(
            services.effects, preference.recipe, await context.language()
        ),
        saved="saved" in request.query,
    )  # fmt: skip


@ROUTES.post("/settings")
async def settle(request: web.Request) -> web.Response:
    """Change the settings."""
    context = context_of(request)
    services, user, fields = (
        context.services, context.user, await request.post(),
    )  # fmt: skip
    default = number(fields.get("style"), 0, _ID_MAX)
    offered = {style.id for style in await catalogue.listed(services, user)}
    chosen = str(fields.get("language", ""))
    changes: dict[str, Any] = {
        "language": chosen if chosen in services.texts.languages else None,
        "history": "history" in fields,
    }
    await preferences.prefer(services, user, **changes)
    liked = await preferences.prefer_style(services, user, default if default in offered else None)
    specs = controls.default_specs(services.effects, liked.recipe)
    await preferences.prefer_values(services, user, controls.read_all(specs, values_in(fields)))
    return see_other("/settings?saved")


@ROUTES.post("/theme")
async def theme(request: web.Request) -> web.Response:
    """Store the theme in a cookie."""
    fields = await request.post()
    answer = see_other(_back(fields))
    chosen = str(fields.get("theme", ""))
    if chosen in THEMES:
        answer.set_cookie(THEME_COOKIE, chosen, max_age=AGE_S, path="/", samesite="Lax")
    return answer


@ROUTES.post("/language")
async def language(request: web.Request) -> web.Response:
    """Change the language, from any page."""
    context, fields = context_of(request), await request.post()
    chosen = str(fields.get("language", ""))
    if chosen in context.services.texts.languages:
        await preferences.prefer(context.services, context.user, language=chosen)
    return see_other(_back(fields))


@ROUTES.get("/privacy")
async def explain(request: web.Request) -> web.Response:
    """Show the privacy page."""
    context = context_of(request)
    services, user = context.services, context.user
    return await page(
        request, "privacy",
        policy=privacy.policy(services, await context.language(), keeps_pictures=True),
        known=await privacy.known(services, user),
        forgotten=None,
    )  # fmt: skip


@ROUTES.post("/privacy/export")
async def export(request: web.Request) -> web.Response:
    """Download all data of the visitor: a zip with a JSON file, and pictures as they are stored."""
    context = context_of(request)
    known = await privacy.export(context.services, context.user)
    files = dict[str, bytes]()
    pictures_ = [(f"{each['kind']}s/{each['id']}", each) for each in known["pictures"]]
    styles = [(f"styles/{file_name(each['name'])}", each) for each in known["styles"]]
    for path, record in (*pictures_, *styles):
        if body := base64.b64decode(record.pop("picture")):
            record["file"] = f"{path}.{suffix_of(body)}"
            files[record["file"]] = body
    listed = json.dumps(known, indent=2, ensure_ascii=False).encode()
    return zipped({"stylebot.json": listed} | files, "stylebot")


@ROUTES.post("/privacy/forget")
async def forget(request: web.Request) -> web.Response:
    """Delete all data of the visitor, who then gets a new id."""
    context = context_of(request)
    runtime, visitor = context.runtime, context.visitor
    # The language setting is deleted too; the answer still uses it.
    language = await context.language()
    gone = await privacy.forget(context.services, visitor.user)
    runtime.thumbnails.forget(visitor.user)
    answer = await page(
        request, "privacy",
        policy=privacy.policy(context.services, language, keeps_pictures=True),
        known=None,
        here="/privacy",
        forgotten=gone,
    )  # fmt: skip
    answer.del_cookie(COOKIE, path="/")
    # Also clears the browser's cache of pictures, and favourites.
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def _back(fields: Mapping[str, Any]) -> str:
    """The page a form was on."""
    back = str(fields.get("back", ""))
    return back if _BACK.fullmatch(back) else "/"


def _is_scene(services: Services, entry: HistoryEntry, known: Collection[str]) -> bool:
    """Whether an entry can be a part of a story: its photo and painting are stored, and still."""
    still = not set(entry.result.get("types", [])) & SUFFIXES.keys()
    stored = set(known) >= {*_pictures_of(entry), *_photos_of(entry)}
    return has_films(services) and still and stored and bool(_pictures_of(entry))


def _photos_of(entry: HistoryEntry) -> list[str]:
    return [photo["picture"] for photo in entry.photos]


def _pictures_of(entry: HistoryEntry) -> list[str]:
    kept: list[str] = entry.result.get("pictures", [])
    return kept

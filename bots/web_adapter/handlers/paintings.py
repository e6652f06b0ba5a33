"""Routes for requests: queue, status, result."""

import asyncio
import contextlib
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from aiohttp import web

from bots.core.effects import controls
from bots.core.errors import EntryGoneError, NotYoursError, SourceGoneError, StyleGoneError
from bots.core.requests import pictures, queueing
from bots.core.requests.clips import has_films
from bots.core.requests.values import RequestInput, absent_of
from bots.core.styles import catalogue, recipes
from bots.core.users import history
from bots.web_adapter.context import (
    Runtime,
    context_of,
    number,
    page,
    see_other,
    values_in,
)
from bots.web_adapter.handlers.photos import (
    ALSO,
    file_name,
    photo_facts,
    suffix_of,
    tray,
    uploaded,
)
from bots.web_adapter.render.archives import zipped
from engine.api.effect_spec import Param
from storage.values.jobs import ENDED, Job
from storage.values.people import UserKey
from storage.values.recipes import Choice
from storage.values.styles import Style

ROUTES: Final = web.RouteTableDef()
_PAINTING: Final = "/paintings/{job:\\d{1,18}}"
_ID_MAX: Final = 10**18
# Interval at which a request's status is checked while its page is open.
_LOOK_EVERY_S: Final = 0.2
# Keeps proxies from closing an idle connection.
_SIGN_OF_LIFE_S: Final = 15.0


@ROUTES.post("/photos/{picture:[0-9a-f]{40}}/paint")
async def paint(request: web.Request) -> web.Response:
    """Queue a photo and redirect to its page; the same form twice makes one request."""
    context = context_of(request)
    runtime, visitor, fields = context.runtime, context.visitor, await request.post()
    photos = await tray(context, request.match_info["picture"], fields.getall(ALSO, []))
    styles = await catalogue.listed(context.services, visitor.user, edits=True)
    choices = _choices(fields, styles)
    (first,) = [style for style in styles if style.id == choices[0].style_id]
    spec = recipes.spec_of(context.services.effects, first)
    values = controls.read_all([spec] if spec else [], values_in(fields))
    inputs = await _inputs(request, fields, spec.inputs) if spec else {}
    request_input = RequestInput(
        dedupe="",
        user=visitor.user,
        chat=visitor.chat,
        photos=tuple(
            [await pictures.reference(context.services, visitor.user, each) for each in photos]
        ),
        choices=choices,
        params=values | inputs,
        locale=await context.language(),
    )
    ticket = await queueing.accept(context.services, _once(request_input, fields.get("once")))
    runtime.nudge()
    return see_other(f"/paintings/{ticket.job.id}")


async def _inputs(
    request: web.Request,
    fields: Any,  # noqa: ANN401 - a form's
    params: Sequence[Param],
) -> dict[str, str]:
    """The pictures and masks for an effect, by param: files are stored, those stored are kept.

    Raises:
        SourceGoneError: one that is to be kept is gone.
    """
    context = context_of(request)
    services, user = context.services, context.user
    found: dict[str, str] = {}
    for param in params:
        body, kept = await uploaded(fields.get(f"file-{param.id}")), fields.get(f"kept-{param.id}")
        if body:
            photo = request.match_info["picture"]
            found[param.id] = await pictures.take_input(services, user, photo, body)
        elif kept:
            found[param.id] = str(kept)
    if await pictures.known(services, user, [*found.values()]) != {*found.values()}:
        raise SourceGoneError
    return found


def _choices(fields: Any, styles: list[Style]) -> tuple[Choice, ...]:  # noqa: ANN401 - a form's
    """The chosen style, and the one it is blended with, if any.

    Raises:
        StyleGoneError: there is no such style.
    """
    by_id = {style.id: style for style in styles}
    wanted = [number(fields.get(name), 0, _ID_MAX) for name in ("style", "with")]
    ids = list(dict.fromkeys(style_id for style_id in wanted if style_id is not None))
    if wanted[0] is None or any(style_id not in by_id for style_id in ids):
        raise StyleGoneError
    if len(ids) == 1:
        return (Choice(ids[0]),)
    given = number(fields.get("share"), 1, 99)
    share = 50 if given is None else given
    return (Choice(ids[0], (100 - share) / 100), Choice(ids[1], share / 100))


def _once(request_input: RequestInput, once: object) -> RequestInput:
    """Set the request's dedupe key from the form's token and choices."""
    chosen = json.dumps(
        [str(once), request_input.photos, [(c.style_id, c.weight) for c in request_input.choices],
         request_input.params]
    )  # fmt: skip
    digest = hashlib.sha256(chosen.encode()).hexdigest()
    return replace(request_input, dedupe=f"{request_input.user} {digest}")


@ROUTES.get(_PAINTING)
async def painting(request: web.Request) -> web.Response:
    """Show a request's page: its status or its picture."""
    context = context_of(request)
    user = context.user
    job = await _own_job(request)
    language = await context.language()
    photos = [each["picture"] for each in job.wanted.photos]
    photo = photos[0]
    shown = context.services.previews.get(job.id)
    recipe, absent = job.wanted.recipe, absent_of(job.result or {})
    facts = await photo_facts(context.runtime, user, photo, language, recipe, absent) | {
        "job": job,
        "photos": photos,
        "waits": job.state not in ENDED,
        "preview": shown.number if shown else None,
        "title": await catalogue.title(context.services, job.wanted.recipe, language),
        "edited": catalogue.is_edited(context.services, job.wanted.recipe),
        "file_name": await catalogue.file_name(context.services, job.wanted.recipe),
        "films": has_films(context.services),
        "sentence": _sentence(context.runtime, job, language),
    }
    return await page(
        request, "studio", **facts | await _result(context.runtime, user, job, photos)
    )


async def _result(
    runtime: Runtime, user: UserKey, job: Job, photos: Sequence[str]
) -> dict[str, Any]:
    """The pictures that are still stored, and whether their photos are."""
    result = job.result or {}
    ids = result.get("pictures", [])
    known = await pictures.known(runtime.services, user, [*ids, *photos])
    found = next((each for each in ids if each in known), None)
    # Results of earlier versions have no types, and were pictures.
    types = dict(zip(ids, result.get("types", []), strict=False))
    return {
        "result": found,
        "results": [each for each in ids if each in known],
        "types": types,
        "result_type": types.get(found, ""),
        "notes": result.get("notes", []),
        "has_photo": set(photos) <= set(known),
    }


def _sentence(runtime: Runtime, job: Job, language: str) -> str:
    texts = runtime.services.texts
    if job.state == "failed":
        return texts.of_code(job.error or "internal", language)
    return texts.say("queue-cancelled", language) if job.state == "cancelled" else ""


@ROUTES.get(f"{_PAINTING}/events")
async def events(request: web.Request) -> web.StreamResponse:
    """A request's status as server-sent events, until it has ended."""
    context = context_of(request)
    job = await _own_job(request)
    title = await catalogue.title(context.services, job.wanted.recipe, await context.language())
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
    )
    # A disconnect is not an error.
    with contextlib.suppress(ConnectionError):
        await response.prepare(request)
        await _tell(response, context.runtime, job.id, title)
    return response


async def _tell(response: web.StreamResponse, runtime: Runtime, job_id: int, title: str) -> None:
    """Send a request's status whenever it changes, until it has ended."""
    told, silence_s = "", 0.0
    while not runtime.stopping:
        line = await _standing(runtime, job_id, title)
        if line != told or silence_s >= _SIGN_OF_LIFE_S:
            await response.write(f"data: {line}\n\n".encode())
            told, silence_s = line, 0.0
        if '"ended": true' in line:
            break
        await asyncio.sleep(_LOOK_EVERY_S)
        silence_s += _LOOK_EVERY_S


async def _standing(runtime: Runtime, job_id: int, title: str) -> str:
    found = await queueing.place(runtime.services, job_id)
    if found is None or found[0].state in ENDED:
        runtime.waiting_for_engine.discard(job_id)
        return json.dumps({"ended": True, "words": ""})
    job, place = found
    words = queueing.described(runtime.services, job, place, title)
    if job_id in runtime.waiting_for_engine and place.paused is None:
        words = runtime.services.texts.say("queue-waits-for-engine", job.wanted.language)
    news: dict[str, Any] = {"ended": False, "words": words}
    if (share := runtime.services.shares.get(job_id)) is not None:
        news["share"] = share
    if shown := runtime.services.previews.get(job_id):
        news["preview"] = shown.number
    return json.dumps(news)


@ROUTES.get(f"{_PAINTING}/preview")
async def preview(request: web.Request) -> web.Response:
    """The latest preview of the visitor's own running request."""
    context = context_of(request)
    job = await _own_job(request)
    found = context.services.previews.get(job.id)
    if found is None:
        raise EntryGoneError
    return web.Response(
        body=found.image, content_type="image/jpeg", headers={"Cache-Control": "no-store"}
    )


@ROUTES.get(f"{_PAINTING}/zip")
async def together(request: web.Request) -> web.Response:
    """All pictures of a request in one file, named after their photos and the style."""
    context = context_of(request)
    services, user = context.services, context.user
    job = await _own_job(request)
    style = await catalogue.file_name(services, job.wanted.recipe)
    names = [file_name(name) for name in request.query.getall("name", [])]
    result = job.result or {}
    ids = result.get("pictures", [])
    bodies: dict[str, bytes] = {}
    for number_, picture_id in enumerate(ids):
        with contextlib.suppress(SourceGoneError):
            body = await pictures.read(services, user, picture_id)
            named = names[number_] if len(names) == len(ids) else ""
            bodies[f"{named or number_ + 1}-{style}.{suffix_of(body)}"] = body
    if not bodies:
        raise SourceGoneError
    return zipped(bodies, style)


@ROUTES.post(f"{_PAINTING}/cancel")
async def cancel(request: web.Request) -> web.Response:
    """Cancel a request."""
    context = context_of(request)
    job = await _own_job(request)
    await queueing.cancel(context.services, job.wanted.user, job.id)
    return see_other(f"/paintings/{job.id}")


@ROUTES.post(f"{_PAINTING}/delete")
async def remove(request: web.Request) -> web.Response:
    """Delete a result, and its entry in the history, if there is one."""
    context = context_of(request)
    user = context.user
    job = await _own_job(request)
    await pictures.remove(context.services, user, (job.result or {}).get("pictures", []))
    # With the history turned off there is no entry.
    with contextlib.suppress(EntryGoneError):
        entry = await history.of_job(context.services, user, job.id)
        await history.remove(context.services, user, entry.id)
    photo = job.wanted.photos[0]["picture"]
    known = await pictures.known(context.services, user, [photo])
    return see_other(f"/photos/{photo}" if known else "/history")


async def _own_job(request: web.Request) -> Job:
    """The request of an address.

    Raises:
        EntryGoneError: it does not exist, or is someone else's.
    """
    context = context_of(request)
    services, user = context.services, context.user
    try:
        return await queueing.own_job(services, int(request.match_info["job"]), user)
    except NotYoursError:
        raise EntryGoneError from None

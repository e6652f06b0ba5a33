"""The route that makes a film of results."""

from typing import Final

from aiohttp import web

from bots.core.errors import EntryGoneError, NotYoursError, SourceGoneError, StoryTooLargeError
from bots.core.requests import pictures, stories, versions
from bots.core.requests.values import RequestInput, Version
from bots.web_adapter.context import Context, context_of, number, see_other
from engine.api.contract import SCENES_MAX
from storage.values.json import Json

ROUTES: Final = web.RouteTableDef()
_ID_MAX: Final = 10**18
_SECONDS_MAX: Final = 10**4


@ROUTES.post("/stories")
async def make(request: web.Request) -> web.Response:
    """Make a film of one or more results, the oldest first; the same form twice makes one."""
    context, fields = context_of(request), await request.post()
    chosen = {number(each, 0, _ID_MAX) or 0 for each in fields.getall("result", [])}
    if not 1 <= len(chosen) <= SCENES_MAX:
        raise StoryTooLargeError(limit=SCENES_MAX)
    seconds = number(fields.get("seconds"), 0, _SECONDS_MAX) or 0
    shape, caption = str(fields.get("shape", "")), str(fields.get("caption", "")).strip()
    story = stories.of(shape, seconds, caption)
    results = [await _result(context, each) for each in sorted(chosen)]
    visitor, once = context.visitor, str(fields.get("once", ""))[:40]
    request_input = RequestInput(
        dedupe=f"{visitor.user} story {once}",
        user=visitor.user,
        chat=visitor.chat,
        photos=(),
        output="photo",
        locale=await context.language(),
        story=story,
    )
    ticket = await versions.film(context.services, results, request_input)
    context.runtime.nudge()
    return see_other(f"/paintings/{ticket.job.id}")


async def _result(context: Context, job_id: int) -> tuple[Version, Json]:
    """A result, and the reference to its painting.

    Raises:
        EntryGoneError: there is none, or it is someone else's.
        SourceGoneError: its photo or its painting is no longer stored.
    """
    services, user = context.services, context.user
    try:
        made = await versions.version(services, job_id, user)
    except NotYoursError:
        raise EntryGoneError from None
    ids = [made.photos[0]["picture"], *made.result.get("pictures", [])][:2]
    if len(ids) != 2 or await pictures.known(services, user, ids) != set(ids):
        raise SourceGoneError
    return made, {"picture": ids[1]}

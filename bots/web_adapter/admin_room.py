"""The queue in the admin's hands: who waits, what is said meanwhile, what is given up."""

from typing import Final, get_args

from aiohttp import web

from bots.core import control_room
from bots.core.control import QueueGate
from bots.web_adapter.admin_entrance import PATH
from bots.web_adapter.admin_site import actor_of, admin_page
from bots.web_adapter.site import language_of, see_other, site_of

ROUTES: Final = web.RouteTableDef()
_QUEUE: Final = f"{PATH}/queue"


@ROUTES.get(_QUEUE)
async def look(request: web.Request) -> web.Response:
    """Who waits, and for how long."""
    services, language = site_of(request).services, await language_of(request)
    view = await control_room.queue(services, actor_of(request))
    texts = services.texts
    return await admin_page(
        request, "queue",
        view=view,
        is_now=texts.say(f"studio-admin-is-{view.control.gate}", language),
        jobs=[(job, texts.say(f"studio-admin-job-{job.state}", language)) for job in view.jobs],
        now=services.now(),
    )  # fmt: skip


@ROUTES.post(f"{_QUEUE}/gate")
async def put_gate(request: web.Request) -> web.Response:
    """Pause the queue, drain it, or open it again."""
    site, fields = site_of(request), await request.post()
    wanted = str(fields.get("gate", ""))
    gate: QueueGate | None = next((g for g in get_args(QueueGate) if g == wanted), None)
    if gate is None:
        raise web.HTTPBadRequest
    words = str(fields.get("words", ""))
    await control_room.put_gate(site.services, actor_of(request), gate, words)
    site.nudge()
    return see_other(_QUEUE)


@ROUTES.post(f"{_QUEUE}/{{job:\\d{{1,18}}}}/cancel")
async def cancel(request: web.Request) -> web.Response:
    """Give a request up; its person is told."""
    site, job_id = site_of(request), int(request.match_info["job"])
    await control_room.cancel(site.services, actor_of(request), job_id)
    site.nudge()
    return see_other(_QUEUE)

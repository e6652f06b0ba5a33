"""Styles that are being polished: it takes minutes, and goes on while the admin looks elsewhere."""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from bots.core import admin_styles, admins
from bots.core.errors import BotError
from bots.core.services import Services
from bots.core.texts import Texts
from bots.web_adapter.admin_site import STYLE, actor_of, style_id_of, to_desk
from bots.web_adapter.site import language_of, site_of
from engine.contract import Refinement
from engine.errors import EngineError
from storage.values import Style, UserKey

logger = logging.getLogger(__name__)

ROUTES: Final = web.RouteTableDef()
_LOOK_EVERY_S: Final = 0.5


@dataclass
class Refining:
    """One style that is being polished, or was.

    Attributes:
        style: Which, as it was before.
        share: Part of the time that has passed.
        outcome: What came of it; None while it goes on.
        task: The work.
    """

    style: Style
    share: float = 0.0
    outcome: Refinement | BotError | EngineError | None = None
    task: asyncio.Task[None] | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more comes."""
        return self.task is not None and self.task.done()

    def said(self, texts: Texts, language: str) -> str:
        """How far it is, or what came of it."""
        title = self.style.title(language)
        if isinstance(self.outcome, BotError | EngineError):
            return texts.of_error(self.outcome, language)
        if self.outcome is None:
            if self.over:
                return texts.of_code("internal", language)
            percent = round(100 * self.share)
            return texts.say("admin-refining", language, title=title, percent=percent)
        before, after = self.outcome.gram_before, self.outcome.gram_after
        return texts.say(
            "admin-refined" if after < before else "admin-not-better", language,
            title=title, before=f"{before:.2f}", after=f"{after:.2f}",
        )  # fmt: skip

    async def run(self, services: Services, actor: UserKey) -> None:
        """Polish it."""
        try:
            self.outcome = await admin_styles.refine(
                services, actor, self.style.id, report=self._report
            )
        except (BotError, EngineError) as error:
            self.outcome = error
        except Exception:
            logger.exception("a style could not be refined")

    def _report(self, share: float) -> None:
        self.share = share


REFINING: Final = web.AppKey("refining", dict[int, Refining])


async def keep(application: web.Application) -> AsyncIterator[None]:
    """End what is still being polished when the studio closes; its styles stay as they were."""
    yield
    tasks = [each.task for each in application[REFINING].values() if each.task]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def refinement_of(request: web.Request, style_id: int) -> Refining | None:
    """A style's polishing, if there is one or was one since the start."""
    return request.app[REFINING].get(style_id)


@ROUTES.post(f"{STYLE}/refine")
async def refine(request: web.Request) -> web.Response:
    """Begin to polish a style, and lead to where it is told how far that is."""
    services, actor, style_id = site_of(request).services, actor_of(request), style_id_of(request)
    await admins.check(services, actor, "style.refine")
    style = await admin_styles.get(services, actor, style_id)
    before = refinement_of(request, style_id)
    if before is None or before.over:
        refining = request.app[REFINING][style_id] = Refining(style)
        refining.task = asyncio.create_task(refining.run(services, actor))
    return to_desk(style_id)


@ROUTES.get(f"{STYLE}/refine/events")
async def events(request: web.Request) -> web.StreamResponse:
    """How far it is, as server-sent events, until it is over."""
    site, style_id = site_of(request), style_id_of(request)
    await admin_styles.get(site.services, actor_of(request), style_id)
    refining, language = refinement_of(request, style_id), await language_of(request)
    if refining is None:
        raise web.HTTPNotFound
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
    )
    await response.prepare(request)
    # Whoever goes away closes the line, which is no fault.
    with contextlib.suppress(ConnectionError):
        while not site.stopping:
            over = refining.over
            news = {"ended": over, "words": refining.said(site.services.texts, language)}
            await response.write(f"data: {json.dumps(news)}\n\n".encode())
            if over:
                break
            await asyncio.sleep(_LOOK_EVERY_S)
    return response

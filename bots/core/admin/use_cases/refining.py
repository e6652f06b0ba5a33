"""Refining a style in the background; takes minutes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from bots.core.admin.use_cases import styles
from bots.core.common.services import Services
from bots.core.errors import BotError
from bots.core.i18n.texts import Texts
from engine.api.contract import Refinement
from engine.api.errors import EngineError
from storage.values.people import UserKey
from storage.values.styles import Style

logger = logging.getLogger(__name__)

TELL_EVERY_S: Final = 5.0
Tell = Callable[[str], Awaitable[None]]


@dataclass(slots=True)
class Refining:
    """A running or finished refinement of one style.

    Attributes:
        style: The style before refining.
        language: Language tag of the admin.
        share: Elapsed share of the time, 0 to 1.
        outcome: The result; None while it runs, and if it failed.
        over: Whether it has ended.
    """

    style: Style
    language: str
    share: float = 0.0
    outcome: Refinement | BotError | EngineError | None = None
    over: bool = False

    @property
    def better(self) -> bool:
        """Whether the style has changed."""
        found = self.outcome
        return isinstance(found, Refinement) and found.gram_after < found.gram_before

    def said(self, texts: Texts, language: str = "") -> str:
        """The progress or the outcome as a sentence."""
        language = language or self.language
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
            "admin-refined" if self.better else "admin-not-better", language,
            title=title, before=f"{before:.2f}", after=f"{after:.2f}",
        )  # fmt: skip

    async def run(self, services: Services, actor: UserKey, tell: Tell | None = None) -> None:
        """Refine the style.

        Args:
            services: The bot's services.
            actor: The admin.
            tell: Called every few seconds with the progress; its exceptions are logged only.
        """
        telling = asyncio.create_task(self._keep_telling(services.texts, tell)) if tell else None
        try:
            self.outcome = await styles.refine(services, actor, self.style.id, report=self._report)
        except (BotError, EngineError) as error:
            self.outcome = error
        except Exception:
            logger.exception("a style could not be refined")
        finally:
            self.over = True
            if telling:
                telling.cancel()
                await asyncio.wait([telling])

    def _report(self, share: float) -> None:
        self.share = share

    async def _keep_telling(self, texts: Texts, tell: Tell) -> None:
        while True:
            try:
                await tell(self.said(texts))
            except Exception:
                # The next report follows in some seconds.
                logger.info("progress could not be shown", exc_info=True)
            await asyncio.sleep(TELL_EVERY_S)

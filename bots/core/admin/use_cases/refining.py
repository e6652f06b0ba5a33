"""A style that is being polished: it takes minutes, and goes on while the admin looks elsewhere."""

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
    """One style that is being polished, or was.

    Attributes:
        style: Which, as it was before.
        language: What to speak to the admin who wants it.
        share: Part of the time that has passed.
        outcome: What came of it; None while it goes on, and when it broke.
        over: Whether nothing more comes.
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
        """How far it is, or what came of it."""
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
        """Polish it.

        Args:
            services: What it needs.
            actor: Who wants it.
            tell: Told every few seconds how far it is; what it raises ends nothing.
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
                # What cannot be said now is said better in a moment.
                logger.info("nobody could be told how far it is", exc_info=True)
            await asyncio.sleep(TELL_EVERY_S)

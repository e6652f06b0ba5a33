"""The content check: the engine looks for bare bodies, in its own processes."""

import logging

from bots.core.common.services import ContentCheck
from bots.core.errors import OperatorError
from engine.api.analyses import Decency
from engine.api.contract import EngineApi
from engine.api.errors import EngineError

logger = logging.getLogger(__name__)


async def open_content_check(name: str, engine: EngineApi) -> ContentCheck | None:
    """The check with this name; None for "off".

    Raises:
        OperatorError: it is not installed where the engine runs.
    """
    if name == "off":
        return None
    try:
        analyses = (await engine.capabilities()).analyses
    except EngineError as error:
        # It may start later; until then photos wait, as they do for painting.
        logger.warning("the engine could not be asked for the content check: %s", error)
    else:
        if Decency.what not in analyses:
            raise OperatorError(
                "CONTENT_CHECK=nudenet needs what is not installed where the engine runs: "
                'pip install "stylebot[safety]".'
            )
    return EngineContentCheck(engine)


class EngineContentCheck:
    """Asks the engine; whatever it cannot answer is an error, not a suitable picture."""

    def __init__(self, engine: EngineApi) -> None:
        """Ask nothing yet."""
        self._engine = engine

    async def unsuitable(self, picture: bytes) -> bool:
        """Whether a JPEG file shows nudity.

        Raises:
            EngineError: the engine is away, full, or cannot look.
        """
        found = await self._engine.analyse(picture, Decency.what)
        if not isinstance(found, Decency):
            raise TypeError("the engine answers what it was asked")
        return found.unsuitable

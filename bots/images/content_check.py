"""A content check with NudeNet, which includes its model and runs without a GPU.

It finds nudity in photos and, less reliably, in paintings, including those in museums; it is for
chats that need that. https://github.com/notAI-tech/NudeNet, MIT.
"""

import asyncio
from importlib.util import find_spec
from typing import Any, Final

from bots.core.common.services import ContentCheck
from bots.core.errors import OperatorError

# NudeNet's classes that count; covered parts, faces, feet and bellies do not.
_UNSUITABLE: Final = frozenset(
    ["FEMALE_BREAST_EXPOSED", "FEMALE_GENITALIA_EXPOSED", "MALE_GENITALIA_EXPOSED",
     "BUTTOCKS_EXPOSED", "ANUS_EXPOSED"]
)  # fmt: skip
# NudeNet reports from 0.2. Of 200 photos of BSDS500, which contain no nudity, two reached that and
# none reached 0.36.
_SCORE_MIN: Final = 0.4


def open_content_check(name: str) -> ContentCheck | None:
    """The check with this name; None for "off".

    Raises:
        OperatorError: it is not installed.
    """
    if name == "off":
        return None
    if find_spec("nudenet") is None:
        raise OperatorError(
            'CONTENT_CHECK=nudenet needs what is not installed: pip install "stylebot[safety]".'
        )
    return NudeNetCheck()


class NudeNetCheck:
    """Finds nudity; the model (12 MB) is loaded with the first picture."""

    def __init__(self) -> None:
        self._detector: Any = None
        self._one_at_a_time = asyncio.Lock()

    async def unsuitable(self, picture: bytes) -> bool:
        """Whether a JPEG file shows nudity."""
        # ONNX Runtime uses all cores for one picture; the event loop must not wait for it.
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._look, picture)

    def _look(self, picture: bytes) -> bool:
        if self._detector is None:
            from nudenet import NudeDetector

            self._detector = NudeDetector()
        return any(
            found["class"] in _UNSUITABLE and found["score"] >= _SCORE_MIN
            for found in self._detector.detect(picture)
        )

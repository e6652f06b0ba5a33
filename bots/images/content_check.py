"""A content check by NudeNet, which ships its model and runs without a GPU.

It finds bare bodies in photos and, less surely, in paintings, a museum's among them: it is for
chats that want that. https://github.com/notAI-tech/NudeNet, MIT.
"""

import asyncio
from importlib.util import find_spec
from typing import Any, Final

from bots.core.common.services import ContentCheck
from bots.core.errors import OperatorError

# What NudeNet calls it; covered parts, faces, feet and bellies are not among these.
_UNSUITABLE: Final = frozenset(
    ["FEMALE_BREAST_EXPOSED", "FEMALE_GENITALIA_EXPOSED", "MALE_GENITALIA_EXPOSED",
     "BUTTOCKS_EXPOSED", "ANUS_EXPOSED"]
)  # fmt: skip
# NudeNet reports from 0.2. Of 200 photos of BSDS500, which have nothing of the kind, two reached
# that and none 0.36.
_SCORE_MIN: Final = 0.4


def open_content_check(name: str) -> ContentCheck | None:
    """The check of that name; None for "off".

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
    """Looks for bare bodies; the model is loaded with the first picture, 12 MB."""

    def __init__(self) -> None:
        self._detector: Any = None
        self._one_at_a_time = asyncio.Lock()

    async def unsuitable(self, picture: bytes) -> bool:
        """Whether there is one in a JPEG file."""
        # ONNX takes all cores for one picture, and the event loop none of it.
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

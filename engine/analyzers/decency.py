"""Finds bare bodies with NudeNet, which includes its model and runs without a GPU.

It finds nudity in photos and, less reliably, in paintings, including those in museums; it is for
chats that need that. https://github.com/notAI-tech/NudeNet, MIT.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import numpy as np
from PIL import Image

from engine.api.analyses import BarePart, Decency

# NudeNet's classes that count; covered parts, faces, feet and bellies do not.
_UNSUITABLE: Final = frozenset(
    ["FEMALE_BREAST_EXPOSED", "FEMALE_GENITALIA_EXPOSED", "MALE_GENITALIA_EXPOSED",
     "BUTTOCKS_EXPOSED", "ANUS_EXPOSED"]
)  # fmt: skip
# NudeNet reports from 0.2. Of 200 photos of BSDS500, which contain no nudity, two reached that and
# none reached 0.36.
_SCORE_MIN: Final = 0.4


def find_bare_parts(image: Image.Image) -> Decency:
    """The bare parts of bodies in an RGB image that make it unsuitable."""
    # The detector is told of a picture as OpenCV decodes it: blue first.
    pixels = np.ascontiguousarray(np.asarray(image)[..., ::-1])
    counted = [
        found
        for found in detector().detect(pixels)
        if found["class"] in _UNSUITABLE and found["score"] >= _SCORE_MIN
    ]
    return Decency(*image.size, tuple(map(_part, counted)))


def _part(found: Mapping[str, Any]) -> BarePart:
    left, top, width, height = map(float, found["box"])
    return BarePart(found["class"].lower(), round(found["score"], 4), (left, top, width, height))


@cache
def detector() -> Any:  # noqa: ANN401 - the library is untyped
    """The detector; its model (12 MB) is loaded with the first picture of a process."""
    from nudenet import NudeDetector

    return NudeDetector()

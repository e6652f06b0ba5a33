"""The astronaut, a portrait in the public domain that ships, in several forms."""

from collections.abc import Callable

import pytest
from PIL import Image

from engine.painting.manifest import SAMPLE_PHOTO, SAMPLE_PHOTOS


@pytest.fixture(scope="session")
def astronaut() -> Image.Image:
    with Image.open(SAMPLE_PHOTO) as image:
        return image.convert("RGB")


@pytest.fixture(scope="session")
def without_people() -> list[Image.Image]:
    """A cat, a cup, a gradient and noise."""
    photos = []
    for path in SAMPLE_PHOTOS[1:]:
        with Image.open(path) as image:
            photos.append(image.convert("RGB"))
    gradient = Image.linear_gradient("L").resize((300, 200)).convert("RGB")
    return [*photos, gradient, Image.effect_noise((400, 300), 80).convert("RGB")]


@pytest.fixture(scope="session")
def head(astronaut: Image.Image) -> Callable[[int], Image.Image]:
    """The astronaut's head, its face of the given width."""

    def cut(face_px: int) -> Image.Image:
        part = astronaut.crop((120, 0, 330, 200))
        scale = face_px / 94
        size = round(part.width * scale), round(part.height * scale)
        return part.resize(size, Image.Resampling.LANCZOS)

    return cut

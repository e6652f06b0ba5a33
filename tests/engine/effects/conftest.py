"""The astronaut, a portrait in the public domain that ships, and what is found in it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.analyzers.faces import find_faces
from engine.api.analyses import Faces
from engine.effects.effect import Sides
from engine.effects.expression import ExpressionEffect
from engine.media.images import Picture
from engine.painting.manifest import SAMPLE_PHOTO

Express = Callable[..., Picture]


def faces_of(picture: Picture) -> Faces:
    return find_faces(Image.fromarray(picture.rgb))


def with_faces(picture: Picture) -> Picture:
    """As a param gets it."""
    return Picture(picture.rgb, picture.alpha, {"faces": faces_of(picture)})


@pytest.fixture(scope="session")
def portrait() -> Picture:
    """Her head; the face is 188 pixels wide."""
    with Image.open(SAMPLE_PHOTO) as image:
        head = image.convert("RGB").crop((120, 0, 330, 200))
    return Picture(np.array(head.resize((420, 400), Image.Resampling.LANCZOS)))


@pytest.fixture(scope="session")
def express() -> Express:
    effect = ExpressionEffect()

    def apply(picture: Picture, faces: Faces | None = None, **params: Any) -> Picture:
        analyses = {"faces": faces or faces_of(picture)}
        # A picture is a name until it is decoded.
        named = {key: "face" if key == "from" else value for key, value in params.items()}
        checked = effect.spec.checked(named) | params
        return effect.apply(picture, checked, Sides(), analyses)

    return apply


@pytest.fixture(scope="session")
def earnest(portrait: Picture, express: Express) -> Picture:
    """The same face, its lips closed."""
    return express(portrait, expression="serious", strength=0.9)

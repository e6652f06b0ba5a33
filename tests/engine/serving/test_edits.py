"""Expressions through the engine: with a second face, before a painting, and what is refused."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from aiohttp.test_utils import TestServer

from engine.api import errors
from engine.api.client import EngineClient
from engine.api.contract import EngineApi, RenderRequest, Step
from engine.media.images import decode
from engine.painting.manifest import SAMPLE_PHOTO, SAMPLE_PHOTOS
from engine.painting.stylizer import Stylizer
from engine.serving.server import build_app
from engine.serving.service import Engine

pytestmark = pytest.mark.anyio

PORTRAIT, CAT = SAMPLE_PHOTO.read_bytes(), SAMPLE_PHOTOS[1].read_bytes()
SERIOUS = Step("express", {"expression": "serious", "strength": 0.9})


@pytest.fixture(params=["in process", "over http"])
async def api(
    request: pytest.FixtureRequest, stylizer: Stylizer, tiny_checkpoint: Path
) -> AsyncIterator[EngineApi]:
    engine = Engine(stylizer, checkpoint=tiny_checkpoint)
    async with TestServer(build_app(engine)) as server:
        client = EngineClient(str(server.make_url("/")), tries=1)
        yield engine if request.param == "in process" else client
        await client.close()
    await engine.close()


async def rendered(api: EngineApi, *steps: Step, **inputs: bytes) -> bytes:
    request = RenderRequest(PORTRAIT, steps, inputs=inputs, output="png")
    return (await api.render(request)).image


def changed(one: bytes, other: bytes) -> float:
    return float((decode(one).rgb != decode(other).rgb).any(axis=-1).mean())


async def test_the_engine_says_that_it_has_a_command(api: EngineApi):
    (spec,) = [each for each in await api.effects() if each.id == "express"]
    assert (spec.command, spec.needs) == ("expression", ("faces",))
    source = spec.param("from")
    assert source is not None
    assert source.needs == ("faces",)
    # It is no style.
    assert "express" not in [style.slug for style in await api.styles()]


async def test_a_face_takes_the_expression_of_another(api: EngineApi):
    earnest = await rendered(api, SERIOUS)
    assert 0 < changed(earnest, PORTRAIT) < 0.05
    own = await rendered(api, Step("express", {"from": "other"}), other=earnest)
    assert 0 < changed(own, PORTRAIT) < 0.05
    assert changed(own, earnest) > 0


async def test_an_expression_comes_before_a_painting(api: EngineApi):
    paint = Step("paint", {"styles": [{"slug": "calm"}]})
    plain, edited = await rendered(api, paint), await rendered(api, SERIOUS, paint)
    assert decode(plain).rgb.shape == decode(edited).rgb.shape
    # Painted everywhere, and another face.
    assert changed(edited, PORTRAIT) > 0.9
    difference = np.abs(decode(plain).rgb.astype(int) - decode(edited).rgb).max(axis=-1)
    assert difference.max() > 8


async def test_what_has_no_face_is_refused_with_its_name(api: EngineApi):
    with pytest.raises(errors.NoFaceError, match=r"^No face was found in the picture\.$"):
        await api.render(RenderRequest(CAT, (SERIOUS,)))
    with pytest.raises(errors.NoFaceError, match=r"^from: No face was found"):
        await rendered(api, Step("express", {"from": "other"}), other=CAT)
    with pytest.raises(errors.BrokenImageError, match=r"^from: "):
        await rendered(api, Step("express", {"from": "other"}), other=PORTRAIT[:900])

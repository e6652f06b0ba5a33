"""Effects that need to know where faces are, in process and over HTTP; limits of analyses."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aiohttp.test_utils import TestServer
from PIL import Image
from typing_extensions import override

from engine.analyzers import registry as analyzers
from engine.api import errors
from engine.api.analyses import NO_ANALYSES, Analyses, Decency, Faces
from engine.api.client import EngineClient
from engine.api.contract import EngineApi, RenderRequest, Step
from engine.api.effect_spec import EffectSpec
from engine.effects.effect import (
    Blend,
    DeviceEffect,
    Params,
    PixelEffect,
    Prepared,
    Sample,
    Sides,
)
from engine.effects.filters import FILTER_EFFECTS
from engine.effects.registry import Registry
from engine.media.full_size import Pixels
from engine.media.images import Picture, decode, encode
from engine.painting.manifest import SAMPLE_PHOTO, SAMPLE_PHOTOS
from engine.painting.stylizer import Stylizer
from engine.serving.batcher import BatchLimits
from engine.serving.server import build_app
from engine.serving.service import Engine

# Of the face in the photo: left, top, width, height.
BOX = (178, 69, 94, 108)
PHOTO = SAMPLE_PHOTO.read_bytes()


def blackened(pixels: Pixels, analyses: Analyses) -> Pixels:
    """The picture with all faces black, whatever its size."""
    found = analyses["faces"]
    assert isinstance(found, Faces)
    assert analyses.keys() == {"faces"}
    scale = pixels.shape[1] / found.width
    pixels = pixels.copy()
    for face in found.faces:
        left, top, width, height = (round(scale * edge) for edge in face.box)
        pixels[max(0, top) : top + height, max(0, left) : left + width] = 0
    return pixels


class BlackFaces(PixelEffect):
    """Paints faces black."""

    spec = EffectSpec("black-faces", "test", 1, {"en": "Black faces"}, needs=("faces",))

    @override
    def apply(
        self, picture: Picture, params: Params, sides: Sides, analyses: Analyses = NO_ANALYSES
    ) -> Picture:
        return replace(picture, rgb=blackened(picture.rgb, analyses))


class BlackOnDevice(DeviceEffect):
    """Paints faces black in `run`, at half the size, and blue rows by what `prepare` has kept."""

    spec = EffectSpec("black-on-device", "test", 1, {"en": "Black"}, needs=("faces",))

    @override
    def prepare(
        self,
        image: Image.Image,
        alpha: Image.Image | None,
        params: Params,
        sides: Sides,
        analyses: Analyses = NO_ANALYSES,
    ) -> Prepared:
        found = analyses["faces"]
        assert isinstance(found, Faces)
        small = np.array(image.reduce(2))
        return Prepared(small, (image.size, len(found.faces)), 0, image.width * image.height)

    @override
    def open(self, stylizer: Stylizer, params: Params, blend: Blend | None) -> None:
        return None

    @override
    def run(
        self, stylizer: Stylizer, samples: Sequence[Sample], size: tuple[int, int]
    ) -> list[Pixels]:
        return [blackened(sample.pixels, sample.analyses) for sample in samples]

    @override
    def finish(self, prepared: Prepared, result: Pixels, params: Params) -> Picture:
        size, faces = prepared.kept
        full = np.array(Image.fromarray(result).resize(size, Image.Resampling.NEAREST))
        # As many blue rows as there are faces.
        full[:faces] = (0, 0, 255)
        return Picture(full)


EFFECTS = Registry([BlackFaces(), BlackOnDevice(), *FILTER_EFFECTS])


@asynccontextmanager
async def serving(
    stylizer: Stylizer, checkpoint: Path, **more: Any
) -> AsyncIterator[tuple[Engine, EngineClient]]:
    engine = Engine(stylizer, checkpoint=checkpoint, registry=EFFECTS, **more)
    server = TestServer(build_app(engine))
    await server.start_server()
    client = EngineClient(str(server.make_url("/")), tries=1)
    try:
        yield engine, client
    finally:
        await client.close()
        await server.close()
        await engine.close()


@pytest.fixture(scope="module")
def apis(loop: Any, stylizer: Stylizer, tiny_checkpoint: Path) -> Iterator[list[EngineApi]]:
    """One engine with the effects above, in process and over HTTP."""
    context = serving(stylizer, tiny_checkpoint)
    yield list(loop.run(context.__aenter__()))
    loop.run(context.__aexit__(None, None, None))


@pytest.mark.parametrize("way", [0, 1], ids=["in-process", "http"])
@pytest.mark.parametrize("effect", ["black-faces", "black-on-device"])
def test_an_effect_gets_the_faces_it_needs(loop: Any, apis: list[EngineApi], way: int, effect: str):
    listed = {spec.id: spec for spec in loop.run(apis[way].effects())}
    assert listed[effect].needs == ("faces",)
    request = RenderRequest(PHOTO, (Step(effect),), output="png", user=f"{way} {effect}")
    painted = decode(loop.run(apis[way].render(request)).image).rgb.astype(int)
    photo = decode(PHOTO).rgb.astype(int)
    left, top, width, height = BOX
    inside = painted[top + 3 : top + height - 3, left + 3 : left + width - 3]
    assert inside.max() == 0
    # The rest of the photo is there; halving it costs a little.
    around = np.abs(painted - photo)[200:].mean()
    assert around < (10 if effect == "black-on-device" else 0.01)
    if effect == "black-on-device":
        assert (painted[0] == (0, 0, 255)).all()
        assert not (painted[1] == (0, 0, 255)).all()


def test_faces_are_those_of_the_photo_not_of_what_earlier_steps_left(
    loop: Any, apis: list[EngineApi]
):
    # After the first step there is no face any more; the others still know where it was.
    steps = (Step("black-on-device"), Step("sepia"), Step("black-on-device"), Step("black-faces"))
    request = RenderRequest(PHOTO, steps, output="png")
    painted = decode(loop.run(apis[0].render(request)).image).rgb
    assert (painted[0] == (0, 0, 255)).all()
    left, top, width, height = BOX
    assert not painted[top + 3 : top + height - 3, left + 3 : left + width - 3].any()


def test_where_no_one_is_nothing_is_black(loop: Any, apis: list[EngineApi]):
    wall = encode(Picture(np.full((64, 80, 3), 200, np.uint8)), format="png")
    painted = loop.run(apis[1].render(RenderRequest(wall, (Step("black-faces"),), output="png")))
    assert (decode(painted.image).rgb == 200).all()


@pytest.mark.parametrize("way", [0, 1], ids=["in-process", "http"])
def test_what_is_decent_is_told(loop: Any, apis: list[EngineApi], way: int):
    assert loop.run(apis[way].capabilities()).analyses == ("faces", "person", "decency")
    found = [loop.run(apis[way].analyse(path.read_bytes(), "decency")) for path in SAMPLE_PHOTOS]
    assert found == [Decency(512, 512), Decency(451, 300), Decency(512, 341)]


def test_what_is_not_installed_is_neither_offered_nor_done(
    loop: Any, stylizer: Stylizer, tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(analyzers, "find_spec", lambda _: None)

    async def scene() -> None:
        async with serving(stylizer, tiny_checkpoint) as (engine, client):
            apis: tuple[EngineApi, ...] = (engine, client)
            for api in apis:
                offered = {spec.id for spec in await api.effects()}
                assert "sepia" in offered
                assert "black-faces" not in offered
                assert (await api.capabilities()).analyses == ()
                with pytest.raises(errors.NotInstalledError, match=r"stylebot\[faces\]"):
                    await api.analyse(PHOTO, "person")
                with pytest.raises(errors.NotInstalledError, match=r"stylebot\[faces\]"):
                    await api.render(RenderRequest(PHOTO, (Step("black-faces"),)))

    loop.run(scene())


def test_analyses_count_against_the_limits_of_the_queue(
    loop: Any, stylizer: Stylizer, tiny_checkpoint: Path
):
    async def scene() -> list[Any]:
        limits = BatchLimits(queued_items_per_user=1)
        async with serving(stylizer, tiny_checkpoint, limits=limits) as (engine, _):
            asked = [engine.analyse(PHOTO, "faces", user=user) for user in ("a", "a", "b")]
            return await asyncio.gather(*asked, return_exceptions=True)

    first, second, other = loop.run(scene())
    assert isinstance(first, Faces)
    assert isinstance(second, errors.TooManyRequestsError)
    assert first == other


def test_an_engine_that_shuts_down_analyses_nothing_more(
    loop: Any, stylizer: Stylizer, tiny_checkpoint: Path
):
    async def scene() -> None:
        async with serving(stylizer, tiny_checkpoint) as (engine, client):
            engine.closing = True
            with pytest.raises(errors.ShuttingDownError):
                await client.analyse(PHOTO, "faces")

    loop.run(scene())

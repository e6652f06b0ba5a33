"""An effect that takes a second picture and a mask, for the surfaces that show and send them."""

import asyncio
import io
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from aiohttp.test_utils import TestServer
from PIL import Image
from typing_extensions import override

from engine.api.analyses import NO_ANALYSES, Analyses
from engine.api.effect_spec import EffectSpec, Param
from engine.effects.effect import (
    Blend,
    DeviceEffect,
    Params,
    PixelEffect,
    Prepared,
    Sample,
    Sides,
)
from engine.effects.registry import EFFECTS, Registry
from engine.media.full_size import Pixels
from engine.media.images import Picture

if TYPE_CHECKING:
    from engine.painting.stylizer import Stylizer

FACE = Param("face", "picture", {"en": "Second face", "zh": "第二张脸"}, required=True)
SPOT = Param("spot", "mask", {"en": "Spot", "zh": "部位"})
AMOUNT = Param("amount", "slider", {"en": "Amount", "zh": "程度"}, 1.0)
PATCH = EffectSpec(
    "patch", "filter", 1, {"en": "Patch", "zh": "补丁"}, ("patched",), (FACE, SPOT, AMOUNT)
)


RED, BLUE = (200, 30, 30), (20, 40, 220)


def flat(colour: tuple[int, int, int], size: tuple[int, int] = (96, 64)) -> bytes:
    """A picture of one colour, PNG."""
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


def left_half(size: tuple[int, int] = (96, 64), mode: str = "L") -> bytes:
    """A mask, white on the left; in mode "LA", what is on the right is transparent instead."""
    mask = Image.new("L", size, 0)
    mask.paste(255, (0, 0, size[0] // 2, size[1]))
    if mode == "LA":
        mask = Image.merge("LA", [Image.new("L", size, 255), mask])
    file = io.BytesIO()
    mask.save(file, "PNG")
    return file.getvalue()


def _patched(photo: Pixels, params: Params) -> Pixels:
    """The picture's mean colour where the mask is white; everywhere without a mask."""
    face, spot = params["face"], params["spot"]
    assert isinstance(face, Picture)
    share = np.full(photo.shape[:2], params["amount"])
    if spot is not None:
        assert (spot.dtype, spot.shape) == (np.uint8, photo.shape[:2])
        share = share * (spot / 255)
    mean = face.rgb.mean(axis=(0, 1))
    patched: Pixels = (photo + share[..., None] * (mean - photo)).round().astype(np.uint8)
    return patched


class Patch(PixelEffect):
    """Pastes the colour of a picture where a mask is white."""

    spec = PATCH

    @override
    def apply(
        self, picture: Picture, params: Params, sides: Sides, analyses: Analyses = NO_ANALYSES
    ) -> Picture:
        return replace(picture, rgb=_patched(picture.rgb, params))


class PatchOnDevice(DeviceEffect):
    """Does the same in `run`."""

    spec = replace(PATCH, id="patch-on-device", titles={"en": "Patch on device", "zh": "补丁二"})

    @override
    def prepare(
        self,
        image: Image.Image,
        alpha: Image.Image | None,
        params: Params,
        sides: Sides,
        analyses: Analyses = NO_ANALYSES,
    ) -> Prepared:
        pixels = np.array(image)
        return Prepared(pixels, None, 0, image.width * image.height)

    @override
    def open(self, stylizer: "Stylizer", params: Params, blend: Blend | None) -> None:
        assert params["face"] == "second"

    @override
    def run(
        self, stylizer: "Stylizer", samples: Sequence[Sample], size: tuple[int, int]
    ) -> list[Pixels]:
        return [_patched(sample.pixels, sample.params) for sample in samples]

    @override
    def finish(self, prepared: Prepared, result: Pixels, params: Params) -> Picture:
        assert isinstance(params["face"], Picture)
        return Picture(result)


PATCHING = Registry([*EFFECTS, Patch(), PatchOnDevice()])


@contextmanager
def patching_engine() -> Iterator[str]:
    """The address of a running engine that has the effect, with the shipped checkpoint."""
    from engine.painting.stylizer import Stylizer
    from engine.serving.server import build_app
    from engine.serving.service import Engine

    addresses: list[str] = []
    ready, stop = threading.Event(), asyncio.Event()

    async def serve() -> None:
        engine = Engine(Stylizer.load(), registry=PATCHING)
        server = TestServer(build_app(engine))
        await server.start_server()
        addresses.append(str(server.make_url("/")).rstrip("/"))
        ready.set()
        await stop.wait()
        await server.close()
        await engine.close()

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(60)
    yield addresses[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join(60)
    assert not thread.is_alive()
    loop.close()

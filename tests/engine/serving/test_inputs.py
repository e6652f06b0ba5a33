"""Pictures and masks that params name: decoded beside the photo, in process and over HTTP."""

import io
import struct
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aiohttp.test_utils import TestServer
from PIL import Image

from engine.api import errors
from engine.api.client import EngineClient
from engine.api.contract import EngineApi, RenderRequest, Step
from engine.media.clips.reading import read_clip
from engine.media.images import ImageLimits, decode
from engine.painting.stylizer import Stylizer
from engine.serving.clips import ClipOptions
from engine.serving.server import build_app
from engine.serving.service import Engine
from tests.engine.media.clips.clip_files import panned, video
from tests.patching import BLUE, PATCHING, RED, flat, left_half

PHOTO, FACE = flat(RED), flat(BLUE, (40, 50))


def asking(effect: str = "patch", /, **inputs: bytes) -> RenderRequest:
    params = {"face": "second"} | ({"spot": "mask"} if "mask" in inputs else {})
    named = {"second": FACE} | inputs
    return RenderRequest(PHOTO, (Step(effect, params),), inputs=named, output="png")


@asynccontextmanager
async def serving(
    stylizer: Stylizer, checkpoint: Path, **more: Any
) -> AsyncIterator[tuple[Engine, EngineClient]]:
    engine = Engine(stylizer, checkpoint=checkpoint, registry=PATCHING, **more)
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
    """One engine with the effect, in process and over HTTP."""
    context = serving(
        stylizer, tiny_checkpoint,
        clips=ClipOptions(), image_limits=replace(ImageLimits(), max_image_bytes=100_000),
    )  # fmt: skip
    yield list(loop.run(context.__aenter__()))
    loop.run(context.__aexit__(None, None, None))


@pytest.fixture(params=[0, 1], ids=["in-process", "http"])
def api(apis: list[EngineApi], request: pytest.FixtureRequest) -> EngineApi:
    way: int = request.param
    return apis[way]


@pytest.mark.parametrize("effect", ["patch", "patch-on-device"])
def test_a_picture_and_a_mask_reach_the_effect(loop: Any, api: EngineApi, effect: str):
    found = decode(loop.run(api.render(asking(effect, mask=left_half()))).image).rgb
    assert (found[:, :48] == BLUE).all()
    assert (found[:, 48:] == RED).all()
    # The mask may be left out: it is not required.
    assert (decode(loop.run(api.render(asking(effect))).image).rgb == BLUE).all()


def test_its_spec_says_what_it_takes(loop: Any, api: EngineApi):
    spec = next(spec for spec in loop.run(api.effects()) if spec.id == "patch")
    assert [(each.id, each.kind, each.required) for each in spec.inputs] == [
        ("face", "picture", True),
        ("spot", "mask", False),
    ]


@pytest.mark.parametrize("size", [(192, 128), (48, 32), (97, 64)])
@pytest.mark.parametrize("mode", ["L", "LA"])
def test_a_mask_is_grey_or_opacity_and_is_resized(
    loop: Any, api: EngineApi, size: tuple[int, int], mode: str
):
    mask = left_half(size, mode)
    found = decode(loop.run(api.render(asking(mask=mask))).image).rgb
    assert (found[:, :45] == BLUE).all()
    assert (found[:, 51:] == RED).all()


@pytest.mark.parametrize("size", [(64, 96), (96, 68), (64, 64)])
def test_a_mask_of_other_proportions_is_refused(loop: Any, api: EngineApi, size: tuple[int, int]):
    with pytest.raises(errors.MaskMismatchError, match=f"spot: The mask is {size[0]} x {size[1]}"):
        loop.run(api.render(asking(mask=left_half(size))))


def test_what_is_missing_is_refused(loop: Any, api: EngineApi):
    with pytest.raises(errors.MissingInputError, match="patch needs the picture face"):
        loop.run(api.render(RenderRequest(PHOTO, (Step("patch"),))))
    request = replace(asking(), inputs={})
    with pytest.raises(errors.InvalidOptionError, match="'second' was not sent"):
        loop.run(api.render(request))


def test_what_no_param_names_is_refused(loop: Any, api: EngineApi):
    with pytest.raises(errors.InvalidOptionError, match="No param names the picture 'third'"):
        loop.run(api.render(asking(third=FACE)))
    wrong = RenderRequest(PHOTO, (Step("patch", {"face": 7}),), inputs={"second": FACE})
    with pytest.raises(errors.InvalidOptionError, match="face must be the name"):
        loop.run(api.render(wrong))


def header_only(width: int, height: int) -> bytes:
    """A PNG that claims a size, and has no pixels."""
    data = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunk = struct.pack(">I", len(data)) + b"IHDR" + data
    return b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", zlib.crc32(b"IHDR" + data))


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"no picture", errors.UnsupportedImageError),
        (FACE[: len(FACE) // 3], errors.BrokenImageError),
        (header_only(20_000, 20_000), errors.ImageTooLargeError),
        (flat(RED, (20, 20)), errors.ImageTooSmallError),
    ],
)
@pytest.mark.parametrize("name", ["second", "mask"])
def test_what_cannot_be_read_is_refused_by_the_param_it_is_for(
    loop: Any, api: EngineApi, name: str, body: bytes, kind: type[errors.EngineError]
):
    param = {"second": "face", "mask": "spot"}[name]
    with pytest.raises(kind, match=f"^{param}: "):
        loop.run(api.render(asking(**{name: body})))


def test_a_file_of_too_many_bytes_is_refused(loop: Any, api: EngineApi):
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "PNG")
    with pytest.raises(errors.ImageTooLargeError):
        loop.run(api.render(asking(second=file.getvalue())))


def test_another_input_is_another_picture(loop: Any, api: EngineApi):
    loop.run(api.render(asking()))
    assert loop.run(api.render(asking())).cached
    other = loop.run(api.render(asking(second=flat((9, 200, 9)))))
    assert (decode(other.image).rgb == (9, 200, 9)).all()


def test_a_preview_without_its_picture_is_the_sample_itself(loop: Any, api: EngineApi):
    plain = decode(loop.run(api.preview("patch"))).rgb
    assert plain.std() > 10


def test_without_memory_the_photo_and_its_inputs_are_decoded_again(
    loop: Any, apis: list[EngineApi], monkeypatch: pytest.MonkeyPatch
):
    engine = apis[0]
    assert isinstance(engine, Engine)
    request = asking("patch-on-device", mask=left_half((192, 128)))
    kept = decode(loop.run(engine.render(request)).image).rgb
    monkeypatch.setattr(engine._pipeline, "_originals_left_bytes", 0)
    again = replace(request, inputs={**request.inputs, "second": flat((1, 2, 3), (32, 32))})
    found = decode(loop.run(engine.render(again)).image).rgb
    assert (found[:, :45] == (1, 2, 3)).all()
    assert (kept[:, :45] == BLUE).all()


def test_a_clip_has_one_mask_for_all_frames(loop: Any, api: EngineApi, tmp_path: Path):
    movie = video(panned(4))
    source = read_clip(movie, tmp_path / "source")
    mask = left_half((source.width, source.height))
    request = replace(asking(mask=mask), image=movie, clip="gif", timeout_s=100)
    clip = read_clip(loop.run(api.render(request)).image, tmp_path / "frames")
    for frame in clip.frames():
        assert np.abs(frame[:, : clip.width // 2 - 4, :3].astype(int) - BLUE).max() < 40

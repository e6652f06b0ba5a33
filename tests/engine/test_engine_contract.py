"""One suite for every way to reach an engine: in this process, and over HTTP."""

import asyncio
import io
import threading
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
import torch
from aiohttp.test_utils import TestServer
from PIL import Image

from engine import errors
from engine.canvas import MIN_SIDE_PX
from engine.checkpoint import load_checkpoint
from engine.client import EngineClient
from engine.contract import (
    EngineApi,
    StyleCode,
    StylizeOptions,
    StylizeRequest,
)
from engine.filters import FILTERS
from engine.images import decode
from engine.manifest import SAMPLE_PHOTO
from engine.server import build_app
from engine.service import Engine
from engine.stylizer import Stylizer

Answer = TypeVar("Answer")
TOKEN = "a secret"  # noqa: S105 - of a test


class Loop:
    """An event loop on a thread, for whom several tests share one engine."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Answer], timeout_s: float = 60) -> Answer:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout_s)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="module")
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.stop()


@pytest.fixture(scope="module")
def stylizer(tiny_checkpoint: Path) -> Stylizer:
    (tiny_checkpoint / "previews").mkdir(exist_ok=True)
    for slug in ("calm", "storm"):
        (tiny_checkpoint / "previews" / f"{slug}.jpg").write_bytes(SAMPLE_PHOTO.read_bytes())
    return Stylizer(load_checkpoint(tiny_checkpoint), "cpu", torch.float32)


@pytest.fixture(scope="module")
def engine(loop: Loop, stylizer: Stylizer, tiny_checkpoint: Path) -> Iterator[Engine]:
    async def build() -> Engine:
        return Engine(stylizer, checkpoint=tiny_checkpoint)

    engine = loop.run(build())
    yield engine
    loop.run(engine.close())


@pytest.fixture(scope="module")
def address(loop: Loop, engine: Engine) -> Iterator[str]:
    async def serve() -> TestServer:
        server = TestServer(build_app(engine, token=TOKEN))
        await server.start_server()
        return server

    server = loop.run(serve())
    yield str(server.make_url("/"))
    loop.run(server.close())


@pytest.fixture(scope="module", params=["in-process", "http"])
def api(request: pytest.FixtureRequest, loop: Loop, engine: Engine) -> Iterator[EngineApi]:
    if request.param == "in-process":
        yield engine
        return
    client = EngineClient(request.getfixturevalue("address"), TOKEN)
    yield client
    loop.run(client.close())


def photo(seed: int = 0, width: int = 80, height: int = 60, form: str = "PNG") -> bytes:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (height // 10, width // 10, 3), dtype=np.uint8)
    image = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    body = io.BytesIO()
    image.save(body, form)
    return body.getvalue()


def asked(stylizer: Stylizer, slug: str = "storm", seed: int = 0, **options: Any) -> StylizeRequest:
    chosen = StylizeOptions(stylizer.style_code(slug), **{"output": "png"} | options)
    return StylizeRequest(photo(seed), chosen, user="someone")


@pytest.mark.parametrize(
    ("slug", "options"),
    [
        ("storm", {}),
        ("calm", {"strength": 0.4}),
        ("storm", {"keep_colours": True}),
        ("storm", {"brush": "bold"}),
        ("storm", {"strength": 0.0}),
        ("sepia", {}),
        ("comic", {"strength": 0.5, "brush": "fine"}),
    ],
)
def test_a_photo_comes_back_as_the_stylizer_paints_it(
    api: EngineApi, loop: Loop, stylizer: Stylizer, slug: str, options: dict[str, Any]
):
    request = asked(stylizer, slug, **options)
    painted = loop.run(api.stylize(request))
    assert painted.content_type == "image/png"
    expected = stylizer.repaint(decode(request.image), request.options.style, **options)
    found = decode(painted.image).rgb.astype(int)
    assert np.abs(found - expected.rgb).max() <= 1


@pytest.mark.parametrize("output", ["jpeg", "webp"])
def test_the_answer_has_the_format_that_was_asked_for(
    api: EngineApi, loop: Loop, stylizer: Stylizer, output: str
):
    painted = loop.run(api.stylize(asked(stylizer, output=output)))
    assert painted.content_type == f"image/{output}"
    with Image.open(io.BytesIO(painted.image)) as image:
        assert image.format == output.upper()


def test_many_at_once_each_get_their_own(api: EngineApi, loop: Loop, stylizer: Stylizer):
    async def crowd() -> list[bytes]:
        requests = [asked(stylizer, ("calm", "storm")[n % 2], seed=100 + n) for n in range(12)]
        return [p.image for p in await asyncio.gather(*map(api.stylize, requests))]

    for number, image in enumerate(loop.run(crowd())):
        request = asked(stylizer, ("calm", "storm")[number % 2], seed=100 + number)
        alone = stylizer.repaint(decode(request.image), request.options.style)
        assert np.abs(decode(image).rgb.astype(int) - alone.rgb).max() <= 1


def test_the_same_again_is_answered_from_what_was_kept(
    api: EngineApi, loop: Loop, stylizer: Stylizer
):
    request = asked(stylizer, seed=hash(type(api).__name__) % 1000)
    first, again = (loop.run(api.stylize(request)) for _ in range(2))
    assert (first.cached, again.cached) == (False, True)
    assert first.image == again.image


def test_a_style_is_read_from_pictures_and_painted_with(
    api: EngineApi, loop: Loop, stylizer: Stylizer
):
    code = loop.run(api.extract_style([photo(7), photo(8, form="JPEG")]))
    expected = stylizer.extract_style([decode(photo(7)), decode(photo(8, form="JPEG"))])
    vectors = [stylizer.open_code(each) for each in (code, expected)]
    torch.testing.assert_close(*vectors, atol=1e-3, rtol=1e-3)
    request = asked(stylizer)
    loop.run(api.stylize(replace(request, options=replace(request.options, style=code))))


def test_the_styles_are_listed_with_codes_and_previews(
    api: EngineApi, loop: Loop, stylizer: Stylizer
):
    styles = loop.run(api.styles())
    assert [style.slug for style in styles] == ["calm", "storm", *FILTERS]
    assert styles[1].code == stylizer.style_code("storm")
    assert styles[1].titles == {"en": "Storm", "zh": "storm"}
    for slug in ("storm", "comic"):
        assert max(decode(loop.run(api.preview(slug))).rgb.shape) >= 256


def test_the_engine_says_what_it_can_and_how_long_it_takes(
    api: EngineApi, loop: Loop, stylizer: Stylizer
):
    capabilities = loop.run(api.capabilities())
    assert capabilities.checkpoint == stylizer.manifest.checkpoint_id
    assert capabilities.brushes == ("fine", "normal", "bold")
    queue = loop.run(api.queue())
    assert (queue.waiting, queue.running) == (0, 0)
    assert queue.wait_s == 0


def small(width: int, height: int) -> bytes:
    return photo(0, width, height)


@pytest.mark.parametrize(
    ("image", "kind"),
    [
        (lambda: b"", errors.UnsupportedImageError),
        (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", errors.UnsupportedImageError),
        (lambda: photo()[:200], errors.BrokenImageError),
        (lambda: small(MIN_SIDE_PX - 2, 80), errors.ImageTooSmallError),
        (lambda: bytes(21 * 1024**2), errors.ImageTooLargeError),
    ],
    ids=["empty", "svg", "truncated", "small", "large"],
)
def test_a_picture_that_cannot_be_used_gets_its_error(
    api: EngineApi,
    loop: Loop,
    stylizer: Stylizer,
    image: Callable[[], bytes],
    kind: type[errors.EngineError],
):
    for slug in ("storm", "sepia"):
        with pytest.raises(kind):
            loop.run(api.stylize(replace(asked(stylizer, slug), image=image())))
    with pytest.raises(kind):
        loop.run(api.extract_style([photo(), image()]))


def test_styles_that_are_no_more_are_stale_and_unknown_ones_unknown(
    api: EngineApi, loop: Loop, stylizer: Stylizer
):
    request = asked(stylizer)
    for code in (StyleCode("another", b"1234"), StyleCode("filter", b"gone")):
        stale = replace(request, options=replace(request.options, style=code))
        with pytest.raises(errors.StaleStyleError):
            loop.run(api.stylize(stale))
    with pytest.raises(errors.UnknownStyleError, match="did you mean storm"):
        loop.run(api.preview("strom"))


@pytest.mark.parametrize("count", [0, 9])
def test_a_style_is_read_from_one_to_eight_pictures(api: EngineApi, loop: Loop, count: int):
    with pytest.raises(errors.InvalidOptionError):
        loop.run(api.extract_style([photo()] * count))


def test_what_takes_too_long_is_given_up(api: EngineApi, loop: Loop, stylizer: Stylizer):
    with pytest.raises(errors.DeadlineError):
        loop.run(api.stylize(replace(asked(stylizer, seed=77), timeout_s=0.0001)))

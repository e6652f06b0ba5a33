"""One suite for every way to reach an engine: in process, over HTTP, behind ASGI, on a cluster."""

import asyncio
import contextlib
import io
import itertools
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from engine import errors
from engine.canvas import MIN_SIDE_PX
from engine.client import EngineClient
from engine.contract import (
    EngineApi,
    Refinement,
    StyleCode,
    StylizeOptions,
    StylizeRequest,
)
from engine.filters import FILTERS
from engine.images import decode
from engine.service import Engine
from engine.stylizer import Stylizer

Photo = Callable[..., bytes]
Asked = Callable[..., StylizeRequest]


SEEDS = itertools.count(500)
WAYS = {"http": "address", "asgi": "asgi_address", "ray": "ray_address"}


@pytest.fixture(
    scope="module",
    params=["in-process", "http", "asgi", pytest.param("ray", marks=pytest.mark.ray)],
)
def api(
    request: pytest.FixtureRequest, loop: Any, engine: Engine, token: str
) -> Iterator[EngineApi]:
    if request.param == "in-process":
        yield engine
        return
    client = EngineClient(request.getfixturevalue(WAYS[request.param]), token)
    yield client
    loop.run(client.close())


@pytest.fixture
def asked(stylizer: Stylizer, photo: Photo) -> Callable[..., StylizeRequest]:
    """Make a request."""

    def make(slug: str = "storm", seed: int = 0, **options: Any) -> StylizeRequest:
        chosen = StylizeOptions(stylizer.style_code(slug), **{"output": "png"} | options)
        return StylizeRequest(photo(seed), chosen, user="someone")

    return make


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
    api: EngineApi, loop: Any, stylizer: Stylizer, asked: Asked, slug: str, options: dict[str, Any]
):
    request = asked(slug, **options)
    painted = loop.run(api.stylize(request))
    assert painted.content_type == "image/png"
    expected = stylizer.repaint(decode(request.image), request.options.style, **options)
    found = decode(painted.image).rgb.astype(int)
    assert np.abs(found - expected.rgb).max() <= 1


@pytest.mark.parametrize("output", ["jpeg", "webp"])
def test_the_answer_has_the_format_that_was_asked_for(
    api: EngineApi, loop: Any, stylizer: Stylizer, asked: Asked, output: str
):
    painted = loop.run(api.stylize(asked(output=output)))
    assert painted.content_type == f"image/{output}"
    with Image.open(io.BytesIO(painted.image)) as image:
        assert image.format == output.upper()


def test_many_at_once_each_get_their_own(
    api: EngineApi, loop: Any, stylizer: Stylizer, asked: Asked
):
    async def crowd() -> list[bytes]:
        requests = [asked(("calm", "storm")[n % 2], seed=100 + n) for n in range(12)]
        return [p.image for p in await asyncio.gather(*map(api.stylize, requests))]

    for number, image in enumerate(loop.run(crowd())):
        request = asked(("calm", "storm")[number % 2], seed=100 + number)
        alone = stylizer.repaint(decode(request.image), request.options.style)
        assert np.abs(decode(image).rgb.astype(int) - alone.rgb).max() <= 1


def test_the_same_again_is_answered_from_what_was_kept(
    api: EngineApi, loop: Any, stylizer: Stylizer, asked: Asked
):
    # Of three askings two meet the same one of two replicas, and the second of these a cache.
    request = asked(seed=next(SEEDS))
    first, *others = (loop.run(api.stylize(request)) for _ in range(3))
    assert not first.cached
    assert others[-1].cached
    assert {first.image} == {other.image for other in others}


def test_a_style_is_read_from_pictures_and_painted_with(
    api: EngineApi, loop: Any, stylizer: Stylizer, asked: Asked, photo: Photo
):
    code = loop.run(api.extract_style([photo(7), photo(8, form="JPEG")]))
    expected = stylizer.extract_style([decode(photo(7)), decode(photo(8, form="JPEG"))])
    vectors = [stylizer.open_code(each) for each in (code, expected)]
    torch.testing.assert_close(*vectors, atol=1e-3, rtol=1e-3)
    request = asked()
    loop.run(api.stylize(replace(request, options=replace(request.options, style=code))))


def test_styles_are_blended_by_weight(api: EngineApi, loop: Any, stylizer: Stylizer):
    weighted = [(stylizer.style_code("calm"), 3.0), (stylizer.style_code("storm"), 1.0)]
    code = loop.run(api.blend(weighted))
    expected = 0.75 * stylizer.open_code(weighted[0][0]) + 0.25 * stylizer.open_code(weighted[1][0])
    torch.testing.assert_close(stylizer.open_code(code), expected)
    assert loop.run(api.blend(weighted[:1])) == weighted[0][0]


def test_a_blend_that_cannot_be_is_told(api: EngineApi, loop: Any, stylizer: Stylizer):
    storm, sepia = stylizer.style_code("storm"), stylizer.style_code("sepia")
    stale = StyleCode("another", storm.data)
    for weighted in ([], [(storm, -1.0)], [(storm, 0.0), (storm, 0.0)], [(storm, 1.0), (sepia, 1)]):
        with pytest.raises(errors.InvalidOptionError):
            loop.run(api.blend(weighted))
    with pytest.raises(errors.StaleStyleError):
        loop.run(api.blend([(storm, 1.0), (stale, 1.0)]))


def test_the_styles_are_listed_with_codes_and_previews(
    api: EngineApi, loop: Any, stylizer: Stylizer, asked: Asked
):
    styles = loop.run(api.styles())
    assert [style.slug for style in styles] == ["calm", "storm", *FILTERS]
    assert styles[1].code == stylizer.style_code("storm")
    assert styles[1].titles == {"en": "Storm", "zh": "storm"}
    for slug in ("storm", "comic"):
        assert max(decode(loop.run(api.preview(slug))).rgb.shape) >= 256


def test_the_engine_says_what_it_can_and_how_long_it_takes(
    api: EngineApi, loop: Any, stylizer: Stylizer, asked: Asked
):
    capabilities = loop.run(api.capabilities())
    assert capabilities.checkpoint == stylizer.manifest.checkpoint_id
    assert (capabilities.device == "cpu") == (capabilities.device_name == "")
    assert capabilities.brushes == ("fine", "normal", "bold")
    assert capabilities.refines
    queue = loop.run(api.queue())
    assert (queue.waiting, queue.running) == (0, 0)
    assert queue.wait_s == 0


@pytest.mark.parametrize(
    ("image", "kind"),
    [
        (lambda photo: b"", errors.UnsupportedImageError),
        (lambda photo: b"<svg xmlns='http://www.w3.org/2000/svg'/>", errors.UnsupportedImageError),
        (lambda photo: photo()[:200], errors.BrokenImageError),
        (lambda photo: photo(0, MIN_SIDE_PX - 2, 80), errors.ImageTooSmallError),
        (lambda photo: bytes(21 * 1024**2), errors.ImageTooLargeError),
    ],
    ids=["empty", "svg", "truncated", "small", "large"],
)
def test_a_picture_that_cannot_be_used_gets_its_error(
    api: EngineApi,
    loop: Any,
    asked: Asked,
    photo: Photo,
    image: Callable[[Photo], bytes],
    kind: type[errors.EngineError],
):
    for slug in ("storm", "sepia"):
        with pytest.raises(kind):
            loop.run(api.stylize(replace(asked(slug), image=image(photo))))
    with pytest.raises(kind):
        loop.run(api.extract_style([photo(), image(photo)]))


def test_styles_that_are_no_more_are_stale_and_unknown_ones_unknown(
    api: EngineApi, loop: Any, stylizer: Stylizer, asked: Asked
):
    request = asked()
    for code in (StyleCode("another", b"1234"), StyleCode("filter", b"gone")):
        stale = replace(request, options=replace(request.options, style=code))
        with pytest.raises(errors.StaleStyleError):
            loop.run(api.stylize(stale))
    with pytest.raises(errors.UnknownStyleError, match="did you mean storm"):
        loop.run(api.preview("strom"))


@pytest.mark.parametrize("count", [0, 9])
def test_a_style_is_read_from_one_to_eight_pictures(
    api: EngineApi, loop: Any, photo: Photo, count: int
):
    with pytest.raises(errors.InvalidOptionError):
        loop.run(api.extract_style([photo()] * count))


def test_what_takes_too_long_is_given_up(
    api: EngineApi, loop: Any, stylizer: Stylizer, asked: Asked
):
    with pytest.raises(errors.DeadlineError):
        loop.run(api.stylize(replace(asked(seed=77), timeout_s=0.0001)))


@pytest.fixture
def seconds(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> float:
    """How long to refine: shorter than anyone may, where the engine is in this process."""
    if request.node.callspec.params["api"] == "ray":
        return 10.0
    monkeypatch.setattr("engine.service.REFINE_SECONDS_MIN", 0.5)
    return 0.5


async def refine_when_free(api: EngineApi, *asked: Any, **options: Any) -> Refinement:
    """Refine as soon as the engine does: a refinement given up just now ends when that is noticed.

    How soon that is, `test_who_gives_up_a_refinement_makes_room_for_the_next_within_a_second` says.
    """
    for _ in range(1000):
        with contextlib.suppress(errors.AlreadyRefiningError):
            return await api.refine(*asked, **options)
        await asyncio.sleep(0.02)
    return await api.refine(*asked, **options)


def test_a_style_is_refined_and_never_for_the_worse(
    api: EngineApi, loop: Any, stylizer: Stylizer, photo: Photo, seconds: float
):
    code = stylizer.style_code("calm")
    seen: list[float] = []
    refined: Refinement = loop.run(
        refine_when_free(api, [photo(7), photo(8)], code, seconds=seconds, report=seen.append)
    )
    assert 0 < refined.gram_after <= refined.gram_before
    assert (refined.code != code) == (refined.gram_after < refined.gram_before)
    stylizer.open_code(refined.code)
    assert seen[0] == 0
    assert seen == sorted(seen)
    assert seen[-1] == 1


@contextlib.asynccontextmanager
async def searching(
    api: EngineApi, photo: bytes, code: StyleCode
) -> "AsyncIterator[asyncio.Task[Refinement]]":
    """A refinement of five minutes that has begun, as soon as the engine is free for one."""
    begins = asyncio.Event()
    task = asyncio.create_task(
        refine_when_free(api, [photo], code, seconds=300, report=lambda passed: begins.set())
    )
    beginning = asyncio.create_task(begins.wait())
    try:
        await asyncio.wait([task, beginning], return_when=asyncio.FIRST_COMPLETED)
        assert not task.done()
        yield task
    finally:
        beginning.cancel()
        task.cancel()
        await asyncio.wait([task, beginning])


def test_photos_are_painted_meanwhile_and_another_style_is_refused(
    api: EngineApi, loop: Any, stylizer: Stylizer, asked: Asked, photo: Photo, request: Any
):
    async def scene() -> errors.AlreadyRefiningError | None:
        async with searching(api, photo(), stylizer.style_code("calm")) as task:
            await api.stylize(asked(seed=next(SEEDS)))
            # A cluster refines a style a replica, and which one answers is chance.
            if request.node.callspec.params["api"] == "ray":
                return None
            with pytest.raises(errors.AlreadyRefiningError) as refused:
                await api.refine([photo()], stylizer.style_code("storm"), seconds=10)
            assert not task.done()
            return refused.value

    refused = loop.run(scene())
    if refused:
        assert refused.retry_after_s is not None
        assert 200 < refused.retry_after_s <= 300


def test_who_gives_up_a_refinement_makes_room_for_the_next_within_a_second(
    api: EngineApi, loop: Any, stylizer: Stylizer, photo: Photo, request: Any
):
    # On a cluster a proxy has to notice first, and the replica that answers may be another one.
    within_s = 5 if request.node.callspec.params["api"] == "ray" else 1
    code = stylizer.style_code("calm")

    async def scene() -> None:
        async with searching(api, photo(), code):
            await asyncio.sleep(0.5)
        given_up_at = time.monotonic()
        async with searching(api, photo(), code):
            assert time.monotonic() - given_up_at < within_s

    loop.run(scene())


@pytest.mark.parametrize("wrong", [0, 9.9, 300.1, -1, float("nan"), float("inf")])
def test_a_style_is_refined_for_ten_seconds_to_five_minutes(
    api: EngineApi, loop: Any, stylizer: Stylizer, photo: Photo, wrong: float
):
    with pytest.raises(errors.InvalidOptionError, match="10 to 300"):
        loop.run(api.refine([photo()], stylizer.style_code("calm"), seconds=wrong))


def test_what_cannot_be_refined_is_told_before_the_search(
    api: EngineApi, loop: Any, stylizer: Stylizer, photo: Photo
):
    calm, sepia = stylizer.style_code("calm"), stylizer.style_code("sepia")
    for images, code, kind in (
        ([photo()], StyleCode("another", calm.data), errors.StaleStyleError),
        ([photo()], StyleCode(calm.checkpoint, b"1234"), errors.StaleStyleError),
        ([photo()], sepia, errors.InvalidOptionError),
        ([], calm, errors.InvalidOptionError),
        ([photo()] * 9, calm, errors.InvalidOptionError),
        ([photo(), b"<svg/>"], calm, errors.UnsupportedImageError),
        ([photo()[:200]], calm, errors.BrokenImageError),
        ([bytes(21 * 1024**2)], calm, errors.ImageTooLargeError),
    ):
        seen: list[float] = []
        with pytest.raises(kind):
            loop.run(refine_when_free(api, images, code, report=seen.append))
        assert not seen


def test_a_code_that_is_no_numbers_is_not_even_refined(
    api: EngineApi, loop: Any, stylizer: Stylizer, photo: Photo
):
    numbers = np.full(len(stylizer.style_code("calm").data) // 4, np.nan, dtype="<f4")
    code = StyleCode(stylizer.manifest.checkpoint_id, numbers.tobytes())
    with pytest.raises(errors.InvalidOptionError, match="damaged"):
        loop.run(refine_when_free(api, [photo()], code))

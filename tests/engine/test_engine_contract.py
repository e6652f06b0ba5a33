"""One suite for every way to reach an engine: in process, over HTTP, behind ASGI, on a cluster."""

import asyncio
import io
import itertools
from collections.abc import Callable, Iterator
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
    assert capabilities.brushes == ("fine", "normal", "bold")
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

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

from engine.api import errors
from engine.api.analyses import Faces, Person
from engine.api.client import EngineClient
from engine.api.contract import (
    EngineApi,
    Progress,
    Refinement,
    RenderRequest,
    Step,
    StyleCode,
    StylizeOptions,
    StylizeRequest,
)
from engine.effects.effect import PixelEffect, Sides
from engine.effects.registry import EFFECTS
from engine.media.canvas import MIN_SIDE_PX
from engine.media.filters import FILTERS
from engine.media.images import Picture, decode
from engine.painting.manifest import SAMPLE_PHOTO, SAMPLE_PHOTOS
from engine.painting.stylizer import Stylizer
from engine.serving.service import Engine

Photo = Callable[..., bytes]
Asked = Callable[..., RenderRequest]


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


def step(slug: str, **params: Any) -> Step:
    """A painted style, or a filter, by name."""
    if slug in FILTERS:
        return Step(slug, params)
    return Step("paint", {"styles": [{"slug": slug}], **params})


@pytest.fixture
def asked(photo: Photo) -> Asked:
    """Make a request."""

    def make(
        slug: str = "storm", seed: int = 0, output: Any = "png", **params: Any
    ) -> RenderRequest:
        return RenderRequest(photo(seed), (step(slug, **params),), output=output, user="someone")

    return make


def painted_here(stylizer: Stylizer, slug: str, photo: Picture, **params: Any) -> Picture:
    effect = EFFECTS.find(slug if slug in FILTERS else "paint")
    if isinstance(effect, PixelEffect):
        side_px = stylizer.manifest.preprocessing.work_side_px
        return effect.apply(photo, effect.spec.checked(params), Sides(side_px, side_px))
    return stylizer.repaint(photo, stylizer.style_code(slug), **params)


@pytest.mark.parametrize(
    ("slug", "params"),
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
    api: EngineApi, loop: Any, stylizer: Stylizer, asked: Asked, slug: str, params: dict[str, Any]
):
    request = asked(slug, **params)
    painted = loop.run(api.render(request))
    assert painted.content_type == "image/png"
    expected = painted_here(stylizer, slug, decode(request.image), **params)
    found = decode(painted.image).rgb.astype(int)
    assert np.abs(found - expected.rgb).max() <= 1


def test_a_slow_picture_is_shown_as_it_grows_to_those_who_ask(
    request: pytest.FixtureRequest, api: EngineApi, loop: Any, photo: Photo
):
    if "ray" in request.node.callspec.id:
        pytest.skip("what a replica paints slowly cannot be made quick from here")
    told: list[Progress] = []
    heard: list[Progress] = []

    def asked() -> RenderRequest:
        body = photo(next(SEEDS), 90, 70)
        params = {"styles": [{"picture": "style"}], "quality": "masterwork"}
        return RenderRequest(body, (Step("paint", params),), inputs={"style": body}, timeout_s=200)

    painted = loop.run(api.render(asked(), told.append, previews=True))
    assert [progress.share for progress in told] == [0.125, 0.25, 0.25, 0.5, 1.0]
    shown = [progress.preview is not None for progress in told]
    assert shown == [False, True, False, True, False]
    previews = [decode(progress.preview) for progress in told if progress.preview]
    assert all((one.width, one.height) == (90, 70) for one in previews)
    # They get ever more like what comes of it.
    end = decode(painted.image).rgb.astype(int)
    off = [np.abs(one.rgb - end).mean() for one in previews]
    assert off[0] > off[1] > 0
    loop.run(api.render(asked(), heard.append))
    assert {progress.preview for progress in heard} == {None}
    # Where no one is told, there is nothing to show.
    assert loop.run(api.render(asked(), previews=True)).image


def test_steps_are_done_one_after_the_other(
    api: EngineApi, loop: Any, stylizer: Stylizer, photo: Photo
):
    steps = (step("warm"), step("storm", strength=0.7), step("calm"), step("sepia"))
    request = RenderRequest(photo(31), steps, output="png")
    picture = decode(request.image)
    for each in steps:
        slug = each.effect if each.effect in FILTERS else each.params["styles"][0]["slug"]
        params = {key: value for key, value in each.params.items() if key != "styles"}
        picture = painted_here(stylizer, slug, picture, **params)
    found = decode(loop.run(api.render(request)).image).rgb.astype(int)
    assert np.abs(found - picture.rgb).max() <= 3


def test_a_blend_may_have_names_codes_and_pictures_that_are_sent_along(
    api: EngineApi, loop: Any, stylizer: Stylizer, photo: Photo
):
    calm, storm = stylizer.style_code("calm"), stylizer.style_code("storm")
    read = stylizer.extract_style([decode(photo(7))])
    items = [
        {"slug": "storm", "weight": 1},
        {"code": calm.to_text(), "weight": 2.0},
        {"picture": "mine", "weight": 1.0},
    ]
    request = RenderRequest(
        photo(32), (Step("paint", {"styles": items}),), inputs={"mine": photo(7)}, output="png"
    )
    code = stylizer.blend([(storm, 1), (calm, 2), (read, 1)])
    expected = stylizer.repaint(decode(request.image), code)
    found = decode(loop.run(api.render(request)).image).rgb.astype(int)
    assert np.abs(found - expected.rgb).max() <= 2


def test_a_picture_is_normalised_without_style_or_device(api: EngineApi, loop: Any, photo: Photo):
    with Image.open(io.BytesIO(photo(5, 64, 48))) as image:
        turned = Image.Exif()
        turned[0x0112] = 6
        file = io.BytesIO()
        image.save(file, "JPEG", exif=turned)
    body = loop.run(api.normalise(file.getvalue()))
    with Image.open(io.BytesIO(body)) as upright:
        assert (upright.size, upright.format) == ((48, 64), "JPEG")
        assert not upright.getexif()
    with_alpha = Image.new("RGBA", (64, 48), (200, 10, 10, 100))
    file = io.BytesIO()
    with_alpha.save(file, "PNG")
    with Image.open(io.BytesIO(loop.run(api.normalise(file.getvalue())))) as kept:
        assert kept.mode == "RGBA"
    with pytest.raises(errors.UnsupportedImageError):
        loop.run(api.normalise(b"no picture"))


def test_faces_are_found_in_the_upright_picture(api: EngineApi, loop: Any):
    with Image.open(SAMPLE_PHOTO) as image:
        turned = Image.Exif()
        turned[0x0112] = 6
        file = io.BytesIO()
        # Stored lying, to be shown upright.
        image.transpose(Image.Transpose.ROTATE_90).save(file, "JPEG", exif=turned, quality=95)
    plain = loop.run(api.analyse(SAMPLE_PHOTO.read_bytes(), "faces", user="someone"))
    lying = loop.run(api.analyse(file.getvalue(), "faces"))
    assert isinstance(plain, Faces)
    assert isinstance(lying, Faces)
    assert (plain.width, plain.height) == (512, 512)
    for found in (plain, lying):
        (face,) = found.faces
        assert np.hypot(*np.subtract(face.keypoints["right_eye"], (205, 102))) < 6
        assert len(face.mesh) == 468
    assert loop.run(api.analyse(SAMPLE_PHOTOS[1].read_bytes(), "faces")) == Faces(451, 300)


def test_people_are_masked(api: EngineApi, loop: Any):
    found = loop.run(api.analyse(SAMPLE_PHOTO.read_bytes(), "person"))
    assert isinstance(found, Person)
    assert found.present
    assert 0.4 < found.share < 0.65
    with Image.open(io.BytesIO(found.mask)) as mask:
        assert mask.size == (512, 512)
        assert (mask.getpixel((222, 120)), mask.getpixel((20, 100))) == (255, 0)
    nobody = loop.run(api.analyse(SAMPLE_PHOTOS[1].read_bytes(), "person"))
    assert isinstance(nobody, Person)
    assert (nobody.present, nobody.share) == (False, 0)


def test_an_analysis_that_cannot_be_made_is_told(api: EngineApi, loop: Any, photo: Photo):
    assert loop.run(api.capabilities()).analyses[:2] == ("faces", "person")
    for image, what, kind in (
        (photo(), "hats", errors.UnknownAnalysisError),
        (photo(), "", errors.UnknownAnalysisError),
        (photo()[:200], "faces", errors.BrokenImageError),
        (b"<svg/>", "person", errors.UnsupportedImageError),
        (bytes(21 * 1024**2), "faces", errors.ImageTooLargeError),
    ):
        with pytest.raises(kind):
            loop.run(api.analyse(image, what))


def test_the_effects_are_listed_with_their_params(api: EngineApi, loop: Any):
    specs = {spec.id: spec for spec in loop.run(api.effects())}
    assert list(specs) == ["paint", "express", *FILTERS]
    for effect in EFFECTS:
        if effect.spec.id != "paint":
            assert specs[effect.spec.id] == effect.spec
    assert [param.id for param in specs["paint"].params][:2] == ["styles", "strength"]


@pytest.mark.parametrize(
    ("steps", "kind"),
    [
        ([Step("paint", {})], errors.InvalidOptionError),
        ([Step("paint", {"styles": [{"slug": "strom"}]})], errors.UnknownStyleError),
        ([Step("paint", {"styles": [{"picture": "gone"}]})], errors.InvalidOptionError),
        ([Step("paint", {"styles": [{"slug": "sepia"}]})], errors.InvalidOptionError),
        (
            [Step("paint", {"styles": [{"slug": "storm"}], "strength": 2})],
            errors.InvalidOptionError,
        ),
        ([Step("sepia", {"brush": "bold"})], errors.InvalidOptionError),
        ([Step("sepai")], errors.UnknownStyleError),
        ([Step("sepia")] * 9, errors.InvalidOptionError),
    ],
)
def test_a_step_that_cannot_be_done_is_told(
    api: EngineApi, loop: Any, photo: Photo, steps: list[Step], kind: type[errors.EngineError]
):
    with pytest.raises(kind):
        loop.run(api.render(RenderRequest(photo(), tuple(steps))))


@pytest.mark.parametrize("code", [StyleCode("another", b"1234"), StyleCode("filter", b"gone")])
def test_who_still_asks_for_what_is_no_more_is_told_so(
    engine: Engine, loop: Any, photo: Photo, code: StyleCode
):
    with pytest.raises(errors.StaleStyleError):
        loop.run(engine.stylize(StylizeRequest(photo(), StylizeOptions(code))))


@pytest.mark.parametrize("slug", ["storm", "comic"])
def test_who_still_asks_as_before_there_were_effects_gets_the_same(
    engine: Engine, loop: Any, stylizer: Stylizer, photo: Photo, slug: str
):
    filtering = slug in FILTERS
    code = StyleCode("filter", slug.encode()) if filtering else stylizer.style_code(slug)
    options = StylizeOptions(code, 0.5, keep_colours=True, brush="bold", output="png")
    body = photo(33)
    before = loop.run(engine.stylize(StylizeRequest(body, options)))
    params = {"strength": 0.5, "keep_colours": True, "brush": "bold"}
    after = loop.run(engine.render(RenderRequest(body, (step(slug, **params),), output="png")))
    assert np.abs(decode(before.image).rgb.astype(int) - decode(after.image).rgb).max() <= 1


@pytest.mark.parametrize("output", ["jpeg", "webp"])
def test_the_answer_has_the_format_that_was_asked_for(
    api: EngineApi, loop: Any, stylizer: Stylizer, asked: Asked, output: str
):
    painted = loop.run(api.render(asked(output=output)))
    assert painted.content_type == f"image/{output}"
    with Image.open(io.BytesIO(painted.image)) as image:
        assert image.format == output.upper()


def test_many_at_once_each_get_their_own(
    api: EngineApi, loop: Any, stylizer: Stylizer, asked: Asked
):
    async def crowd() -> list[bytes]:
        requests = [asked(("calm", "storm")[n % 2], seed=100 + n) for n in range(12)]
        return [p.image for p in await asyncio.gather(*map(api.render, requests))]

    for number, image in enumerate(loop.run(crowd())):
        request = asked(("calm", "storm")[number % 2], seed=100 + number)
        slug = request.steps[0].params["styles"][0]["slug"]
        alone = stylizer.repaint(decode(request.image), stylizer.style_code(slug))
        assert np.abs(decode(image).rgb.astype(int) - alone.rgb).max() <= 1


def test_the_same_again_is_answered_from_what_was_kept(
    api: EngineApi, loop: Any, stylizer: Stylizer, asked: Asked
):
    # Of three askings two meet the same one of two replicas, and the second of these a cache.
    request = asked(seed=next(SEEDS))
    first, *others = (loop.run(api.render(request)) for _ in range(3))
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
    painting = Step("paint", {"styles": [{"code": code.to_text()}]})
    loop.run(api.render(replace(asked(), steps=(painting,))))


def test_styles_are_blended_by_weight(api: EngineApi, loop: Any, stylizer: Stylizer):
    weighted = [(stylizer.style_code("calm"), 3.0), (stylizer.style_code("storm"), 1.0)]
    code = loop.run(api.blend(weighted))
    expected = 0.75 * stylizer.open_code(weighted[0][0]) + 0.25 * stylizer.open_code(weighted[1][0])
    torch.testing.assert_close(stylizer.open_code(code), expected)
    assert loop.run(api.blend(weighted[:1])) == weighted[0][0]


def test_a_blend_that_cannot_be_is_told(api: EngineApi, loop: Any, stylizer: Stylizer):
    storm, sepia = stylizer.style_code("storm"), StyleCode("filter", b"sepia")
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
            loop.run(api.render(replace(asked(slug), image=image(photo))))
    with pytest.raises(kind):
        loop.run(api.extract_style([photo(), image(photo)]))


def test_styles_that_are_no_more_are_stale_and_unknown_ones_unknown(
    api: EngineApi, loop: Any, stylizer: Stylizer, asked: Asked
):
    gone = StyleCode("another", b"1234")
    stale = Step("paint", {"styles": [{"code": gone.to_text()}]})
    with pytest.raises(errors.StaleStyleError):
        loop.run(api.render(replace(asked(), steps=(stale,))))
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
        loop.run(api.render(replace(asked(seed=77), timeout_s=0.0001)))


@pytest.fixture
def seconds(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> float:
    """How long to refine: shorter than anyone may, where the engine is in this process."""
    if request.node.callspec.params["api"] == "ray":
        return 10.0
    monkeypatch.setattr("engine.serving.service.REFINE_SECONDS_MIN", 0.5)
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
            await api.render(asked(seed=next(SEEDS)))
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
            pass
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
    calm, sepia = stylizer.style_code("calm"), StyleCode("filter", b"sepia")
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

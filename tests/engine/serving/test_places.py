"""Effects are applied to people, to what is around them, or where a mask is white."""

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
from engine.analyzers.person import find_people
from engine.api import errors
from engine.api.analyses import NO_ANALYSES, Analyses
from engine.api.client import EngineClient
from engine.api.contract import EngineApi, RenderRequest, Step
from engine.api.effect_spec import EffectSpec
from engine.effects.common import PLACE
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
from engine.effects.painting import PaintEffect
from engine.effects.registry import EFFECTS, Registry
from engine.media.composing import compose, enlarged
from engine.media.full_size import Pixels
from engine.media.images import Picture, decode, encode
from engine.painting.manifest import SAMPLE_PHOTO, SAMPLE_PHOTOS
from engine.painting.stylizer import Stylizer
from engine.serving.clips import ClipOptions
from engine.serving.pipeline import _preview
from engine.serving.rendering import Job, Waiting, begin_frame, begin_with
from engine.serving.server import build_app
from engine.serving.service import Engine
from tests.engine.media.clips.clip_files import panned, video
from tests.patching import BLUE, RED, left_half

ASTRONAUT, CAT = SAMPLE_PHOTO.read_bytes(), SAMPLE_PHOTOS[1].read_bytes()


def filled(pixels: Pixels, colour: tuple[int, int, int]) -> Pixels:
    return np.full_like(pixels, colour)


class Red(PixelEffect):
    """Everything is red."""

    spec = EffectSpec("red", "test", 1, {"en": "Red"}, params=PLACE)

    @override
    def apply(
        self, picture: Picture, params: Params, sides: Sides, analyses: Analyses = NO_ANALYSES
    ) -> Picture:
        return replace(picture, rgb=filled(picture.rgb, RED))


class BlueOnDevice(DeviceEffect):
    """Everything is blue."""

    spec = EffectSpec("blue-on-device", "test", 1, {"en": "Blue"}, params=PLACE)

    @override
    def prepare(
        self,
        image: Image.Image,
        alpha: Image.Image | None,
        params: Params,
        sides: Sides,
        analyses: Analyses = NO_ANALYSES,
    ) -> Prepared:
        small = np.array(image.reduce(2))
        return Prepared(small, image.size, 0, image.width * image.height)

    @override
    def open(self, stylizer: Stylizer, params: Params, blend: Blend | None) -> None:
        return None

    @override
    def run(
        self, stylizer: Stylizer, samples: Sequence[Sample], size: tuple[int, int]
    ) -> list[Pixels]:
        return [filled(sample.pixels, BLUE) for sample in samples]

    @override
    def finish(self, prepared: Prepared, result: Pixels, params: Params) -> Picture:
        width, height = prepared.kept
        return Picture(filled(np.empty((height, width, 3), np.uint8), BLUE))


REGISTRY = Registry([Red(), BlueOnDevice(), PaintEffect(), *FILTER_EFFECTS])
COLOURS = {"red": RED, "blue-on-device": BLUE}


@asynccontextmanager
async def serving(
    stylizer: Stylizer, checkpoint: Path
) -> AsyncIterator[tuple[Engine, EngineClient]]:
    engine = Engine(stylizer, checkpoint=checkpoint, registry=REGISTRY, clips=ClipOptions())
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


@pytest.fixture(params=[0, 1], ids=["in-process", "http"])
def api(apis: list[EngineApi], request: pytest.FixtureRequest) -> EngineApi:
    way: int = request.param
    return apis[way]


@pytest.fixture(scope="module")
def people() -> Pixels:
    """The mask of the person in the photo."""
    return enlarged(find_people(Image.fromarray(decode(ASTRONAUT).rgb)).mask, (512, 512))


def rendered(
    loop: Any, api: EngineApi, *steps: Step, photo: bytes = ASTRONAUT, **inputs: bytes
) -> Pixels:
    request = RenderRequest(photo, steps, inputs=inputs, output="png")
    return decode(loop.run(api.render(request)).image).rgb


@pytest.mark.parametrize("effect", COLOURS)
def test_a_mask_says_where(loop: Any, api: EngineApi, effect: str):
    photo = decode(ASTRONAUT).rgb
    step = Step(effect, {"mask": "mine"})
    found = rendered(loop, api, step, mine=left_half((512, 512)))
    assert (found[:, :256] == COLOURS[effect]).all()
    assert (found[:, 256:] == photo[:, 256:]).all()


@pytest.mark.parametrize("effect", COLOURS)
@pytest.mark.parametrize("where", ["person", "background"])
def test_people_and_what_is_around_them(
    loop: Any, apis: list[EngineApi], people: Pixels, effect: str, where: str
):
    photo = decode(ASTRONAUT).rgb
    found = rendered(loop, apis[0], Step(effect, {"where": where}))
    mask = people if where == "person" else 255 - people
    assert (found == compose(photo, filled(photo, COLOURS[effect]), mask)).all()


@pytest.mark.parametrize("effect", COLOURS)
def test_people_within_a_mask(loop: Any, apis: list[EngineApi], people: Pixels, effect: str):
    photo = decode(ASTRONAUT).rgb
    step = Step(effect, {"where": "person", "mask": "mine"})
    found = rendered(loop, apis[0], step, mine=left_half((512, 512)))
    half = people.copy()
    half[:, 256:] = 0
    assert (found == compose(photo, filled(photo, COLOURS[effect]), half)).all()


def test_people_are_looked_for_in_the_photo_as_it_was_sent(
    loop: Any, apis: list[EngineApi], people: Pixels
):
    # Nothing is left of the photo when the second and the third step begin.
    steps = (
        Step("red"), Step("blue-on-device", {"where": "person"}),
        Step("red", {"where": "background"}),
    )  # fmt: skip
    found = rendered(loop, apis[0], *steps)
    assert (found[people == 255] == BLUE).all()
    assert (found[people == 0] == RED).all()


def test_a_painting_ends_where_the_person_begins(loop: Any, apis: list[EngineApi], people: Pixels):
    photo = decode(ASTRONAUT).rgb
    (spec,) = (spec for spec in loop.run(apis[0].effects()) if spec.id == "paint")
    styles = [{"slug": next(each.slug for each in loop.run(apis[0].styles()))}]
    found = rendered(loop, apis[0], Step("paint", {"styles": styles, "where": "background"}))
    whole = rendered(loop, apis[0], Step("paint", {"styles": styles}))
    assert (found[people == 255] == photo[people == 255]).all()
    assert (found[people == 0] == whole[people == 0]).all()
    assert (found[people == 0] != photo[people == 0]).any()
    assert spec.needs_of({"where": "person"}) == ("person",)
    assert spec.needs_of({}) == ()


@pytest.mark.parametrize("effect", COLOURS)
@pytest.mark.parametrize("where", ["person", "background"])
def test_where_no_one_is_all_of_it_is_meant_and_told(
    loop: Any, api: EngineApi, effect: str, where: str
):
    request = RenderRequest(CAT, (Step(effect, {"where": where}),), output="png")
    for _ in range(2):
        # The second one comes from the cache.
        painted = loop.run(api.render(request))
        assert painted.absent == ("person",)
        assert (decode(painted.image).rgb == COLOURS[effect]).all()
    aloud = loop.run(api.render(replace(request, user="other"), lambda _: None))
    assert aloud.absent == ("person",)
    everywhere = RenderRequest(CAT, (Step(effect),), output="png")
    assert loop.run(api.render(everywhere)).absent == ()


def test_a_person_who_is_there_is_not_absent(loop: Any, api: EngineApi):
    request = RenderRequest(ASTRONAUT, (Step("sepia", {"where": "person"}),))
    assert loop.run(api.render(request)).absent == ()


def test_another_place_is_another_picture():
    keys = {
        RenderRequest(ASTRONAUT, (Step("red", params),)).idempotency_key()
        for params in ({}, {"where": "person"}, {"where": "background"})
    }
    assert len(keys) == 3


def test_all_that_paints_can_be_applied_to_a_part():
    for effect in (each for each in EFFECTS if each.spec.kind in ("painting", "filter")):
        assert all(effect.spec.param(each.id) == each for each in PLACE)
        assert effect.spec.checked(_needed(effect.spec))["where"] == "all"


def _needed(spec: EffectSpec) -> dict[str, Any]:
    return {spec.gallery.id: [{"slug": "any"}]} if spec.gallery else {}


def test_an_unknown_place_is_refused_in_a_sentence(loop: Any, api: EngineApi):
    request = RenderRequest(CAT, (Step("red", {"where": "cat"}),))
    with pytest.raises(
        errors.InvalidOptionError, match=r"where must be one of all, person, background\."
    ):
        loop.run(api.render(request))


def test_a_preview_shows_the_place_too():
    photo = np.full((40, 60, 3), 9, np.uint8)
    mask = np.zeros((400, 600), np.uint8)
    mask[:, 300:] = 255
    sample = Sample(photo, None, {"where": "all", "mask": None})
    shown = decode(_preview(BlueOnDevice(), sample, filled(photo, BLUE), mask)).rgb.astype(int)
    assert np.abs(shown[:, :24] - 9).max() < 12
    assert np.abs(shown[:, 36:] - BLUE).max() < 12


def test_faces_are_painted_gently_unless_one_says_otherwise(
    loop: Any, api: EngineApi, apis: list[EngineApi]
):
    styles = [{"slug": next(each.slug for each in loop.run(apis[0].styles()))}]

    def painted(photo: bytes, **params: str) -> Pixels:
        return rendered(loop, api, Step("paint", {"styles": styles, **params}), photo=photo)

    gentle, free = painted(ASTRONAUT), painted(ASTRONAUT, faces="free")
    assert (gentle == painted(ASTRONAUT, faces="gentle")).all()
    changed = (gentle != free).any(2)
    # Left, top, right and bottom of the face, and what fades around it.
    assert changed[69:177, 178:272].mean() > 0.6
    changed[:280, 80:370] = False
    assert not changed.any()
    assert (painted(CAT) == painted(CAT, faces="free")).all()


def test_whether_there_are_faces_to_be_gentle_with_is_told(
    loop: Any, api: EngineApi, apis: list[EngineApi]
):
    styles = [{"slug": next(each.slug for each in loop.run(apis[0].styles()))}]
    for photo, absent in ((CAT, ("faces", "person")), (ASTRONAUT, ())):
        step = Step("paint", {"styles": styles})
        assert loop.run(api.render(RenderRequest(photo, (step,), look=True))).absent == absent
        assert loop.run(api.render(RenderRequest(photo, (step,)))).absent == ()


def test_frames_of_a_clip_are_not_searched_for_faces():
    effect = PaintEffect()
    params = effect.spec.checked({"styles": [{"slug": "any"}]})
    job = Job([(effect, params)], look=True)
    still, frame = begin_with(decode(ASTRONAUT), job), begin_frame(decode(ASTRONAUT), job)
    assert isinstance(still, Waiting)
    assert isinstance(frame, Waiting)
    assert still.analyses.keys() == {"faces"}
    assert frame.analyses == {}


def test_what_only_helps_is_done_without(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(analyzers, "find_spec", lambda _: None)
    effect = PaintEffect()
    params = effect.spec.checked({"styles": [{"slug": "any"}]})
    state = begin_with(decode(ASTRONAUT), Job([(effect, params)], look=True))
    assert isinstance(state, Waiting)
    assert state.analyses == {}
    assert state.absent == ("faces", "person")


@pytest.mark.parametrize("where", ["person", "background"])
def test_a_clip_is_refused_before_work(loop: Any, api: EngineApi, where: str):
    clip = video(panned(3))
    request = RenderRequest(clip, (Step("red", {"where": where}),), clip="mp4")
    with pytest.raises(errors.InvalidOptionError, match="in single pictures, not in clips"):
        loop.run(api.render(request))


def test_without_the_package_no_one_is_looked_for(
    loop: Any, stylizer: Stylizer, tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(analyzers, "find_spec", lambda _: None)

    async def scene() -> None:
        async with serving(stylizer, tiny_checkpoint) as (engine, client):
            apis: tuple[EngineApi, ...] = (engine, client)
            for api in apis:
                specs = {spec.id: spec for spec in await api.effects()}
                where = specs["red"].param("where")
                assert where is not None
                assert [option.id for option in where.options] == ["all"]
                with pytest.raises(errors.NotInstalledError, match=r"stylebot\[faces\]"):
                    await api.render(RenderRequest(CAT, (Step("red", {"where": "person"}),)))
                painted = await api.render(RenderRequest(CAT, (Step("red", {"where": "all"}),)))
                assert painted.absent == ()

    loop.run(scene())


def test_a_photo_with_opacity_keeps_it(loop: Any, apis: list[EngineApi]):
    alpha = np.arange(64, dtype=np.uint8).repeat(80).reshape(64, 80)
    photo = encode(Picture(np.full((64, 80, 3), 200, np.uint8), alpha), format="png")
    step, mask = Step("red", {"mask": "mine"}), left_half((80, 64))
    request = RenderRequest(photo, (step,), inputs={"mine": mask}, output="png")
    found = decode(loop.run(apis[0].render(request)).image)
    assert found.alpha is not None
    assert (found.alpha == alpha).all()
    # Where it is transparent, the file has no colour to keep.
    assert (found.rgb[1:, :40] == RED).all()
    assert (found.rgb[1:, 40:] == 200).all()


@pytest.mark.parametrize("effect", COLOURS)
def test_a_glance_tells_what_other_values_would_find(loop: Any, api: EngineApi, effect: str):
    for photo, absent in ((CAT, ("person",)), (ASTRONAUT, ())):
        request = RenderRequest(photo, (Step(effect),), output="png", look=True)
        painted = loop.run(api.render(request))
        assert painted.absent == absent
        # All of it is painted, whatever is there.
        assert (decode(painted.image).rgb == COLOURS[effect]).all()

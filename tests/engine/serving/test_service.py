"""What the engine adds to stylizer and queue: bounds before decoding, one painting for equal
requests, buckets, a cache, an end."""

import asyncio
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest
import torch
from typing_extensions import override

from engine.api.contract import Painted, RenderRequest, Report, Step
from engine.api.errors import (
    DeadlineError,
    EngineBusyError,
    ShuttingDownError,
    TooManyRequestsError,
)
from engine.effects.effect import Effect, Params, Sample
from engine.effects.painting import PaintEffect
from engine.painting.stylizer import Stylizer
from engine.serving.batcher import BatchLimits
from engine.serving.pipeline import _ORIGINALS_BYTES, Call, Pipeline, Turn, Work
from engine.serving.service import Engine
from engine.serving.sharing import Cache
from tests.waiting import until

pytestmark = pytest.mark.anyio
Photo = Callable[..., bytes]
PAINT = PaintEffect()


class GatedPipeline(Pipeline):
    """A pipeline whose pictures wait for a gate, one for all or one by turn, and that counts them.

    Attributes:
        failing: Users for whom there is no room.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.gate = asyncio.Event()
        self.gates: dict[tuple[str, str], asyncio.Event] = defaultdict(asyncio.Event)
        self.failing: set[str] = set()
        self.begun = 0

    @override
    async def render(
        self, call: Call, steps: Sequence[tuple[Effect, Params]], report: Report
    ) -> Painted:
        self.begun += 1
        gates = self.gate, self.gates[call.request.priority, call.request.user]
        waits = [asyncio.ensure_future(gate.wait()) for gate in gates]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        if call.request.user in self.failing:
            raise EngineBusyError("full")
        return Painted(call.request.image + b" painted", "image/jpeg")


class Gated(Engine):
    """An engine with such a pipeline."""

    pipeline_class = GatedPipeline

    @property
    def pipeline(self) -> GatedPipeline:
        assert isinstance(self._pipeline, GatedPipeline)
        return self._pipeline


@asynccontextmanager
async def gated(stylizer: Stylizer, **limits: int) -> AsyncIterator[Gated]:
    engine = Gated(stylizer, BatchLimits(**limits))
    try:
        yield engine
    finally:
        engine.pipeline.gate.set()
        await engine.close()


def ask(
    engine: Engine, image: bytes, user: str = "u", strength: float = 1.0, **more: Any
) -> "asyncio.Task[Painted]":
    request = RenderRequest(image, (painting(strength=strength),), user=user, **more)
    return asyncio.create_task(engine.render(request))


def painting(**params: Any) -> Step:
    return Step("paint", {"styles": [{"slug": "storm"}], **params})


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_equal_requests_are_painted_once_while_any_of_them_waits(stylizer: Stylizer):
    async with gated(stylizer) as engine:
        first, second, other = ask(engine, b"a"), ask(engine, b"a"), ask(engine, b"b")
        await settle()
        assert engine.pipeline.begun == 2
        first.cancel()
        await settle()
        third = ask(engine, b"a")
        await settle()
        assert engine.pipeline.begun == 2
        engine.pipeline.gate.set()
        for task, image in ((second, b"a"), (third, b"a"), (other, b"b")):
            assert (await task).image == image + b" painted"
        assert (await ask(engine, b"a")).cached


async def test_what_no_one_waits_for_any_more_is_given_up(stylizer: Stylizer):
    async with gated(stylizer) as engine:
        callers = [ask(engine, b"a") for _ in range(3)]
        await settle()
        for caller in callers:
            caller.cancel()
        await settle()
        assert not engine._in_work.tries
        assert engine.queue_now().waiting == 0
        anew = ask(engine, b"a")
        await settle()
        assert engine.pipeline.begun == 2
        engine.pipeline.gate.set()
        assert (await anew).image == b"a painted"


async def test_callers_who_ask_the_same_each_have_their_own_deadline(stylizer: Stylizer):
    async with gated(stylizer) as engine:
        hasty = ask(engine, b"a", timeout_s=0.05)
        patient = ask(engine, b"a")
        with pytest.raises(DeadlineError):
            await hasty
        later = ask(engine, b"a", timeout_s=0.05)
        with pytest.raises(DeadlineError):
            await later
        assert engine.pipeline.begun == 1
        engine.pipeline.gate.set()
        assert (await patient).image == b"a painted"


async def test_who_asks_the_same_in_another_turn_need_not_wait_for_the_first(stylizer: Stylizer):
    async with gated(stylizer) as engine:
        bulk = ask(engine, b"a", priority="bulk")
        await settle()
        others = [ask(engine, b"a"), ask(engine, b"a", "v")]
        await settle()
        assert engine.pipeline.begun == 3
        engine.pipeline.gates["interactive", "v"].set()
        for caller in (bulk, *others):
            assert (await caller).image == b"a painted"
        assert not engine._in_work.tries


async def test_an_error_in_one_turn_is_not_another_s(stylizer: Stylizer):
    async with gated(stylizer) as engine:
        first, second = ask(engine, b"a"), ask(engine, b"a", "v")
        await settle()
        engine.pipeline.failing.add("v")
        engine.pipeline.gates["interactive", "v"].set()
        with pytest.raises(EngineBusyError):
            await second
        assert not first.done()
        engine.pipeline.gates["interactive", "u"].set()
        assert (await first).image == b"a painted"


class HeldPipeline(Pipeline):
    """A pipeline whose codec calls for bulk work do not end before they may."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.held = 0
        self.gate = threading.Event()

    @override
    async def _in_turn(self, turn: Turn, work: Callable[[], Any]) -> Any:
        def holding() -> Any:
            if turn.priority == "bulk":
                self.held += 1
                self.gate.wait(60)
            return work()

        return await super()._in_turn(turn, holding)


class Held(Engine):
    pipeline_class = HeldPipeline


async def test_a_photo_waits_for_no_codec_call_of_anothers_bulk_work(
    stylizer: Stylizer, photo: Photo
):
    """24 large photos of one person as bulk, then a small and a large one of another."""

    engine = Held(stylizer, BatchLimits(queued_items_per_user=64))
    pipeline = engine._pipeline
    assert isinstance(pipeline, HeldPipeline)
    large = [photo(seed, 2000, 1500, "JPEG") for seed in range(3)]
    bulk = [
        ask(engine, large[number % 3], "bulk", priority="bulk", strength=1 - number / 100)
        for number in range(24)
    ]
    await until(lambda: pipeline.held)
    for width, height in ((512, 384), (2000, 1500)):
        await ask(engine, photo(9, width, height, "JPEG"), "person")
    assert pipeline.held == 1
    pipeline.gate.set()
    for caller in bulk:
        caller.cancel()
    await asyncio.gather(*bulk, return_exceptions=True)
    await engine.close()


async def test_what_there_is_no_room_to_keep_is_decoded_again(
    stylizer: Stylizer, photo: Photo, monkeypatch: pytest.MonkeyPatch
):
    steps = (Step("warm"), painting(keep_colours=True), painting())
    request = RenderRequest(photo(3, 300, 200), steps, output="png")
    roomy = Engine(stylizer, cache_bytes=0)
    kept = await roomy.render(request)
    assert roomy._pipeline._originals_left_bytes == _ORIGINALS_BYTES
    await roomy.close()
    monkeypatch.setattr("engine.serving.pipeline._ORIGINALS_BYTES", 100)
    narrow = Engine(stylizer, cache_bytes=0)
    again = await narrow.render(request)
    await narrow.close()
    assert kept.image == again.image


async def test_bounds_are_met_before_anything_is_decoded(stylizer: Stylizer):
    async with gated(stylizer, queued_items=3, queued_items_per_user=2) as engine:
        callers = [ask(engine, b"1"), ask(engine, b"2")]
        await settle()
        with pytest.raises(TooManyRequestsError):
            await ask(engine, b"3")
        callers.append(ask(engine, b"4", "v"))
        await settle()
        with pytest.raises(EngineBusyError):
            await ask(engine, b"5", "w")
        assert engine.pipeline.begun == 3
        assert (await engine.queue()).waiting == 3
        engine.pipeline.gate.set()
        await asyncio.gather(*callers)
        assert (await ask(engine, b"5", "w")).image == b"5 painted"


async def test_closing_answers_those_inside_and_no_one_new(stylizer: Stylizer):
    async with gated(stylizer) as engine:
        inside = ask(engine, b"1")
        await settle()
        closing = asyncio.create_task(engine.close())
        await settle()
        with pytest.raises(ShuttingDownError):
            await ask(engine, b"2")
        with pytest.raises(ShuttingDownError):
            await engine.extract_style([b"2"])
        engine.pipeline.gate.set()
        assert (await inside).image == b"1 painted"
        await closing


async def test_photos_of_about_one_shape_share_a_bucket_and_come_back_in_their_own(
    stylizer: Stylizer,
):
    engine = Engine(stylizer)
    pipeline = engine._pipeline
    pipeline._bucket_px = 64
    rng = np.random.default_rng(0)
    vector = stylizer.open_code(stylizer.style_code("storm"))
    shapes = [(100, 60), (128, 64), (65, 33), (70, 64)]
    samples = [
        Work(PAINT, Sample(pixels, vector, {"strength": strength}), "interactive")
        for shape, strength in zip(shapes, (1.0, 1.0, 0.5, 0.0), strict=True)
        for pixels in [rng.integers(0, 256, (*shape, 3), dtype=np.uint8)]
    ]
    painted = pipeline._run(samples)
    assert [picture.shape[:2] for picture in painted] == shapes
    for sample, picture in zip(samples, painted, strict=True):
        (alone,) = pipeline._run([sample])
        assert np.abs(alone.astype(int) - picture[: len(alone), : alone.shape[1]]).mean() < 20
    # At strength 0 nothing is left of padding or painting.
    assert np.abs(painted[3].astype(int) - samples[3].sample.pixels).max() <= 1
    await engine.close()


async def test_a_full_size_sample_is_painted_as_the_stylizer_does(stylizer: Stylizer):
    engine = Engine(stylizer)
    pixels = np.random.default_rng(1).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    vector = stylizer.open_code(stylizer.style_code("calm"))
    sample = Sample(pixels, vector, {"strength": 1.0})
    (painted,) = engine._pipeline._run([Work(PAINT, sample, "interactive")])
    content = torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255
    direct = stylizer.stylize(content, vector[None], torch.ones(1))[0].permute(1, 2, 0)
    assert np.abs(painted - direct.mul(255).round().numpy()).max() <= 1
    await engine.close()


async def test_photos_side_by_side_share_a_cpus_threads(
    stylizer: Stylizer, photo: Photo, monkeypatch: pytest.MonkeyPatch
):
    """One alone has all of them; of two each has half, and neither waits for the other."""
    before = torch.get_num_threads()
    torch.set_num_threads(4)
    together = threading.Barrier(2)
    counted: list[int] = []
    paint = stylizer.stylize

    def count(*args: Any) -> Any:
        counted.append(torch.get_num_threads())
        if len(counted) > 1:
            together.wait(timeout=20)
        return paint(*args)

    monkeypatch.setattr(stylizer, "stylize", count)

    engine = Engine(stylizer, BatchLimits(workers=2, batch_items=1))
    await ask(engine, photo(1))
    await asyncio.gather(ask(engine, photo(2)), ask(engine, photo(3)))
    await engine.close()
    torch.set_num_threads(before)
    assert counted == [4, 2, 2]


def test_the_cache_keeps_what_was_wanted_last_within_its_bytes():
    cache = Cache(10)
    for key in "abc":
        cache.put(key, Painted(b"1234", "image/png"))
    assert cache.get("a") is None
    assert cache.get("b") is not None
    cache.put("d", Painted(b"1234", "image/png"))
    assert cache.get("c") is None
    found: Any = cache.get("b")
    assert found.cached
    cache.put("b", Painted(b"1234", "image/png"))
    cache.put("huge", Painted(bytes(11), "image/png"))
    assert cache.get("huge") is None
    assert cache.get("b")
    assert cache._kept.currsize == 8

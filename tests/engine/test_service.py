"""What the engine adds to stylizer and queue: bounds before decoding, one painting for equal
requests, buckets, a cache, an end."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest
import torch
from typing_extensions import override

from engine.batcher import BatchLimits
from engine.contract import Painted, StylizeOptions, StylizeRequest
from engine.errors import EngineBusyError, ShuttingDownError, TooManyRequestsError
from engine.service import Engine, Sample, _Cache
from engine.stylizer import Stylizer

Photo = Callable[..., bytes]


class Gated(Engine):
    """An engine whose paintings wait for a gate, and that counts them."""

    def __init__(self, stylizer: Stylizer, limits: BatchLimits) -> None:
        super().__init__(stylizer, limits)
        self.gate = asyncio.Event()
        self.begun = 0

    @override
    async def _repaint(self, request: StylizeRequest) -> bytes:
        self.begun += 1
        await self.gate.wait()
        return request.image + b" painted"


@asynccontextmanager
async def gated(stylizer: Stylizer, **limits: int) -> AsyncIterator[Gated]:
    engine = Gated(stylizer, BatchLimits(**limits))
    try:
        yield engine
    finally:
        engine.gate.set()
        await engine.close()


def ask(engine: Engine, image: bytes, user: str = "u") -> "asyncio.Task[Painted]":
    code = engine.stylizer.style_code("storm")
    request = StylizeRequest(image, StylizeOptions(code), user)
    return asyncio.create_task(engine.stylize(request))


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_equal_requests_are_painted_once_while_any_of_them_waits(stylizer: Stylizer):
    async def scene() -> None:
        async with gated(stylizer) as engine:
            first, second, other = ask(engine, b"a"), ask(engine, b"a"), ask(engine, b"b")
            await settle()
            assert engine.begun == 2
            first.cancel()
            await settle()
            third = ask(engine, b"a")
            await settle()
            assert engine.begun == 2
            engine.gate.set()
            for task, image in ((second, b"a"), (third, b"a"), (other, b"b")):
                assert (await task).image == image + b" painted"
            assert (await ask(engine, b"a")).cached

    asyncio.run(scene())


def test_what_no_one_waits_for_any_more_is_given_up(stylizer: Stylizer):
    async def scene() -> None:
        async with gated(stylizer) as engine:
            callers = [ask(engine, b"a") for _ in range(3)]
            await settle()
            for caller in callers:
                caller.cancel()
            await settle()
            assert not engine._in_work.shared
            assert engine.queue_now().waiting == 0
            anew = ask(engine, b"a")
            await settle()
            assert engine.begun == 2
            engine.gate.set()
            assert (await anew).image == b"a painted"

    asyncio.run(scene())


def test_bounds_are_met_before_anything_is_decoded(stylizer: Stylizer):
    async def scene() -> None:
        async with gated(stylizer, queued_items=3, queued_items_per_user=2) as engine:
            callers = [ask(engine, b"1"), ask(engine, b"2")]
            await settle()
            with pytest.raises(TooManyRequestsError):
                await ask(engine, b"3")
            callers.append(ask(engine, b"4", "v"))
            await settle()
            with pytest.raises(EngineBusyError):
                await ask(engine, b"5", "w")
            assert engine.begun == 3
            assert (await engine.queue()).waiting == 3
            engine.gate.set()
            await asyncio.gather(*callers)
            assert (await ask(engine, b"5", "w")).image == b"5 painted"

    asyncio.run(scene())


def test_closing_answers_those_inside_and_no_one_new(stylizer: Stylizer):
    async def scene() -> None:
        async with gated(stylizer) as engine:
            inside = ask(engine, b"1")
            await settle()
            closing = asyncio.create_task(engine.close())
            await settle()
            with pytest.raises(ShuttingDownError):
                await ask(engine, b"2")
            with pytest.raises(ShuttingDownError):
                await engine.extract_style([b"2"])
            engine.gate.set()
            assert (await inside).image == b"1 painted"
            await closing

    asyncio.run(scene())


def test_photos_of_about_one_shape_share_a_bucket_and_come_back_in_their_own(stylizer: Stylizer):
    async def scene() -> None:
        engine = Engine(stylizer)
        engine._bucket_px = 64
        rng = np.random.default_rng(0)
        vector = stylizer.open_code(stylizer.style_code("storm"))
        shapes = [(100, 60), (128, 64), (65, 33), (70, 64)]
        samples = [
            Sample(rng.integers(0, 256, (*shape, 3), dtype=np.uint8), vector, strength)
            for shape, strength in zip(shapes, (1.0, 1.0, 0.5, 0.0), strict=True)
        ]
        painted = engine._paint(samples)
        assert [picture.shape[:2] for picture in painted] == shapes
        for sample, picture in zip(samples, painted, strict=True):
            (alone,) = engine._paint([sample])
            assert np.abs(alone.astype(int) - picture[: len(alone), : alone.shape[1]]).mean() < 20
        # At strength 0 nothing is left of padding or painting.
        assert np.abs(painted[3].astype(int) - samples[3].pixels).max() <= 1
        await engine.close()

    asyncio.run(scene())


def test_a_full_size_sample_is_painted_as_the_stylizer_does(stylizer: Stylizer):
    async def scene() -> None:
        engine = Engine(stylizer)
        pixels = np.random.default_rng(1).integers(0, 256, (48, 64, 3), dtype=np.uint8)
        vector = stylizer.open_code(stylizer.style_code("calm"))
        (painted,) = engine._paint([Sample(pixels, vector, 1.0)])
        content = torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255
        direct = stylizer.stylize(content, vector[None], torch.ones(1))[0].permute(1, 2, 0)
        assert np.abs(painted - direct.mul(255).round().numpy()).max() <= 1
        await engine.close()

    asyncio.run(scene())


def test_photos_side_by_side_share_a_cpus_threads(
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

    async def scene() -> None:
        engine = Engine(stylizer, BatchLimits(lanes=2, batch_items=1))
        await ask(engine, photo(1))
        await asyncio.gather(ask(engine, photo(2)), ask(engine, photo(3)))
        await engine.close()

    asyncio.run(scene())
    torch.set_num_threads(before)
    assert counted == [4, 2, 2]


def test_the_cache_keeps_what_was_wanted_last_within_its_bytes():
    cache = _Cache(10)
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
    assert cache._left_bytes == 10

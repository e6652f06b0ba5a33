"""The process that refines: its turn, its end, and the host's."""

import asyncio
import multiprocessing
import os
from collections.abc import Callable, Iterator
from contextlib import aclosing
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from engine.api import errors
from engine.api.settings import read_settings
from engine.painting.stylizer import Stylizer
from engine.serving import host, refine_worker
from engine.serving.refine_worker import RefineWorker, Search
from engine.serving.service import Engine

pytestmark = pytest.mark.anyio

Photo = Callable[..., bytes]


@pytest.fixture
def search(stylizer: Stylizer, photo: Photo) -> Search:
    from engine.serving.codec import decode_reference

    return Search(stylizer.style_code("calm"), [decode_reference(photo())], 300)


@pytest.fixture
def worker(perceptual_weights: Path, tiny_checkpoint: Path) -> RefineWorker:
    return RefineWorker(perceptual_weights, tiny_checkpoint, side_px=64)


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    # Searches that tests of another file gave up end a moment later.
    for process in searching():
        process.join(30)
    yield
    assert not searching()


def searching() -> list[BaseProcess]:
    return [child for child in multiprocessing.active_children() if child.name == "refine"]


def test_one_has_the_turn_and_the_others_are_told_how_long(worker: RefineWorker):
    with (
        worker.turn(100),
        pytest.raises(errors.AlreadyRefiningError, match="100 s") as refused,
        worker.turn(10),
    ):
        raise AssertionError
    assert refused.value.retry_after_s == pytest.approx(100, abs=1)
    with worker.turn(10):
        pass


async def test_a_process_that_is_killed_is_told(worker: RefineWorker, search: Search):
    async with aclosing(worker.run(search)) as steps:
        assert await anext(steps) == 0
        (process,) = searching()
        process.kill()
        with pytest.raises(errors.TrainingError, match="broke off"):
            async for _ in steps:
                pass


def test_it_gives_way_to_everything_else(worker: RefineWorker, search: Search):
    async def scene() -> None:
        async with aclosing(worker.run(search)) as steps:
            # It is so before the first step.
            async for step in steps:
                (process,) = searching()
                assert process.pid
                own = os.getpriority(os.PRIO_PROCESS, 0)
                if os.getpriority(os.PRIO_PROCESS, process.pid) == min(19, own + 10):
                    return
                assert not step
            raise AssertionError

    asyncio.run(scene())


async def test_what_does_not_end_is_ended(
    worker: RefineWorker, search: Search, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(refine_worker, "_GRACE_S", 0.5 - search.seconds)

    async with aclosing(worker.run(search)) as steps:
        await anext(steps)
        with pytest.raises(errors.DeadlineError):
            await anext(steps)


async def test_an_engine_that_closes_brings_home_what_was_found(
    stylizer: Stylizer, worker: RefineWorker, photo: Photo
):
    engine = Engine(stylizer, refine_worker=worker)
    code = stylizer.style_code("calm")
    seen: list[float] = []
    searches = asyncio.Event()

    def report(passed: float) -> None:
        seen.append(passed)
        if passed:
            searches.set()

    task = asyncio.create_task(engine.refine([photo()], code, seconds=300, report=report))
    await searches.wait()
    await engine.close()
    refined = await task
    assert refined.gram_after <= refined.gram_before
    assert seen[-1] < 0.5
    with pytest.raises(errors.ShuttingDownError):
        await engine.refine([photo()], code)


async def test_an_engine_without_weights_says_that_it_cannot(stylizer: Stylizer, photo: Photo):
    engine = Engine(stylizer)
    assert not (await engine.capabilities()).refines
    with pytest.raises(errors.CannotRefineError):
        await engine.refine([photo()], stylizer.style_code("calm"))
    await engine.close()


def test_a_host_refines_with_the_shipped_network_or_another(
    perceptual_weights: Path, tiny_checkpoint: Path, tmp_path: Path
):
    for weights in (None, perceptual_weights):
        host._open_refine_worker(weights, tiny_checkpoint)
    other = tmp_path / "other.safetensors"
    other.write_bytes(b"no weights")
    with pytest.raises(errors.PerceptualWeightsError):
        host._open_refine_worker(other, tiny_checkpoint)


def test_weights_that_are_not_there_are_told_with_the_settings(tmp_path: Path):
    with pytest.raises(errors.InvalidOptionError, match="ENGINE_PERCEPTUAL_WEIGHTS"):
        read_settings(perceptual_weights=tmp_path / "nothing")

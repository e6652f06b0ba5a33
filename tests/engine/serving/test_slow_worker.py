"""Masterworks through an engine: progress, cancelling, deadlines, a worker that is killed."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.api.contract import RenderRequest, Step
from engine.api.errors import DeadlineError, InvalidOptionError
from engine.media.images import decode
from engine.painting.stylizer import Stylizer
from engine.serving.service import Engine
from engine.serving.slow_worker import SlowOptions, SlowWorker

Photo = Callable[..., bytes]


def masterwork(photo: Photo, seed: int = 1, **more: Any) -> RenderRequest:
    """In the style of a picture that is sent along; the tiny checkpoint has no exemplars."""
    params = {"styles": [{"picture": "style"}], "quality": "masterwork"}
    return RenderRequest(
        photo(seed, 96, 80), (Step("paint", params),), inputs={"style": photo(9, 96, 96)},
        output="png", timeout_s=300, **more,
    )  # fmt: skip


@asynccontextmanager
async def opened(
    stylizer: Stylizer, checkpoint: Path, effort: float = 0.2
) -> AsyncIterator[tuple[Engine, SlowWorker]]:
    worker = SlowWorker(SlowOptions(checkpoint, "cpu", side_px=64, effort=effort))
    engine = Engine(stylizer, slow_worker=worker)
    try:
        yield engine, worker
    finally:
        await engine.close()


def test_a_masterwork_is_painted_with_progress(
    stylizer: Stylizer, tiny_checkpoint: Path, photo: Photo
):
    async def scene() -> None:
        async with opened(stylizer, tiny_checkpoint) as (engine, _):
            told: list[float] = []
            request = masterwork(photo)
            painted = await engine.render(request, told.append)
            picture, before = decode(painted.image), decode(request.image)
            assert picture.rgb.shape == before.rgb.shape
            assert np.abs(picture.rgb.astype(int) - before.rgb).mean() > 5
            assert not painted.partial
            assert told == sorted(told)
            assert told[-1] == 1
            assert (await engine.render(request)).cached

    asyncio.run(scene())


def test_a_worker_that_is_killed_is_replaced_and_the_work_done_once_more(
    stylizer: Stylizer, tiny_checkpoint: Path, photo: Photo
):
    async def scene() -> None:
        async with opened(stylizer, tiny_checkpoint) as (engine, worker):
            killed: list[int] = []

            def kill(share: float) -> None:
                if not killed and worker._process and worker._process.pid:
                    killed.append(worker._process.pid)
                    os.kill(killed[0], signal.SIGKILL)

            painted = await engine.render(masterwork(photo), kill)
            assert killed
            assert not painted.partial

    asyncio.run(scene())


def test_who_hangs_up_ends_a_masterwork_and_the_next_one_is_begun(
    stylizer: Stylizer, tiny_checkpoint: Path, photo: Photo
):
    async def scene() -> None:
        # A thousand times the usual steps: it would take all day.
        async with opened(stylizer, tiny_checkpoint, effort=1000) as (engine, worker):
            begun = asyncio.Event()
            task = asyncio.create_task(engine.render(masterwork(photo), lambda share: begun.set()))
            await begun.wait()
            process = worker._process
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            again = asyncio.Event()
            second = asyncio.create_task(
                engine.render(masterwork(photo, 2), lambda share: again.set())
            )
            await asyncio.wait_for(again.wait(), 60)
            # It was told, not killed.
            assert worker._process is process
            second.cancel()
            await asyncio.wait([second])

    asyncio.run(scene())


def test_when_time_is_over_there_is_what_was_painted_by_then_or_an_error(
    stylizer: Stylizer, tiny_checkpoint: Path, photo: Photo, monkeypatch: pytest.MonkeyPatch
):
    async def scene() -> None:
        async with opened(stylizer, tiny_checkpoint) as (engine, worker):
            # Everything is loaded now.
            await engine.render(masterwork(photo))
            run = worker.run

            def soon(*args: Any, **options: Any) -> Any:
                # The first scale is shown, and then there is no time left.
                return run(*args, **options | {"seconds": 0.0})

            monkeypatch.setattr(worker, "run", soon)
            with pytest.raises(DeadlineError):
                await engine.render(masterwork(photo, 3))

    asyncio.run(scene())


def test_an_engine_without_masterworks_offers_none(stylizer: Stylizer, photo: Photo):
    async def scene() -> None:
        engine = Engine(stylizer)
        try:
            (paint,) = [spec for spec in await engine.effects() if spec.id == "paint"]
            quality = paint.param("quality")
            assert quality
            assert [option.id for option in quality.options] == ["fast"]
            with pytest.raises(InvalidOptionError, match="quality must be one of fast"):
                await engine.render(masterwork(photo))
        finally:
            await engine.close()

    asyncio.run(scene())


def test_a_masterwork_of_a_style_whose_picture_is_gone_is_refused(
    stylizer: Stylizer, tiny_checkpoint: Path, photo: Photo
):
    async def scene() -> None:
        async with opened(stylizer, tiny_checkpoint) as (engine, _):
            code = stylizer.extract_style([decode(photo(9))])
            params = {"styles": [{"code": code.to_text()}], "quality": "masterwork"}
            with pytest.raises(InvalidOptionError, match="needs the picture"):
                await engine.render(RenderRequest(photo(1), (Step("paint", params),)))

    asyncio.run(scene())

"""Masterworks through an engine: progress, cancelling, deadlines, a worker that is killed."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.api.contract import PREVIEW_SIDE_PX, Progress, RenderRequest, Step
from engine.api.errors import DeadlineError, InvalidOptionError
from engine.media.images import decode
from engine.painting.stylizer import Stylizer
from engine.serving.service import Engine
from engine.serving.slow_worker import SlowOptions, SlowWorker

pytestmark = pytest.mark.anyio

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
    stylizer: Stylizer, checkpoint: Path, **options: Any
) -> AsyncIterator[tuple[Engine, SlowWorker]]:
    options = {"side_px": 64, "effort": 0.2} | options
    worker = SlowWorker(SlowOptions(checkpoint, "cpu", **options))
    engine = Engine(stylizer, slow_worker=worker)
    try:
        yield engine, worker
    finally:
        await engine.close()


async def test_a_masterwork_is_painted_with_progress_or_not_at_all_where_there_is_no_time(
    stylizer: Stylizer, tiny_checkpoint: Path, photo: Photo, monkeypatch: pytest.MonkeyPatch
):
    async with opened(stylizer, tiny_checkpoint) as (engine, worker):
        told: list[Progress] = []
        request = masterwork(photo)
        painted = await engine.render(request, told.append)
        picture, before = decode(painted.image), decode(request.image)
        assert picture.rgb.shape == before.rgb.shape
        assert np.abs(picture.rgb.astype(int) - before.rgb).mean() > 5
        assert not painted.partial
        shares = [progress.share for progress in told]
        assert shares == sorted(shares)
        assert shares[-1] == 1
        # No one asked to see it before.
        assert {progress.preview for progress in told} == {None}
        assert (await engine.render(request)).cached

        run = worker.run

        def soon(*args: Any, **options: Any) -> Any:
            # It may begin, and then there is no time left.
            return run(*args, **options | {"seconds": 0.0})

        monkeypatch.setattr(worker, "run", soon)
        with pytest.raises(DeadlineError):
            await engine.render(masterwork(photo, 3))


async def test_a_masterwork_is_shown_after_each_scale_to_those_who_ask(
    stylizer: Stylizer, tiny_checkpoint: Path, photo: Photo, monkeypatch: pytest.MonkeyPatch
):
    side_px = 144
    assert side_px < PREVIEW_SIDE_PX
    monkeypatch.setattr("engine.serving.pipeline.PREVIEW_SIDE_PX", side_px)

    told: list[Progress] = []
    heard: list[Progress] = []
    params = {"styles": [{"picture": "style"}], "quality": "masterwork", "brush": "bold"}
    request = replace(masterwork(photo), image=photo(1, 900, 700), steps=(Step("paint", params),))
    async with opened(stylizer, tiny_checkpoint, side_px=200, effort=0.01) as (engine, _):
        # Both wait for the same work, and only one of them wants to see it.
        _, painted = await asyncio.gather(
            engine.render(request, heard.append),
            engine.render(request, told.append, previews=True),
        )
    previews = [progress.preview for progress in told if progress.preview]
    # Scales of 96, 136 and 200 px; the last one is the result.
    assert len(previews) == 2
    assert len(set(previews)) == 2
    assert {progress.preview for progress in heard} == {None}
    assert [one.share for one in heard] == [one.share for one in told]
    result = decode(painted.image).rgb.astype(int)
    sizes = {decode(preview).rgb.shape for preview in previews}
    height, width = result.shape[:2]
    assert sizes == {(side_px * height // width, side_px, 3)} or sizes == {
        (side_px, side_px * width // height, 3)
    }


async def test_a_worker_that_is_killed_is_replaced_and_the_work_done_once_more(
    stylizer: Stylizer, tiny_checkpoint: Path, photo: Photo
):
    async with opened(stylizer, tiny_checkpoint) as (engine, worker):
        killed: list[int] = []
        shares: list[float] = []

        def kill(progress: Progress) -> None:
            shares.append(progress.share)
            if not killed and worker._process and worker._process.pid:
                killed.append(worker._process.pid)
                os.kill(killed[0], signal.SIGKILL)

        painted = await engine.render(masterwork(photo), kill)
        assert killed
        assert not painted.partial
        # It was begun anew.
        assert shares.count(shares[0]) == 2


async def test_who_hangs_up_ends_a_masterwork_and_the_next_one_is_begun(
    stylizer: Stylizer, tiny_checkpoint: Path, photo: Photo
):
    # A thousand times the usual steps: it would take all day.
    async with opened(stylizer, tiny_checkpoint, effort=1000.0) as (engine, worker):
        begun = asyncio.Event()
        task = asyncio.create_task(engine.render(masterwork(photo), lambda progress: begun.set()))
        await begun.wait()
        process = worker._process
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        again = asyncio.Event()
        second = asyncio.create_task(
            engine.render(masterwork(photo, 2), lambda progress: again.set())
        )
        await asyncio.wait_for(again.wait(), 60)
        # It was told, not killed.
        assert worker._process is process
        second.cancel()
        await asyncio.wait([second])


async def test_an_engine_without_masterworks_offers_none(stylizer: Stylizer, photo: Photo):
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


async def test_a_masterwork_of_a_style_whose_picture_is_gone_is_refused(
    stylizer: Stylizer, tiny_checkpoint: Path, photo: Photo
):
    async with opened(stylizer, tiny_checkpoint) as (engine, _):
        code = stylizer.extract_style([decode(photo(9))])
        params = {"styles": [{"code": code.to_text()}], "quality": "masterwork"}
        with pytest.raises(InvalidOptionError, match="needs the picture"):
            await engine.render(RenderRequest(photo(1), (Step("paint", params),)))

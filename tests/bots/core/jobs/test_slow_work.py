"""Slow work is shown while it lasts, ends once, and leaves nothing but its result."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import text

from bots.core.common.services import Preview
from bots.core.jobs.workers import Workers
from bots.core.requests.queueing import accept, cancel, job
from engine.api.contract import Progress
from engine.api.errors import EngineUnavailableError
from tests.bots.core.conftest import ANN, GrowingEngine, Stage

pytestmark = pytest.mark.anyio

SKETCH = b"a picture that is not finished"


def slowly(stage: Stage) -> GrowingEngine:
    """Let slow work be done step by step."""
    engine = stage.engine = GrowingEngine()
    stage.services = replace(stage.services, engine=engine)
    stage.workers = Workers(stage.services, [stage.platform])
    return engine


async def queued(stage: Stage, *photos: str) -> int:
    return (await accept(stage.services, stage.asked("wave masterwork", *photos))).job.id


async def until(seen: Callable[[], object]) -> None:
    for _ in range(2000):
        if seen():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it never was so")


async def stored(stage: Stage) -> str:
    """Everything in the database, as text."""
    found = []
    async with stage.services.database.reading() as transaction:
        for table in ("jobs", "history", "pictures"):
            rows = await transaction.jobs._connection.execute(text(f"SELECT * FROM {table}"))  # noqa: S608
            found += [repr(row) for row in rows]
    return "\n".join(found)


async def test_it_is_shown_fast_first_and_then_as_it_grows(stage: Stage):
    engine = slowly(stage)
    job_id = await queued(stage)
    working = asyncio.create_task(stage.work())
    await until(lambda: engine.begun)
    assert stage.services.previews == {job_id: Preview(0, b"A as great-wave")}
    fast = engine.asked[0]
    assert (fast.steps[0].params["quality"], fast.priority) == ("fast", "interactive")
    for number in (1, 2):
        engine.steps.put_nowait(Progress(number / 4, SKETCH))
        engine.steps.put_nowait(Progress(number / 4 + 0.1))
        await until(lambda: stage.services.shares[job_id] == number / 4 + 0.1)  # noqa: B023
        assert stage.services.previews[job_id] == Preview(number, SKETCH)
    assert SKETCH.decode() not in await stored(stage)
    engine.steps.put_nowait(None)
    await working
    assert stage.platform.results == {job_id: [b"A as great-wave"]}
    assert (stage.services.previews, stage.services.shares) == ({}, {})
    assert SKETCH.decode() not in await stored(stage)


async def test_an_album_has_no_place_to_show_it(stage: Stage):
    engine = slowly(stage)
    job_id = await queued(stage, "a", "b")
    for _ in range(2):
        engine.steps.put_nowait(Progress(0.5, SKETCH))
        engine.steps.put_nowait(None)
    await stage.work()
    assert len(stage.platform.results[job_id]) == 2
    assert len(engine.asked) == 2
    assert stage.services.previews == {}


async def test_what_is_given_up_ends_with_the_next_step(stage: Stage):
    engine = slowly(stage)
    job_id = await queued(stage)
    working = asyncio.create_task(stage.work())
    await until(lambda: engine.begun)
    await cancel(stage.services, ANN, job_id)
    engine.steps.put_nowait(Progress(0.5, SKETCH))
    await working
    assert (engine.begun, engine.given_up) == (1, 1)
    assert (stage.platform.results, stage.platform.told) == ({}, {})
    found = await job(stage.services, job_id)
    assert found
    assert found.state == "cancelled"
    assert (stage.services.previews, stage.services.shares) == ({}, {})


async def test_a_worker_that_dies_in_the_middle_is_followed_by_one_that_begins_anew(stage: Stage):
    engine = slowly(stage)
    job_id = await queued(stage)
    dying = asyncio.create_task(stage.work("first"))
    await until(lambda: engine.begun)
    engine.steps.put_nowait(Progress(0.5, SKETCH))
    await until(lambda: stage.services.previews[job_id].number)
    dying.cancel()
    await asyncio.wait([dying])
    assert stage.services.previews == {}
    stage.clock.pass_(minutes=5)
    working = asyncio.create_task(stage.work("second"))
    await until(lambda: engine.begun == 2)
    assert stage.services.previews[job_id].number == 0
    engine.steps.put_nowait(None)
    await working
    assert stage.platform.results == {job_id: [b"A as great-wave"]}


async def test_an_engine_that_goes_away_in_the_middle_costs_no_try(stage: Stage):
    engine = slowly(stage)
    job_id = await queued(stage)
    engine.steps.put_nowait(Progress(0.5, SKETCH))
    engine.steps.put_nowait(EngineUnavailableError("The engine cannot be reached."))
    await stage.work()
    assert stage.services.previews == {}
    assert stage.platform.paused_jobs == [job_id]
    stage.clock.pass_(minutes=1)
    engine.steps.put_nowait(None)
    await stage.work()
    assert stage.platform.results == {job_id: [b"A as great-wave"]}

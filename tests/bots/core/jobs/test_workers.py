"""The workers: every job ends once, whatever breaks on the way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bots.core.errors import SourceGoneError
from bots.core.jobs.platform import DeliverLaterError, UncertainDeliveryError, UndeliverableError
from bots.core.jobs.workers import Workers
from bots.core.requests.queueing import accept, cancel
from bots.core.styles import catalogue, custom_styles
from bots.core.users import history, preferences
from storage.errors import StorageUnavailableError
from storage.transaction import Transaction
from storage.values.jobs import Job
from storage.values.recipes import Choice
from tests.bots.core.conftest import ANN, BEN, HERE, Stage, value

pytestmark = pytest.mark.anyio


async def queued(stage: Stage, words: str = "wave", *photos: str, **more: Any) -> int:
    return (await accept(stage.services, stage.asked(words, *photos, **more))).job.id


async def job(stage: Stage, job_id: int) -> Job:
    async with stage.services.database.reading() as transaction:
        found = await transaction.jobs.get(job_id)
    assert found
    return found


async def test_a_job_is_painted_delivered_and_remembered(stage: Stage):
    job_id = await queued(stage, "wave 70", params={"keep_colours": True})
    assert await stage.work() == 1
    assert stage.platform.results == {job_id: [b"A as great-wave"]}
    (request,) = stage.engine.asked
    (step,) = request.steps
    assert (step.effect, step.params["strength"], step.params["keep_colours"]) == (
        "paint", 0.7, True,
    )  # fmt: skip
    assert (request.priority, request.inputs) == ("interactive", {})
    # The engine is told apart from where a photo is, not where that is.
    assert request.user == stage.services.pseudonym(HERE)[:16]
    assert len(request.user) == 16
    done = await job(stage, job_id)
    assert (done.state, done.result, done.progress) == ("delivered", {"message": job_id}, 1)
    (entry,) = await history.page(stage.services, ANN)
    assert (entry.title, value(entry.recipe, "strength"), entry.result) == (
        "The Great Wave", 0.7, {"message": job_id},
    )  # fmt: skip


async def test_history_that_is_turned_off_stays_empty(stage: Stage):
    await preferences.prefer(stage.services, ANN, history=False)
    await queued(stage)
    assert await stage.work() == 1
    assert await history.page(stage.services, ANN) == []


async def test_a_blend_goes_to_the_engine_as_one_code(stage: Stage):
    job_id = await queued(stage, "wave:2+scream")
    await stage.work()
    assert stage.platform.results[job_id] == [b"A as 2 x great-wave + 1 x scream"]


async def test_an_album_is_one_job_and_leaves_out_what_cannot_be(stage: Stage):
    job_id = await queued(stage, "wave", "a", "bad", "c")
    assert await stage.work() == 1
    assert stage.platform.results[job_id] == [b"A as great-wave", b"C as great-wave"]
    assert stage.platform.notes[job_id] == [
        "Photo 2 was skipped. The picture is damaged and cannot be read."
    ]
    assert stage.platform.progress == [job_id] * 3
    assert (await job(stage, job_id)).progress == 3


async def test_a_photo_that_cannot_be_painted_is_told_in_the_persons_language(stage: Stage):
    await preferences.prefer(stage.services, ANN, language="zh")
    job_id = await queued(stage, "wave", "bad")
    assert await stage.work() == 1
    assert "图片已损坏" in stage.platform.told[job_id]
    failed = await job(stage, job_id)
    assert (failed.state, failed.error, failed.lease_until) == ("failed", "broken_image", None)
    assert stage.platform.results == {}


async def test_a_source_that_is_gone_is_told(stage: Stage):
    job_id = await queued(stage, "wave", "deleted")
    await stage.work()
    assert (
        stage.platform.told[job_id] == "The original photo is no longer available. Send it again."
    )
    assert (await job(stage, job_id)).error == SourceGoneError.code


async def test_while_the_engine_is_away_jobs_wait_and_none_is_counted_against_them(stage: Stage):
    stage.engine.away = True
    job_id = await queued(stage)
    for _ in range(10):
        await stage.work()
        stage.clock.pass_(seconds=6)
    waiting = await job(stage, job_id)
    assert (waiting.state, waiting.tries) == ("queued", 0)
    # The person is told so.
    assert set(stage.platform.paused_jobs) == {job_id}
    stage.engine.away = False
    await stage.work()
    assert stage.platform.results[job_id] == [b"A as great-wave"]
    assert stage.platform.told == {}


async def test_a_platform_that_takes_no_more_is_asked_later(stage: Stage):
    job_id = await queued(stage)
    stage.platform.failures = [None, DeliverLaterError(30)]
    await stage.work()
    assert (await job(stage, job_id)).state == "queued"
    stage.clock.pass_(seconds=29)
    assert await stage.work() == 0
    stage.clock.pass_(seconds=2)
    await stage.work()
    assert len(stage.platform.results[job_id]) == 1


async def test_what_may_have_been_delivered_is_not_sent_again(stage: Stage):
    job_id = await queued(stage)
    stage.platform.failures = [None, UncertainDeliveryError()]
    await stage.work()
    done = await job(stage, job_id)
    assert (done.state, done.result) == ("delivered", {"uncertain": True})
    stage.clock.pass_(minutes=5)
    assert await stage.work() == 0


async def test_who_cannot_be_reached_is_not_told(stage: Stage):
    job_id = await queued(stage)
    stage.platform.failures = [None, UndeliverableError()]
    await stage.work()
    failed = await job(stage, job_id)
    assert (failed.state, failed.error, failed.lease_until) == ("failed", "undeliverable", None)
    # The result is in the person's history, from which it can be repeated.
    (entry,) = await history.page(stage.services, ANN)
    assert (entry.title, entry.result) == ("The Great Wave", {"undelivered": True})
    bad = await queued(stage, "wave", "bad")
    stage.platform.failures = [None, UndeliverableError()]
    await stage.work()
    assert (await job(stage, bad)).lease_until is None
    assert stage.platform.told == {}


async def test_telling_later_is_telling(stage: Stage):
    job_id = await queued(stage, "wave", "bad")
    stage.platform.failures = [None, DeliverLaterError(5)]
    await stage.work()
    assert stage.platform.told == {}
    stage.clock.pass_(seconds=31)
    await stage.work()
    assert job_id in stage.platform.told
    stage.clock.pass_(seconds=31)
    assert await stage.work() == 0


async def test_what_brings_its_worker_down_is_given_up_after_three_tries(stage: Stage):
    """A dead worker says nothing: only its lease ends."""

    job_id = await queued(stage)
    for _ in range(3):
        async with stage.services.database.writing() as transaction:
            taken = await transaction.jobs.claim(
                "doomed", stage.clock(), stage.services.limits.lease, 2
            )
        assert taken
        stage.clock.pass_(seconds=31)
    await stage.work()
    assert "stopped trying" in stage.platform.told[job_id]
    assert (await job(stage, job_id)).error == "gave_up"
    assert stage.engine.asked == []


async def test_what_no_one_foresaw_is_tried_three_times(stage: Stage):
    job_id = await queued(stage)
    stage.platform.failures = [RuntimeError("1"), RuntimeError("2"), RuntimeError("3")]
    for tries in (1, 2):
        await stage.work()
        waiting = await job(stage, job_id)
        assert (waiting.state, waiting.tries) == ("queued", tries)
        stage.clock.pass_(seconds=20)
    await stage.work()
    assert "stopped trying" in stage.platform.told[job_id]


@pytest.mark.parametrize("forgetful", [False, True])
async def test_a_death_between_platform_and_store_is_settled_by_whom_knows(
    stage: Stage, *, forgetful: bool
):
    """Where the platform knows what it has, nothing is sent twice; where not, nothing is lost."""

    services = stage.services
    job_id = await queued(stage)
    async with services.database.writing() as transaction:
        taken = await transaction.jobs.claim("doomed", stage.clock(), services.limits.lease, 2)
        assert taken
        await transaction.jobs.painted(job_id, "doomed", stage.clock())
    if not forgetful:
        stage.platform.results[job_id] = [b"delivered by the doomed"]
    stage.clock.pass_(seconds=31)
    assert await stage.work() == 1
    assert (await job(stage, job_id)).state == "delivered"
    expected = b"A as great-wave" if forgetful else b"delivered by the doomed"
    assert stage.platform.results[job_id] == [expected]
    assert len(await history.page(services, ANN)) == 1


async def test_a_delivery_that_kills_its_workers_ends_too(stage: Stage):
    services = stage.services
    job_id = await queued(stage)
    async with services.database.writing() as transaction:
        await transaction.jobs.claim("doomed", stage.clock(), services.limits.lease, 2)
        await transaction.jobs.painted(job_id, "doomed", stage.clock())
    for _ in range(5):
        stage.clock.pass_(seconds=31)
        async with services.database.writing() as transaction:
            await transaction.jobs.claim("doomed", stage.clock(), services.limits.lease, 2)
    stage.clock.pass_(seconds=31)
    await stage.work()
    assert job_id in stage.platform.told


async def test_what_is_cancelled_while_it_is_painted_goes_nowhere(stage: Stage):
    job_id = await queued(stage)
    stage.engine.before = lambda: cancel(stage.services, ANN, job_id)
    await stage.work()
    assert stage.platform.results == {}
    assert (await job(stage, job_id)).state == "cancelled"


async def test_a_long_job_keeps_its_lease(stage: Stage):
    """The heart beats while the engine paints; another worker finds nothing to take."""

    stage.limited(lease=stage.services.limits.lease / 300)
    job_id = await queued(stage)
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        begun.set()
        await go_on.wait()

    stage.engine.before = wait
    working = asyncio.create_task(stage.workers.work_once("one"))
    await begun.wait()
    for _ in range(5):
        stage.clock.pass_(seconds=0.06)
        renewed_until = stage.clock.now + stage.services.limits.lease
        async with asyncio.timeout(20):
            while (await job(stage, job_id)).lease_until != renewed_until:  # noqa: ASYNC110 - nothing tells it
                await asyncio.sleep(0.01)
    assert not await stage.workers.work_once("two")
    go_on.set()
    assert await working
    assert (await job(stage, job_id)).state == "delivered"


async def test_stale_styles_are_renewed_and_painted(stage: Stage):
    services = stage.services
    own = await custom_styles.add_own(services, ANN, "Grandma", b"picture")
    await queued(stage, "grandma+wave")
    job_id = await queued(stage, "grandma")
    stage.engine.checkpoint = "second"
    await stage.work()
    assert stage.platform.results[job_id] == [b"A as read from picture"]
    assert stage.platform.told == {}
    styles = {s.slug: s for s in await catalogue.listed(services, ANN)}
    assert styles[own.slug].code.checkpoint == "second"
    assert styles["great-wave"].code.checkpoint == "second"
    assert styles["great-wave"].version == 2
    assert styles["sepia"].version == 1


async def test_a_style_that_went_while_its_job_waited_is_told(stage: Stage):
    own = await custom_styles.add_own(stage.services, ANN, "Grandma", b"picture")
    job_id = await queued(stage, "grandma")
    await custom_styles.remove_own(stage.services, ANN, own.id)
    await stage.work()
    assert "no longer exists" in stage.platform.told[job_id]


async def test_a_style_that_cannot_be_renewed_is_told(stage: Stage):
    services, ids = stage.services, await stage.ids()
    job_id = await queued(stage, "grandma", choices=(Choice(ids["scream"]),))
    # The new checkpoint lacks the style: seeding retires it and leaves its code stale.
    stage.engine.checkpoint = "second"
    kept = [info for info in await stage.engine.styles() if info.slug != "scream"]

    async def fewer() -> Any:
        return kept

    stage.engine.styles = fewer  # type: ignore[method-assign]
    await stage.work()
    assert "out of date" in stage.platform.told[job_id]
    async with services.database.reading() as transaction:
        (scream,) = await transaction.styles.get([ids["scream"]])
    assert scream.orphaned


async def test_workers_of_one_process_serve_until_they_are_stopped(stage: Stage):
    workers = Workers(stage.services, [stage.platform], count=3)
    running = asyncio.create_task(workers.run())
    jobs = [await queued(stage, user=(ANN, BEN)[n % 2]) for n in range(6)]
    workers.nudge()
    async with asyncio.timeout(20):
        while len(stage.platform.results) < len(jobs):  # noqa: ASYNC110 - nothing tells it
            await asyncio.sleep(0.01)
    workers.stop()
    await running
    assert sorted(stage.platform.results) == jobs


async def test_news_of_one_job_wake_one_worker_that_wakes_the_next(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    """Each that wakes asks the store, which has other things to do during a flood."""

    stage.limited(look_every=timedelta(seconds=60))
    workers = Workers(stage.services, [stage.platform], count=4)
    looked = 0
    work_once = workers.work_once

    async def counting(worker: str, held_s: float | None = None) -> bool:
        nonlocal looked
        found = await work_once(worker, held_s)
        looked += 1
        return found

    monkeypatch.setattr(workers, "work_once", counting)
    running = asyncio.create_task(workers.run())
    async with asyncio.timeout(20):
        while looked < 4:  # noqa: ASYNC110 - nothing tells it
            await asyncio.sleep(0.01)
        jobs = [await queued(stage, user=user) for user in (ANN, BEN)]
        looked = 0
        workers.nudge()
        while len(stage.platform.results) < 2:  # noqa: ASYNC110 - nothing tells it
            await asyncio.sleep(0.01)
    assert sorted(stage.platform.results) == jobs
    # One for each job, one that found no third, and one after each job.
    assert looked <= 5
    workers.stop()
    async with asyncio.timeout(20):
        await running


async def test_a_store_that_is_away_ends_no_worker(stage: Stage, caplog: pytest.LogCaptureFixture):
    class Broken:
        def writing(self) -> Any:
            raise OSError("no database")

    services = replace(stage.services, database=Broken())  # type: ignore[arg-type]
    workers = Workers(services, [stage.platform])
    assert not await workers.work_once("w")
    assert "a worker failed" in caplog.text


async def test_what_was_delivered_while_the_store_was_away_is_delivered_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    stage.platform.forgetful = True
    database, deliver = stage.services.database, stage.platform.deliver
    writing, away = database.writing, 0

    @asynccontextmanager
    async def failing() -> AsyncIterator[Transaction]:
        nonlocal away
        if away:
            away -= 1
            raise StorageUnavailableError("The database is locked.")
        async with writing() as transaction:
            yield transaction

    async def then_away(*args: Any) -> Any:
        nonlocal away
        result = await deliver(*args)
        # By the time it is back, the lease has ended.
        away = 5
        stage.clock.pass_(minutes=2)
        return result

    monkeypatch.setattr(database, "writing", failing)
    monkeypatch.setattr(stage.platform, "deliver", then_away)
    job_id = await queued(stage, "wave", "a", "b")
    first = asyncio.create_task(stage.workers.work_once("one"))
    while not first.done():
        # Another worker of the process looks for work all the time.
        await stage.workers.work_once("other")
        await asyncio.sleep(0)
    assert (await job(stage, job_id)).state == "delivered"
    assert list(stage.platform.results) == [job_id]

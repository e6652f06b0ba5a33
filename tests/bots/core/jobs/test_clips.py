"""Clips are rendered as bulk work that shows its progress, once, and leave a clip."""

import asyncio
from dataclasses import replace

import pytest

from bots.core.errors import BotError, ClipsOffError, ClipTooLargeError
from bots.core.jobs.workers import Workers
from bots.core.requests import versions
from bots.core.requests.queueing import accept, cancel, described, job, place
from bots.core.styles import seeding
from bots.core.users import history, preferences
from engine.api.contract import REQUEST_TIMEOUT_MAX_S, Capabilities, Progress
from engine.api.errors import ClipTooLongError, EngineError, UnsupportedClipError
from storage.values.json import Json
from tests.bots.core.conftest import ANN, HERE, ArithmeticEngine, ClipEngine, Stage
from tests.bots.core.jobs.test_slow_work import until

pytestmark = pytest.mark.anyio

FILM: Json = {"file": "a", "clip": "mp4", "seconds": 2.5, "bytes": 1000}
WITH_STILL: Json = FILM | {"still": {"file": "b"}}


async def with_clips(stage: Stage, engine: ArithmeticEngine | None = None) -> ClipEngine:
    """Let an engine that takes clips be the stage's."""
    stage.engine = found = engine or ClipEngine()
    stage.services = replace(stage.services, engine=found)
    stage.workers = Workers(stage.services, [stage.platform])
    await seeding.seed(stage.services)
    assert isinstance(found, ClipEngine)
    return found


async def queued(stage: Stage, *photos: Json, words: str = "wave") -> int:
    request_input = replace(stage.asked(words), photos=photos)
    return (await accept(stage.services, request_input)).job.id


async def status(stage: Stage, job_id: int) -> str:
    found = await place(stage.services, job_id)
    assert found
    return described(stage.services, *found, "Great Wave")


async def test_a_clip_is_bulk_work_and_becomes_a_clip(stage: Stage):
    engine = await with_clips(stage)
    job_id = await queued(stage, FILM)
    engine.steps.put_nowait(None)
    await stage.work()
    (asked,) = engine.asked
    assert (asked.image, asked.clip, asked.priority) == (b"A", "mp4", "bulk")
    assert asked.timeout_s == REQUEST_TIMEOUT_MAX_S == 600
    assert stage.platform.results == {job_id: [b"A as great-wave"]}
    assert stage.platform.types == {job_id: ["video/mp4"]}
    assert stage.platform.notes == {job_id: []}


async def test_slow_options_are_left_out(stage: Stage):
    engine = await with_clips(stage, ClipEngine(finished=True))
    job_id = await queued(stage, FILM, words="wave masterwork")
    await stage.work()
    (asked,) = engine.asked
    assert asked.steps[0].params["quality"] == "fast"
    assert stage.platform.notes[job_id] == ["Clips are painted without slow options."]


async def test_its_status_has_percent_and_the_time_that_is_left(stage: Stage):
    engine = await with_clips(stage)
    job_id = await queued(stage, FILM)
    working = asyncio.create_task(stage.work())
    await until(lambda: engine.begun)
    # No work has been done yet from which to tell.
    assert await status(stage, job_id) == "Great Wave · 0 %"
    stage.clock.pass_(seconds=20)
    engine.steps.put_nowait(Progress(0.25, b"the first frame"))
    await until(lambda: stage.services.shares[job_id] == 0.25)
    assert await status(stage, job_id) == "Great Wave · 25 % · about 60 s left"
    assert stage.services.previews[job_id].image == b"the first frame"
    engine.steps.put_nowait(None)
    await working
    # From then on the queue tells how long a clip takes: four times as many seconds as photos.
    later = await queued(stage, FILM | {"seconds": 5})
    assert "about 40 s" in await status(stage, later)
    working = asyncio.create_task(stage.work())
    await until(lambda: engine.begun == 2)
    assert await status(stage, later) == "Great Wave · 0 % · about 40 s left"
    engine.steps.put_nowait(None)
    await working


async def test_a_clip_that_is_given_up_ends_with_the_next_frame(stage: Stage):
    engine = await with_clips(stage)
    job_id = await queued(stage, FILM)
    working = asyncio.create_task(stage.work())
    await until(lambda: engine.begun)
    await cancel(stage.services, ANN, job_id)
    engine.steps.put_nowait(Progress(0.1))
    await working
    assert (engine.begun, engine.given_up) == (1, 1)
    assert (stage.platform.results, stage.platform.told) == ({}, {})


async def test_a_worker_that_dies_is_followed_by_one_that_begins_anew(stage: Stage):
    engine = await with_clips(stage)
    job_id = await queued(stage, FILM)
    dying = asyncio.create_task(stage.work("first"))
    await until(lambda: engine.begun)
    dying.cancel()
    await asyncio.wait([dying])
    stage.clock.pass_(minutes=5)
    engine.steps.put_nowait(None)
    await stage.work("second")
    assert engine.begun == 2
    # The platform of the tests refuses a second delivery.
    assert stage.platform.results == {job_id: [b"A as great-wave"]}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"seconds": 15.6}, "clip_too_long"),
        ({"seconds": 7200}, "clip_too_long"),
        ({"bytes": 20_000_001}, "clip_too_large"),
        ({"bytes": 20_000_001, "seconds": 3600}, "clip_too_large"),
    ],
)
async def test_what_is_too_long_or_large_is_refused_before_it_is_fetched(
    stage: Stage, more: Json, code: str
):
    await with_clips(stage)
    with pytest.raises((ClipTooLargeError, ClipTooLongError)) as refused:
        await queued(stage, WITH_STILL | more)
    error = refused.value
    assert isinstance(error, BotError | EngineError)
    assert error.code == code
    assert await stage.work() == 0


@pytest.mark.parametrize("more", [{"seconds": 15.4}, {"bytes": 20_000_000}, {}])
async def test_what_is_just_short_enough_is_accepted(stage: Stage, more: Json):
    await with_clips(stage, ClipEngine(finished=True))
    job_id = await queued(stage, FILM | more)
    await stage.work()
    assert job_id in stage.platform.results


async def test_without_clips_the_still_is_painted_or_nothing(stage: Stage):
    assert (await stage.engine.capabilities()).clips == ()
    with pytest.raises(ClipsOffError):
        await queued(stage, FILM)
    job_id = await queued(stage, WITH_STILL)
    await stage.work()
    assert stage.platform.results == {job_id: [b"B as great-wave"]}
    (note,) = stage.platform.notes[job_id]
    assert "first frame only" in note
    assert [one.clip for one in stage.engine.asked] == [""]


async def test_where_photos_are_checked_the_still_is_checked_and_painted(stage: Stage):
    engine = await with_clips(stage)
    async with stage.services.database.writing() as transaction:
        settings = await transaction.people.chat(HERE)
        await transaction.people.settle(HERE, replace(settings, photo_check="refuse"))
    with pytest.raises(ClipsOffError):
        await queued(stage, FILM)
    check = Check()
    stage.services = replace(stage.services, content_check=check)
    stage.workers = Workers(stage.services, [stage.platform])
    job_id = await queued(stage, WITH_STILL)
    await stage.work()
    assert check.seen == [b"B bare"]
    assert stage.platform.results == {job_id: [b"B as great-wave"]}
    assert not engine.begun


class Check:
    """Finds nothing."""

    def __init__(self) -> None:
        self.seen: list[bytes] = []

    async def unsuitable(self, picture: bytes) -> bool:
        self.seen.append(picture)
        return False


async def test_a_check_that_was_switched_on_meanwhile_counts(stage: Stage):
    await with_clips(stage)
    job_id = await queued(stage, FILM)
    async with stage.services.database.writing() as transaction:
        settings = await transaction.people.chat(HERE)
        await transaction.people.settle(HERE, replace(settings, photo_check="spoiler"))
    await stage.work()
    assert stage.platform.results == {}
    assert "Clips are not painted here." in stage.platform.told[job_id]


async def test_an_engine_that_cannot_use_the_clip_says_so(stage: Stage):
    engine = await with_clips(stage)
    job_id = await queued(stage, FILM)
    engine.steps.put_nowait(UnsupportedClipError("The clip is encrypted."))
    await stage.work()
    assert "encrypted" in stage.platform.told[job_id]


async def test_in_an_album_each_is_painted_as_what_it_is(stage: Stage):
    engine = await with_clips(stage, ClipEngine(finished=True))
    job_id = await queued(stage, {"file": "b"}, FILM, FILM | {"file": "bad"})
    await stage.work()
    assert [one.clip for one in engine.asked] == ["", "mp4", "mp4"]
    assert stage.platform.results == {job_id: [b"B as great-wave", b"A as great-wave"]}
    assert stage.platform.types == {job_id: ["image/jpeg", "video/mp4"]}
    assert stage.services.previews == {}


async def test_which_clips_are_accepted_is_known_while_the_engine_is_away(stage: Stage):
    await with_clips(stage)
    fresh = replace(stage.services, clips=type(stage.services.clips)())
    await seeding.recall(fresh)
    assert fresh.clips == stage.services.clips
    assert fresh.clips.seconds == 15
    # It is learnt anew, whenever styles are.
    stage.engine = ArithmeticEngine()
    await seeding.seed(replace(fresh, engine=stage.engine))
    off = Capabilities("first", "cpu", 768, 1, 1)
    assert tuple(fresh.clips.formats) == off.clips


async def test_a_clip_is_painted_again_from_the_history(stage: Stage):
    engine = await with_clips(stage, ClipEngine(finished=True))
    await queued(stage, FILM)
    await stage.work()
    (entry,) = await history.page(stage.services, ANN)
    assert entry.photos == (FILM,)
    await versions.again(stage.services, entry.id, stage.asked("scream"))
    await stage.work()
    assert [one.clip for one in engine.asked] == ["mp4", "mp4"]
    assert (await preferences.preference(stage.services, ANN)).recipe.steps == ()


async def test_a_job_is_found_as_it_was_accepted(stage: Stage):
    await with_clips(stage)
    found = await job(stage.services, await queued(stage, WITH_STILL))
    assert found
    assert found.wanted.photos == (WITH_STILL,)
    assert found.started_at is None

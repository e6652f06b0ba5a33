"""A story's photos are painted, unless they are already, and become one film."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bots.core.errors import (
    AlbumTooLargeError,
    ClipsOffError,
    OtherChatError,
    SourceGoneError,
    StoryTooLargeError,
)
from bots.core.requests import drafts, versions
from bots.core.requests.queueing import accept, cancel, described, place
from bots.core.users import history, privacy
from engine.api.contract import StoryOptions
from storage.values.jobs import Story
from storage.values.people import ChatKey
from storage.values.recipes import Choice
from tests.bots.core.conftest import ANN, ClipEngine, Stage
from tests.bots.core.jobs.test_clips import with_clips
from tests.bots.core.jobs.test_slow_work import until

pytestmark = pytest.mark.anyio

Play = Callable[[Callable[[Stage], Any]], None]
STORY = Story("1:1", 6.0, "Summer")


async def told(stage: Stage, *photos: str, words: str = "wave") -> int:
    """A story is asked for."""
    return (await accept(stage.services, stage.asked(words, *photos, story=STORY))).job.id


async def test_photos_and_their_paintings_become_one_film(stage: Stage):
    engine = await with_clips(stage, ClipEngine(finished=True))
    job_id = await told(stage, "a", "bad", "b")
    await stage.work()
    (request,) = engine.stories
    assert [(each.photo, each.painting) for each in request.scenes] == [
        (b"A", b"A as great-wave"), (b"B", b"B as great-wave"),
    ]  # fmt: skip
    assert request.options == StoryOptions("1:1", 6.0, caption="Summer")
    assert {asked.priority for asked in engine.asked} == {"bulk"}
    assert stage.platform.types == {job_id: ["video/mp4"]}
    # What cannot be painted is left out.
    assert stage.platform.notes[job_id][0].startswith("Photo 2 was skipped.")
    (entry,) = await history.page(stage.services, ANN)
    assert (entry.story, entry.title) == (STORY, "The Great Wave")
    exported = await privacy.export(stage.services, ANN)
    assert exported["history"][0]["story"]["caption"] == "Summer"


async def test_a_result_becomes_a_film_without_being_painted_again(stage: Stage):
    engine = await with_clips(stage, ClipEngine(finished=True))
    first = (await accept(stage.services, stage.asked("wave"))).job.id
    await stage.work()
    made = await versions.version(stage.services, first, ANN)
    stage.platform.files["result"] = b"the result"
    results = [(made, {"file": "result"})]
    await versions.film(stage.services, results, stage.asked(story=STORY))
    await stage.work()
    assert engine.stories[0].scenes[0].painting == b"the result"
    assert len(engine.asked) == 1
    film, _ = await history.page(stage.services, ANN)
    # The same once more; then in another style, for which it is painted.
    await versions.again(stage.services, film.id, stage.asked())
    await stage.work()
    assert engine.stories[1] == engine.stories[0]
    await versions.again(stage.services, film.id, stage.asked("scream"))
    await stage.work()
    assert engine.stories[2].scenes[0].painting == b"A as scream"
    elsewhere = stage.asked(chat=ChatKey("test", "-11"))
    with pytest.raises(OtherChatError):
        await versions.film(stage.services, results, elsewhere)
    del stage.platform.files["result"]
    gone = (await versions.film(stage.services, results, stage.asked(story=STORY))).job.id
    await stage.work()
    assert stage.platform.told[gone] == stage.services.texts.of_code(SourceGoneError.code, "en")


async def test_results_in_several_styles_have_no_style_s_title(stage: Stage):
    await with_clips(stage, ClipEngine(finished=True))
    results = []
    for words in ("wave", "scream"):
        job_id = (await accept(stage.services, stage.asked(words))).job.id
        await stage.work()
        made = await versions.version(stage.services, job_id, ANN)
        results.append((made, {"file": "b"}))
    ticket = await versions.film(stage.services, results, stage.asked(story=STORY))
    assert ticket.title == "Several styles"
    await stage.work()
    entry, *_ = await history.page(stage.services, ANN)
    assert (entry.title, len(entry.photos)) == ("Several styles", 2)


async def test_what_cannot_be_made_is_refused(stage: Stage):
    await with_clips(stage, ClipEngine(finished=True))
    with pytest.raises(StoryTooLargeError):
        await told(stage, *"a" * 11)
    stage.limited(album=4)
    with pytest.raises(AlbumTooLargeError):
        await told(stage, *"a" * 5)
    film = replace(stage.asked("wave", story=STORY), photos=({"file": "a", "clip": "mp4"},))
    with pytest.raises(ClipsOffError):
        await accept(stage.services, film)
    stage.services.clips.formats = ()
    with pytest.raises(ClipsOffError):
        await told(stage, "a")


async def test_its_progress_counts_photos_and_film_and_it_can_be_cancelled(stage: Stage):
    engine = await with_clips(stage)
    job_id = await told(stage, "a", "b")
    working = asyncio.create_task(stage.work())
    await until(lambda: engine.begun)
    found = await place(stage.services, job_id)
    assert found
    assert described(stage.services, *found, "Great Wave").startswith("Great Wave · 25 %")
    await cancel(stage.services, ANN, job_id)
    await working
    assert engine.given_up == 1
    assert (stage.platform.results, stage.platform.told) == ({}, {})


async def test_a_worker_that_dies_is_followed_by_one_that_begins_anew(stage: Stage):
    engine = await with_clips(stage)
    job_id = await told(stage, "a")
    dying = asyncio.create_task(stage.work("first"))
    await until(lambda: engine.begun)
    dying.cancel()
    await asyncio.wait([dying])
    stage.clock.pass_(minutes=5)
    engine.steps.put_nowait(None)
    await stage.work("second")
    assert engine.begun == 2
    # The platform of the tests refuses a second delivery.
    assert stage.platform.types == {job_id: ["video/mp4"]}


async def test_without_a_style_it_waits_as_a_draft(stage: Stage):
    engine = await with_clips(stage, ClipEngine(finished=True))
    question = await drafts.take(stage.services, stage.asked("", "a", "b", story=STORY))
    scream = Choice((await stage.ids())["scream"])
    await drafts.choose(stage.services, question.job.id, stage.asked(choices=(scream,)))
    await stage.work()
    assert [each.painting for each in engine.stories[0].scenes] == [
        b"A as scream", b"B as scream",
    ]  # fmt: skip

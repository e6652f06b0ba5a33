"""In the studio results become a film: one below its painting, or several from the history."""

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update
from typing_extensions import override

from bots.core.users import history
from engine.api.contract import Painted, Progress, Report, StoryOptions, StoryRequest
from storage.models import JobRow
from tests.bots.clip_files import frames_and_sound, rendered
from tests.bots.web_adapter.conftest import Studio, Tab, Visit, picture
from tests.bots.web_adapter.test_clips import Engine as ClipsEngine
from tests.bots.web_adapter.test_clips import put, saved, width_of
from tests.bots.web_adapter.test_masterworks import Listening


class Engine(ClipsEngine):
    """Has a real film for every story, step by step."""

    @override
    async def make_story(self, request: StoryRequest, report: Report | None = None) -> Painted:
        await super().make_story(request, report)
        return Painted(rendered("mp4"), "video/mp4")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


@pytest.fixture(scope="module")
def studio(open_studio: Callable[..., Studio], engine: Engine) -> Studio:
    return open_studio(engine)


def painted(studio: Studio, visit: Visit, number: int = 0, style: str = "great-wave") -> str:
    """Have a photo painted; returns the id of its request."""
    path = visit.paint(visit.drop(picture(number)), studio.style(style))
    visit.wait(path)
    return path.rpartition("/")[2]


def test_a_result_and_its_photo_become_a_film(studio: Studio, engine: Engine):
    visit = studio.visit()
    job_id = painted(studio, visit)
    page = visit.get(f"/paintings/{job_id}").text
    assert 'action="/stories"' in page
    known = len(engine.asked)
    fields = {"result": job_id, "once": visit.field("once", f"/paintings/{job_id}")}
    made = visit.post("/stories", **fields)
    again = visit.post("/stories", **fields)
    assert made.url == again.url != f"{visit.url}/paintings/{job_id}"
    put(studio, engine, None)
    page = visit.wait(made.url.path)
    assert page.count("<video") == 1
    # A film is not painted in another style.
    assert 'id="paint"' not in page
    file = saved(visit, page)
    assert (file.content, file.headers["content-type"]) == (rendered("mp4"), "video/mp4")
    assert len(engine.asked) == known
    told = engine.stories[-1]
    (scene,) = told.scenes
    assert scene.photo == picture()
    assert told.options.shape == "1:1"
    entry, _ = studio.do(history.page(studio.services, visit.user))
    assert entry.title == "The Great Wave"
    assert entry.story


def test_the_history_shows_it_and_makes_it_again(studio: Studio, engine: Engine):
    visit = studio.visit()
    made = visit.post("/stories", result=painted(studio, visit), once="1")
    put(studio, engine, None)
    visit.wait(made.url.path)
    told = engine.stories[-1]
    assert 'aria-label="Film: The Great Wave"' in visit.get("/history").text
    entry, _ = studio.do(history.page(studio.services, visit.user))
    repeated = visit.post(f"/history/{entry.id}/again", once="x")
    put(studio, engine, None)
    visit.wait(repeated.url.path)
    assert engine.stories[-1] == told
    visit.post(f"{repeated.url.path}/delete")
    assert len(studio.do(history.page(studio.services, visit.user))) == 2


def test_several_results_become_one_film(studio: Studio, engine: Engine):
    visit = studio.visit()
    jobs = [
        painted(studio, visit, number, style)
        for number, style in enumerate(("great-wave", "scream", "scream"))
    ]
    listed = visit.get("/history").text
    assert re.findall(r'form="story" name="result" value="(\d+)"', listed) == jobs[::-1]
    made = visit.post(
        "/stories", result=jobs[::-1], shape="16:9", seconds="12", caption=" Summer ", once="1"
    )
    put(studio, engine, None)
    page = visit.wait(made.url.path)
    assert "Several styles" in page
    told = engine.stories[-1]
    # The oldest comes first.
    assert [scene.photo for scene in told.scenes] == [picture(number) for number in range(3)]
    assert told.options == StoryOptions("16:9", 12.0, caption="Summer")
    entry, *_ = studio.do(history.page(studio.services, visit.user))
    assert (entry.title, len(entry.photos)) == ("Several styles", 3)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "A story has 1 to 10 photos."),
        ({"result": [str(number) for number in range(11)]}, "A story has 1 to 10 photos."),
        ({"result": "1", "seconds": "31"}, "A story takes 6 to 30 seconds."),
        ({"result": "1", "caption": "a" * 121}, "A caption has at most 120 characters."),
        ({"result": "999999"}, "no longer in your history"),
    ],
)
def test_what_cannot_be_made_is_said(
    studio: Studio, fields: dict[str, str | list[str]], sentence: str
):
    refused = studio.visit().post("/stories", once="1", **fields)
    assert refused.status_code >= 400
    assert sentence in refused.text


def test_other_visitors_results_are_in_no_film(studio: Studio, engine: Engine):
    job_id, known = painted(studio, studio.visit()), len(engine.stories)
    refused = studio.visit().post("/stories", once="1", result=job_id)
    assert refused.status_code >= 400
    assert "no longer in your history" in refused.text
    assert len(engine.stories) == known


def test_without_films_nothing_is_offered(
    studio: Studio, engine: Engine, monkeypatch: pytest.MonkeyPatch
):
    visit = studio.visit()
    job_id = painted(studio, visit)
    monkeypatch.setattr(studio.services.clips, "formats", ())
    for path in (f"/paintings/{job_id}", "/history"):
        assert 'action="/stories"' not in visit.get(path).text
    assert "Clips are not painted here." in visit.post("/stories", result=job_id, once="1").text


def test_one_whose_painting_is_gone_is_refused(studio: Studio, engine: Engine):
    visit = studio.visit()
    job_id = painted(studio, visit)
    entry, *_ = studio.do(history.page(studio.services, visit.user))
    photo = entry.photos[0]["picture"]
    visit.post(f"/photos/{photo}/delete")
    assert 'action="/stories"' not in visit.get("/history").text
    refused = visit.post("/stories", result=job_id, once="1")
    assert "no longer available" in refused.text


def test_one_that_is_cancelled_ends(studio: Studio, engine: Engine):
    visit = studio.visit()
    before = engine.given_up
    made = visit.post("/stories", result=painted(studio, visit), once="1", seconds="6")
    news = Listening(visit, made.url.path)
    put(studio, engine, Progress(0.5))
    # One picture that is there, and half of six seconds.
    assert "57 %" in str(news.until(share=4 / 7)["words"])
    assert "Cancelled." in visit.post(f"{made.url.path}/cancel").text
    put(studio, engine, Progress(0.6))
    news.until(ended=True)

    async def ended() -> None:
        while engine.given_up == before:  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    studio.do(ended())


def test_after_a_kill_it_is_made_again_and_kept_once(studio: Studio, engine: Engine):
    visit = studio.visit()
    made = visit.post("/stories", result=painted(studio, visit), once="1")
    begun = engine.begun

    async def kill() -> None:
        while engine.begun == begun - 1 or not engine.stories:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        working = [t for t in asyncio.all_tasks() if "Workers._run" in repr(t.get_coro())]
        for task in working:
            task.cancel()
        await asyncio.wait(working)
        async with studio.services.database.writing() as transaction:
            ended = update(JobRow).where(JobRow.lease_until.is_not(None))
            await transaction.jobs._connection.execute(
                ended.values(lease_until=datetime(2026, 1, 1, tzinfo=UTC))
            )

    Listening(visit, made.url.path).until(share=1 / (1 + 4))
    studio.do(kill())
    put(studio, engine, None)
    assert visit.wait(made.url.path).count("<video") == 1
    entries = studio.do(history.page(studio.services, visit.user))
    assert [bool(entry.story) for entry in entries] == [True, False]


def paint_in(there: Tab, page: Page, photo: bytes) -> None:
    """Have a photo painted in a browser."""
    page.goto(there.url)
    page.locator("input[type=file]").first.set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo}
    )
    page.wait_for_url("**/photos/*")
    page.get_by_role("button", name=re.compile("^The Scream")).click()
    page.wait_for_url("**/paintings/*")
    expect(page.locator("[data-compare]")).to_be_visible()


def choose_and_make(there: Tab, page: Page) -> None:
    """Tick all results in the history, and make a film of them."""
    page.goto(f"{there.url}/history")
    ticks = page.get_by_label("“The Scream” into the film")
    # The film itself cannot be in one.
    expect(ticks).to_have_count(2)
    for tick in ticks.all():
        tick.check()
    page.get_by_label("Width to height").select_option("9:16")
    page.get_by_label("Text at the bottom").fill("Two screams")
    there.fits()
    there.accessible()
    page.get_by_role("button", name="Make the film").click()
    page.wait_for_url("**/paintings/*")


def test_in_a_browser(studio: Studio, engine: Engine, browser: Browser):
    context = browser.new_context(reduced_motion="reduce", locale="en-GB")
    there = Tab(context.new_page(), studio.url.rstrip("/"))
    try:
        page = there.open()
        for number in range(2):
            paint_in(there, page, picture(number))
        page.get_by_role("button", name="Film", exact=True).click()
        expect(page.locator("progress")).to_be_visible()
        put(studio, engine, Progress(0.5))
        expect(page.locator(".standing")).to_contain_text("60 %")
        put(studio, engine, None)
        assert width_of(page.locator(".easel video")) == 160
        there.fits()
        there.accessible()
        with page.expect_download() as saving:
            page.get_by_role("link", name="Save the clip").click()
        assert saving.value.suggested_filename == "a-the-scream.mp4"
        choose_and_make(there, page)
        put(studio, engine, None)
        assert width_of(page.locator(".easel video")) == 160
        told = engine.stories[-1]
        assert len(told.scenes) == 2
        assert told.options == StoryOptions("9:16", caption="Two screams")
        assert not there.complaints
    finally:
        context.close()


def test_with_the_real_engine(open_studio: Callable[..., Studio]):
    studio = open_studio()
    visit = studio.visit()
    made = visit.post("/stories", result=painted(studio, visit), once="1", seconds="6")
    page = visit.wait(made.url.path)
    assert frames_and_sound(saved(visit, page).content) == (180, False)

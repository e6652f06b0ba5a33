"""In the studio a clip is dropped, seen growing, and shown beside the original."""

import asyncio
import io
import re
from collections.abc import Callable

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect
from typing_extensions import override

from bots.core.users import history
from engine.api.contract import CLIP_TYPES, Painted, Progress, RenderRequest, Report
from engine.api.errors import ClipTooLongError
from tests.bots.clip_files import film, frames_and_sound, gif, rendered
from tests.bots.core.conftest import ClipEngine, EchoEngine
from tests.bots.web_adapter.conftest import Studio, Tab, Visit, picture
from tests.bots.web_adapter.test_masterworks import Listening

TYPES = {"gif": ("image/gif", gif()), "mp4": ("video/mp4", film())}


class Engine(ClipEngine, EchoEngine):
    """Gives photos back as they are, and for a painted clip a real one, step by step."""

    too_long = False

    @override
    async def render(
        self, request: RenderRequest, report: Report | None = None, *, previews: bool = False
    ) -> Painted:
        if self.too_long:
            raise ClipTooLongError("The clip is too long.")
        if request.clip and not request.steps:
            # As it is, without metadata.
            return Painted(request.image, CLIP_TYPES[request.clip])
        painted = await super().render(request, report, previews=previews)
        return Painted(rendered(request.clip), painted.content_type) if request.clip else painted

    @override
    async def preview(self, slug: str) -> bytes:
        return picture()


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


@pytest.fixture(scope="module")
def studio(open_studio: Callable[..., Studio], engine: Engine) -> Studio:
    return open_studio(engine)


def put(studio: Studio, engine: Engine, step: Progress | None) -> None:
    studio.loop.call_soon_threadsafe(engine.steps.put_nowait, step)


def saved(visit: Visit, page: str) -> httpx.Response:
    """What a page's button saves."""
    (address,) = re.findall(r'href="(/pictures/[^"]+save=[^"]+)"', page)
    return visit.get(address.replace("&amp;", "&"))


@pytest.mark.parametrize("form", TYPES)
def test_a_clip_is_painted_kept_and_saved_as_what_it_is(studio: Studio, engine: Engine, form: str):
    kind, body = TYPES[form]
    visit = studio.visit()
    photo = visit.drop(body)
    shown = visit.get(f"/pictures/{photo}")
    assert (shown.headers["content-type"], shown.content) == (kind, body)
    path = visit.paint(photo, studio.style("great-wave"))
    news = Listening(visit, path)
    put(studio, engine, Progress(0.5))
    told = news.until(share=0.5)
    assert "50 %" in str(told["words"])
    put(studio, engine, None)
    page = visit.wait(path)
    assert page.count("<video") == (2 if form == "mp4" else 0)
    assert "data-compare" not in page
    file = saved(visit, page)
    assert file.content == rendered(form)
    assert file.headers["content-type"] == kind
    assert file.headers["content-disposition"].endswith(f'.{form}"')
    asked = engine.asked[-1]
    assert (asked.clip, asked.priority) == (form, "bulk")
    (entry,) = studio.do(history.page(studio.services, visit.user))
    assert entry.result["types"] == [kind]


@pytest.mark.parametrize("form", TYPES)
def test_the_history_shows_a_still_and_paints_it_again(studio: Studio, engine: Engine, form: str):
    visit = studio.visit()
    path = visit.paint(visit.drop(TYPES[form][1]), studio.style("great-wave"))
    put(studio, engine, None)
    visit.wait(path)
    listed = visit.get("/history").text
    tile = re.search(r'<a class="tile-picture"[^>]*>\s*<(\w+) src="([^"]+)"', listed)
    assert tile
    assert tile[1] == ("video" if form == "mp4" else "img")
    still = visit.get(tile[2])
    if form == "gif":
        with Image.open(io.BytesIO(still.content)) as opened:
            assert not getattr(opened, "is_animated", False)
    # And once more, from there.
    again = visit.post(re.findall(r'action="(/history/\d+/again)"', listed)[0], once="x")
    put(studio, engine, None)
    assert visit.wait(again.url.path).count("<video") == (2 if form == "mp4" else 0)


def test_what_the_engine_says_of_a_clip_is_said_at_the_drop(studio: Studio, engine: Engine):
    visit = studio.visit()
    engine.too_long = True
    try:
        refused = visit.post("/photos", files={"photo": ("a.mp4", film())})
    finally:
        engine.too_long = False
    assert refused.status_code >= 400
    assert "The clip is too long." in refused.text


def test_without_clips_a_gif_s_first_frame_is_painted_and_no_video(
    studio: Studio, engine: Engine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(studio.services.clips, "formats", ())
    visit = studio.visit()
    refused = visit.post("/photos", files={"photo": ("a.mp4", film())})
    assert refused.status_code >= 400
    assert "Clips are not painted here." in refused.text
    taken = visit.post("/photos", files={"photo": ("a.gif", gif())})
    assert "Only its first frame is painted." in taken.text


def test_one_that_is_cancelled_ends_within_a_frame(studio: Studio, engine: Engine):
    visit = studio.visit()
    before = engine.given_up
    path = visit.paint(visit.drop(film()), studio.style("great-wave"))
    news = Listening(visit, path)
    put(studio, engine, Progress(0.25))
    news.until(share=0.25)
    assert "Cancelled." in visit.post(f"{path}/cancel").text
    put(studio, engine, Progress(0.3))
    news.until(ended=True)

    async def ended() -> None:
        while engine.given_up == before:  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    studio.do(ended())


def drop(page: Page, name: str, kind: str, body: bytes) -> None:
    """Send a clip, and have it painted."""
    sent: FilePayload = {"name": name, "mimeType": kind, "buffer": body}
    page.locator("input[type=file]").first.set_input_files(sent)
    page.wait_for_url("**/photos/*")
    page.get_by_role("button", name=re.compile("^The Great Wave")).click()
    page.wait_for_url("**/paintings/*")


def width_of(shown: Locator) -> float:
    """The width of an image or a video, once it has a frame."""
    loaded = """shown => new Promise(done => {
        const look = () => {
            const ready = shown.tagName === "IMG" ? shown.complete : shown.readyState >= 2;
            if (ready) done(shown.naturalWidth || shown.videoWidth);
            else setTimeout(look, 50);
        };
        look();
    })"""
    return float(shown.evaluate(loaded))


@pytest.mark.parametrize("form", TYPES)
def test_in_a_browser_it_grows_and_plays_beside_the_original(
    studio: Studio, engine: Engine, browser: Browser, form: str
):
    kind, body = TYPES[form]
    context = browser.new_context(reduced_motion="reduce", locale="en-GB")
    there = Tab(context.new_page(), studio.url.rstrip("/"))
    try:
        page = there.open()
        drop(page, f"a.{form}", kind, body)
        put(studio, engine, Progress(0.5))
        bar = page.locator("progress")
        expect(bar).to_be_visible()
        expect(bar).to_have_js_property("value", 0.5)
        expect(page.locator(".standing")).to_contain_text("50 %")
        put(studio, engine, None)
        pair = page.locator(".pair figure")
        expect(pair).to_have_count(2)
        assert all(width_of(figure.locator("video, img")) > 0 for figure in pair.all())
        there.fits()
        there.accessible()
        with page.expect_download() as saving:
            page.get_by_role("link", name="Save the clip").click()
        assert saving.value.suggested_filename.endswith(f".{form}")
        page.goto(f"{there.url}/history")
        expect(page.locator(".tile-picture video, .tile-picture img")).to_be_visible()
        assert not there.complaints
    finally:
        context.close()


def test_with_the_real_engine(open_studio: Callable[..., Studio]):
    studio = open_studio()
    visit = studio.visit()
    path = visit.paint(visit.drop(film(sound=True)), studio.style("kiss"))
    page = visit.wait(path)
    assert frames_and_sound(saved(visit, page).content) == (3, True)

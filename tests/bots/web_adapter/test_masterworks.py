"""In the studio a masterwork is seen growing, by its visitor alone."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect
from typing_extensions import override

from engine.api.contract import Progress
from tests.bots.core.conftest import EchoEngine, GrowingEngine
from tests.bots.web_adapter.conftest import Studio, Visit, picture

FIRST, SECOND = picture(1), picture(2)
SLOW = {"param-quality": "masterwork"}


class Engine(GrowingEngine, EchoEngine):
    """Gives photos back as they are, slowly where that is asked for."""

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


class Listening:
    """What a page is told of a request, as it comes."""

    def __init__(self, visit: Visit, path: str) -> None:
        self._visit, self._path = visit, path
        self._news = self._read()

    def _read(self) -> Iterator[dict[str, object]]:
        with self._visit.client.stream("GET", f"{self._path}/events") as events:
            for line in filter(None, events.iter_lines()):
                yield json.loads(line.removeprefix("data: "))

    def until(self, **seen: object) -> dict[str, object]:
        return next(one for one in self._news if seen.items() <= one.items())


def test_a_masterwork_is_seen_growing_by_its_visitor_alone(studio: Studio, engine: Engine):
    visit = studio.visit()
    path = visit.paint(visit.drop(), studio.style("great-wave"), **SLOW)
    news = Listening(visit, path)
    # At first there is what fast painting gives.
    news.until(preview=0)
    assert visit.get(f"{path}/preview").content == picture()
    for number, (share, body) in enumerate(((0.25, FIRST), (0.5, SECOND)), start=1):
        put(studio, engine, Progress(share, body))
        told = news.until(preview=number)
        assert f"{share:.0%}".replace("%", " %") in str(told["words"])
        shown = visit.get(f"{path}/preview")
        assert (shown.content, shown.headers["cache-control"]) == (body, "no-store")
        # Without scripts the page has it as well.
        assert f'src="{path}/preview?number={number}"' in visit.get(path).text
    assert studio.visit().get(f"{path}/preview").status_code == 404
    put(studio, engine, None)
    news.until(ended=True)
    assert "data-compare" in visit.get(path).text
    # Nothing of it is kept.
    assert visit.get(f"{path}/preview").status_code == 404
    assert studio.services.previews == {}


def test_a_masterwork_that_is_given_up_ends_within_a_step(studio: Studio, engine: Engine):
    visit = studio.visit()
    path = visit.paint(visit.drop(), studio.style("great-wave"), **SLOW)
    news = Listening(visit, path)
    before = engine.given_up
    put(studio, engine, Progress(0.5, FIRST))
    news.until(preview=1)
    assert "Cancelled." in visit.post(f"{path}/cancel").text
    put(studio, engine, Progress(0.6, SECOND))
    news.until(ended=True)
    done = threading.Event()

    async def ended() -> None:
        while engine.given_up == before or studio.services.previews:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        done.set()

    studio.do(ended())
    assert done.is_set()
    assert visit.get(f"{path}/preview").status_code == 404


def test_the_page_shows_each_picture_as_it_comes(studio: Studio, engine: Engine, browser: Browser):
    page = browser.new_page()
    try:
        visit = studio.visit()
        path = visit.paint(visit.drop(), studio.style("great-wave"), **SLOW)
        cookie = {"name": "studio", "value": visit.client.cookies["studio"], "url": studio.url}
        page.context.add_cookies([cookie])  # type: ignore[list-item]
        page.goto(f"{studio.url.rstrip('/')}{path}")
        grown = page.locator(".at-work img")
        for number, (share, body) in enumerate(((0.25, FIRST), (0.5, SECOND)), start=1):
            put(studio, engine, Progress(share, body))
            expect(grown).to_have_attribute("src", f"{path}/preview?number={number}")
            expect(page.locator(".standing")).to_contain_text(f"{100 * share:.0f} %")
            assert grown.evaluate("img => img.decode().then(() => img.naturalWidth)") > 0
        put(studio, engine, None)
        expect(page.locator("[data-compare]")).to_be_visible()
    finally:
        page.close()

"""The studio open for visitors, with the real engine and the shipped checkpoint behind it."""

import asyncio
import io
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    Page,
    Response,
    expect,
    sync_playwright,
)

from bots.core.common.services import Services
from bots.process.run import _admins, _run_adapters
from bots.process.startup import open_services
from bots.settings import BotSettings
from bots.web_adapter.app import StudioAdapter
from engine.api.client import EngineClient
from engine.api.contract import EngineApi
from engine.painting.manifest import SAMPLE_PHOTOS
from storage.settings import StorageSettings
from storage.values.people import UserKey
from tests.databases import sqlite_store

Answer = TypeVar("Answer")
ADMIN = UserKey("web", "1")
# What a test waits for is that it comes, not how soon: a machine may have much else to do.
_PATIENCE_MS = 30_000
expect.set_options(timeout=_PATIENCE_MS)
NO_BROWSER = "There is no Chromium: apt-get install chromium, or set CHROMIUM to where it is."


def picture(number: int = 0, side: int = 160, kind: str = "JPEG", **more: Any) -> bytes:
    """A small photo."""
    photo = Image.open(SAMPLE_PHOTOS[number % len(SAMPLE_PHOTOS)]).convert("RGB")
    photo.thumbnail((side, side))
    file = io.BytesIO()
    photo.save(file, kind, **more)
    return file.getvalue()


@dataclass
class Visit:
    """A browser without a screen: it keeps cookies and sends forms."""

    url: str
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.url, timeout=30, headers={"Accept-Language": "en"})

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.client.get(path, **more)

    def token(self) -> str:
        return self.field("csrf")

    def field(self, name: str, path: str = "/") -> str:
        found = re.search(f'name="{name}" value="([^"]+)"', self.get(path).text)
        assert found
        return found[1]

    def post(self, path: str, **fields: Any) -> httpx.Response:
        """Send a form; `files` and `follow` are httpx's, all others its fields."""
        files, follow = fields.pop("files", None), fields.pop("follow", True)
        data = {"csrf": self.token()} | fields
        return self.client.post(path, data=data, files=files, follow_redirects=follow)

    def drop(self, body: bytes | None = None, name: str = "photo") -> str:
        """Send a photo; returns its id."""
        sent = self.post("/photos", files={name: ("a.jpg", body or picture())})
        assert sent.status_code == 200, sent.text
        return sent.url.path.rpartition("/")[2]

    def paint(self, photo: str, style: int, **fields: Any) -> str:
        """Have it painted; returns the path of the page."""
        once = self.field("once", f"/photos/{photo}")
        fields = {"once": once, "param-strength": "100"} | fields
        asked = self.post(f"/photos/{photo}/paint", style=str(style), follow=False, **fields)
        assert asked.status_code == 303, asked.text
        return asked.headers["Location"]

    def wait(self, path: str) -> str:
        """A request's page, once it is over."""
        with self.client.stream("GET", f"{path}/events") as events:
            lines = [line for line in events.iter_lines() if line]
        assert '"ended": true' in lines[-1]
        return self.get(path).text

    @property
    def user(self) -> UserKey:
        if "studio" not in self.client.cookies:
            self.get("/")
        return UserKey("web", self.client.cookies["studio"].partition(".")[0])


@dataclass
class Studio:
    """The studio, open."""

    url: str
    services: Services
    adapter: StudioAdapter
    loop: asyncio.AbstractEventLoop
    console: list[str] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)

    def do(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """Do something where the studio runs."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def visit(self) -> Visit:
        """Someone comes who was never here."""
        self.visits.append(Visit(self.url))
        return self.visits[-1]

    def way_in(self) -> str:
        """The admin's address, as the console shows it."""
        for _ in range(100):
            for line in self.console:
                if line.startswith("admin: "):
                    return line.removeprefix("admin: ")
            time.sleep(0.05)
        raise AssertionError(self.console)

    def style(self, slug: str) -> int:
        async def find() -> int:
            async with self.services.database.reading() as transaction:
                return next(s.id for s in await transaction.styles.all(None) if s.slug == slug)

        return self.do(find())


@pytest.fixture(scope="module")
def open_studio(
    engine_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Studio]]:
    """Open studios, and close them in the end."""
    closing: list[Callable[[], None]] = []

    def start(engine: EngineApi | None = None, **settings: Any) -> Studio:
        opened, close = _open(engine or engine_url, tmp_path_factory, settings)
        closing.append(close)
        return opened

    yield start
    for close in closing:
        close()


@pytest.fixture(scope="module")
def studio(open_studio: Callable[..., Studio]) -> Studio:
    """One for all tests of a file."""
    return open_studio()


def _open(
    engine: str | EngineApi, folders: pytest.TempPathFactory, more: dict[str, Any]
) -> tuple[Studio, Callable[[], None]]:
    folder = folders.mktemp("studio")
    settings = BotSettings(studio_port=0, admin_ids=(ADMIN,), bot_workers=2, **more)
    storage = StorageSettings(
        database_url=sqlite_store(folder / "bot.db"), storage_key_file=folder / "key"
    )
    opened: list[Studio] = []
    ready, stop = threading.Event(), asyncio.Event()

    async def serve() -> None:
        client = EngineClient(engine) if isinstance(engine, str) else engine
        services = await open_services(storage, client, admins=_admins(settings, studio=True))
        console: list[str] = []

        def announce(line: str) -> None:
            console.append(line)
            if not line.startswith("ready: "):
                return
            url = line.removeprefix("ready: web ")
            opened.append(Studio(url, services, adapter, asyncio.get_running_loop(), console))
            ready.set()

        adapter = StudioAdapter(services, settings, announce)

        try:
            await _run_adapters(services, [adapter], settings, announce, stop)
        finally:
            await services.database.close()
            await client.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(30)

    def close() -> None:
        for visit in opened[0].visits:
            visit.client.close()
        opened[0].loop.call_soon_threadsafe(stop.set)
        thread.join(30)
        assert not thread.is_alive()

    return opened[0], close


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, where there is one."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")  # noqa: TID251 - a test's own
    if path is None:
        pytest.skip(NO_BROWSER)
    with sync_playwright() as playwright:
        # Chromium's sandbox needs what containers do not give; nothing here is a stranger's.
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


@dataclass
class Tab:
    """A tab, and everything it complained of."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        page = self.page
        page.set_default_timeout(_PATIENCE_MS)
        # A violation of the Content-Security-Policy is an error on the console, too.
        page.on("console", self._note_said)
        page.on("pageerror", self._note_error)
        page.on("response", self._note_response)

    def _note_said(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            self.complaints.append(said.text)

    def _note_error(self, error: Error) -> None:
        self.complaints.append(str(error))

    def _note_response(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status} {response.url}")

    def open(self, path: str = "/") -> Page:
        self.page.goto(self.url + path)
        return self.page

    def accessible(self) -> None:
        """See that axe finds nothing serious on the page as it is."""
        self.page.wait_for_load_state("load")
        found = Axe().run(self.page).response["violations"]
        serious = [v for v in found if v["impact"] in ("serious", "critical")]
        assert not serious, [(v["id"], [n["html"] for n in v["nodes"]][:3]) for v in serious]

    def fits(self) -> None:
        """See that nothing is wider than the window."""
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert self.page.evaluate(wide) <= 0


@pytest.fixture
def tab(studio: Studio, browser: Browser) -> Iterator[Callable[..., Tab]]:
    """Open tabs of visitors; what they complain of fails the test."""
    tabs: list[Tab] = []

    def new(**more: Any) -> Tab:
        # Pictures that move while axe measures their contrast are measured wrongly.
        context = browser.new_context(**{"reduced_motion": "reduce", "locale": "en-GB"} | more)
        tabs.append(Tab(context.new_page(), studio.url))
        return tabs[-1]

    yield new
    for each in tabs:
        each.page.context.close()
    assert not [complaint for each in tabs for complaint in each.complaints]

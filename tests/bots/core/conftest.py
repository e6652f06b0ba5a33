"""A bot without a platform or a network: a real store, an engine that paints by arithmetic."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from bots.core import styles as style_cases
from bots.core.errors import SourceGoneError
from bots.core.jobs import Workers
from bots.core.services import Limits, Services
from bots.core.stylize import Asked
from engine.contract import (
    Capabilities,
    Painted,
    QueueState,
    Refinement,
    StyleCode,
    StyleInfo,
    StylizeRequest,
)
from engine.errors import BrokenImageError, EngineUnavailableError, StaleStyleError
from storage.database import Database
from storage.sealing import Sealer
from storage.values import ChatKey, Job, Json, UserKey
from tests.databases import play as play_store

ANN, BEN = UserKey("test", "1"), UserKey("test", "2")
ADMIN = UserKey("test", "9")
HERE = ChatKey("test", "-10")
TITLES = {
    "starry-night": {"en": "Starry Night", "zh": "星夜"},
    "great-wave": {"en": "The Great Wave", "zh": "神奈川冲浪里"},
    "scream": {"en": "The Scream", "zh": "呐喊"},
    "sepia": {"en": "Sepia", "zh": "棕褐色"},
}


class ArithmeticEngine:
    """The engine's contract without networks: what it paints says what was asked.

    It keeps the contract's rules: codes of another checkpoint are stale, b"broken" is no picture.
    """

    def __init__(self) -> None:
        self.checkpoint = "first"
        self.away = False
        self.asked: list[StylizeRequest] = []
        self.before: Callable[[], Any] = lambda: None

    async def stylize(self, request: StylizeRequest) -> Painted:
        if self.away:
            raise EngineUnavailableError("The engine cannot be reached.")
        self.asked.append(request)
        if asyncio.iscoroutine(pause := self.before()):
            await pause
        self._open(request.options.style)
        if request.image.startswith(b"broken"):
            raise BrokenImageError("The picture is damaged.")
        return Painted(request.image + b" as " + request.options.style.data, "image/jpeg")

    async def extract_style(self, images: Sequence[bytes]) -> StyleCode:
        if self.away:
            raise EngineUnavailableError("The engine cannot be reached.")
        if images[0].startswith(b"broken"):
            raise BrokenImageError("The picture is damaged.")
        return StyleCode(self.checkpoint, b"read from " + images[0])

    async def refine(
        self,
        images: Sequence[bytes],
        code: StyleCode,
        *,
        seconds: float = 150.0,
        report: Callable[[float], None] | None = None,
    ) -> Refinement:
        if self.away:
            raise EngineUnavailableError("The engine cannot be reached.")
        for passed in (0.0, 0.5, 1.0):
            if report:
                report(passed)
        return Refinement(StyleCode(code.checkpoint, self._open(code) + b" refined"), 0.8, 0.4)

    async def blend(self, weighted: Sequence[tuple[StyleCode, float]]) -> StyleCode:
        parts = [b"%g x %b" % (weight, self._open(code)) for code, weight in weighted]
        return StyleCode(self.checkpoint, b" + ".join(parts))

    async def styles(self) -> list[StyleInfo]:
        return [
            StyleInfo(
                slug=slug, kind="filter" if slug == "sepia" else "painted", titles=titles,
                tags=("blue",), artist="Someone", year=1889,
                code=StyleCode("filter" if slug == "sepia" else self.checkpoint, slug.encode()),
            )
            for slug, titles in TITLES.items()
        ]  # fmt: skip

    async def preview(self, slug: str) -> bytes:
        return b"preview of " + slug.encode()

    async def capabilities(self) -> Capabilities:
        return Capabilities(self.checkpoint, "cpu", 768, 1, 1, refines=True)

    async def queue(self) -> QueueState:
        if self.away:
            raise EngineUnavailableError("The engine cannot be reached.")
        return QueueState(0, 0, 0.0)

    async def close(self) -> None:
        pass

    def _open(self, code: StyleCode) -> bytes:
        if code.checkpoint not in (self.checkpoint, "filter"):
            raise StaleStyleError("The style belongs to another checkpoint.")
        return code.data


@dataclass
class TestPlatform:
    """A platform that keeps what it is given, and fails when told to."""

    __test__ = False

    name: str = "test"
    files: dict[str, bytes] = field(default_factory=dict)
    results: dict[int, list[bytes]] = field(default_factory=dict)
    notes: dict[int, list[str]] = field(default_factory=dict)
    told: dict[int, str] = field(default_factory=dict)
    progress: list[int] = field(default_factory=list)
    paused_jobs: list[int] = field(default_factory=list)
    failures: list[Exception | None] = field(default_factory=list)
    forgetful: bool = False

    async def fetch(self, job: Job, photo: Json) -> bytes:
        self._fail()
        if photo["file"] not in self.files:
            raise SourceGoneError
        return self.files[photo["file"]]

    async def started(self, job: Job) -> None:
        self.progress.append(job.id)

    async def paused(self, job: Job) -> None:
        self.paused_jobs.append(job.id)

    async def deliver(self, job: Job, pictures: Sequence[Painted], notes: Sequence[str]) -> Json:
        self._fail()
        assert job.id not in self.results, "delivered twice"
        self.results[job.id] = [picture.image for picture in pictures]
        self.notes[job.id] = list(notes)
        return {"message": job.id}

    async def delivered(self, job: Job) -> Json | None:
        known = job.id in self.results and not self.forgetful
        return {"message": job.id} if known else None

    async def tell(self, job: Job, sentence: str) -> None:
        self._fail()
        self.told[job.id] = sentence

    def _fail(self) -> None:
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None:
            raise failure


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 25, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


class Stage:
    """Everything a scene needs."""

    def __init__(self, database: Database) -> None:
        self.engine = ArithmeticEngine()
        self.platform = TestPlatform(files={"a": b"A", "b": b"B", "c": b"C", "bad": b"broken"})
        self.clock = Clock()
        self.services = Services(
            database=database,
            engine=self.engine,
            sealer=Sealer(Fernet.generate_key()),
            now=self.clock,
            admins=frozenset([ADMIN]),
            samples=(b"cat", b"cup", b"portrait"),
        )
        self.workers = Workers(self.services, [self.platform])
        self._asked = 0

    def limited(self, **limits: Any) -> None:
        """Other limits than the usual ones."""
        self.services = replace(self.services, limits=replace(Limits(), **limits))
        self.workers = Workers(self.services, [self.platform])

    def asked(self, words: str = "", *photos: str, user: UserKey = ANN, **more: Any) -> Asked:
        self._asked += 1
        files = tuple({"file": name} for name in photos or ("a",))
        return replace(Asked(f"update {self._asked}", user, HERE, files, words), **more)

    async def work(self, worker: str = "w") -> int:
        """Work until there is nothing to do; returns how many jobs were taken."""
        done = 0
        while await self.workers.work_once(worker):
            done += 1
        return done

    async def ids(self) -> dict[str, int]:
        """Ids of styles by slug."""
        return {s.slug: s.id for s in await style_cases.listed(self.services, ANN)}


@pytest.fixture
def play(database_url: str) -> Callable[[Callable[[Stage], Any]], None]:
    """Play a scene on a stage with seeded styles, on either database."""

    def run(scene: Callable[[Stage], Any]) -> None:
        async def on(database: Database) -> None:
            stage = Stage(database)
            await style_cases.seed(stage.services)
            await scene(stage)

        play_store(database_url, on)

    return run


@pytest.fixture
def texts_folder() -> Path:
    return Path(__file__).parents[3] / "bots" / "core" / "texts"

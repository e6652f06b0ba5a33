"""A bot without a platform or a network: a real store, an engine that paints by arithmetic."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from cryptography.fernet import Fernet
from typing_extensions import override

from bots.core.common.services import Limits, Services
from bots.core.errors import SourceGoneError
from bots.core.jobs.workers import Workers
from bots.core.requests.values import RequestInput
from bots.core.styles import catalogue, seeding
from engine.api.analyses import Analysis
from engine.api.contract import (
    CLIP_TYPES,
    Capabilities,
    ClipFormat,
    Painted,
    Progress,
    QueueState,
    Refinement,
    RenderRequest,
    Report,
    Step,
    StoryRequest,
    StyleCode,
    StyleInfo,
)
from engine.api.effect_spec import EffectSpec, Option, Param
from engine.api.errors import (
    BrokenImageError,
    EngineError,
    EngineUnavailableError,
    NotInstalledError,
    StaleStyleError,
)
from storage.database import Database
from storage.sealing import Sealer
from storage.values.jobs import Job
from storage.values.json import Json
from storage.values.people import ChatKey, UserKey
from storage.values.recipes import Recipe
from tests.databases import opened

ANN, BEN = UserKey("test", "1"), UserKey("test", "2")
ADMIN = UserKey("test", "9")
HERE = ChatKey("test", "-10")
TITLES = {
    "starry-night": {"en": "Starry Night", "zh": "星夜"},
    "great-wave": {"en": "The Great Wave", "zh": "神奈川冲浪里"},
    "scream": {"en": "The Scream", "zh": "呐喊"},
    "sepia": {"en": "Sepia", "zh": "棕褐色"},
}
STRENGTH = Param("strength", "slider", {"en": "Strength", "zh": "强度"}, 1.0)
COLOURS = Param("keep_colours", "toggle", {"en": "Keep colours", "zh": "保留原色"}, default=False)
BRUSH = Param(
    "brush", "choice", {"en": "Brush", "zh": "笔触"}, "normal",
    options=(
        Option("fine", {"en": "Fine", "zh": "细腻"}),
        Option("normal", {"en": "Normal", "zh": "适中"}),
        Option("bold", {"en": "Bold", "zh": "粗犷"}),
    ),
)  # fmt: skip
QUALITY = Param(
    "quality", "choice", {"en": "Quality", "zh": "画质"}, "fast",
    options=(
        Option("fast", {"en": "Fast", "zh": "快速"}),
        Option("masterwork", {"en": "Masterwork", "zh": "杰作"}, slow=True),
    ),
)  # fmt: skip
STYLES = Param("styles", "gallery", {"en": "Style", "zh": "风格"})
PAINT = EffectSpec(
    "paint", "painting", 1, {"en": "Painting", "zh": "绘画"}, (),
    (STYLES, STRENGTH, COLOURS, BRUSH, QUALITY), blends=True,
)  # fmt: skip
SEPIA = EffectSpec("sepia", "filter", 1, TITLES["sepia"], ("warm",), (STRENGTH, COLOURS))
SPECS = (PAINT, SEPIA)
# An effect that nothing but an engine's list of effects knows of.
INVERT = EffectSpec(
    "invert", "filter", 1, {"en": "Invert", "zh": "反相"}, ("negative",),
    (
        Param("amount", "slider", {"en": "Amount", "zh": "程度"}, 0.5),
        Param("grain", "toggle", {"en": "Film grain", "zh": "颗粒"}, default=False),
        Param(
            "tint", "choice", {"en": "Tint", "zh": "色调"}, "cold",
            options=(
                Option("cold", {"en": "Cold tint", "zh": "冷调"}),
                Option("hot", {"en": "Hot tint", "zh": "热调"}),
            ),
        ),
    ),
)  # fmt: skip


def value(recipe: Recipe, param: str) -> Any:
    """What a recipe's only step says of a parameter."""
    (step,) = recipe.steps
    return step.params[param]


class ArithmeticEngine:
    """The engine's contract without networks: what it paints says what was asked.

    It keeps the contract's rules: codes of another checkpoint are stale, b"broken" is no picture.
    """

    def __init__(self) -> None:
        self.checkpoint = "first"
        self.away = False
        self.asked: list[RenderRequest] = []
        self.normalised: list[bytes] = []
        self.specs = list(SPECS)
        # What is found in no photo.
        self.absent: tuple[str, ...] = ()
        self.before: Callable[[], Any] = lambda: None

    async def effects(self) -> list[EffectSpec]:
        return self.specs

    async def render(
        self, request: RenderRequest, report: Report | None = None, *, previews: bool = False
    ) -> Painted:
        await self._begun(request)
        if request.image.startswith(b"broken"):
            raise BrokenImageError("The picture is damaged.")
        if report:
            report(Progress(0.5))
        painted = request.image + b" as " + self.looks(request)
        return Painted(painted, "image/jpeg", absent=self.absent if request.look else ())

    async def normalise(self, image: bytes, *, user: str = "") -> bytes:
        if self.away:
            raise EngineUnavailableError("The engine cannot be reached.")
        if image.startswith(b"broken"):
            raise BrokenImageError("The picture is damaged.")
        self.normalised.append(image)
        return image + b" bare"

    async def analyse(self, image: bytes, what: str, *, user: str = "") -> Analysis:
        if self.away:
            raise EngineUnavailableError("The engine cannot be reached.")
        raise NotInstalledError(f"The analysis {what!r} needs what is not installed.")

    async def make_story(self, request: StoryRequest, report: Report | None = None) -> Painted:
        if self.away:
            raise EngineUnavailableError("The engine cannot be reached.")
        parts = b", ".join(b"%b to %b" % (each.photo, each.painting) for each in request.scenes)
        return Painted(b"story of " + parts, "video/mp4")

    async def _begun(self, request: RenderRequest) -> None:
        if self.away:
            raise EngineUnavailableError("The engine cannot be reached.")
        self.asked.append(request)
        if asyncio.iscoroutine(pause := self.before()):
            await pause
        self.looks(request)

    def looks(self, request: RenderRequest) -> bytes:
        """What a picture is painted like: its styles, or its effect."""
        if not request.steps:
            return b"itself"
        return b", then ".join(map(self._looks, request.steps))

    def _looks(self, step: Step) -> bytes:
        known = {spec.id: spec for spec in self.specs}
        params = known[step.effect].checked(step.params)
        if "styles" not in params:
            return step.effect.encode()
        parts = [
            (one["weight"], self._open(StyleCode.from_text(one["code"])))
            for one in params["styles"]
        ]
        if len(parts) == 1:
            return parts[0][1]
        return b" + ".join(b"%g x %b" % part for part in parts)

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


class EchoEngine(ArithmeticEngine):
    """Gives every photo back as it is, so that one sees where it came from."""

    @override
    async def render(
        self, request: RenderRequest, report: Report | None = None, *, previews: bool = False
    ) -> Painted:
        painted = await super().render(request, report, previews=previews)
        return replace(painted, image=request.image)

    @override
    async def normalise(self, image: bytes, *, user: str = "") -> bytes:
        await super().normalise(image)
        return image


class GrowingEngine(ArithmeticEngine):
    """Paints what is slow step by step, each when it is told to; then as another engine does.

    Attributes:
        steps: What happens next: a step, the end (None), or an error.
        begun: How often slow work was begun.
        given_up: How often it was cancelled.
    """

    def __init__(self) -> None:
        super().__init__()
        self.steps: asyncio.Queue[Progress | EngineError | None] = asyncio.Queue()
        self.begun = 0
        self.given_up = 0

    def _slow(self, request: RenderRequest) -> bool:
        return request.steps[0].params.get("quality") == "masterwork"

    @override
    async def render(
        self, request: RenderRequest, report: Report | None = None, *, previews: bool = False
    ) -> Painted:
        if self._slow(request):
            await self._grow(report, previews=previews)
        return await super().render(request)

    async def _grow(self, report: Report | None, *, previews: bool = False) -> None:
        self.begun += 1
        try:
            while (step := await self.steps.get()) is not None:
                if isinstance(step, EngineError):
                    raise step
                assert report is not None
                report(step if previews else replace(step, preview=None))
        except asyncio.CancelledError:
            self.given_up += 1
            raise


class ClipEngine(GrowingEngine):
    """Renders clips and stories step by step as well.

    Attributes:
        finished: Whether clips and stories are done at once, without a step.
        stories: The stories that were asked for.
    """

    def __init__(self, *, finished: bool = False) -> None:
        super().__init__()
        self.finished = finished
        self.stories: list[StoryRequest] = []

    @override
    async def make_story(self, request: StoryRequest, report: Report | None = None) -> Painted:
        self.stories.append(request)
        if not self.finished:
            await self._grow(report)
        return await super().make_story(request, report)

    @override
    async def capabilities(self) -> Capabilities:
        known = await super().capabilities()
        return replace(
            known, clips=get_args(ClipFormat), clip_seconds=15.0, max_image_bytes=20_000_000
        )

    @override
    def _slow(self, request: RenderRequest) -> bool:
        return not self.finished and (bool(request.clip) or super()._slow(request))

    @override
    async def render(
        self, request: RenderRequest, report: Report | None = None, *, previews: bool = False
    ) -> Painted:
        painted = await super().render(request, report, previews=previews)
        if not request.clip:
            return painted
        return Painted(painted.image, CLIP_TYPES[request.clip])


# The usual limits, and workers that pause little: looking without a pause fills a core.
HURRIED = Limits(look_every=timedelta(seconds=0.2), away_pause=(timedelta(0), timedelta(0)))


@dataclass
class TestPlatform:
    """A platform that keeps what it is given, and fails when told to."""

    __test__ = False

    name: str = "test"
    files: dict[str, bytes] = field(default_factory=dict)
    results: dict[int, list[bytes]] = field(default_factory=dict)
    types: dict[int, list[str]] = field(default_factory=dict)
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
        self.types[job.id] = [picture.content_type for picture in pictures]
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
            limits=HURRIED,
        )
        self.workers = Workers(self.services, [self.platform])
        self._asked = 0

    def limited(self, **limits: Any) -> None:
        """Other limits than the usual ones."""
        self.services = replace(self.services, limits=replace(HURRIED, **limits))
        self.workers = Workers(self.services, [self.platform])

    def asked(
        self, words: str = "", *photos: str, user: UserKey = ANN, **more: Any
    ) -> RequestInput:
        self._asked += 1
        files = tuple({"file": name} for name in photos or ("a",))
        return replace(RequestInput(f"update {self._asked}", user, HERE, files, words), **more)

    async def work(self, worker: str = "w") -> int:
        """Work until there is nothing to do; returns how many jobs were taken."""
        done = 0
        while await self.workers.work_once(worker):
            done += 1
        return done

    async def ids(self) -> dict[str, int]:
        """Ids of styles by slug."""
        return {s.slug: s.id for s in await catalogue.listed(self.services, ANN)}


@pytest.fixture
async def stage(database_url: str) -> AsyncIterator[Stage]:
    """A stage with seeded styles, on either database."""
    async with asyncio.timeout(60), opened(database_url) as database:
        stage = Stage(database)
        await seeding.seed(stage.services)
        yield stage

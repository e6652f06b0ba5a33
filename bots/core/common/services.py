"""Services and limits that all use cases share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from bots.core.common.telemetry import Meter, Unmetered
from bots.core.effects.specs import Effects
from bots.core.i18n.texts import Texts
from engine.api.contract import Capabilities, EngineApi
from storage.database import Database
from storage.sealing import Sealer
from storage.values.json import Json
from storage.values.people import ChatKey, UserKey


def utc_now() -> datetime:
    """The current time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits and durations.

    Attributes:
        waiting: Photos in the queue, in total.
        waiting_per_user: Photos of one person in the queue.
        per_minute: Photos per person and minute.
        running_per_user: Requests of one person that are painted at the same time.
        running_per_chat: Requests of one chat that are painted or delivered at the same time.
        album: Photos in one request.
        own_styles: Own styles of one person.
        name_letters: Letters of an own style's name.
        tries: Attempts before a request fails.
        lease: Time until a dead worker's job is taken over.
        look_every: Interval at which workers look for jobs without being woken.
        away_pause: Shortest and longest pause of workers while the engine is away.
        history: How long history entries are kept.
        jobs: How long finished jobs are kept.
        pictures: How long photos and results are kept if the platform stores none.
        pictures_bytes_per_user: Bytes of them per person; the oldest are deleted.
        audit: How long audit entries are kept.
        grace: How long a chat's settings are kept after the bot was removed from it.
    """

    waiting: int = 500
    waiting_per_user: int = 20
    per_minute: int = 20
    running_per_user: int = 2
    running_per_chat: int = 3
    album: int = 10
    own_styles: int = 20
    name_letters: int = 40
    tries: int = 3
    lease: timedelta = timedelta(seconds=30)
    look_every: timedelta = timedelta(seconds=1)
    away_pause: tuple[timedelta, timedelta] = (timedelta(seconds=1), timedelta(seconds=30))
    history: timedelta = timedelta(days=90)
    jobs: timedelta = timedelta(days=7)
    pictures: timedelta = timedelta(hours=24)
    pictures_bytes_per_user: int = 200 * 1000 * 1000
    audit: timedelta = timedelta(days=365)
    grace: timedelta = timedelta(days=7)


class ContentCheck(Protocol):
    """Detects pictures that should not be shown without a warning."""

    async def unsuitable(self, picture: bytes) -> bool:
        """Whether a picture is unsuitable.

        Args:
            picture: A JPEG file that the engine wrote, never an uploaded file.
        """
        ...


@dataclass(frozen=True, slots=True)
class Preview:
    """An unfinished picture.

    Attributes:
        number: 0 for the fast version, then counting up.
        image: A JPEG file.
    """

    number: int
    image: bytes


@dataclass(slots=True)
class AcceptedClips:
    """Which clips the engine accepts; none until it is known.

    Attributes:
        formats: Formats it can answer with.
        seconds: Length of the longest one.
        max_bytes: Size of the largest file.
    """

    formats: Sequence[str] = ()
    seconds: float = 0.0
    max_bytes: int = 0

    def know(self, capabilities: Capabilities) -> None:
        """Take over what an engine says."""
        self.formats, self.seconds = capabilities.clips, capabilities.clip_seconds
        self.max_bytes = capabilities.max_image_bytes

    def recall(self, kept: Json) -> None:
        """Take over what was stored by `asdict`."""
        self.formats, self.seconds = tuple(kept["formats"]), kept["seconds"]
        self.max_bytes = kept["max_bytes"]


@dataclass(frozen=True, slots=True)
class Services:
    """The services that use cases share; one per process.

    Attributes:
        database: The store.
        engine: The engine.
        sealer: Encrypts stored pictures, and makes pseudonyms.
        texts: The texts.
        limits: The limits.
        now: Returns the current time.
        admins: The bot's admins.
        samples: Sample photos for previews of styles; JPEG files.
        content_check: The content check; None if not installed.
        meter: Counts events.
        effects: The engine's effects, once known.
        clips: The clips it accepts, once known.
        shares: Progress of slow requests by job id, 0 to 1.
        previews: Their previews by job id, in memory while they run.
    """

    database: Database
    engine: EngineApi
    sealer: Sealer
    texts: Texts = field(default_factory=Texts)
    limits: Limits = field(default_factory=Limits)
    now: Callable[[], datetime] = utc_now
    admins: frozenset[UserKey] = frozenset()
    samples: Sequence[bytes] = ()
    content_check: ContentCheck | None = None
    meter: Meter = field(default_factory=Unmetered)
    effects: Effects = field(default_factory=Effects)
    clips: AcceptedClips = field(default_factory=AcceptedClips)
    shares: dict[int, float] = field(default_factory=dict)
    previews: dict[int, Preview] = field(default_factory=dict)

    def pseudonym(self, whose: UserKey | ChatKey) -> str:
        """The pseudonym of a person or chat."""
        kind = "user" if isinstance(whose, UserKey) else "chat"
        return self.sealer.pseudonym(f"{kind} {whose}")

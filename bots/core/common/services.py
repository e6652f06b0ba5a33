"""What every use case needs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from bots.core.common.telemetry import Meter, Unmetered
from bots.core.effects.specs import Effects
from bots.core.i18n.texts import Texts
from engine.api.contract import EngineApi
from storage.database import Database
from storage.sealing import Sealer
from storage.values.people import ChatKey, UserKey


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of everything.

    Attributes:
        waiting: Photos in the queue, of all together.
        waiting_per_user: Photos of one person in the queue.
        per_minute: Photos one person may send a minute.
        running_per_user: Requests of one person that are painted at the same time.
        running_per_chat: Requests of one chat that are painted or delivered at the same time.
        album: Photos in one request.
        own_styles: Own styles of one person.
        name_letters: Letters of an own style's name.
        tries: How often a request is begun before it is given up.
        lease: For how long a worker that shows no life keeps its job.
        look_every: How often workers look for jobs of which nothing tells them.
        away_pause: How long workers pause at first, and at most, while the engine is away.
        history: How long results are remembered.
        jobs: How long jobs that are over are kept.
        pictures: How long photos and results are kept where the platform keeps none.
        pictures_bytes_per_user: How much of them one person may have; the oldest go.
        audit: How long admins' acts are kept.
        grace: How long a chat's settings are kept after the bot was put out of it.
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
    """Tells what should not be seen unasked."""

    async def unsuitable(self, picture: bytes) -> bool:
        """Whether a picture is such a one.

        Args:
            picture: A JPEG file the engine wrote; strangers' files are opened by nothing else.
        """
        ...


@dataclass(frozen=True, slots=True)
class Preview:
    """A picture before it is finished.

    Attributes:
        number: 0 for how it looks painted fast, then ever more.
        image: A JPEG file.
    """

    number: int
    image: bytes


@dataclass(frozen=True, slots=True)
class Services:
    """What every use case needs; one for a process.

    Attributes:
        database: The store.
        engine: What paints.
        sealer: Encrypts pictures that are kept, and makes pseudonyms.
        texts: What is said.
        limits: How much of everything.
        now: Tells the time.
        admins: Who administers the bot.
        samples: Photos that show what a new style does; JPEG files.
        content_check: Looks at pictures; None where none is installed.
        meter: Counts what happens.
        effects: What the engine can do, as far as it has said so.
        shares: How far requests are that take long, by their ids: 0 to 1.
        previews: How their pictures look by now; only while they are in work, and only here.
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
    shares: dict[int, float] = field(default_factory=dict)
    previews: dict[int, Preview] = field(default_factory=dict)

    def pseudonym(self, whose: UserKey | ChatKey) -> str:
        """What a person or a chat is called where no one need know which."""
        kind = "user" if isinstance(whose, UserKey) else "chat"
        return self.sealer.pseudonym(f"{kind} {whose}")

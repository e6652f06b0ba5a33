"""What the store takes and gives: plain frozen values, with nothing of a database about them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from typing_extensions import override

Json = dict[str, Any]
StyleKind = Literal["painted", "filter", "custom"]
Output = Literal["photo", "file"]
JobState = Literal["draft", "queued", "running", "done", "delivered", "failed", "cancelled"]
Audience = Literal["everyone", "admins"]
StyleState = Literal["draft", "submitted", "on", "resting", "retired"]
PictureKind = Literal["photo", "result"]
PhotoCheck = Literal["off", "spoiler", "refuse"]

# No one else works on a job in one of these, and nothing is left to do for it.
ENDED: tuple[JobState, ...] = ("delivered", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class UserKey:
    """A person on a platform.

    Attributes:
        platform: "telegram", "discord", "web" ...
        id: The platform's own id, as text.
    """

    platform: str
    id: str

    @override
    def __str__(self) -> str:
        return f"{self.platform}:{self.id}"


@dataclass(frozen=True, slots=True)
class ChatKey:
    """A place on a platform: a private chat, a group, a server."""

    platform: str
    id: str

    @override
    def __str__(self) -> str:
        return f"{self.platform}:{self.id}"


@dataclass(frozen=True, slots=True)
class Code:
    """A style code and where it is from; the same pair as the engine's `StyleCode`.

    Attributes:
        checkpoint: Id of the checkpoint that made it.
        data: What only the engine understands.
    """

    checkpoint: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Style:
    """A style that can be chosen.

    Attributes:
        id: Small number, for buttons.
        slug: What a command calls it; unique.
        kind: "painted" and "filter" come with the checkpoint, "custom" from a person's picture.
        titles: Language tag to title.
        artist: Who painted the reference picture, as far as known.
        year: When, as far as known.
        tags: What it is like.
        owner: Whose own style it is; None for everyone's.
        state: "draft", while admins make it and no one else sees it; "submitted", a person's own
            that waits for an admin's word; "on"; "resting", for a while; "retired", for good.
        orphaned: Whether the checkpoint it came with is gone and the new one lacks it.
        place: Where it stands in lists; smaller is earlier.
        version: Counts the changes of its code.
        code: The newest version's code.
        artists: Language tag to the artist's name, where it is written otherwise than `artist`.
        aliases: What else people call it, in any language.
        replaces: Slugs of earlier styles that it stands in for.
    """

    id: int
    slug: str
    kind: StyleKind
    titles: Mapping[str, str]
    artist: str
    year: int | None
    tags: tuple[str, ...]
    owner: UserKey | None
    state: StyleState
    orphaned: bool
    place: int
    version: int
    code: Code
    artists: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()

    @property
    def offered(self) -> bool:
        """Whether it can be chosen at all: by everyone, or by its owner."""
        return not self.orphaned and self.state in (("on", "submitted") if self.owner else ("on",))

    def title(self, language: str) -> str:
        """The title in a language, else in English, else the slug."""
        return self.titles.get(language) or self.titles.get("en") or self.slug

    def by(self, language: str) -> str:
        """The artist's name as a language writes it; empty where none is known."""
        return self.artists.get(language) or self.artist


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A style as a checkpoint brings it; see `Style`."""

    slug: str
    kind: StyleKind
    titles: Mapping[str, str]
    artist: str
    year: int | None
    tags: tuple[str, ...]
    code: Code
    artists: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """A style, or one of several that are blended.

    Attributes:
        style_id: Which.
        weight: Its share of the blend; weights need not sum to one.
    """

    style_id: int
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Step:
    """One effect, and what was chosen of it.

    Attributes:
        effect: The engine's id of it.
        params: Values by the ids of its parameters; one of a gallery is a tuple of `Choice`.
    """

    effect: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def styles(self) -> tuple[Choice, ...]:
        """What was chosen in galleries."""
        galleries = [value for value in self.params.values() if isinstance(value, tuple)]
        return tuple(choice for gallery in galleries for choice in gallery)

    @property
    def complete(self) -> bool:
        """Whether it says what to do: a gallery in which nothing was chosen does not."""
        return () not in self.params.values()


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is done to a photo; it can be kept, and done once more.

    Attributes:
        steps: Effects, one after the other.
    """

    steps: tuple[Step, ...] = ()

    @property
    def styles(self) -> tuple[Choice, ...]:
        """What was chosen in the galleries of all steps."""
        return tuple(choice for step in self.steps for choice in step.styles)

    @property
    def complete(self) -> bool:
        """Whether it says what to do."""
        return bool(self.steps) and all(step.complete for step in self.steps)

    def as_json(self) -> list[Json]:
        """For a column, and for people who want to know what is kept."""
        return [{"effect": s.effect, "params": _plain_params(s.params)} for s in self.steps]

    @classmethod
    def from_json(cls, steps: list[Json]) -> "Recipe":
        """Read what `as_json` wrote."""
        return cls(tuple(Step(s["effect"], _read_params(s["params"])) for s in steps))

    def without(self, style_id: int) -> "Recipe":
        """The same, with a style chosen nowhere."""
        return Recipe(tuple(replace(s, params=_params_without(s, style_id)) for s in self.steps))


def _plain_params(params: Mapping[str, Any]) -> Json:
    return {
        name: [asdict(choice) for choice in value] if isinstance(value, tuple) else value
        for name, value in params.items()
    }


def _read_params(params: Json) -> Json:
    # A list is a gallery's: no other value has parts.
    return {
        name: tuple(Choice(**choice) for choice in value) if isinstance(value, list) else value
        for name, value in params.items()
    }


def _params_without(step: Step, style_id: int) -> Json:
    return {
        name: tuple(choice for choice in value if choice.style_id != style_id)
        if isinstance(value, tuple)
        else value
        for name, value in step.params.items()
    }


@dataclass(frozen=True, slots=True)
class Preference:
    """What a person likes.

    Attributes:
        recipe: One step, with the effect of whoever names none and values for all effects that
            have such parameters; where it is not complete, there is no usual style.
        output: A photo, or a file at full resolution.
        private: Where the platform can, show results to nobody else.
        language: Language tag; None for the chat's or the platform's.
        history: Whether results are remembered.
        repaintable: Whether others may have his pictures painted.
    """

    recipe: Recipe = Recipe()
    output: Output = "photo"
    private: bool = False
    language: str | None = None
    history: bool = True
    repaintable: bool = True


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """What a chat's admins chose for it.

    Attributes:
        allowed_styles: Ids of the styles that may be used here; None for all.
        style_id: The style of whoever names none and has none of his own.
        audience: Who may use the bot here.
        waiting_per_user: How many photos of one person may wait here; None for the bot's limit.
        per_minute: How many photos a minute one person may send here; None for the bot's limit.
        language: Language tag; None for each person's own.
        quiet: Say nothing but results.
        open_buttons: Whether anyone may press the buttons beneath anyone's result.
        own_styles: Whether members may use their own styles here.
        photo_check: What is done with photos that should not be seen unasked: nothing, or they are
            covered, or refused.
        topic: The only one of the chat's topics in which photos are painted; None for all.
    """

    allowed_styles: tuple[int, ...] | None = None
    style_id: int | None = None
    audience: Audience = "everyone"
    waiting_per_user: int | None = None
    per_minute: int | None = None
    language: str | None = None
    quiet: bool = False
    open_buttons: bool = False
    own_styles: bool = True
    photo_check: PhotoCheck = "off"
    topic: int | None = None


@dataclass(frozen=True, slots=True)
class NewJob:
    """One request: a photo, or an album that belongs together.

    Attributes:
        dedupe: What makes the request the same as one that came before, such as the update's id.
        user: Who asked.
        chat: Where.
        photos: For each photo, what the platform finds it by. Never pixels.
        recipe: What is done to them.
        output: A photo, or a file at full resolution.
        private: Whether only the person should see the result.
        language: Language of what is said about it.
        anchor: What the platform needs to answer in the right place; opaque to all others.
    """

    dedupe: str
    user: UserKey
    chat: ChatKey
    photos: tuple[Json, ...]
    recipe: Recipe = Recipe()
    output: Output = "photo"
    private: bool = False
    language: str = "en"
    anchor: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """A request and what became of it.

    Attributes:
        id: For buttons and logs.
        wanted: The request.
        state: "draft", until a style is chosen; "queued"; "running", a worker's until its lease
            ends; "done", painted and on its way to the platform; "delivered", "failed" or
            "cancelled".
        turn: Virtual time at which it is its turn.
        tries: How often a worker began it.
        created_at: When it was asked for.
        lease_until: Until when its worker is believed alive; None where nothing is left to do.
        error: The code of what went wrong.
        result: What the platform said of the delivery.
        progress: Photos painted so far.
    """

    id: int
    wanted: NewJob
    state: JobState
    turn: int
    tries: int
    created_at: datetime
    lease_until: datetime | None
    error: str | None
    result: Json | None
    progress: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a job stands in the queue.

    Attributes:
        ahead: Photos before it, those in work included.
        wait_s: Seconds until it should be done, from how long photos took lately; None while no
            photo was painted yet.
        paused: What an admin says while the queue stands still; None while it moves.
    """

    ahead: int
    wait_s: float | None
    paused: str | None = None


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A result someone had; enough to make it again, and no pixel of it.

    Attributes:
        id: For buttons.
        job_id: Of the job that made it.
        user: Whose.
        chat: Where.
        photos: As in `NewJob`.
        recipe: What was done to them.
        title: What that was called then.
        result: Where the platform keeps the result.
        created_at: When.
    """

    id: int
    job_id: int
    user: UserKey
    chat: ChatKey
    photos: tuple[Json, ...]
    recipe: Recipe
    title: str
    result: Json
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """A picture that is kept for a while, without its pixels.

    Attributes:
        id: What it is found by; no one can guess it.
        user: Whose.
        kind: "photo", which he sent, or "result", which was painted for him.
        size_bytes: Of the file, before it was sealed.
        kept_at: Since when, or when it was sent last.
    """

    id: str
    user: UserKey
    kind: PictureKind
    size_bytes: int
    kept_at: datetime


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What an admin did.

    Attributes:
        actor: Who; an id after he asked to be forgotten.
        act: What, as a verb and its object: "style.disable".
        subject: To whom or what.
        details: What else there is to know.
        created_at: When.
    """

    actor: str
    act: str
    subject: str
    details: Json
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Block:
    """Someone who is shut out.

    Attributes:
        pseudonym: Who, which only whoever knows him can tell.
        reason: Why, in an admin's words.
        created_at: Since when.
    """

    pseudonym: str
    reason: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the requests of some time.

    Attributes:
        states: How many requests are in which state.
        people: How many people asked.
        chats: How many chats they asked in.
        photos: Photos that were delivered.
        wait_s: Median seconds from request to work; None where nothing was delivered.
        work_s: Median seconds from work to picture, likewise.
        styles: How often which style was delivered, by id, a blend's styles each.
    """

    states: Mapping[str, int]
    people: int
    chats: int
    photos: int
    wait_s: float | None
    work_s: float | None
    styles: Mapping[int, int]

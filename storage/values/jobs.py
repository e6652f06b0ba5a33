"""Requests, and the queue."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Final, Literal

from storage.values.json import Json
from storage.values.people import ChatKey, Output, UserKey
from storage.values.recipes import Recipe

JobState = Literal["draft", "queued", "running", "done", "delivered", "failed", "cancelled"]
# States in which nothing is left to do for a job.
ENDED: tuple[JobState, ...] = ("delivered", "failed", "cancelled")
# Of the frames of a clip some are painted, at a smaller size than a photo, and the others follow.
_PHOTOS_PER_CLIP_SECOND: Final = 4
# Length of a clip whose platform does not tell it.
_CLIP_SECONDS: Final = 5.0
# The work in a second of a story, in photos: on two busy cores .6 for 1:1 and 2.1 for 9:16. And its
# length where none was asked for.
_PHOTOS_PER_STORY_SECOND: Final = 1
_STORY_SECONDS_PER_PHOTO: Final = 4.0


@dataclass(frozen=True, slots=True)
class Story:
    """How the photos of a request and their paintings are shown as a film.

    Attributes:
        shape: Width to height, "9:16", "1:1" or "16:9"; empty for the nearest to the first photo.
        seconds: Length; 0 for as long as so many photos need.
        caption: Text at the bottom; empty for none.
    """

    shape: str = ""
    seconds: float = 0.0
    caption: str = ""

    def as_json(self) -> Json:
        """As JSON, for the database."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Json | None) -> "Story | None":
        """Parse the output of `as_json`; None for no story."""
        return None if kept is None else cls(**kept)


@dataclass(frozen=True, slots=True)
class NewJob:
    """One request: a photo, or an album that belongs together.

    Attributes:
        dedupe: Key that identifies a repeated request, such as the update's id.
        user: The person.
        chat: The chat.
        photos: For each photo, the platform's reference to it, never pixels; of a clip also its
            format `clip` and length `seconds`, unless it is painted as a `first_frame`. In a story
            also the reference to its `painting`, if there is one already.
        recipe: The recipe.
        output: A photo, or a file at full resolution.
        private: Whether only the person may see the result.
        language: Language tag of its messages.
        reply_target: The platform's data for answering in the right place; opaque to others.
        story: If the result is a film of all photos: how it is shown.
    """

    dedupe: str
    user: UserKey
    chat: ChatKey
    photos: tuple[Json, ...]
    recipe: Recipe = field(default_factory=Recipe)
    output: Output = "photo"
    private: bool = False
    language: str = "en"
    reply_target: Json = field(default_factory=dict)
    story: Story | None = None

    @property
    def results(self) -> int:
        """Number of pictures or films it makes, if all photos can be painted."""
        return 1 if self.story else len(self.photos)


def cost_of(photos: Sequence[Json], story: Story | None = None) -> int:
    """The work in some photos and clips, or in a story of them, in photos."""
    work = sum(
        max(1, round(photo.get("seconds", _CLIP_SECONDS) * _PHOTOS_PER_CLIP_SECOND))
        if "clip" in photo and not photo.get("first_frame")
        else 0 if "painting" in photo else 1
        for photo in photos
    )  # fmt: skip
    return work + film_cost_of(photos, story)


def film_cost_of(photos: Sequence[Json], story: Story | None) -> int:
    """The work in a story's film, without its paintings, in photos; 0 for no story."""
    if story is None:
        return 0
    seconds = story.seconds or _STORY_SECONDS_PER_PHOTO * len(photos)
    return max(1, round(seconds * _PHOTOS_PER_STORY_SECOND))


@dataclass(frozen=True, slots=True)
class Job:
    """A request and its state.

    Attributes:
        id: For buttons and logs.
        wanted: The request.
        state: "draft", until a style is chosen; "queued"; "running", a worker's until its lease
            ends; "done", painted and on its way to the platform; "delivered", "failed" or
            "cancelled".
        turn: Its virtual time in the queue.
        tries: Number of attempts.
        created_at: Time of the request.
        started_at: When the last attempt began; None before the first.
        lease_until: End of its worker's lease; None if nothing is left to do.
        error: Error code of a failed job.
        result: The platform's reference to the delivered pictures.
        progress: Number of photos painted so far.
    """

    id: int
    wanted: NewJob
    state: JobState
    turn: int
    tries: int
    created_at: datetime
    started_at: datetime | None
    lease_until: datetime | None
    error: str | None
    result: Json | None
    progress: int


@dataclass(frozen=True, slots=True)
class Place:
    """A job's place in the queue.

    Attributes:
        ahead: Photos before it, including running ones.
        wait_s: Predicted seconds until it is done, from recent photos; None if there are none.
        paused: An admin's message while the queue is paused; None otherwise.
    """

    ahead: int
    wait_s: float | None
    paused: str | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """Statistics of the requests of a period.

    Attributes:
        states: Number of requests by state.
        people: Number of people.
        chats: Number of chats.
        photos: Number of delivered photos.
        wait_s: Median seconds from request to start of work; None if nothing was delivered.
        work_s: Median seconds of work; None if nothing was delivered.
        styles: Number of deliveries by style id; a blend counts for each of its styles.
    """

    states: Mapping[str, int]
    people: int
    chats: int
    photos: int
    wait_s: float | None
    work_s: float | None
    styles: Mapping[int, int]

"""Requests, and the queue."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from storage.values.json import Json
from storage.values.people import ChatKey, Output, UserKey
from storage.values.recipes import Recipe

JobState = Literal["draft", "queued", "running", "done", "delivered", "failed", "cancelled"]
# No one else works on a job in one of these, and nothing is left to do for it.
ENDED: tuple[JobState, ...] = ("delivered", "failed", "cancelled")


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
        reply_target: What the platform needs to answer in the right place; opaque to all others.
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
class Tally:
    """What became of the requests of some time.

    Attributes:
        states: How many requests are in which state.
        people: How many people asked.
        chats: How many chats they asked in.
        photos: Photos that were delivered.
        wait_s: Median seconds from request to work; None where nothing was delivered.
        work_s: Median seconds from work to picture; None where nothing was delivered.
        styles: How often which style was delivered, by id, a blend's styles each.
    """

    states: Mapping[str, int]
    people: int
    chats: int
    photos: int
    wait_s: float | None
    work_s: float | None
    styles: Mapping[int, int]

"""What goes into the use cases of requests, and what comes of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bots.core.errors import BotError
from engine.api.errors import EngineError
from storage.values.jobs import Job, Place
from storage.values.json import Json
from storage.values.people import ChatKey, Output, UserKey
from storage.values.recipes import Choice, Recipe
from storage.values.styles import Style


@dataclass(frozen=True, slots=True)
class RequestInput:
    """What someone sent.

    Attributes:
        dedupe: What makes it the same as one that came before, such as the update's id.
        user: The person.
        chat: Where.
        photos: For each photo, what the platform finds it by.
        words: What was typed after the command.
        choices: Styles chosen by button instead; they win over words.
        params: Values of parameters that were chosen, by the parameters' ids.
        recipe: What they were made by before; it holds where nothing else is said.
        output: How he wants them.
        locale: Language the platform says the person speaks.
        admin: Whether he is one of the chat's admins.
        author: Who posted the photos, where it was someone else.
        topic: In which of the chat's topics, where it has any.
        alone: Whether no one else sees what comes of it.
        reply_target: What the platform needs to answer in the right place.
    """

    dedupe: str
    user: UserKey
    chat: ChatKey
    photos: tuple[Json, ...]
    words: str = ""
    choices: tuple[Choice, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    recipe: Recipe = field(default_factory=Recipe)
    output: Output | None = None
    locale: str | None = None
    admin: bool = False
    author: UserKey | None = None
    topic: int | None = None
    alone: bool = False
    reply_target: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What was accepted.

    Attributes:
        job: The row.
        place: Where it stands.
        title: What its styles are called, in the person's language.
        new: False when the same request was accepted before.
    """

    job: Job
    place: Place
    title: str
    new: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A request that is kept and waits for its style to be chosen.

    Attributes:
        job: The draft.
        styles: What there is to choose from, in the order to show it; what was perhaps meant first.
        meant: How many of these were perhaps meant.
        why: Why what was typed cannot be; None where nothing was said of a style.
    """

    job: Job
    styles: Sequence[Style]
    meant: int = 0
    why: BotError | EngineError | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """One result: how it was made, and where the platform keeps it.

    Attributes:
        job_id: Of the job that made it.
        user: Whose it is.
        chat: Where it was asked for.
        photos: As in `NewJob`.
        recipe: As in `Job`.
        reply_target: As in `NewJob`; empty once the job was swept.
        title: What its styles are called.
        result: What the platform said of the delivery.
    """

    job_id: int
    user: UserKey
    chat: ChatKey
    photos: tuple[Json, ...]
    recipe: Recipe
    reply_target: Json
    title: str
    result: Json

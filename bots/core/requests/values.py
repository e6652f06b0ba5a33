"""Inputs and results of the use cases of requests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bots.core.errors import BotError
from engine.api.errors import EngineError
from storage.values.jobs import Job, Place, Story
from storage.values.json import Json
from storage.values.people import ChatKey, Output, UserKey
from storage.values.recipes import Choice, Recipe
from storage.values.styles import Style

# Where a stored delivery has the analyses that found nothing.
ABSENT: Final = "absent"


@dataclass(frozen=True, slots=True)
class RequestInput:
    """A request as an adapter received it.

    Attributes:
        dedupe: Key that identifies a repeated request, such as the update's id.
        user: The person.
        chat: The chat.
        photos: For each photo, the platform's reference to it.
        words: Text after the command.
        choices: Styles chosen by button; they take precedence over words.
        params: Chosen values of parameters, by parameter id.
        recipe: The previous recipe, for values that are not given.
        output: Output format.
        locale: Language tag that the platform reports for the person.
        admin: Whether the person is an admin of the chat.
        author: The person who posted the photos, if someone else.
        topic: The chat's topic, if any.
        alone: Whether only the person sees the result.
        reply_target: The platform's data for answering in the right place.
        story: How the photos are shown as a film, if they are.
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
    story: Story | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """An accepted request.

    Attributes:
        job: The row.
        place: Its place in the queue.
        title: Title of its styles, in the person's language.
        new: False when the same request was accepted before.
    """

    job: Job
    place: Place
    title: str
    new: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A draft that waits for a style to be chosen.

    Attributes:
        job: The draft.
        styles: Styles to choose from, in order; suggestions for what was typed come first.
        meant: Number of these suggestions.
        why: Why the typed style cannot be used; None if none was typed.
    """

    job: Job
    styles: Sequence[Style]
    meant: int = 0
    why: BotError | EngineError | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """One result: how it was made, and where the platform keeps it.

    Attributes:
        job_id: Job that made it.
        user: Its owner.
        chat: Chat of the request.
        photos: As in `NewJob`.
        recipe: As in `Job`.
        reply_target: As in `NewJob`; empty once the job was deleted.
        title: Title of its styles.
        result: The platform's reference to the delivered pictures.
        story: As in `NewJob`.
    """

    job_id: int
    user: UserKey
    chat: ChatKey
    photos: tuple[Json, ...]
    recipe: Recipe
    reply_target: Json
    title: str
    result: Json
    story: Story | None = None

    @property
    def results(self) -> int:
        """Number of pictures or films, if all photos were painted."""
        return 1 if self.story else len(self.photos)

    @property
    def absent(self) -> tuple[str, ...]:
        """The analyses that find nothing in its photos, as far as it is known."""
        return absent_of(self.result)


def absent_of(result: Json) -> tuple[str, ...]:
    """The analyses that find nothing in the photos of a stored delivery."""
    return tuple(result.get(ABSENT, ()))

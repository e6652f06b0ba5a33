"""History entries."""

from dataclasses import dataclass
from datetime import datetime

from storage.values.jobs import Story
from storage.values.json import Json
from storage.values.people import ChatKey, UserKey
from storage.values.recipes import Recipe


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A result of a person, with the data to paint it again; without pixels.

    Attributes:
        id: For buttons.
        job_id: Job that made it.
        user: Its owner.
        chat: Chat of the request.
        photos: As in `NewJob`.
        recipe: The recipe.
        title: The recipe's title at that time.
        result: The platform's reference to the result.
        created_at: Time of the delivery.
        story: As in `NewJob`.
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
    story: Story | None = None

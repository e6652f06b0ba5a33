"""Results someone had."""

from dataclasses import dataclass
from datetime import datetime

from storage.values.json import Json
from storage.values.people import ChatKey, UserKey
from storage.values.recipes import Recipe


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

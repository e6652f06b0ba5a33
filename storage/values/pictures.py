"""Pictures that are kept for a while."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from storage.values.people import UserKey

PictureKind = Literal["photo", "result"]


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

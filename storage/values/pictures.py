"""Stored pictures."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from storage.values.people import UserKey

PictureKind = Literal["photo", "result", "input"]


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """A stored picture's data, without its pixels.

    Attributes:
        id: Its id, which cannot be guessed.
        user: Its owner.
        kind: "photo" (sent by the person), "result" (painted) or "input" (a picture or mask that an
            effect takes beside a photo).
        size_bytes: Size of the unencrypted file.
        kept_at: When it was stored, or last sent.
        photo_id: The photo that an input belongs to and is deleted with.
    """

    id: str
    user: UserKey
    kind: PictureKind
    size_bytes: int
    kept_at: datetime
    photo_id: str | None = None

"""Stored pictures."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from storage.values.people import UserKey

PictureKind = Literal["photo", "result"]


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """A stored picture's data, without its pixels.

    Attributes:
        id: Its id, which cannot be guessed.
        user: Its owner.
        kind: "photo" (sent by the person) or "result" (painted).
        size_bytes: Size of the unencrypted file.
        kept_at: When it was stored, or last sent.
    """

    id: str
    user: UserKey
    kind: PictureKind
    size_bytes: int
    kept_at: datetime

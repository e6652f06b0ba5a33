"""What admins did, and who is blocked."""

from dataclasses import dataclass
from datetime import datetime

from storage.values.json import Json


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
        pseudonym: Who; only someone who knows the person can tell.
        reason: Why, in an admin's words.
        created_at: Since when.
    """

    pseudonym: str
    reason: str
    created_at: datetime

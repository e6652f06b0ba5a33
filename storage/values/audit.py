"""Audit entries and blocks."""

from dataclasses import dataclass
from datetime import datetime

from storage.values.json import Json


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An admin's action, or a refused attempt.

    Attributes:
        actor: The person; a pseudonym after their data was deleted.
        act: The action's id, such as "style.disable".
        subject: The person or thing it is about.
        details: Further data.
        created_at: Time of the action.
    """

    actor: str
    act: str
    subject: str
    details: Json
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Block:
    """A blocked person or chat.

    Attributes:
        pseudonym: Keyed hash of the id.
        reason: An admin's reason.
        created_at: Start of the block.
    """

    pseudonym: str
    reason: str
    created_at: datetime

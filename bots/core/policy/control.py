"""Settings of the whole bot that admins change; stored for all processes.

The revision changes with every action of an admin, so that processes know when to refresh what
they cache.
"""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal

from bots.core.common.services import Limits, Services
from storage.transaction import Transaction

QueueMode = Literal["open", "paused", "draining"]

# Limits an admin may change while the bot runs, with the least and the most that makes sense.
ADJUSTABLE: Final[dict[str, tuple[int, int]]] = {
    "waiting": (1, 100_000),
    "waiting_per_user": (1, 1_000),
    "per_minute": (1, 1_000),
    "running_per_user": (1, 64),
    "album": (1, 10),
    "own_styles": (0, 1_000),
}
_KEY: Final = "control"
_REVISION: Final = "revision"


@dataclass(frozen=True, slots=True)
class Control:
    """The bot's settings.

    Attributes:
        mode: "open"; "paused": requests are accepted and wait; "draining": none are accepted
            and waiting ones are painted.
        words: An admin's message to users for that time.
        style_id: The default style, if neither the person nor the chat has one.
        limits: Changed limits, by their names in `Limits`.
    """

    mode: QueueMode = "open"
    words: str = ""
    style_id: int | None = None
    limits: Mapping[str, int] = field(default_factory=dict)

    def applied(self, limits: Limits) -> Limits:
        """The limits with these changes applied."""
        changed: Any = self.limits
        return replace(limits, **changed)


async def read(transaction: Transaction) -> Control:
    """Read the settings."""
    kept = await transaction.key_value.get(_KEY)
    if not kept:
        return Control()
    # The store calls the mode "gate".
    return Control(mode=kept["gate"], **{name: kept[name] for name in kept if name != "gate"})


async def write(transaction: Transaction, control: Control) -> None:
    """Write the settings."""
    kept = asdict(control)
    await transaction.key_value.put(_KEY, {"gate": kept.pop("mode")} | kept)


async def read_now(services: Services) -> Control:
    """Read the settings in a new transaction."""
    async with services.database.reading() as transaction:
        return await read(transaction)


async def touch(transaction: Transaction) -> None:
    """Change the revision, so that all processes refresh."""
    await transaction.key_value.put(_REVISION, {"is": secrets.token_hex(8)})


async def revision(services: Services) -> str:
    """The current revision; differs after every change."""
    async with services.database.reading() as transaction:
        kept = await transaction.key_value.get(_REVISION)
    return str(kept["is"]) if kept else ""

"""What those who run the bots may watch: figures, and whose work a line of the log is about.

Neither says who anyone is: people are pseudonyms here, and what they send is nowhere.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, Protocol

# How a worker left a job, beside the codes of errors.
DELIVERED: Final = "delivered"
POSTPONED: Final = "postponed"
LOST: Final = "lost"
TOLD: Final = "told"

_AT_WORK: Final[ContextVar[Mapping[str, str | int] | None]] = ContextVar("at work", default=None)


class Meter(Protocol):
    """Counts what happens."""

    def received(self, platform: str) -> None:
        """Something came in from a person."""
        ...

    def throttled(self, platform: str) -> None:
        """The platform answered 429."""
        ...

    def began(self, platform: str) -> None:
        """A worker has taken a job."""
        ...

    def ended(self, platform: str, outcome: str, waited_s: float, took_s: float) -> None:
        """The worker is free again.

        Args:
            platform: Whose job it was.
            outcome: One of the words above, or an error's code.
            waited_s: From the request to this work on it.
            took_s: The work.
        """
        ...


class Unmetered:
    """Counts nothing."""

    def received(self, platform: str) -> None:
        """See `Meter`."""

    def throttled(self, platform: str) -> None:
        """See `Meter`."""

    def began(self, platform: str) -> None:
        """See `Meter`."""

    def ended(self, platform: str, outcome: str, waited_s: float, took_s: float) -> None:
        """See `Meter`."""


@contextmanager
def at_work(**facts: str | int) -> Iterator[None]:
    """Within the block every line of the log says these, no matter who writes it."""
    token = _AT_WORK.set({**facts_at_work(), **facts})
    try:
        yield
    finally:
        _AT_WORK.reset(token)


def facts_at_work() -> Mapping[str, str | int]:
    """What the present line of the log is about."""
    return _AT_WORK.get() or {}

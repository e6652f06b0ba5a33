"""Metrics and log context for operators.

Contains pseudonyms only, and nothing that people send.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, Protocol

# Outcomes of work on a job, besides error codes.
DELIVERED: Final = "delivered"
POSTPONED: Final = "postponed"
LOST: Final = "lost"
TOLD: Final = "told"

_AT_WORK: Final[ContextVar[Mapping[str, str | int] | None]] = ContextVar("at work", default=None)


class Meter(Protocol):
    """Counts events."""

    def received(self, platform: str) -> None:
        """Count an update from a person."""
        ...

    def throttled(self, platform: str) -> None:
        """Count a 429 answer of the platform."""
        ...

    def began(self, platform: str) -> None:
        """Count a worker that has claimed a job."""
        ...

    def ended(self, platform: str, outcome: str, waited_s: float, took_s: float) -> None:
        """Count the end of work on a job.

        Args:
            platform: The job's platform.
            outcome: One of the words above, or an error's code.
            waited_s: Seconds from the request to the start of this work.
            took_s: Seconds of work.
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
    """Add these fields to every log line written within the block, including libraries'."""
    token = _AT_WORK.set({**facts_at_work(), **facts})
    try:
        yield
    finally:
        _AT_WORK.reset(token)


def facts_at_work() -> Mapping[str, str | int]:
    """The fields for the current log line."""
    return _AT_WORK.get() or {}

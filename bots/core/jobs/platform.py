"""The interface that a platform implements for the workers, and its errors."""

from collections.abc import Sequence
from typing import Protocol

from engine.api.contract import Painted
from storage.values.jobs import Job
from storage.values.json import Json


class DeliverLaterError(Exception):
    """The platform accepts no messages for a while."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"later, in {retry_after_s} s")
        self.retry_after_s = retry_after_s


class UndeliverableError(Exception):
    """The chat will never accept it.

    Attributes:
        code: Error code to tell the person; None if nobody can be reached: the chat was deleted,
            or the bot removed from it.
    """

    def __init__(self, code: str | None = None) -> None:
        super().__init__(code or "nobody is there")
        self.code = code


class UncertainDeliveryError(Exception):
    """The platform did not answer in time and may have it; sending again might send it twice."""


class Platform(Protocol):
    """The interface that an adapter implements for workers."""

    name: str

    async def fetch(self, job: Job, photo: Json) -> bytes:
        """Download a photo's file.

        Raises:
            SourceGoneError: the platform no longer has it.
            DeliverLaterError: it is not possible now.
        """
        ...

    async def started(self, job: Job) -> None:
        """Called when work begins and after each photo; may update the status message."""
        ...

    async def paused(self, job: Job) -> None:
        """Called when the job waits for an absent engine; may update the status message."""
        ...

    async def deliver(self, job: Job, pictures: Sequence[Painted], notes: Sequence[str]) -> Json:
        """Deliver the pictures, in order, with notes; returns the platform's ids of them.

        Raises:
            DeliverLaterError: nothing was sent; try later.
            UndeliverableError: the chat will never accept it.
            UncertainDeliveryError: it may have been sent.
        """
        ...

    async def delivered(self, job: Job) -> Json | None:
        """The platform's ids of a job's delivered pictures; None if there are none, or unknown."""
        ...

    async def tell(self, job: Job, sentence: str) -> None:
        """Tell the person why a job failed.

        Raises:
            DeliverLaterError: it is not possible now.
            UndeliverableError: the chat will never accept it.
        """
        ...

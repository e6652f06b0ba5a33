"""Timeouts and intervals of the adapter."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Waits:
    """Timeouts and intervals, for Telegram, the store and people waiting.

    Attributes:
        answer_s: Seconds for an answer.
        upload_s: Seconds for uploading a picture.
        again_s: Seconds before an unanswered delivery is tried again.
        refresh_s: Seconds between two updates of the status messages.
        store_again_s: Seconds before an update that the store did not accept is handled again; they
            double from the first number to the second.
        store_patience_s: Seconds after which such an update is given up.
        long: After this long the user may not be looking: an edit does not notify, a new message
            does.
    """

    answer_s: float = 20.0
    upload_s: float = 60.0
    again_s: float = 3.0
    refresh_s: float = 3.0
    store_again_s: tuple[float, float] = (1.0, 15.0)
    store_patience_s: float = 120.0
    long: timedelta = timedelta(seconds=10)

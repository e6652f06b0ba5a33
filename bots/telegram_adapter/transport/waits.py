"""Timeouts of the adapter."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Waits:
    """Timeouts for Telegram, and for people waiting.

    Attributes:
        answer_s: Seconds for an answer.
        upload_s: Seconds for uploading a picture.
        again_s: Seconds before an unanswered delivery is tried again.
        long: After this long the user may not be looking: an edit does not notify, a new message
            does.
    """

    answer_s: float = 20.0
    upload_s: float = 60.0
    again_s: float = 3.0
    long: timedelta = timedelta(seconds=10)

"""How long the adapter waits for Telegram."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Waits:
    """How long the adapter waits for Telegram, and people for the adapter.

    Attributes:
        answer_s: For an answer.
        upload_s: Until a picture is there.
        again_s: Before a delivery that got no answer is tried again.
        long: Anyone who waited longer may have looked away: an edit rings no bell, a new message
            does.
    """

    answer_s: float = 20.0
    upload_s: float = 60.0
    again_s: float = 3.0
    long: timedelta = timedelta(seconds=10)

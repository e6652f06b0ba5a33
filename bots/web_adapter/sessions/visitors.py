"""Who a browser is: a random number in a cookie that only this bot could have signed."""

import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Final

from bots.core.common.services import Services
from storage.values.people import ChatKey, UserKey

PLATFORM: Final = "web"
COOKIE: Final = "studio"
AGE_S: Final = 365 * 24 * 3600
_SIGNED: Final = re.compile(r"(\d{19})\.([0-9a-f]{64})", re.ASCII)
_FIRST_ID: Final = 10**18


@dataclass(frozen=True, slots=True)
class Visitor:
    """Anyone who is at a browser.

    Attributes:
        user: Who, as the core knows him.
        new: Whether he comes without a cookie, or with a forged one.
    """

    user: UserKey
    new: bool = False

    @property
    def chat(self) -> ChatKey:
        """Where he is: alone."""
        return ChatKey(PLATFORM, self.user.id)


def recognise(services: Services, cookie: str | None) -> Visitor:
    """Who shows a cookie; a newcomer where it is none of ours."""
    found = _SIGNED.fullmatch(cookie or "")
    if found and hmac.compare_digest(found[2], _signature(services, found[1])):
        return Visitor(UserKey(PLATFORM, found[1]))
    return Visitor(UserKey(PLATFORM, str(_FIRST_ID + secrets.randbelow(8 * _FIRST_ID))), new=True)


def cookie_of(services: Services, visitor: Visitor) -> str:
    """What `recognise` knows him again by."""
    return f"{visitor.user.id}.{_signature(services, visitor.user.id)}"


def token_of(services: Services, visitor: Visitor) -> str:
    """What a form of his carries, and a form made by another site cannot know."""
    return services.sealer.pseudonym(f"studio form {visitor.user.id}")


def _signature(services: Services, visitor_id: str) -> str:
    # The sealer's digests are keyed; the words keep one use apart from another.
    return services.sealer.pseudonym(f"studio cookie {visitor_id}")

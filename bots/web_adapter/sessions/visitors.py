"""Identifies browsers by a random number in a signed cookie."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

from itsdangerous import BadSignature, TimestampSigner

from bots.core.common.services import Services
from storage.values.people import ChatKey, UserKey

PLATFORM: Final = "web"
COOKIE: Final = "studio"
AGE_S: Final = 365 * 24 * 3600
_FIRST_ID: Final = 10**18


@dataclass(frozen=True, slots=True)
class Visitor:
    """The person at a browser.

    Attributes:
        user: The visitor's key in the core.
        new: Whether the browser had no valid cookie.
    """

    user: UserKey
    new: bool = False

    @property
    def chat(self) -> ChatKey:
        """The visitor's private chat."""
        return ChatKey(PLATFORM, self.user.id)


def recognise(services: Services, cookie: str | None) -> Visitor:
    """The visitor of a cookie; a new one if it is invalid or older than a year."""
    shown = (cookie or "").encode(errors="surrogateescape")
    try:
        known = _signer(services).unsign(shown, max_age=AGE_S)
    except BadSignature:
        number = _FIRST_ID + secrets.randbelow(8 * _FIRST_ID)
        return Visitor(UserKey(PLATFORM, str(number)), new=True)
    return Visitor(UserKey(PLATFORM, known.decode()))


def cookie_of(services: Services, visitor: Visitor) -> str:
    """The cookie for `recognise`."""
    return _signer(services).sign(visitor.user.id).decode()


def token_of(services: Services, visitor: Visitor) -> str:
    """The visitor's CSRF token for forms."""
    return services.sealer.pseudonym(f"studio form {visitor.user.id}")


def _signer(services: Services) -> TimestampSigner:
    # The sealer's digests are keyed; the prefix separates one use from another.
    key = services.sealer.pseudonym("studio cookies")
    return TimestampSigner(key, salt="studio", key_derivation="hmac", digest_method=hashlib.sha256)

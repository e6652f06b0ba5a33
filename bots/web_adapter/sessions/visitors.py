"""Who a browser is: a random number in a cookie that only this bot could have signed."""

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
    """Who shows a cookie; a newcomer where it is none of ours, or older than a year."""
    shown = (cookie or "").encode(errors="surrogateescape")
    try:
        known = _signer(services).unsign(shown, max_age=AGE_S)
    except BadSignature:
        number = _FIRST_ID + secrets.randbelow(8 * _FIRST_ID)
        return Visitor(UserKey(PLATFORM, str(number)), new=True)
    return Visitor(UserKey(PLATFORM, known.decode()))


def cookie_of(services: Services, visitor: Visitor) -> str:
    """What `recognise` knows him again by."""
    return _signer(services).sign(visitor.user.id).decode()


def token_of(services: Services, visitor: Visitor) -> str:
    """What a form of his carries, and a form made by another site cannot know."""
    return services.sealer.pseudonym(f"studio form {visitor.user.id}")


def _signer(services: Services) -> TimestampSigner:
    # The sealer's digests are keyed; the words keep one use apart from another.
    key = services.sealer.pseudonym("studio cookies")
    return TimestampSigner(key, salt="studio", key_derivation="hmac", digest_method=hashlib.sha256)

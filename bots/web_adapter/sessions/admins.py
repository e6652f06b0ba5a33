"""The studio's admin token, new at each start, and the sessions signed in with it.

The token is shown only on the console, which only the bot's operators can read.
"""

import asyncio
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from typing import Final

from cachetools import TTLCache
from itsdangerous import BadSignature, Signer

from bots.web_adapter.sessions.visitors import PLATFORM, Visitor
from storage.values.people import UserKey

# The user key of a signed-in admin; visitors' ids are numbers, so it cannot be one of theirs.
ADMIN: Final = UserKey(PLATFORM, "admin")
COOKIE: Final = "studio-admin"
# The browser sends the cookie only to the admin's pages.
PATH: Final = "/admin"
AGE_S: Final = 12 * 3600
_INSIDE_MAX: Final = 1_000
_WRONG_EVERY_S: Final = 1.0
_WRONG_AT_ONCE: Final = 8


class TooManyWrongError(Exception):
    """Too many wrong tokens are waiting for their answer; this one is refused at once."""


class AdminSessions:
    """Admin sessions, from sign-in with the token to sign-out.

    Attributes:
        token: The token; new at each start.
        secure: Whether the studio is reached by https only.
    """

    def __init__(
        self,
        *,
        secure: bool = False,
        wrong_every_s: float = _WRONG_EVERY_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make a new token; there are no sessions yet.

        Args:
            secure: Whether browsers use https only.
            wrong_every_s: Seconds between the answers to wrong tokens.
            clock: Returns the time in seconds.
        """
        self.token: Final = secrets.token_urlsafe(32)
        self.secure: Final = secure
        self._wrong_every_s = wrong_every_s
        self._inside: TTLCache[str, None] = TTLCache(_INSIDE_MAX, AGE_S, timer=clock)
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def log_in(self, visitor: Visitor, token: str) -> str | None:
        """The session cookie for the right token; None, after a pause, for a wrong one.

        The right token is answered at once, so that wrong guesses do not lock the admin out.

        Raises:
            TooManyWrongError: too many wrong tokens are waiting already.
        """
        if hmac.compare_digest(token.encode(), self.token.encode()):
            return self._let_in(visitor)
        if self._waiting >= _WRONG_AT_ONCE:
            raise TooManyWrongError
        self._waiting += 1
        try:
            async with self._turn:
                await asyncio.sleep(self._wrong_every_s)
        finally:
            self._waiting -= 1
        return None

    def knows(self, visitor: Visitor, cookie: str | None) -> bool:
        """Whether a cookie is of an open session in this visitor's browser."""
        session = self._session(visitor, cookie)
        return session is not None and session in self._inside

    def seal(self, sentence: str) -> str:
        """A keyed digest that proves that a sentence in an address is ours."""
        return self._signer("said").get_signature(sentence).decode()

    def log_out(self, visitor: Visitor, cookie: str | None) -> None:
        """End a session, also for copies of the cookie."""
        session = self._session(visitor, cookie)
        if session is not None:
            self._inside.pop(session, None)

    def _let_in(self, visitor: Visitor) -> str:
        session = secrets.token_hex(16)
        self._inside[session] = None
        return self._signer(f"session {visitor.user}").sign(session).decode()

    def _session(self, visitor: Visitor, cookie: str | None) -> str | None:
        shown = (cookie or "").encode(errors="surrogateescape")
        try:
            return self._signer(f"session {visitor.user}").unsign(shown).decode()
        except BadSignature:
            return None

    def _signer(self, use: str) -> Signer:
        return Signer(self.token, salt=use, key_derivation="hmac", digest_method=hashlib.sha256)

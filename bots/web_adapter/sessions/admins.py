"""Where the studio's admin comes in: a token of this process's life, and who has shown it.

The token is on the console alone. Those who can read it run the bot; no one else needs to come in.
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

# The person who has shown the token; as visitors' ids are numbers, nobody else is.
ADMIN: Final = UserKey(PLATFORM, "admin")
COOKIE: Final = "studio-admin"
# The browser sends it to the admin's pages and to no other.
PATH: Final = "/admin"
AGE_S: Final = 12 * 3600
_INSIDE_MAX: Final = 1_000
_WRONG_EVERY_S: Final = 1.0
_WRONG_AT_ONCE: Final = 8


class TooManyWrongError(Exception):
    """So many wrong tokens were shown that this one is not even kept waiting."""


class AdminSessions:
    """Lets in anyone who shows the token, and knows him again until he leaves.

    Attributes:
        token: What has to be shown; another one after every start.
        secure: Whether browsers reach it by https alone.
    """

    def __init__(
        self,
        *,
        secure: bool = False,
        wrong_every_s: float = _WRONG_EVERY_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Have a new token, and nobody inside.

        Args:
            secure: Whether browsers reach it by https alone.
            wrong_every_s: How long a wrong token waits for its answer, each after the one before.
            clock: Tells the time in seconds.
        """
        self.token: Final = secrets.token_urlsafe(32)
        self.secure: Final = secure
        self._wrong_every_s = wrong_every_s
        self._inside: TTLCache[str, None] = TTLCache(_INSIDE_MAX, AGE_S, timer=clock)
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def log_in(self, visitor: Visitor, token: str) -> str | None:
        """What a cookie shall be for anyone who shows the token; None for any other, after a while.

        The right one is let in at once, so that nobody who tries others keeps the admin out; 256
        bits are not guessed in any case.

        Raises:
            TooManyWrongError: others wait for such an answer already.
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
        """Whether a cookie is of someone inside, and shown by the browser it was given to."""
        session = self._session(visitor, cookie)
        return session is not None and session in self._inside

    def seal(self, sentence: str) -> str:
        """What shows that a sentence in an address is ours."""
        return self._signer("said").get_signature(sentence).decode()

    def log_out(self, visitor: Visitor, cookie: str | None) -> None:
        """Know someone no longer, no matter who else has the cookie."""
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

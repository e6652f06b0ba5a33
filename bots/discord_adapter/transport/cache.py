"""Data needed for the first answer, which is due within three seconds.

Whether an answer is public is decided in its first acknowledgement, and autocompletion must not
wait for a database. So preferences, servers' settings and styles are cached here, and renewed every
minute and after each change made by this process. Changes by admins, in any process and on any
platform, are detected by the store's revision, which is read twice a second.
"""

import logging
import time
from datetime import timedelta
from typing import Final

from cachetools import FIFOCache

from bots.core.common.periodic import repeat
from bots.core.common.services import Services
from bots.core.policy import control
from bots.core.styles import catalogue
from bots.core.users import preferences
from storage.values.people import ChatKey, ChatSettings, Preference, UserKey
from storage.values.styles import Style

logger = logging.getLogger(__name__)

_PEOPLE_WITH_OWN_STYLES: Final = 10_000
_LOOK_EVERY: Final = timedelta(seconds=0.5)


class Cache:
    """Preferences, servers' settings and styles of one platform, without waiting."""

    def __init__(
        self, services: Services, platform: str, own_of_people: int = _PEOPLE_WITH_OWN_STYLES
    ) -> None:
        """Start empty; see `renew`.

        Args:
            services: The bot's services.
            platform: The platform.
            own_of_people: Number of people whose own styles are cached.
        """
        self._services = services
        self._platform = platform
        self._preferences: dict[str, Preference] = {}
        self._chats: dict[str, ChatSettings] = {}
        self._styles: list[Style] = []
        self._edits: list[Style] = []
        # The oldest go first: `_read_shared` reads all of them, which does not count as use.
        self._own: FIFOCache[str, list[Style]] = FIFOCache(own_of_people)
        self._default: int | None = None
        self._revision = ""
        self._renewed_at = 0.0

    async def renew(self) -> None:
        """Read everything again."""
        self._preferences = await preferences.everyone(self._services, self._platform)
        await self._read_shared(await control.revision(self._services))
        self._renewed_at = time.monotonic()

    async def follow(self) -> None:
        """Read again what admins changed, if anything."""
        revision = await control.revision(self._services)
        if revision != self._revision:
            await self._read_shared(revision)

    async def keep_renewing(self, every: timedelta = timedelta(minutes=1)) -> None:
        """Renew periodically, until cancelled; the old data are kept while the store is away.

        Args:
            every: Interval of reading everything; admins' changes are read at once.
        """

        async def look() -> None:
            old = time.monotonic() - self._renewed_at >= every.total_seconds()
            await (self.renew() if old else self.follow())

        complaint = "the cache was not renewed"
        await repeat(look, _LOOK_EVERY, complaint)

    async def renew_person(self, user: UserKey) -> None:
        """Read a person's preferences and own styles."""
        self._preferences[user.id] = await preferences.preference(self._services, user)
        known = await catalogue.listed(self._services, user)
        self._own[user.id] = [style for style in known if style.owner == user]

    def note(self, user: UserKey, preference: Preference) -> None:
        """Store a person's new preferences."""
        self._preferences[user.id] = preference

    def note_chat(self, chat: ChatKey, settings: ChatSettings) -> None:
        """Store a server's new settings."""
        self._chats[chat.id] = settings

    def forget(self, user: UserKey) -> None:
        """Remove a person."""
        self._preferences.pop(user.id, None)
        self._own.pop(user.id, None)

    def knows_own_styles(self, user: UserKey) -> bool:
        """Whether a person's own styles have been read."""
        return user.id in self._own

    def preference(self, user: UserKey) -> Preference:
        """A person's preferences, if cached; otherwise the defaults."""
        return self._preferences.get(user.id, Preference())

    def chat(self, chat: ChatKey) -> ChatSettings:
        """A server's settings, if cached; otherwise the defaults."""
        return self._chats.get(chat.id, ChatSettings())

    @property
    def everyones(self) -> list[Style]:
        """Everyone's styles, regardless of a server's settings."""
        return self._styles

    def has_default(self, user: UserKey, chat: ChatKey) -> bool:
        """Whether a request without a style can be painted without asking for one."""
        liked, settings = self.preference(user), self.chat(chat)
        chosen = (settings.style_id, self._default)
        if settings.quiet or liked.recipe.complete or any(i is not None for i in chosen):
            return True
        return len(self.styles(user, chat)) == 1

    def language(self, user: UserKey, chat: ChatKey, locale: str | None) -> str:
        """The language for a person in a place."""
        own, settings = self.preference(user), self.chat(chat)
        return self._services.texts.choose(own.language, settings.language, locale)

    def styles(self, user: UserKey | None, chat: ChatKey, *, edits: bool = False) -> list[Style]:
        """The styles that can be chosen in a place: everyone's and, given a person, their own.

        Args:
            user: The person; None for everyone's styles only.
            chat: The server or the private chat.
            edits: Whether effects with a command of their own are among them, at the end.
        """
        settings = self.chat(chat)
        # One of their own styles may have become everyone's since they were read.
        everyones = {style.id for style in self._styles}
        own = [s for s in (self._own.get(user.id, []) if user else []) if s.id not in everyones]
        known = [*self._styles, *own, *(self._edits if edits else ())]
        return [style for style in known if catalogue.usable(style, settings)]

    async def _read_shared(self, revision: str) -> None:
        self._chats = await preferences.chats(self._services, self._platform)
        known = await catalogue.listed(self._services, edits=True)
        self._edits = catalogue.edits_among(self._services, known)
        self._styles = [style for style in known if style not in self._edits]
        self._default = (await control.read_now(self._services)).style_id
        for user_id, own in list(self._own.items()):
            # People's own styles concern the admins only once they are submitted.
            if any(style.state == "submitted" for style in own):
                await self.renew_person(UserKey(self._platform, user_id))
        self._revision = revision

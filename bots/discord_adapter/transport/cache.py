"""What must be known before a first answer is due, which is in three seconds.

Whether an answer may be seen by all is said with its first sign of life, and suggestions while
someone types must not wait for a database. So what people and servers prefer, and which styles
there are, is held here, renewed every minute and after each change made through this process.
Of what admins change, whichever process or platform they do it by, the store's revision tells; it
is asked for twice a second.
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
    """Preferences, servers' settings and styles of one platform, without a wait."""

    def __init__(
        self, services: Services, platform: str, own_of_people: int = _PEOPLE_WITH_OWN_STYLES
    ) -> None:
        """Know nothing yet; see `renew`.

        Args:
            services: The bot's services.
            platform: Which.
            own_of_people: Of how many people their own styles are kept.
        """
        self._services = services
        self._platform = platform
        self._preferences: dict[str, Preference] = {}
        self._chats: dict[str, ChatSettings] = {}
        self._styles: list[Style] = []
        # Those read first go first: `_read_shared` looks at all, which is no use of each.
        self._own: FIFOCache[str, list[Style]] = FIFOCache(own_of_people)
        self._default: int | None = None
        self._revision = ""
        self._renewed_at = 0.0

    async def renew(self) -> None:
        """Read everything anew."""
        self._preferences = await preferences.everyone(self._services, self._platform)
        await self._read_shared(await control.revision(self._services))
        self._renewed_at = time.monotonic()

    async def follow(self) -> None:
        """Read anew what admins change, if they have changed something."""
        revision = await control.revision(self._services)
        if revision != self._revision:
            await self._read_shared(revision)

    async def keep_renewing(self, every: timedelta = timedelta(minutes=1)) -> None:
        """Renew periodically, until cancelled; what was known stays while the store is away.

        Args:
            every: How often everything is read; what admins have changed, at once.
        """

        async def look() -> None:
            old = time.monotonic() - self._renewed_at >= every.total_seconds()
            await (self.renew() if old else self.follow())

        complaint = "what was known of people could not be renewed"
        await repeat(look, _LOOK_EVERY, complaint)

    async def renew_person(self, user: UserKey) -> None:
        """Read what one person likes, and his own styles."""
        self._preferences[user.id] = await preferences.preference(self._services, user)
        known = await catalogue.listed(self._services, user)
        self._own[user.id] = [style for style in known if style.owner == user]

    def note(self, user: UserKey, preference: Preference) -> None:
        """Take over what a person just said he likes."""
        self._preferences[user.id] = preference

    def note_chat(self, chat: ChatKey, settings: ChatSettings) -> None:
        """Take over what a server's admins just chose."""
        self._chats[chat.id] = settings

    def forget(self, user: UserKey) -> None:
        """Know nothing of a person any more."""
        self._preferences.pop(user.id, None)
        self._own.pop(user.id, None)

    def knows_own_styles(self, user: UserKey) -> bool:
        """Whether a person's own styles were read."""
        return user.id in self._own

    def preference(self, user: UserKey) -> Preference:
        """What a person likes, as far as known."""
        return self._preferences.get(user.id, Preference())

    def chat(self, chat: ChatKey) -> ChatSettings:
        """What a server's admins chose, as far as known."""
        return self._chats.get(chat.id, ChatSettings())

    @property
    def everyones(self) -> list[Style]:
        """The styles of everyone, whatever a server allows."""
        return self._styles

    def has_default(self, user: UserKey, chat: ChatKey) -> bool:
        """Whether someone who names no style need not be asked, as far as known."""
        liked, settings = self.preference(user), self.chat(chat)
        chosen = (settings.style_id, self._default)
        if settings.quiet or liked.recipe.complete or any(i is not None for i in chosen):
            return True
        return len(self.styles(user, chat)) == 1

    def language(self, user: UserKey, chat: ChatKey, locale: str | None) -> str:
        """What to speak to a person in a place."""
        own, settings = self.preference(user), self.chat(chat)
        return self._services.texts.choose(own.language, settings.language, locale)

    def styles(self, user: UserKey | None, chat: ChatKey) -> list[Style]:
        """What can be chosen in a place: everyone's styles and, of someone, his own."""
        settings = self.chat(chat)
        # One of his may have become everyone's since his were read.
        everyones = {style.id for style in self._styles}
        own = [s for s in (self._own.get(user.id, []) if user else []) if s.id not in everyones]
        return [style for style in (*self._styles, *own) if catalogue.usable(style, settings)]

    async def _read_shared(self, revision: str) -> None:
        self._chats = await preferences.chats(self._services, self._platform)
        self._styles = await catalogue.listed(self._services)
        self._default = (await control.read_now(self._services)).style_id
        for user_id, own in list(self._own.items()):
            # Of a person's own styles those that he has submitted are the admins' affair as well.
            if any(style.state == "submitted" for style in own):
                await self.renew_person(UserKey(self._platform, user_id))
        self._revision = revision

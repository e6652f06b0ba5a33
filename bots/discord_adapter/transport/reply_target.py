"""Who asks and where, and where the answer goes."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Final

import discord

from storage.values.json import Json
from storage.values.people import ChatKey, UserKey

PLATFORM: Final = "discord"
# An interaction's token lives for 15 minutes; the last one is left for what is under way.
TOKEN_LIFE_S: Final = 14 * 60.0
# What everyone may upload where nothing else is said.
FILE_LIMIT_BYTES: Final = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ReplyTarget:
    """Where a request is answered; kept with it, so that any process can.

    Attributes:
        channel: The channel or thread.
        message: The message that says how it stands and becomes the result; None for none yet.
        guild: The server; None in a direct message.
        application: The application's id, for the token.
        token: An interaction's token, with which its messages are written; empty for none.
        until: When to stop using it, in seconds since 1970.
        bot: Whether the bot may write there by itself, too.
        private: Whether only the person sees it.
        adult: Whether the channel is age-restricted.
        limit: Largest file, in bytes.
        reply_to: The message that a new one answers.
        of: The job whose result the message shows meanwhile; None for none.
        shown: Names of that result's files.
    """

    channel: int
    message: int | None = None
    guild: int | None = None
    application: int = 0
    token: str = ""
    until: float = 0.0
    bot: bool = False
    private: bool = False
    adult: bool = False
    limit: int = FILE_LIMIT_BYTES
    reply_to: int | None = None
    of: int | None = None
    shown: tuple[str, ...] = ()

    def as_json(self) -> Json:
        """For the store."""
        return asdict(self) | {"shown": list(self.shown)}

    @classmethod
    def from_json(cls, kept: Json) -> "ReplyTarget":
        """Read what `as_json` wrote, whichever version did."""
        known = {field.name: kept[field.name] for field in fields(cls) if field.name in kept}
        return cls(**{"channel": 0} | known | {"shown": tuple(kept.get("shown", ()))})


def user_key(user: discord.abc.User) -> UserKey:
    """A person as the core knows him."""
    return UserKey(PLATFORM, str(user.id))


def chat_key(guild_id: int | None, channel_id: int | None) -> ChatKey:
    """A place as the core knows it: the server, or the channel of a direct message."""
    return ChatKey(PLATFORM, str(guild_id or channel_id))


def may_manage(permissions: discord.Permissions) -> bool:
    """Whether these make someone an admin of a server."""
    return permissions.manage_guild or permissions.administrator


def is_adult(channel: Any) -> bool:  # noqa: ANN401 - any kind of channel, partial ones as well
    """Whether a channel is age-restricted; a thread is where its channel is."""
    ask = getattr(channel, "is_nsfw", None)
    return bool(ask and ask())


def may_show_adult(channel: Any) -> bool:  # noqa: ANN401 - any kind of channel
    """Whether what comes from an age-restricted channel may be seen in this one."""
    return is_adult(channel) or isinstance(channel, discord.DMChannel)

"""Who made a request and where, and where its answer goes."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Final

import discord

from storage.values.json import Json
from storage.values.people import ChatKey, UserKey

PLATFORM: Final = "discord"
# An interaction's token is valid for 15 minutes; the last one is reserved for running requests.
TOKEN_LIFE_S: Final = 14 * 60.0
# Everyone's upload limit, used if no other is known.
FILE_LIMIT_BYTES: Final = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ReplyTarget:
    """Where a request is answered; stored with it, so that any process can answer.

    Attributes:
        channel: The channel or thread.
        message: The message with the status, which becomes the result; None for none yet.
        guild: The server; None in a direct message.
        application: The application's id, for the token.
        token: An interaction's token, to write its messages; empty for none.
        until: Time after which it is not used, in seconds since 1970.
        bot: Whether the bot may also write there itself.
        private: Whether only the user sees it.
        adult: Whether the channel is age-restricted.
        limit: Largest file, in bytes.
        reply_to: The message that a new one replies to.
        of: The job whose result the message shows for now; None for none.
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
        """The reply target as JSON."""
        return asdict(self) | {"shown": list(self.shown)}

    @classmethod
    def from_json(cls, kept: Json) -> "ReplyTarget":
        """Parse the output of `as_json`, of any version."""
        known = {field.name: kept[field.name] for field in fields(cls) if field.name in kept}
        return cls(**{"channel": 0} | known | {"shown": tuple(kept.get("shown", ()))})


def user_key(user: discord.abc.User) -> UserKey:
    """The store's key of a person."""
    return UserKey(PLATFORM, str(user.id))


def chat_key(guild_id: int | None, channel_id: int | None) -> ChatKey:
    """The store's key of a place: the server, or the channel of a direct message."""
    return ChatKey(PLATFORM, str(guild_id or channel_id))


def may_manage(permissions: discord.Permissions) -> bool:
    """Whether these permissions make someone an admin of a server."""
    return permissions.manage_guild or permissions.administrator


def is_adult(channel: Any) -> bool:  # noqa: ANN401 - any kind of channel, partial ones as well
    """Whether a channel is age-restricted; a thread is if its channel is."""
    ask = getattr(channel, "is_nsfw", None)
    return bool(ask and ask())


def may_show_adult(channel: Any) -> bool:  # noqa: ANN401 - any kind of channel
    """Whether pictures from an age-restricted channel may be shown in this one."""
    return is_adult(channel) or isinstance(channel, discord.DMChannel)

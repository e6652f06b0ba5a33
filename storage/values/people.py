"""People and chats, and their settings."""

from dataclasses import dataclass, field
from typing import Literal

from typing_extensions import override

from storage.values.recipes import Recipe

Output = Literal["photo", "file"]
Audience = Literal["everyone", "admins"]
PhotoCheck = Literal["off", "spoiler", "refuse"]


@dataclass(frozen=True, slots=True)
class UserKey:
    """A person on a platform.

    Attributes:
        platform: "telegram", "discord", "web" ...
        id: The platform's own id, as text.
    """

    platform: str
    id: str

    @override
    def __str__(self) -> str:
        return f"{self.platform}:{self.id}"


@dataclass(frozen=True, slots=True)
class ChatKey:
    """A place on a platform: a private chat, a group, a server."""

    platform: str
    id: str

    @override
    def __str__(self) -> str:
        return f"{self.platform}:{self.id}"


@dataclass(frozen=True, slots=True)
class Preference:
    """A person's preference.

    Attributes:
        recipe: One step with the default effect, and preferred values for all effects' parameters;
            if it is not complete, there is no default style.
        output: A photo, or a file at full resolution.
        private: Whether results are shown to the person only, if the platform can.
        language: Language tag; None for the chat's or the platform's.
        history: Whether results are stored in the history.
        repaintable: Whether others may have the person's pictures painted.
    """

    recipe: Recipe = field(default_factory=Recipe)
    output: Output = "photo"
    private: bool = False
    language: str | None = None
    history: bool = True
    repaintable: bool = True


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """A chat's settings.

    Attributes:
        allowed_styles: Ids of the styles that may be used here; None for all.
        style_id: The default style for people without one of their own.
        audience: Who may use the bot here.
        waiting_per_user: Limit of waiting photos per person; None for the bot's limit.
        per_minute: Limit of photos per person and minute; None for the bot's limit.
        language: Language tag; None for each person's own.
        quiet: Whether to post nothing but results.
        open_buttons: Whether everyone may use the buttons under everyone's results.
        own_styles: Whether members may use their own styles here.
        photo_check: Whether unsuitable photos are allowed, covered or refused.
        topic: The only topic in which photos are painted; None for all.
    """

    allowed_styles: tuple[int, ...] | None = None
    style_id: int | None = None
    audience: Audience = "everyone"
    waiting_per_user: int | None = None
    per_minute: int | None = None
    language: str | None = None
    quiet: bool = False
    open_buttons: bool = False
    own_styles: bool = True
    photo_check: PhotoCheck = "off"
    topic: int | None = None

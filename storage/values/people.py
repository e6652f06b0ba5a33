"""People and chats, and what they chose."""

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
    """What a person likes.

    Attributes:
        recipe: One step, with the effect of those who name none and values for all effects that
            have such parameters; where it is not complete, there is no usual style.
        output: A photo, or a file at full resolution.
        private: Where the platform can, show results to nobody else.
        language: Language tag; None for the chat's or the platform's.
        history: Whether results are remembered.
        repaintable: Whether others may have his pictures painted.
    """

    recipe: Recipe = field(default_factory=Recipe)
    output: Output = "photo"
    private: bool = False
    language: str | None = None
    history: bool = True
    repaintable: bool = True


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """What a chat's admins chose for it.

    Attributes:
        allowed_styles: Ids of the styles that may be used here; None for all.
        style_id: The style of those who name none and have none of their own.
        audience: Who may use the bot here.
        waiting_per_user: How many photos of one person may wait here; None for the bot's limit.
        per_minute: How many photos a minute one person may send here; None for the bot's limit.
        language: Language tag; None for each person's own.
        quiet: Say nothing but results.
        open_buttons: Whether anyone may press the buttons beneath anyone's result.
        own_styles: Whether members may use their own styles here.
        photo_check: What is done with photos that should not be seen unasked: nothing, or they are
            covered, or refused.
        topic: The only one of the chat's topics in which photos are painted; None for all.
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

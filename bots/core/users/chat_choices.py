"""The values that buttons offer for a chat's settings, the same on every surface."""

from collections.abc import Mapping
from typing import Any, Final, get_args

from bots.core.common.services import Services
from storage.values.people import PhotoCheck

_SWITCH: Final = (False, True)
# By attribute of `ChatSettings`; None is no limit of the chat's own, or the person's own language.
_VALUES: Final[Mapping[str, tuple[Any, ...]]] = {
    "audience": ("everyone", "admins"),
    "waiting_per_user": (None, 1, 2, 5, 10),
    "per_minute": (None, 2, 5, 10),
    "quiet": _SWITCH,
    "own_styles": _SWITCH,
    "open_buttons": _SWITCH,
}


def values(services: Services, name: str) -> tuple[Any, ...]:
    """The values offered for a setting, in order.

    A photo check that is not installed can be switched off, but not on.

    Raises:
        KeyError: buttons do not set this setting.
    """
    if name == "language":
        return (None, *services.texts.languages)
    if name == "photo_check":
        return get_args(PhotoCheck) if services.content_check else ("off",)
    return _VALUES[name]


def following(services: Services, name: str, value: object) -> int:
    """The index of the value after `value`, for a button that cycles through them."""
    offered = values(services, name)
    return (offered.index(value) + 1) % len(offered) if value in offered else 0

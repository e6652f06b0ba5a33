"""The settings of a chat as its admins see and change them, the same on every surface.

A surface says who is an admin of the chat, and renders each kind of setting in one place. A press
may be forged: rights and values are checked here.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from bots.core.common.services import Services
from bots.core.errors import AdminsOnlyError
from bots.core.styles import catalogue
from bots.core.users import preferences
from storage.values.people import ChatKey, ChatSettings, PhotoCheck, UserKey
from storage.values.styles import Style

# By attribute of `ChatSettings`; None is no limit of the chat's own.
_LIMITS: Final[Mapping[str, tuple[int | None, ...]]] = {
    "waiting_per_user": (None, 1, 2, 5, 10),
    "per_minute": (None, 2, 5, 10),
}


@dataclass(frozen=True, slots=True)
class Manager:
    """The person who looks at a chat's settings.

    Attributes:
        services: The bot's services.
        chat: The chat.
        user: The person.
        language: Language tag of the labels.
        admin: Whether the platform says that the person is an admin of the chat.
        topic: The topic that the panel is in, if the chat has topics.
    """

    services: Services
    chat: ChatKey
    user: UserKey
    language: str
    admin: bool
    topic: int | None = None

    def say(self, name: str, /, **facts: str | int) -> str:
        """A text in the person's language."""
        return self.services.texts.say(name, self.language, **facts)


@dataclass(frozen=True, slots=True)
class Option:
    """A value of a setting.

    Attributes:
        label: Its label; empty for the two values of a switch.
        word: The value in buttons.
        meant: The value in `ChatSettings`; of "many", one of its items.
        on: Whether it is the current one, or one of them.
    """

    label: str
    word: str
    meant: Any
    on: bool


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting with its values.

    Attributes:
        name: Its attribute of `ChatSettings`.
        kind: "switch" is off or on, "choice" has one value, "many" has at least one.
        label: Its label; empty if the values speak for themselves.
        options: Its values; of a switch, off and on.
        question: Asks for the value, if there are too many to show beside others.
        everything: Label of a button that turns all on, if not all are.
    """

    name: str
    kind: Literal["switch", "choice", "many"]
    label: str
    options: Sequence[Option]
    question: str = ""
    everything: str = ""

    @property
    def on(self) -> bool:
        """Whether a switch is on."""
        return self.options[-1].on


async def look(manager: Manager) -> list[Setting]:
    """All settings of the chat, in order.

    Raises:
        AdminsOnlyError: the person is not an admin of the chat.
    """
    if not manager.admin:
        raise AdminsOnlyError
    services = manager.services
    now = await preferences.chat_settings(services, manager.chat)
    everything = await catalogue.listed(services, edits=True)
    styles = [style for style in everything if not catalogue.is_edit(services, style)]
    found = [
        _allowed(manager, now, everything),
        _default(manager, now, styles),
        _switch(manager, "audience", "button-admins-only", now, ("everyone", "admins")),
        _limit(manager, "waiting_per_user", "button-waiting", now),
        _limit(manager, "per_minute", "button-per-minute", now),
        _switch(manager, "quiet", "button-quiet", now),
        _switch(manager, "own_styles", "button-own-styles", now),
        _switch(manager, "open_buttons", "button-open-buttons", now),
    ]
    # A check that is not installed can be switched off, but not on.
    checks = get_args(PhotoCheck) if services.content_check else ("off",)
    if services.content_check or now.photo_check != "off":
        labels = {check: manager.say(f"button-photo-check-{check}") for check in checks}
        found.append(_choice("photo_check", now, labels, manager.say("button-photo-check")))
    if manager.topic is not None:
        found.append(_switch(manager, "topic", "button-this-topic", now, (None, manager.topic)))
    texts = services.texts
    tongues: dict[str | None, str] = {None: manager.say("button-any-language")}
    tongues |= {tag: texts.say("language-name", tag) for tag in texts.languages}
    return [*found, _choice("language", now, tongues)]


async def change(manager: Manager, name: str, word: str) -> None:
    """Give a setting one of its values; does nothing if there is no such value.

    Raises:
        AdminsOnlyError: the person is not an admin of the chat.
    """
    for setting in await look(manager):
        if setting.name == name and setting.kind != "many":
            for option in setting.options:
                if option.word == word:
                    await _settle(manager, **{name: option.meant})


async def mark(
    manager: Manager, name: str, picked: Collection[str], shown: Collection[str] | None = None
) -> None:
    """Turn values of a setting of many on and off; does nothing if none would remain.

    Args:
        manager: The person.
        name: The setting.
        picked: The values to turn on.
        shown: The values to turn off unless picked; None for all.

    Raises:
        AdminsOnlyError: the person is not an admin of the chat.
    """
    for setting in await look(manager):
        if setting.name == name and setting.kind == "many":
            kept = [] if shown is None else [o.word for o in setting.options if o.on]
            chosen = {*picked} | {*kept} - {*(shown or ())}
            meant = tuple(o.meant for o in setting.options if o.word in chosen)
            # All of them is no restriction: future ones are allowed as well.
            if meant:
                everything = len(meant) == len(setting.options)
                await _settle(manager, **{name: None if everything else meant})


async def _settle(manager: Manager, **changes: Any) -> None:  # noqa: ANN401 - any setting
    await preferences.settle(
        manager.services, manager.chat, manager.user, admin=manager.admin, **changes
    )


def _allowed(manager: Manager, now: ChatSettings, styles: Sequence[Style]) -> Setting:
    allowed = now.allowed_styles
    options = [
        Option(s.title(manager.language), str(s.id), s.id, allowed is None or s.id in allowed)
        for s in styles
    ]
    count = len(options) if allowed is None else len(allowed)
    everything = "" if allowed is None else manager.say("chat-allow-all")
    return Setting(
        "allowed_styles", "many", manager.say("button-styles-here", count=count), options,
        manager.say("chat-allowed-styles"), everything,
    )  # fmt: skip


def _default(manager: Manager, now: ChatSettings, styles: Sequence[Style]) -> Setting:
    titles = {style.id: style.title(manager.language) for style in styles}
    label = manager.say("button-default-style", title=titles.get(now.style_id or 0, "·"))
    none = Option(manager.say("chat-no-default"), "0", None, now.style_id is None)
    options = [Option(titles[s.id], str(s.id), s.id, s.id == now.style_id) for s in styles]
    return Setting("style_id", "choice", label, [*options, none], manager.say("chat-default-style"))


def _switch(
    manager: Manager,
    name: str,
    label: str,
    now: ChatSettings,
    values: tuple[Any, Any] = (False, True),
) -> Setting:
    is_on = getattr(now, name) == values[1]
    options = [
        Option("", str(place), value, is_on == bool(place)) for place, value in enumerate(values)
    ]
    return Setting(name, "switch", manager.say(label), options)


def _limit(manager: Manager, name: str, label: str, now: ChatSettings) -> Setting:
    labels = {value: str(value or "∞") for value in _LIMITS[name]}
    return _choice(name, now, labels, manager.say(label))


def _choice(name: str, now: ChatSettings, labels: Mapping[Any, str], label: str = "") -> Setting:
    chosen = getattr(now, name)
    options = [
        Option(said, str(place), value, value == chosen)
        for place, (value, said) in enumerate(labels.items())
    ]
    return Setting(name, "choice", label, options)

"""What an admin can look at and do, as entries of a list: each has one id for all surfaces.

An action's id is its name in the audit log, the address of its buttons and forms, and what its
commands do. What it needs to know are its fields. Those an address leaves open are asked: one after
another on Telegram, in a form on Discord and in the studio.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from bots.core.admin.pages.pages import Address, Page
from bots.core.admin.use_cases.refining import Refining
from bots.core.common.services import Services
from bots.core.errors import (
    BadLimitError,
    BadStyleFileError,
    BadWhomError,
    NoPhotoError,
    PageGoneError,
    StyleGoneError,
)
from storage.values.people import ChatKey, UserKey

# "key" fields say which one an action is about: they come first, and nobody is asked for them.
Kind = Literal["text", "number", "choice", "toggle", "pictures", "file", "user", "style", "job",
               "chat", "limit"]  # fmt: skip
KEYS: Final = ("style", "job", "chat", "limit")
_DIGITS: Final = 18
# How a chat sets a number back to its default.
_DEFAULT: Final = ("", "default", "默认")
Raw = str | bytes | Sequence[bytes]
Given = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Caller:
    """The admin who looks or acts.

    Attributes:
        services: What use cases need.
        user: Who.
        language: What to speak to him.
        refinings: Styles that are polished where he looks, by their ids.
    """

    services: Services
    user: UserKey
    language: str
    refinings: dict[int, Refining] = field(default_factory=dict)

    def say(self, name: str, /, **facts: str | int) -> str:
        """A text in his language."""
        return self.services.texts.say(name, self.language, **facts)


@dataclass(frozen=True, slots=True)
class Field:
    """Something an action needs to know.

    Attributes:
        name: What it is called in addresses and forms.
        kind: What it is.
        label: The text that names it.
        how: The text that asks for it in a chat, where its name does not suffice.
        optional: Whether it may be left out.
        least: The smallest number.
        most: The largest number; or how many letters, or pictures.
        language: Whose title it is, for a label that names a language.
    """

    name: str
    kind: Kind = "text"
    label: str = ""
    how: str = ""
    optional: bool = False
    least: int = 0
    most: int = 200
    language: str = ""

    @property
    def key(self) -> bool:
        """Whether it says what the action is about."""
        return self.kind in KEYS


@dataclass(frozen=True, slots=True)
class Ask:
    """A field that is asked, as it stands.

    Attributes:
        field: The field.
        label: What it is called.
        how: How a chat asks for it.
        value: What it is at present.
        choices: What it may be, and what that is called.
        least: The smallest number.
        most: The largest number; or how many letters, or pictures.
    """

    field: Field
    label: str
    how: str
    value: str = ""
    choices: Sequence[tuple[str, str]] = ()
    least: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True)
class File:
    """A file for the admin."""

    name: str
    content: bytes
    how: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an action.

    Attributes:
        address: The page it ends on.
        note: A sentence about it.
        file: What was asked for.
        refining: What goes on in the background; the surface runs it, and tells how far it is.
    """

    address: Address
    note: str = ""
    file: File | None = None
    refining: Refining | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """Something an admin does.

    Attributes:
        id: In the audit log, in addresses, and wherever else it is named.
        fields: What it needs to know, the keys first.
        do: Does it, with its fields read.
        label: The text on what sends its form.
        per_language: A field it has once in every language.
        apart: Whether each of its optional fields may be given alone; the others stay as they are.
        asking: What its questions are at the moment: what is so now, what may be chosen.
        command: The command that does it, where there is one.
        about: The text that says what that does.
        aside: Whether what comes of it is a message of its own: a file, or work that goes on.
    """

    id: str
    fields: tuple[Field, ...]
    do: Callable[[Caller, Given], Awaitable[Outcome]]
    label: str
    per_language: Field | None = None
    apart: bool = False
    asking: Callable[[Caller, Given, list[Ask]], Awaitable[list[Ask]]] | None = None
    command: str = ""
    about: str = ""
    aside: bool = False

    def all_fields(self, services: Services) -> tuple[Field, ...]:
        """Its fields, with those that it has in every language."""
        if self.per_language is None:
            return self.fields
        tongues = [
            replace(self.per_language, name=tag, language=tag) for tag in services.texts.languages
        ]
        return (*self.fields, *tongues)


@dataclass(frozen=True, slots=True)
class View:
    """Something an admin looks at.

    Attributes:
        name: In addresses.
        act: What looking at it is called where someone tries who may not.
        make: Makes the page.
        fields: What it needs to know; which part of its tables always comes last.
        command: The command that shows it, where there is one.
        about: The text that says what that does.
    """

    name: str
    act: str
    make: Callable[[Caller, Given], Awaitable[Page]]
    fields: tuple[Field, ...] = ()
    command: str = ""
    about: str = ""


def read(fields: Sequence[Field], raw: Mapping[str, Raw]) -> dict[str, Any]:
    """What was given, by the names of the fields.

    Args:
        fields: What is needed.
        raw: As it came; what is not of these is left out.

    Raises:
        BotError: something is missing or cannot be.
    """
    return {each.name: _value(each, raw.get(each.name)) for each in fields
            if each.name in raw or not each.optional}  # fmt: skip


def _value(of: Field, raw: Raw | None) -> Any:  # noqa: ANN401 - what the field is
    if of.kind == "pictures":
        return _pictures(raw, of.most)
    if of.kind == "file":
        if not isinstance(raw, bytes):
            raise BadStyleFileError
        return raw
    text = raw.strip() if isinstance(raw, str) else ""
    return _READERS.get(of.kind, _text)(of, text)


def _text(_: Field, text: str) -> str:
    return text


def _number(of: Field, text: str) -> int | None:
    """A number; None for its default. What is no number is below every bound."""
    if text.lower() in _DEFAULT:
        return None
    value = int(text) if _is_number(text) else -1
    if not of.least <= value <= of.most:
        raise BadLimitError(names=of.name, least=of.least, most=of.most)
    return value


def _style(_: Field, text: str) -> int:
    if not _is_number(text):
        raise StyleGoneError
    return int(text)


def _job(_: Field, text: str) -> int:
    if not _is_number(text):
        raise PageGoneError
    return int(text)


def _chat(_: Field, text: str) -> ChatKey:
    platform, colon, chat_id = text.partition(":")
    if not colon:
        raise BadWhomError
    return ChatKey(platform, chat_id)


def _toggle(_: Field, text: str) -> bool:
    return text == "1"


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _DIGITS


def _pictures(raw: Raw | None, most: int) -> list[bytes]:
    files = [] if raw is None or isinstance(raw, str) else [raw] if isinstance(raw, bytes) else raw
    pictures = [each for each in files if each][:most]
    if not pictures:
        raise NoPhotoError
    return pictures


_READERS: Final[Mapping[str, Callable[[Field, str], Any]]] = {
    "number": _number, "style": _style, "job": _job, "chat": _chat, "toggle": _toggle,
}  # fmt: skip

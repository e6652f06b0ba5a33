"""Types of admin views and actions; each has one id for all surfaces.

An action's id is its name in the audit log and the address of its buttons, forms and commands. Its
input is its fields. Those that are not in an address are asked for: one after another on Telegram,
in a form on Discord and in the studio.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from bots.core.admin.pages.pages import Address, Page
from bots.core.admin.use_cases.refining import Refining
from bots.core.common.services import Services
from bots.core.errors import (
    BadStyleFileError,
    BadWhomError,
    NoPhotoError,
    OutOfRangeError,
    PageGoneError,
    StyleGoneError,
)
from storage.values.people import ChatKey, UserKey

# "key" fields identify the object of an action: they come first, and are never asked for.
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
    """The person who calls a view or an action.

    Attributes:
        services: The bot's services.
        user: The person.
        language: Language tag of the answers.
        refinings: The surface's running refinements, by style id.
    """

    services: Services
    user: UserKey
    language: str
    refinings: dict[int, Refining] = field(default_factory=dict)

    def say(self, name: str, /, **facts: str | int) -> str:
        """A text in the caller's language."""
        return self.services.texts.say(name, self.language, **facts)


@dataclass(frozen=True, slots=True)
class Field:
    """An input of an action or view.

    Attributes:
        name: Its name in addresses and forms.
        kind: The kind of value.
        label: Id of the text that names it.
        how: Id of the text that asks for it in a chat, if the label is not enough.
        optional: Whether it may be left out.
        least: The smallest number.
        most: The largest number, or the most letters or pictures.
        language: Language tag, for a label that names a language.
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
        """Whether it identifies the action's subject."""
        return self.kind in KEYS


@dataclass(frozen=True, slots=True)
class Ask:
    """A field to ask for, with its current value.

    Attributes:
        field: The field.
        label: Its label.
        how: The question in a chat.
        value: Its current value.
        choices: Allowed values and their labels.
        least: The smallest number.
        most: The largest number, or the most letters or pictures.
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
    """The result of an action.

    Attributes:
        address: The page to show next.
        note: A sentence for the admin.
        file: A file for the admin.
        refining: A refinement for the surface to run in the background and report on.
    """

    address: Address
    note: str = ""
    file: File | None = None
    refining: Refining | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """Something an admin can do.

    Attributes:
        id: Its id in the audit log and in addresses.
        fields: Its input, keys first.
        do: Runs it with the parsed fields.
        label: Id of the text on its submit button.
        per_language: A field it has once per language.
        apart: Whether each optional field may be given alone; the others stay as they are.
        asking: Makes the questions, with current values and choices.
        command: Name of its command, if any.
        about: Id of the command's description.
        aside: Whether its result is a separate message: a file, or background work.
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
        """Its fields, including those for each language."""
        if self.per_language is None:
            return self.fields
        tongues = [
            replace(self.per_language, name=tag, language=tag) for tag in services.texts.languages
        ]
        return (*self.fields, *tongues)


@dataclass(frozen=True, slots=True)
class View:
    """An admin page that can be opened.

    Attributes:
        name: Its name in addresses.
        act: Its name in the audit log, for refused attempts.
        make: Makes the page.
        fields: Its input; the part of its tables comes last.
        command: Name of its command, if any.
        about: Id of the command's description.
    """

    name: str
    act: str
    make: Callable[[Caller, Given], Awaitable[Page]]
    fields: tuple[Field, ...] = ()
    command: str = ""
    about: str = ""


def read(fields: Sequence[Field], raw: Mapping[str, Raw]) -> dict[str, Any]:
    """Parse the given values by field name.

    Args:
        fields: The expected fields.
        raw: The given values; unknown names are ignored.

    Raises:
        BotError: a value is missing or invalid.
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
    """Parse a number; None for the default; an invalid one is below every bound."""
    if text.lower() in _DEFAULT:
        return None
    value = int(text) if _is_number(text) else -1
    if not of.least <= value <= of.most:
        raise OutOfRangeError(least=of.least, most=of.most)
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

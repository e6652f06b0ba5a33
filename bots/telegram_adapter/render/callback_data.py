"""Callback data of buttons: `v1:OP:NUMBER:NUMBER.WORD.WORD`, numbers in base 32.

Telegram allows 1 to 64 bytes and returns them unchanged, but a custom client may send anything. So
they contain only an operation, ids and new values; owners are looked up in the store.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_VERSION: Final = "v1"
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuv"
_SHAPE: Final = re.compile(
    rf"{_VERSION}:([a-z]+)((?::[0-9a-v]{{1,13}}){{0,3}})((?:\.[\w-]{{1,40}}){{0,2}})", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Said:
    """The content of a button's data.

    Attributes:
        operation: The operation.
        numbers: Its arguments: ids, pages.
        words: A parameter and its new value.
    """

    operation: str
    numbers: tuple[int, ...] = ()
    words: tuple[str, ...] = ()


def pack(operation: str, *numbers: int, words: Sequence[str] = ()) -> str:
    """Encode a button's data; numbers are not negative."""
    return ".".join([":".join([_VERSION, operation, *map(_base32, numbers)]), *words])


def unpack(data: str) -> Said | None:
    """Decode a button's data; None if it is invalid."""
    found = _SHAPE.fullmatch(data)
    if not found:
        return None
    numbers = tuple(int(digits, 32) for digits in found[2].split(":")[1:])
    return Said(found[1], numbers, tuple(found[3].split(".")[1:]))


def _base32(number: int) -> str:
    digits = ""
    while True:
        number, digit = divmod(number, 32)
        digits = _DIGITS[digit] + digits
        if not number:
            return digits

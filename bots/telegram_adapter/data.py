"""What a button says when it is pressed: `v1:OP:NUMBER:NUMBER`, numbers in base 32.

Telegram takes 1 to 64 bytes and gives them back as they were, from whoever sends them: a custom
client may send anything. So there is nothing in them but an operation and ids, and whose they are
is looked up in the store.
"""

import re
from typing import Final

_VERSION: Final = "v1"
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuv"
_SHAPE: Final = re.compile(rf"{_VERSION}:([a-z]+)((?::[0-9a-v]{{1,13}}){{0,3}})")


def pack(operation: str, *numbers: int) -> str:
    """Write a button's data; numbers from 0."""
    return ":".join([_VERSION, operation, *map(_base32, numbers)])


def unpack(data: str) -> tuple[str, list[int]] | None:
    """Read it; None for what no button of ours says."""
    found = _SHAPE.fullmatch(data)
    if not found:
        return None
    return found[1], [int(digits, 32) for digits in found[2].split(":")[1:]]


def _base32(number: int) -> str:
    digits = ""
    while True:
        number, digit = divmod(number, 32)
        digits = _DIGITS[digit] + digits
        if not number:
            return digits

"""Names of styles as people type them: folding for comparison, and blends of several."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from engine.api.errors import InvalidOptionError

_WEIGHT: Final = re.compile(r":(\d+(?:\.\d+)?)$")


@lru_cache(maxsize=10_000)
def folded(name: str) -> str:
    """A name for comparison: only letters and digits, in one case and without accents."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    return "".join(letter for letter in plain if letter.isalnum())


def split_blend(text: str) -> tuple[tuple[str, float], ...]:
    """Names and weights of a blend such as "kiss:2+scream"; a weight is 1 where none is given."""
    return tuple(_weighted(part) for part in text.split("+") if part.strip())


def _weighted(part: str) -> tuple[str, float]:
    part = part.strip()
    weight = _WEIGHT.search(part)
    return (part[: weight.start()].strip(), float(weight[1])) if weight else (part, 1.0)


def parse_blend(
    text: str, known: Callable[[str], bool] = lambda _: False
) -> tuple[tuple[str, float], ...]:
    """A blend that contains nothing but names and weights; a comma divides, too.

    Args:
        text: "kiss:2+scream" or "kiss:2,scream".
        known: Whether a name that contains a comma is one, such as "Impression, Sunrise".

    Raises:
        InvalidOptionError: it names no style, or what follows a colon is no weight.
    """
    named: list[tuple[str, float]] = []
    for part in text.split("+"):
        parts = [part] if known(_weighted(part)[0]) else part.split(",")
        named += [_weighted(each) for each in parts if each.strip()]
    for name, _ in named:
        stem, colon, other = name.rpartition(":")
        if colon:
            raise InvalidOptionError(f"{other!r} is no weight for {stem}; write {stem}:2.")
    if not named:
        raise InvalidOptionError("Name a style, such as starry-night, or a blend: kiss:2+scream.")
    return tuple(named)

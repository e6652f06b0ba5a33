"""From what people type after a command to styles: `wave 70`, `wave+scream`, `kiss:2+wave`, `this`.

A name may be a slug or a title in any language, in any case, with or without spaces and hyphens.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz, process

from bots.core.errors import BadStrengthError, UnknownStyleNameError
from storage.values import Choice, Style

THIS: Final = "this"
_STRENGTH: Final = re.compile(r"(?:^|\s)(-?\d+)\s*%?$")
_WEIGHT: Final = re.compile(r":(\d+(?:\.\d+)?)$")
_CLOSE_ENOUGH: Final = 60.0
_CLOSE_NAMES: Final = 3
_STRENGTH_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Wish:
    """What someone typed.

    Attributes:
        names: Names of styles with their weights; empty when none was named.
        strength: 0 to 100; None when it was not said.
    """

    names: tuple[tuple[str, float], ...] = ()
    strength: int | None = None

    @property
    def this(self) -> bool:
        """Whether the style of a picture is wanted rather than one by name."""
        return any(folded(name) == THIS for name, _ in self.names)


def parse(words: str) -> Wish:
    """Read what was typed after the command.

    Raises:
        BadStrengthError: a number that is no strength.
    """
    text = unicodedata.normalize("NFKC", words).strip()
    strength = None
    if found := _STRENGTH.search(text):
        strength = int(found[1])
        if not 0 <= strength <= _STRENGTH_MAX:
            raise BadStrengthError
        text = text[: found.start()].strip()
    names = []
    for part in filter(None, (part.strip() for part in text.split("+"))):
        weight = _WEIGHT.search(part)
        name = part[: weight.start()] if weight else part
        names.append((name.strip(), float(weight[1]) if weight else 1.0))
    return Wish(tuple(names), strength)


def folded(name: str) -> str:
    """A name as it is compared: letters and digits alone, in one case."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


def resolve(wish: Wish, styles: Sequence[Style], language: str) -> tuple[Choice, ...]:
    """The styles a wish names.

    Args:
        wish: What was typed.
        styles: Those the person can see, his own among them.
        language: In which to name those that come close.

    Raises:
        UnknownStyleNameError: a name is no style's; the error has those that come close.
    """
    by_name: dict[str, Style] = {}
    # A person's own style wins over a later one of everyone's that is called the same.
    for style in sorted(styles, key=lambda style: style.owner is None):
        for name in (style.slug, *style.titles.values()):
            by_name.setdefault(folded(name), style)
    return tuple(Choice(_find(name, by_name, language).id, weight) for name, weight in wish.names)


def _find(name: str, by_name: dict[str, Style], language: str) -> Style:
    wanted = folded(name)
    if wanted in by_name:
        return by_name[wanted]
    # "starry" is enough where nothing else begins like that, and "wave" where nothing has it in it.
    for alike in (str.startswith, str.__contains__):
        found = {style.id: style for key, style in by_name.items() if alike(key, wanted)}
        if wanted and len(found) == 1:
            return next(iter(found.values()))
    close = process.extract(
        wanted,
        by_name.keys(),
        scorer=fuzz.WRatio,
        limit=3 * _CLOSE_NAMES,
        score_cutoff=_CLOSE_ENOUGH,
    )
    titles = dict.fromkeys(by_name[key].title(language) for key, _, _ in close)
    said = " / ".join(list(titles)[:_CLOSE_NAMES])
    raise UnknownStyleNameError(name=name[: _CLOSE_NAMES * 20], close=said or "none")

"""From what people type after a command to styles: `wave 70`, `wave+scream`, `kiss:2+wave`, `this`.

How a name is found: see `search`.
"""

import re
import time
import unicodedata
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bots.core.errors import BadStrengthError, UnknownStyleNameError
from bots.core.search import exactly, find, folded
from storage.values import ChatKey, Choice, Style, UserKey

THIS: Final = "this"
# A share anywhere, or a number at the end.
_STRENGTH: Final = re.compile(r"(?<![A-Za-z0-9_.:-])(-?\d+)\s*%|(?:^|\s)(-?\d+)$")
_NUMBER: Final = re.compile(r"-?\d+\s*%?")
_WEIGHT: Final = re.compile(r":(\d+(?:\.\d+)?)$")
_CLOSE_NAMES: Final = 3
_STRENGTH_MAX: Final = 100
_NAMED_FOR_S: Final = 15 * 60.0
_NAMED_KEPT: Final = 10_000


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


class Named:
    """Styles that people named before they sent a photo; kept for a while, in memory."""

    def __init__(self) -> None:
        """Know of none yet."""
        self._words: OrderedDict[tuple[UserKey, ChatKey], tuple[str, float]] = OrderedDict()

    def keep(self, user: UserKey, chat: ChatKey, words: str) -> None:
        """What was typed is meant for someone's next photo in a chat."""
        self._words[user, chat] = (words, time.monotonic())
        while len(self._words) > _NAMED_KEPT:
            self._words.popitem(last=False)

    def take(self, user: UserKey, chat: ChatKey) -> str:
        """What was typed a while ago; nothing where nothing was, or it was used."""
        words, at = self._words.pop((user, chat), ("", 0.0))
        return words if time.monotonic() - at < _NAMED_FOR_S else ""


def parse(words: str) -> Wish:
    """Read what was typed after the command.

    Raises:
        BadStrengthError: a number that is no strength.
    """
    text = unicodedata.normalize("NFKC", words).strip()
    strength = None
    if found := _STRENGTH.search(text):
        strength = int(found[1] or found[2])
        if not 0 <= strength <= _STRENGTH_MAX:
            raise BadStrengthError
        text = f"{text[: found.start()]} {text[found.end() :]}".strip()
    names = []
    for part in filter(None, (part.strip() for part in text.split("+"))):
        weight = _WEIGHT.search(part)
        name = part[: weight.start()] if weight else part
        names.append((name.strip(), float(weight[1]) if weight else 1.0))
    return Wish(tuple(names), strength)


def resolve(wish: Wish, styles: Sequence[Style], language: str) -> tuple[Choice, ...]:
    """The styles a wish names.

    Args:
        wish: What was typed.
        styles: Those the person can see, his own among them.
        language: In which to name those that come close.

    Raises:
        UnknownStyleNameError: a name is no style's; the error has those that come close.
    """
    return tuple(Choice(_find(name, styles, language).id, weight) for name, weight in wish.names)


def without_numbers(words: str) -> str:
    """What was typed, without a number that is no strength."""
    return _NUMBER.sub(" ", words)


def near(wish: Wish, styles: Sequence[Style]) -> list[Style]:
    """The styles that a wish may mean, surely or perhaps, in its order."""
    offered = [style for style in styles if style.offered]
    meant: list[Style] = []
    for name, _ in wish.names:
        found = find(name, offered)
        meant += [found.style] if found.style else found.close
    return list({style.id: style for style in meant}.values())


def retired(wish: Wish, styles: Sequence[Style]) -> str | None:
    """The name in a wish that is an earlier style's, for which another stands in; None for none."""
    gone = {folded(slug) for style in styles for slug in style.replaces}
    return next((name for name, _ in wish.names if folded(name) in gone), None)


def is_plain(wish: Wish, styles: Sequence[Style]) -> bool:
    """Whether a text says which styles are wanted and nothing else, as a command would."""
    found = [find(name, styles) for name, _ in wish.names]
    return bool(found) and all(one.style and not one.rest for one in found)


def _find(name: str, styles: Sequence[Style], language: str) -> Style:
    # What is turned off is known by its whole name alone; the sentence about it is another one.
    offered = [style for style in styles if style.offered]
    others = [style for style in styles if not style.offered]
    if found := exactly(name, [*offered, *others]):
        return found
    sought = find(name, offered)
    if sought.style:
        return sought.style
    said = " / ".join(style.title(language) for style in sought.close[:_CLOSE_NAMES])
    raise UnknownStyleNameError(name=name[: _CLOSE_NAMES * 20], close=said or "none")

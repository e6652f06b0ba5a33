"""Parses typed requests: `wave 70`, `wave+scream`, `kiss:2+wave`, `kiss bold`, `this`.

Two styles for two parts of a photo are divided by a comma: `kiss person, wave background`.
Names are found by `search`.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from cachetools import TTLCache

from bots.core.effects.controls import from_percent
from bots.core.effects.specs import param_of, slider_of
from bots.core.errors import BadNumberError, UnknownStyleNameError
from bots.core.styles.search import all_names, exactly, find
from engine.api.effect_spec import EffectSpec
from engine.api.names import folded, split_blend
from storage.values.people import ChatKey, UserKey
from storage.values.recipes import Choice
from storage.values.styles import Style

THIS: Final = "this"
# A weight anywhere, or a number at the end.
_PERCENT: Final = re.compile(r"(?<![A-Za-z0-9_.:-])(-?\d+)\s*%|(?:^|\s)(-?\d+)$")
_NUMBER: Final = re.compile(r"-?\d+\s*%?")
_CLOSE_NAMES: Final = 3
_PERCENT_MAX: Final = 100
_COMMA: Final = re.compile("[,;\uff0c\uff1b\u3001]")
_PARTS_MAX: Final = 2
# Number of words in the longest title of an option.
_OPTION_WORDS: Final = 3
_OPTION_SIGNS: Final = 6
_CJK_ONLY: Final = re.compile("[\u2e80-\u9fff]+")
_NAMED_FOR_S: Final = 15 * 60.0
_NAMED_KEPT: Final = 10_000


@dataclass(frozen=True, slots=True)
class ParsedRequest:
    """A parsed request.

    Attributes:
        names: Names of styles with their weights; empty when none was named.
        percent: A number, 0 to 100; None when there was none.
        said: Values of named parameters, by parameter id.
        others: Requests for other parts of the photo.
    """

    names: tuple[tuple[str, float], ...] = ()
    percent: int | None = None
    said: Mapping[str, Any] = field(default_factory=dict)
    others: tuple["ParsedRequest", ...] = ()

    @property
    def all_names(self) -> tuple[str, ...]:
        """The names of styles for all parts of the photo."""
        return tuple(name for one in (self, *self.others) for name, _ in one.names)

    def params(self, spec: EffectSpec) -> dict[str, Any]:
        """The values for an effect; a number sets its slider, unknown parameters are dropped."""
        slider = slider_of(spec)
        number = {}
        if slider and self.percent is not None:
            number = {slider.id: from_percent(slider, self.percent)}
        return number | {name: self.said[name] for name in self.said if param_of(spec, name)}

    @property
    def this(self) -> bool:
        """Whether "this" was typed: the style of a picture instead of a named one."""
        return any(folded(name) == THIS for name, _ in self.names)


class Named:
    """Styles named before the photo was sent; kept in memory for a while."""

    def __init__(self) -> None:
        """Start empty."""
        self._words: TTLCache[tuple[UserKey, ChatKey], str] = TTLCache(_NAMED_KEPT, _NAMED_FOR_S)

    def keep(self, user: UserKey, chat: ChatKey, words: str) -> None:
        """Keep the words for the person's next photo in the chat."""
        self._words[user, chat] = words

    def take(self, user: UserKey, chat: ChatKey) -> str:
        """Return and remove the kept words; empty if there are none."""
        return self._words.pop((user, chat), "")


def parse(
    words: str,
    known: Mapping[str, tuple[str, Any]] | None = None,
    styles: Sequence[Style] = (),
    placing: Collection[str] = (),
) -> ParsedRequest:
    """Parse the words after a command.

    Args:
        words: What was typed.
        known: Option words allowed before or after the names: folded word to parameter and value.
        styles: Names of styles, which take precedence over option words.
        placing: Parameters that say to which part of a photo an effect is applied.

    Raises:
        BadNumberError: a number is not between 0 and 100.
    """
    parts = [part for part in _COMMA.split(words) if part.strip()]
    if 1 < len(parts) <= _PARTS_MAX and placing:
        parsed = [_parse(part, known, styles) for part in parts]
        places = {tuple(one.said.get(param) for param in placing) for one in parsed}
        # A comma may also stand before an option, or within a name.
        if len(places) == len(parts) and all(
            one.names and any(param in one.said for param in placing) for one in parsed
        ):
            return replace(parsed[0], others=tuple(parsed[1:]))
    return _parse(words, known, styles)


def _parse(
    words: str, known: Mapping[str, tuple[str, Any]] | None, styles: Sequence[Style]
) -> ParsedRequest:
    text, said = unicodedata.normalize("NFKC", words).strip(), dict[str, Any]()
    percent = None
    taken = all_names(styles) if known else frozenset()
    options = {word: meant for word, meant in (known or {}).items() if word not in taken}
    text = _without_options(text, options, taken, said)
    if found := _PERCENT.search(text):
        percent = int(found[1] or found[2])
        if not 0 <= percent <= _PERCENT_MAX:
            raise BadNumberError
        text = f"{text[: found.start()]} {text[found.end() :]}".strip()
        text = _without_options(text, options, taken, said)
    return ParsedRequest(split_blend(text), percent, said)


def _without_options(
    text: str,
    options: Mapping[str, tuple[str, Any]],
    taken: Collection[str],
    said: dict[str, Any],
) -> str:
    """A text without the words before and after the names that set a parameter's value."""
    while text and options and folded(text) not in taken:
        for part, rest in _ends(text):
            if (meant := options.get(folded(part))) and meant[0] not in said:
                said[meant[0]] = meant[1]
                text = rest
                break
        else:
            break
    return text


def _ends(text: str) -> Iterator[tuple[str, str]]:
    """Words at either end of a text, or characters at its end, each with the rest."""
    words = re.split(r"[\s,、]+", text.strip(" \t\n,、。.!"))
    for count in range(min(_OPTION_WORDS, len(words)), 0, -1):
        yield " ".join(words[-count:]), " ".join(words[:-count])
        yield " ".join(words[:count]), " ".join(words[count:])
    if words and _CJK_ONLY.fullmatch(words[-1]):
        for count in range(min(_OPTION_SIGNS, len(words[-1]) - 1), 0, -1):
            yield words[-1][-count:], " ".join([*words[:-1], words[-1][:-count]])


def resolve(parsed: ParsedRequest, styles: Sequence[Style], language: str) -> tuple[Choice, ...]:
    """The styles that a request names.

    Args:
        parsed: What was typed.
        styles: Those the person can see, including own ones.
        language: Language tag for the titles of similar styles.

    Raises:
        UnknownStyleNameError: no style has a name; the error has similar ones.
    """
    return tuple(Choice(_find(name, styles, language).id, weight) for name, weight in parsed.names)


def without_numbers(words: str) -> str:
    """What was typed, without numbers."""
    return _NUMBER.sub(" ", words)


def near(parsed: ParsedRequest, styles: Sequence[Style]) -> list[Style]:
    """The styles that a request names, or may mean, in its order."""
    offered = [style for style in styles if style.offered]
    meant: list[Style] = []
    for name in parsed.all_names:
        found = find(name, offered)
        meant += [found.style] if found.style else found.close
    return list({style.id: style for style in meant}.values())


def retired(parsed: ParsedRequest, styles: Sequence[Style]) -> str | None:
    """A name in the request that belongs to a replaced style; None if there is none."""
    gone = {folded(slug) for style in styles for slug in style.replaces}
    return next((name for name in parsed.all_names if folded(name) in gone), None)


def is_plain(parsed: ParsedRequest, styles: Sequence[Style]) -> bool:
    """Whether a text names styles and nothing else."""
    found = [find(name, styles) for name in parsed.all_names]
    return bool(found) and all(one.style and not one.rest for one in found)


def _find(name: str, styles: Sequence[Style], language: str) -> Style:
    # A disabled style is recognised only by its whole name; it has an error message of its own.
    offered = [style for style in styles if style.offered]
    others = [style for style in styles if not style.offered]
    if found := exactly(name, [*offered, *others]):
        return found
    sought = find(name, offered)
    if sought.style:
        return sought.style
    said = " / ".join(style.title(language) for style in sought.close[:_CLOSE_NAMES])
    raise UnknownStyleNameError(name=name[: _CLOSE_NAMES * 20], close=said or "none")

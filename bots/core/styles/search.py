"""Finds styles by titles, artists, tags and aliases, in any language.

Accepts other words around a name, and small mistakes: "paint this like van gogh, please",
"stary night", "画成星空". Uncertain matches are returned as suggestions.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz, process

from engine.api.names import folded
from storage.values.styles import Style

# Words of a request that do not name a style.
_ENGLISH_FILLERS: Final = """
    a an and as at be by can could do draw drawing for from give hello hey hi i image in into is it
    its like look looks make me more my now of off on one paint painted painting photo photograph
    photos pic picture please pls repaint render send should show some strength style styled stylise
    stylize thank thanks that the these this those to try turn use want way with would you your
"""
_CHINESE_FILLERS: Final = """
    请 帮我 帮忙 麻烦 给我 我想要 我想 想要 把 将 这张 这幅 那种 那样 一样 一张 一下 照片 图片 相片
    画成 变成 转成 做成 改成 换成 画 用 按 像 成 的 风格 样式 效果 强度 吧 谢谢 你好
"""
_GREETING_WORDS: Final = """
    hi hello hey hallo hola salut bonjour ciao yo there bot start привет
    你好 您好 你好啊 嗨 哈喽 在吗 早上好 晚上好 こんにちは 안녕 안녕하세요
"""
_FILLERS: Final = frozenset(_ENGLISH_FILLERS.split())
_ARTICLES: Final = frozenset(("the", "a", "an", "la", "le", "les", "l", "der", "die", "das", "el"))
_CJK: Final = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_POSSESSIVE: Final = re.compile("['\u2019]s\\b")
# Shorter texts are part of too many names.
_PART_LETTERS: Final = 3
_HALF_TYPED_LETTERS: Final = 4
_TYPO_LETTERS: Final = 6
_SURE_RATIO: Final = 87.0
_CLOSE_RATIO: Final = 65.0
_CLOSE_STYLES: Final = 3
_WINDOW_WORDS: Final = 5


@dataclass(frozen=True, slots=True)
class Found:
    """The result of a search.

    Attributes:
        style: The style; None if uncertain.
        close: Possible styles, likeliest first.
        rest: Words that are not part of a style's name.
    """

    style: Style | None = None
    close: tuple[Style, ...] = ()
    rest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Name:
    """One name of a style."""

    words: tuple[str, ...]
    folded: str
    style: Style
    artist: bool = False


def find(text: str, styles: Sequence[Style]) -> Found:
    """The style that a text names.

    Args:
        text: What was typed, without numbers.
        styles: Those to choose from; if two match equally well, the first is taken.
    """
    names = _names(styles)
    words = _words(text)
    core = _without_fillers(words)
    for wanted in dict.fromkeys((folded(text), "".join(core))):
        if exact := _exactly(wanted, names):
            return Found(exact)
    found = _within(words, names)
    for look in (_tagged, _part_of, _misspelt) if core else ():
        if found.style or found.close:
            break
        found = look(core, names)
    return replace(found, rest=_rest(core, found.style, names))


def is_greeting(text: str) -> bool:
    """Whether a text is only a greeting."""
    words = _words(text)
    known = _greetings()
    return bool(words) and ("".join(words) in known or all(word in known for word in words))


def exactly(text: str, styles: Sequence[Style]) -> Style | None:
    """The style with exactly this name or artist."""
    return _exactly(folded(text), _names(styles))


def all_names(styles: Sequence[Style]) -> frozenset[str]:
    """All names of styles and their artists, folded."""
    return frozenset(name.folded for name in _names(styles))


def suggestions(text: str, styles: Sequence[Style]) -> list[Style]:
    """Styles that match a partly typed text, likeliest first; all for an empty text."""
    wanted = folded(text)
    if not wanted:
        return list(styles)
    names = _names(styles)
    starting = [n.style for n in names if n.folded.startswith(wanted)]
    having = [n.style for n in names if wanted in n.folded]
    tagged = [s for s in styles if any(folded(tag).startswith(wanted) for tag in s.tags)]
    hits = list({s.id: s for s in (*starting, *having, *tagged)}.values())
    if hits:
        return hits
    found = find(text, styles)
    return [found.style] if found.style else list(found.close)


def _exactly(wanted: str, names: Sequence[_Name]) -> Style | None:
    return next((name.style for name in names if wanted and name.folded == wanted), None)


def _within(words: Sequence[str], names: Sequence[_Name]) -> Found:
    """Names found in the text among other words; the longest wins."""
    hits = [name for name in names if _stands_in(name.words, words)]
    # A title is more specific than an artist, and "The Kiss" more than "kiss".
    best = max(hits, key=lambda name: (not name.artist, len(name.folded)), default=None)
    return Found(best.style if best else None)


def _rest(core: Sequence[str], style: Style | None, names: Sequence[_Name]) -> tuple[str, ...]:
    """Words that are in no name of a style."""
    known = {word for name in names if name.style is style for word in name.words}
    near = list(known)

    def belongs(word: str) -> bool:
        return word in known or any(fuzz.ratio(word, other) >= _SURE_RATIO for other in near)

    return tuple(word for word in core if not belongs(word))


def _part_of(core: Sequence[str], names: Sequence[_Name]) -> Found:
    """Names that contain the whole text: "starry", "great wa", "gogh"."""
    wanted = "".join(core)
    if len(wanted) < _PART_LETTERS and not _CJK.search(wanted):
        return Found()
    hits = [name for name in names if _begins_within(core, name.words)]
    return _one_of(hits)


def _tagged(core: Sequence[str], names: Sequence[_Name]) -> Found:
    """Styles whose tags match the text: "blue", "印象派"."""
    wanted = "".join(core)
    styles = {name.style.id: name for name in names if not name.artist}.values()
    hits = [one for one in styles if wanted in {folded(tag) for tag in one.style.tags}]
    return _one_of(hits)


def _misspelt(core: Sequence[str], names: Sequence[_Name]) -> Found:
    """Names that differ by a letter or two from words in the text."""
    keys = [name.folded for name in names]
    hits = []
    for words in _windows(core):
        close = process.extract(
            words, keys, scorer=fuzz.ratio, limit=8 * _CLOSE_STYLES, score_cutoff=_CLOSE_RATIO
        )
        hits += [(score, at, len(words)) for _, score, at in close]
    hits.sort(key=lambda hit: (-hit[0], hit[1]))
    if hits and hits[0][0] >= _SURE_RATIO and hits[0][2] >= _TYPO_LETTERS:
        return Found(names[hits[0][1]].style)
    near = {names[at].style.id: names[at].style for _, at, _ in hits}
    return Found(close=tuple(near.values())[:_CLOSE_STYLES])


def _one_of(hits: Sequence[_Name]) -> Found:
    """The only style that matched, or the best of one artist's; otherwise all matches."""
    styles = {hit.style.id: hit.style for hit in hits}
    if not styles:
        return Found()
    artists = {hit.style.artist if hit.artist else None for hit in hits}
    if len(styles) == 1 or (len(artists) == 1 and None not in artists):
        return Found(next(iter(styles.values())))
    return Found(close=tuple(styles.values()))


def _names(styles: Sequence[Style]) -> tuple[_Name, ...]:
    """All names: titles before aliases before artists, and a person's own styles first."""
    own_first = sorted(styles, key=lambda style: style.owner is None)
    found = [_name(text, s) for s in own_first for text in _titles(s)]
    found += [_name(text, s) for s in own_first for text in (*s.aliases, *s.replaces)]
    found += [_name(text, s, artist=True) for s in own_first for text in _artists(s)]
    return tuple(name for name in found if name.folded)


def _name(text: str, style: Style, *, artist: bool = False) -> _Name:
    return _Name(_words_of_name(text), folded(text), style, artist)


@lru_cache(maxsize=1)
def _greetings() -> frozenset[str]:
    return frozenset(folded(word) for word in _GREETING_WORDS.split())


@lru_cache(maxsize=10_000)
def _words_of_name(text: str) -> tuple[str, ...]:
    """The words of a name, without a leading article."""
    words = _words(text)
    return words[1:] if len(words) > 1 and words[0] in _ARTICLES else words


def _titles(style: Style) -> Iterator[str]:
    yield style.slug
    for title in style.titles.values():
        yield title
        first, _, rest = title.partition(" ")
        if first.casefold() in _ARTICLES:
            yield rest


def _artists(style: Style) -> Iterator[str]:
    """Full names and surnames."""
    for name in (style.artist, *style.artists.values()):
        yield name
        yield re.split("[ ·]", name)[-1]


def _words(text: str) -> tuple[str, ...]:
    """Words in the form for comparison; scripts without spaces are split into characters."""
    plain = unicodedata.normalize("NFKC", text)
    plain = _CJK.sub(lambda letter: f" {letter[0]} ", plain)
    parts = re.split(r"[^\w]+|_", _POSSESSIVE.sub(" ", plain))
    return tuple(word for part in parts if (word := folded(part)))


def _without_fillers(words: Sequence[str]) -> tuple[str, ...]:
    """Words without those that do not name a style."""
    kept = _APART.join(word for word in words if word not in _FILLERS)
    return tuple(filter(None, _FILLERS_APART.sub(_APART, _APART + kept + _APART).split(_APART)))


# Each character is a word there, so a filler is several in a row.
_APART: Final = "\0"
_FILLERS_APART: Final = re.compile(
    "|".join(f"(?<={_APART}){_APART.join(word)}(?={_APART})" for word in _CHINESE_FILLERS.split())
)


def _stands_in(part: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether a name occurs in a text; a filler alone does not count."""
    size = len(part)
    if not size or (size == 1 and part[0] in _FILLERS):
        return False
    return any(tuple(whole[at : at + size]) == part for at in range(len(whole) - size + 1))


def _begins_within(wanted: Sequence[str], words: Sequence[str]) -> bool:
    """Whether words follow each other in others; the last may be incomplete."""
    size = len(wanted)
    *whole, last = wanted
    typed = len(last) >= _HALF_TYPED_LETTERS

    def fits(word: str) -> bool:
        return word == last or (typed and word.startswith(last))

    return any(
        list(words[at : at + size - 1]) == whole and fits(words[at + size - 1])
        for at in range(len(words) - size + 1)
    )


def _windows(words: Sequence[str]) -> Iterator[str]:
    """Sequences of words, each joined into one."""
    for size in range(min(_WINDOW_WORDS, len(words)), 0, -1):
        for at in range(len(words) - size + 1):
            yield "".join(words[at : at + size])

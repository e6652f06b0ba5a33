"""What a gallery can be searched and filtered by, and which part of a photo its tiles show."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from engine.api.analyses import Faces
from engine.api.names import folded
from storage.values.styles import Style

# A message of the texts, and what can be chosen below it: a title, and the styles it stands for.
Finder = Sequence[tuple[str, Sequence[tuple[str, Sequence[int]]]]]
_CJK: Final = re.compile("[\u2e80-\u9fff]")
# A tag of one style finds no more than its name does.
_TAGGED_MIN: Final = 2
# Of the face, above and below it: hair and chin.
_ABOVE: Final = 0.55
_BELOW: Final = 0.15
# Where there is no face, heads, roofs and treetops are in the upper part.
UPPER: Final = (50, 25)


def words(style: Style) -> str:
    """All names of a style, folded, for searching in the browser."""
    names: Iterable[str] = (
        style.slug, *style.titles.values(), style.artist, *style.artists.values(),
        *style.aliases, *style.tags,
    )  # fmt: skip
    return " ".join(dict.fromkeys(filter(None, map(folded, names))))


def tags(style: Style, language: str) -> list[str]:
    """A style's tags in a language.

    Tags carry no language: those with Chinese characters are taken for Chinese, the others for
    every other language.
    """
    own = dict.fromkeys(style.tags)
    return [tag.replace("-", " ") for tag in own if bool(_CJK.search(tag)) == (language == "zh")]


def finder(styles: Sequence[Style], language: str) -> Finder:
    """Painters and tags of some styles, in a language.

    Of tags with the same styles the first is taken.
    """
    painters: dict[str, list[int]] = {}
    tagged: dict[str, list[int]] = {}
    for style in styles:
        if style.artist:
            painters.setdefault(style.by(language), []).append(style.id)
        for tag in tags(style, language):
            tagged.setdefault(tag, []).append(style.id)
    distinct: dict[tuple[int, ...], str] = {}
    for tag, ids in tagged.items():
        if len(ids) >= _TAGGED_MIN:
            distinct.setdefault(tuple(ids), tag)
    kinds = sorted((tag, list(ids)) for ids, tag in distinct.items())
    return [("studio-painters", sorted(painters.items())), ("studio-tags", kinds)]


def focus(found: Faces | None) -> tuple[int, int]:
    """Which part of a photo a square shows, as CSS's `object-position`, in percent.

    Args:
        found: Its faces; None if they are not known.
    """
    if found is None or not found.faces:
        return UPPER
    boxes = [face.box for face in found.faces]
    left, right = min(b[0] for b in boxes), max(b[0] + b[2] for b in boxes)
    top = min(b[1] - _ABOVE * b[3] for b in boxes)
    bottom = max(b[1] + (1 + _BELOW) * b[3] for b in boxes)
    side = min(found.width, found.height)
    return _share(left, right, side, found.width), _share(top, bottom, side, found.height)


def _share(start: float, end: float, side: int, length: int) -> int:
    """Where a square must be along a side so that its middle is that of a part of it."""
    if length == side:
        return 50
    at = (start + end - side) / 2
    # What is too large for the square is shown from its beginning.
    at = min(at, start) if end - start > side else at
    return round(100 * min(1.0, max(0.0, at / (length - side))))

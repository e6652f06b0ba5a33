"""All styles one can ask for by name: those a checkpoint paints, then the photographic filters.

Listing them takes no library that works on pixels; it is loaded when a filter is opened.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.contract import FILTER, StyleCode
from engine.errors import StaleStyleError
from engine.filter_names import FILTER_NAMES
from engine.manifest import Manifest, StyleRecord, unknown_style

if TYPE_CHECKING:
    from engine.filters import Filter


@dataclass(frozen=True, slots=True)
class Called:
    """How a style is found; see `StyleInfo`."""

    artists: dict[str, str]
    aliases: tuple[str, ...]
    replaces: tuple[str, ...]
    tags: tuple[str, ...]


def list_styles(manifest: Manifest) -> list[StyleRecord]:
    """Every style in the order they are shown: painted ones first, of each kind the best first."""
    filters = [
        StyleRecord(slug=slug, kind="filter", titles=name.titles, tags=name.tags)
        for slug, name in FILTER_NAMES.items()
    ]
    ranks = {entry.slug: rank for rank, entry in enumerate(manifest.names.styles)}

    def rank(record: StyleRecord) -> int:
        return ranks.get(record.slug, len(ranks))

    return [*sorted(manifest.styles, key=rank), *sorted(filters, key=rank)]


def called(manifest: Manifest, record: StyleRecord) -> Called:
    """How a style is found, besides by its titles."""
    names = manifest.names
    artist = next((each for each in names.artists if each.name == record.artist), None)
    style = next((each for each in names.styles if each.slug == record.slug), None)
    return Called(
        artists=artist.names if artist else {},
        aliases=(*(style.aliases if style else ()), *(artist.aliases if artist else ())),
        replaces=style.replaces if style else (),
        tags=(*record.tags, *(word for tag in record.tags for word in names.tags.get(tag, ()))),
    )


def find_style(manifest: Manifest, slug: str) -> StyleRecord:
    """The style of a slug, or the one that stands in for it.

    Raises:
        UnknownStyleError: there is none; close ones are named.
    """
    records = {record.slug: record for record in list_styles(manifest)}
    for entry in manifest.names.styles:
        if slug in entry.replaces and slug not in records and entry.slug in records:
            return records[entry.slug]
    if slug not in records:
        raise unknown_style(slug, list(records))
    return records[slug]


def filter_code(slug: str) -> StyleCode:
    """Code of a filter, the same for every checkpoint."""
    return StyleCode(FILTER, slug.encode())


def open_filter(code: StyleCode) -> "Filter | None":
    """The filter a code stands for; None when it is a painted style's.

    Raises:
        StaleStyleError: a filter that is no more.
    """
    if code.checkpoint != FILTER:
        return None
    from engine.filters import FILTERS

    found = FILTERS.get(code.data.decode(errors="replace"))
    if found is None:
        raise StaleStyleError("This filter is no longer offered; choose another style.")
    return found

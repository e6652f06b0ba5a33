"""All styles one can ask for by name: those a checkpoint paints, then the photographic filters.

Listing them takes no library that works on pixels; it is loaded when a filter is opened.
"""

from typing import TYPE_CHECKING

from engine.contract import FILTER, StyleCode
from engine.errors import StaleStyleError
from engine.filter_names import FILTER_NAMES
from engine.manifest import Manifest, StyleRecord, unknown_style

if TYPE_CHECKING:
    from engine.filters import Filter


def list_styles(manifest: Manifest) -> list[StyleRecord]:
    """Every style, painted ones first, in the order they are shown."""
    filters = [
        StyleRecord(slug=slug, kind="filter", titles=name.titles, tags=name.tags)
        for slug, name in FILTER_NAMES.items()
    ]
    return [*manifest.styles, *filters]


def find_style(manifest: Manifest, slug: str) -> StyleRecord:
    """The style of a slug.

    Raises:
        UnknownStyleError: there is none; close ones are named.
    """
    records = {record.slug: record for record in list_styles(manifest)}
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

"""All named styles: those a checkpoint paints, then the filters.

Listing them imports neither numpy nor torch.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from engine.api.effect_spec import EffectSpec
from engine.api.names import folded
from engine.painting.manifest import Manifest, StyleRecord, unknown_style


@dataclass(frozen=True, slots=True)
class Called:
    """How a style is found; see `StyleInfo`."""

    artists: dict[str, str]
    aliases: tuple[str, ...]
    replaces: tuple[str, ...]
    tags: tuple[str, ...]


def list_styles(manifest: Manifest, filters: Iterable[EffectSpec]) -> list[StyleRecord]:
    """All styles in the order they are shown: painted ones, then filters, each best first."""
    filtering = [
        StyleRecord(slug=spec.id, kind="filter", titles=spec.titles, tags=spec.tags)
        for spec in filters
    ]
    ranks = {entry.slug: rank for rank, entry in enumerate(manifest.names.styles)}

    def rank(record: StyleRecord) -> int:
        return ranks.get(record.slug, len(ranks))

    return [*sorted(manifest.styles, key=rank), *sorted(filtering, key=rank)]


def called(manifest: Manifest, record: StyleRecord) -> Called:
    """A style's names besides its titles."""
    names = manifest.names
    artist = next((each for each in names.artists if each.name == record.artist), None)
    style = next((each for each in names.styles if each.slug == record.slug), None)
    return Called(
        artists=artist.names if artist else {},
        aliases=(*(style.aliases if style else ()), *(artist.aliases if artist else ())),
        replaces=style.replaces if style else (),
        tags=(*record.tags, *(word for tag in record.tags for word in names.tags.get(tag, ()))),
    )


def find_style(manifest: Manifest, name: str, filters: Iterable[EffectSpec]) -> StyleRecord:
    """The style of a slug, a title or an alias, or the one that replaces it.

    Raises:
        UnknownStyleError: there is none; the message suggests similar ones.
    """
    records = {record.slug: record for record in list_styles(manifest, filters)}
    for entry in manifest.names.styles:
        if name in entry.replaces and name not in records and entry.slug in records:
            return records[entry.slug]
    if name in records:
        return records[name]
    wanted = folded(name)
    aliases = {entry.slug: entry.aliases for entry in manifest.names.styles}
    for record in records.values() if wanted else ():
        names = (record.slug, *record.titles.values(), *aliases.get(record.slug, ()))
        if wanted in map(folded, names):
            return record
    raise unknown_style(name, list(records))

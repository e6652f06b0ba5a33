"""Styles."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from storage.values.people import UserKey

StyleKind = Literal["painted", "filter", "custom"]
StyleState = Literal["draft", "submitted", "on", "resting", "retired"]


@dataclass(frozen=True, slots=True)
class Code:
    """A style code and where it is from; the same pair as the engine's `StyleCode`.

    Attributes:
        checkpoint: Id of the checkpoint that made it.
        data: Opaque data of the engine.
    """

    checkpoint: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Style:
    """A style that can be chosen.

    Attributes:
        id: Small number, for buttons.
        slug: Its unique id in commands.
        kind: "painted" and "filter" come with the checkpoint, "custom" from a person's picture.
        titles: Language tag to title.
        artist: Painter of the reference picture, if known.
        year: Its year, if known.
        tags: Descriptive words.
        owner: The owner of an own style; None for everyone's.
        state: "draft", visible to admins only; "submitted", an own style that waits for an admin's
            decision; "on"; "resting", disabled for a while; "retired", permanently.
        orphaned: Whether the current checkpoint no longer has it.
        place: Sort key in lists; smaller is earlier.
        version: Number of changes of its code.
        code: The newest code.
        artists: Language tag to the artist's name, if it differs from `artist`.
        aliases: Other names, in any language.
        replaces: Slugs of earlier styles that it replaces.
    """

    id: int
    slug: str
    kind: StyleKind
    titles: Mapping[str, str]
    artist: str
    year: int | None
    tags: tuple[str, ...]
    owner: UserKey | None
    state: StyleState
    orphaned: bool
    place: int
    version: int
    code: Code
    artists: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()

    @property
    def offered(self) -> bool:
        """Whether it can be chosen at all: by everyone, or by its owner."""
        return not self.orphaned and self.state in (("on", "submitted") if self.owner else ("on",))

    def title(self, language: str) -> str:
        """The title in a language, else in English, else the slug."""
        return self.titles.get(language) or self.titles.get("en") or self.slug

    def by(self, language: str) -> str:
        """The artist's name as a language writes it; empty where none is known."""
        return self.artists.get(language) or self.artist


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A checkpoint's style; see `Style`."""

    slug: str
    kind: StyleKind
    titles: Mapping[str, str]
    artist: str
    year: int | None
    tags: tuple[str, ...]
    code: Code
    artists: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()

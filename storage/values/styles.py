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
        data: What only the engine understands.
    """

    checkpoint: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Style:
    """A style that can be chosen.

    Attributes:
        id: Small number, for buttons.
        slug: What a command calls it; unique.
        kind: "painted" and "filter" come with the checkpoint, "custom" from a person's picture.
        titles: Language tag to title.
        artist: Who painted the reference picture, as far as known.
        year: When, as far as known.
        tags: What it is like.
        owner: Whose own style it is; None for everyone's.
        state: "draft", while admins make it and no one else sees it; "submitted", a person's own
            that waits for an admin's word; "on"; "resting", for a while; "retired", for good.
        orphaned: Whether the checkpoint it came with is gone and the new one lacks it.
        place: Where it stands in lists; smaller is earlier.
        version: Counts the changes of its code.
        code: The newest version's code.
        artists: Language tag to the artist's name, where it is written otherwise than `artist`.
        aliases: What else people call it, in any language.
        replaces: Slugs of earlier styles that it stands in for.
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
    """A style as a checkpoint brings it; see `Style`."""

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

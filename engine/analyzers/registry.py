"""The registry of all analyzers. What they import that is heavy, they import when they are used."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from engine.api.analyses import Analyses, Analysis, Decency, Faces, Person
from engine.api.errors import NotInstalledError, UnknownAnalysisError

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True, slots=True)
class Analyzer:
    """One analyzer; has no state.

    Attributes:
        what: Its name, which is also its result's.
        find: Analyses an upright RGB image, given what others found in it; runs in a codec worker.
        module: Module of the package that it needs.
        extra: Extra that installs the package.
        glance: Whether there is anything to find, in a small part of the time; None for no such
            way. A face that is small in the picture may be missed.
    """

    what: str
    find: "Callable[[Image.Image, Analyses], Analysis]"
    module: str
    extra: str
    glance: "Callable[[Image.Image], bool] | None" = None

    @property
    def installed(self) -> bool:
        """Whether the package it needs is there."""
        return find_spec(self.module) is not None


class Analyzers:
    """Analyzers by name, in the order they are listed."""

    def __init__(self, analyzers: Iterable[Analyzer]) -> None:
        """Register the given analyzers."""
        self._analyzers = {each.what: each for each in analyzers}

    def __iter__(self) -> Iterator[Analyzer]:
        """All of them, installed or not."""
        return iter(self._analyzers.values())

    def available(self) -> tuple[str, ...]:
        """Names of those that are installed."""
        return tuple(each.what for each in self if each.installed)

    def find(self, what: str) -> Analyzer:
        """The installed analyzer of a name.

        Raises:
            UnknownAnalysisError: there is none.
            NotInstalledError: the package it needs is missing; the message names the extra.
        """
        analyzer = self._analyzers.get(what)
        if analyzer is None:
            known = ", ".join(self._analyzers)
            raise UnknownAnalysisError(f"There is no analysis {what!r}; there are: {known}.")
        if not analyzer.installed:
            raise NotInstalledError(
                f"The analysis {what!r} needs what is not installed: "
                f'pip install "stylebot[{analyzer.extra}]".'
            )
        return analyzer

    def run(self, names: Iterable[str], image: "Image.Image") -> Analyses:
        """Several analyses of one upright RGB image, by name.

        Raises:
            AnalysisError: one is unknown, not installed, or its model is damaged.
        """
        wanted = {name: self.find(name) for name in names}
        found: dict[str, Analysis] = {}
        # In the order of the list: people are found by their faces.
        for each in self:
            if each.what in wanted:
                found[each.what] = each.find(image, found)
        return found

    def missed(self, names: Iterable[str], image: "Image.Image") -> tuple[str, ...]:
        """Those of the analyses that, at a glance, would find nothing in an upright RGB image."""
        glances = {name: self.find(name).glance for name in names}
        # Several may have the same way to look.
        seen = {glance: glance(image) for glance in set(glances.values()) if glance}
        return tuple(name for name, glance in glances.items() if glance and not seen[glance])


def _glance(image: "Image.Image") -> bool:
    from engine.analyzers.faces import glance

    return glance(image)


def _faces(image: "Image.Image", found: Analyses) -> Faces:
    from engine.analyzers.faces import find_faces

    return find_faces(image)


def _person(image: "Image.Image", found: Analyses) -> Person:
    from engine.analyzers.person import find_people

    faces = found.get("faces")
    return find_people(image, faces if isinstance(faces, Faces) else None)


def _decency(image: "Image.Image", found: Analyses) -> Decency:
    from engine.analyzers.decency import find_bare_parts

    return find_bare_parts(image)


_RUNTIME: Final = "ai_edge_litert"
ANALYZERS: Final = Analyzers(
    [
        Analyzer("faces", _faces, _RUNTIME, "faces", _glance),
        Analyzer("person", _person, _RUNTIME, "faces", _glance),
        Analyzer("decency", _decency, "nudenet", "safety"),
    ]
)

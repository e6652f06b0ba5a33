"""A cached list of the engine's effects, available while the engine is away."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from engine.api.effect_spec import EffectSpec, Param
from engine.api.errors import EngineUnavailableError
from engine.api.names import folded

_A_PICTURE: Final = ("image",)


class Effects:
    """The specs of all effects; `know` replaces them."""

    def __init__(self, specs: Sequence[EffectSpec] = ()) -> None:
        """Start with these specs."""
        self._specs: dict[str, EffectSpec] = {}
        self._words: dict[str, tuple[str, Any]] = {}
        self._placing: frozenset[str] = frozenset()
        self.know(specs)

    def know(self, specs: Sequence[EffectSpec]) -> None:
        """Replace the specs with the engine's."""
        self._specs = {spec.id: spec for spec in specs}
        self._words = {}
        for spec in specs:
            for word, param, value in _words(spec):
                self._words.setdefault(folded(word), (param, value))
        self._placing = frozenset(
            param.id
            for spec in specs
            for param in spec.params
            if any(o.needs for o in param.options)
        )

    def __iter__(self) -> Iterator[EffectSpec]:
        """All of them."""
        return iter(self._specs.values())

    def get(self, effect: str) -> EffectSpec | None:
        """An effect by its id; None if the engine does not have it."""
        return self._specs.get(effect)

    @property
    def edits(self) -> Mapping[str, EffectSpec]:
        """The effects that have a command of their own, by that command."""
        return {spec.command: spec for spec in self if spec.command}

    def is_edit(self, effect: str) -> bool:
        """Whether an effect has a command of its own and is applied before a style."""
        spec = self.get(effect)
        return spec is not None and bool(spec.command)

    @property
    def painting(self) -> EffectSpec:
        """The effect that paints in styles: the one with a gallery.

        Raises:
            EngineUnavailableError: the engine's effects are not known yet.
        """
        for spec in self:
            if gallery_of(spec):
                return spec
        raise EngineUnavailableError("The engine has not said yet what it can do.")

    @property
    def words(self) -> Mapping[str, tuple[str, Any]]:
        """Words people may type besides a style, folded, each with its parameter's id and value."""
        return self._words

    @property
    def placing(self) -> Collection[str]:
        """The ids of parameters that say to which part of a photo an effect is applied."""
        return self._placing


def gallery_of(spec: EffectSpec) -> str | None:
    """The id of the gallery parameter; None for an effect without one."""
    return next((param.id for param in spec.params if param.kind == "gallery"), None)


def is_a_style(spec: EffectSpec) -> bool:
    """Whether an effect is chosen like a style: it has no gallery and makes a photo of a photo."""
    return gallery_of(spec) is None and spec.takes == _A_PICTURE and spec.gives == "image"


def param_of(spec: EffectSpec, param_id: str) -> Param | None:
    """A parameter by its id."""
    return next((param for param in spec.params if param.id == param_id), None)


def slider_of(spec: EffectSpec) -> Param | None:
    """The parameter that a number without a name sets."""
    return next((param for param in spec.params if param.kind == "slider"), None)


def _words(spec: EffectSpec) -> Iterator[tuple[str, str, Any]]:
    for param in spec.params:
        if param.kind == "toggle":
            yield from ((title, param.id, True) for title in param.titles.values())
        for option in param.options:
            yield option.id, param.id, option.id
            yield from ((title, param.id, option.id) for title in option.titles.values())

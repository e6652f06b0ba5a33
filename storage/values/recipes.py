"""Recipes."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from storage.values.json import Json


@dataclass(frozen=True, slots=True)
class Choice:
    """A style, or one of several that are blended.

    Attributes:
        style_id: The style.
        weight: Its share of the blend; weights need not sum to one.
    """

    style_id: int
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Step:
    """One effect and the values of its parameters.

    Attributes:
        effect: The effect's id.
        params: Values by parameter id; a gallery's is a tuple of `Choice`.
    """

    effect: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def styles(self) -> tuple[Choice, ...]:
        """The styles chosen in galleries."""
        galleries = [value for value in self.params.values() if isinstance(value, tuple)]
        return tuple(choice for gallery in galleries for choice in gallery)

    @property
    def complete(self) -> bool:
        """Whether something is chosen in every gallery."""
        return () not in self.params.values()


@dataclass(frozen=True, slots=True)
class Recipe:
    """The effects applied to a photo; can be stored and repeated.

    Attributes:
        steps: Effects, one after the other.
    """

    steps: tuple[Step, ...] = ()

    @property
    def styles(self) -> tuple[Choice, ...]:
        """The styles chosen in the galleries of all steps."""
        return tuple(choice for step in self.steps for choice in step.styles)

    @property
    def complete(self) -> bool:
        """Whether it says what to do."""
        return bool(self.steps) and all(step.complete for step in self.steps)

    def as_json(self) -> list[Json]:
        """As JSON, for the database and exports."""
        return [{"effect": s.effect, "params": _plain_params(s.params)} for s in self.steps]

    @classmethod
    def from_json(cls, steps: list[Json]) -> "Recipe":
        """Parse the output of `as_json`."""
        return cls(tuple(Step(s["effect"], _read_params(s["params"])) for s in steps))

    def without(self, style_id: int) -> "Recipe":
        """The same, with a style chosen nowhere."""
        return Recipe(tuple(replace(s, params=_params_without(s, style_id)) for s in self.steps))


def _plain_params(params: Mapping[str, Any]) -> Json:
    return {
        name: [asdict(choice) for choice in value] if isinstance(value, tuple) else value
        for name, value in params.items()
    }


def _read_params(params: Json) -> Json:
    # A list is a gallery's: no other value has parts.
    return {
        name: tuple(Choice(**choice) for choice in value) if isinstance(value, list) else value
        for name, value in params.items()
    }


def _params_without(step: Step, style_id: int) -> Json:
    return {
        name: tuple(choice for choice in value if choice.style_id != style_id)
        if isinstance(value, tuple)
        else value
        for name, value in step.params.items()
    }

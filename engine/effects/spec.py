"""What an effect is called and what can be chosen of it; plain data that travels to every surface.

Whoever shows or checks an effect reads its spec, so that one more effect, or one more parameter, is
no change for those who show it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from engine.errors import InvalidOptionError

ParamKind = Literal["slider", "toggle", "choice", "gallery", "picture", "mask"]


@dataclass(frozen=True, slots=True)
class Option:
    """One of several values.

    Attributes:
        id: What a recipe says.
        titles: Language tag to title; "en" and "zh" are always there.
        slow: Whether a picture takes so long with it that no one waits at the screen.
    """

    id: str
    titles: dict[str, str]
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Param:
    """What can be chosen of an effect.

    Attributes:
        id: What a recipe says.
        kind: How it is shown, and what its values are.
        titles: Language tag to title.
        default: A slider's number, a toggle's bool, a choice's option; None for what is given.
        low: Least of a slider.
        high: Most of a slider.
        step: What a slider's value changes by.
        options: What a choice is among.
    """

    id: str
    kind: ParamKind
    titles: dict[str, str]
    default: Any = None
    low: float = 0.0
    high: float = 1.0
    step: float = 0.05
    options: tuple[Option, ...] = ()

    def checked(self, value: Any) -> Any:  # noqa: ANN401 - a value of any kind
        """A value, if it is one of this parameter's.

        Raises:
            InvalidOptionError: it is none.
        """
        number = isinstance(value, int | float) and not isinstance(value, bool)
        good = {
            "slider": number and self.low <= value <= self.high,
            "toggle": isinstance(value, bool),
            "choice": any(value == option.id for option in self.options),
            "gallery": isinstance(value, list | tuple),
        }.get(self.kind, value is None or isinstance(value, str))
        if not good:
            raise InvalidOptionError(f"{value!r} is no value of {self.id}.")
        return float(value) if self.kind == "slider" else value


@dataclass(frozen=True, slots=True)
class EffectSpec:
    """An effect as all see it.

    Attributes:
        id: What a recipe says.
        kind: "painting", which has a gallery to choose from, "filter", ...
        version: Another one makes other pictures.
        titles: Language tag to title.
        tags: What it is like.
        params: What can be chosen, in the order it is shown.
        takes: What it needs.
        gives: What comes of it.
        needs: What has to be known of a picture.
        blends: Whether several of its gallery can be mixed.
    """

    id: str
    kind: str
    version: int
    titles: dict[str, str]
    tags: tuple[str, ...]
    params: tuple[Param, ...]
    takes: tuple[str, ...] = ("image",)
    gives: str = "image"
    needs: tuple[str, ...] = ()
    blends: bool = False

    def checked(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """All parameters, defaults where nothing is said.

        Raises:
            InvalidOptionError: one is unknown, or has a value it cannot have.
        """
        known = {param.id: param for param in self.params}
        if unknown := sorted(params.keys() - known.keys()):
            raise InvalidOptionError(f"{self.id} has no {', '.join(unknown)}.")
        filled = {param.id: param.default for param in self.params if param.default is not None}
        return filled | {name: known[name].checked(value) for name, value in params.items()}

    def as_json(self) -> dict[str, Any]:
        """For the wire and the store."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "EffectSpec":
        """Read what `as_json` wrote; fields of a newer engine are ignored."""
        params = tuple(
            Param(**_known(Param, each) | {"options": _options(each)}) for each in record["params"]
        )
        lists = {name: tuple(record.get(name, ())) for name in ("tags", "takes", "needs")}
        return cls(**_known(cls, record) | lists | {"params": params})


def _options(param: dict[str, Any]) -> tuple[Option, ...]:
    return tuple(Option(**_known(Option, each)) for each in param.get("options", ()))


def _known(kind: type[Any], record: dict[str, Any]) -> dict[str, Any]:
    return {field.name: record[field.name] for field in fields(kind) if field.name in record}

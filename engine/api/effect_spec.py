"""The description of an effect: its names, its params and their permitted values.

Surfaces build their controls from it, so it needs only the standard library and is sent as JSON.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal, get_args

from engine.api.errors import InvalidOptionError, MissingInputError

ParamKind = Literal["slider", "toggle", "choice", "gallery", "picture", "mask"]
Titles = dict[str, str]

# Kinds whose value is the name of one of the request's inputs.
INPUT_KINDS: Final = ("picture", "mask")
# Styles in one blend; with more they cannot be told apart.
GALLERY_MAX: Final = 8


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a choice.

    Attributes:
        id: Its value.
        titles: Language tag to title.
        slow: Whether it takes long enough to show progress.
        needs: Analyses of the picture that it uses; where they find nothing it changes nothing.
        wants: Analyses that it uses where they are installed, of a reduced picture; where they find
            nothing, all options of its param give the same.
    """

    id: str
    titles: Titles
    slow: bool = False
    needs: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Param:
    """One param of an effect.

    Attributes:
        id: Its name in a step.
        kind: "slider" takes a number, "toggle" a bool, "choice" the id of an option, "gallery" a
            list of styles, "picture" and "mask" the name of one of the request's inputs.
        titles: Language tag to title.
        default: Value if a step has none; None for a gallery that must be given, and for
            an optional picture or mask.
        low: Minimum of a slider.
        high: Maximum of a slider.
        step: Change of a slider per press.
        options: Options of a choice.
        required: Whether a picture or mask must be given.
        needs: Analyses of the picture that the effect uses; they come with it.
    """

    id: str
    kind: ParamKind
    titles: Titles
    default: Any = None
    low: float = 0.0
    high: float = 1.0
    step: float = 0.05
    options: tuple[Option, ...] = ()
    required: bool = False
    needs: tuple[str, ...] = ()

    def checked(self, value: Any) -> Any:  # noqa: ANN401 - JSON
        """The value in the form that effects take.

        Raises:
            InvalidOptionError: the value is invalid for this param.
        """
        check = {
            "slider": self._number, "toggle": self._bool, "choice": self._option,
            "gallery": self._gallery, "picture": self._name, "mask": self._name,
        }[self.kind]  # fmt: skip
        return check(value)

    def _number(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InvalidOptionError(f"{self.id} must be a number.")
        if not self.low <= value <= self.high:
            raise InvalidOptionError(
                f"{self.id} must be between {self.low:g} and {self.high:g}, not {value:g}."
            )
        return float(value)

    def _bool(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise InvalidOptionError(f"{self.id} must be true or false.")
        return value

    def _option(self, value: object) -> str:
        known = [option.id for option in self.options]
        if value not in known:
            raise InvalidOptionError(f"{self.id} must be one of {', '.join(known)}.")
        return str(value)

    def _name(self, value: object) -> str:
        if not isinstance(value, str) or not value:
            raise InvalidOptionError(f"{self.id} must be the name of a picture that is sent along.")
        return value

    def _gallery(self, value: object) -> list[dict[str, Any]]:
        if not isinstance(value, list | tuple) or not 1 <= len(value) <= GALLERY_MAX:
            raise InvalidOptionError(f"{self.id} must be a list of 1 to {GALLERY_MAX} styles.")
        return [self._gallery_item(item) for item in value]

    def _gallery_item(self, item: object) -> dict[str, Any]:
        known = {"slug", "code", "picture"}
        if not isinstance(item, Mapping) or not item.keys() <= known | {"weight"}:
            raise InvalidOptionError(
                f'{self.id} must have styles such as {{"slug": "kiss", "weight": 1}}, with a slug, '
                "a code or the name of a picture that is sent along."
            )
        named = {key: item[key] for key in known & item.keys() if item[key] is not None}
        if not named or not all(isinstance(value, str) and value for value in named.values()):
            raise InvalidOptionError(f"Each style of {self.id} needs a slug, a code or a picture.")
        weight = item.get("weight", 1.0)
        if isinstance(weight, bool) or not isinstance(weight, int | float):
            raise InvalidOptionError(f"A weight in {self.id} must be a number.")
        if not (math.isfinite(weight) and weight >= 0):
            raise InvalidOptionError("Style weights must be 0 or more, and one of them above 0.")
        return named | {"weight": float(weight)}


@dataclass(frozen=True, slots=True)
class EffectSpec:
    """An effect, as the surfaces see it.

    Attributes:
        id: Its name in a step.
        kind: "painting" has a gallery of styles; a "filter" is chosen like a style; an "edit" has a
            command.
        version: Raised when the same params give another picture.
        titles: Language tag to title.
        tags: Descriptive words for searching.
        params: In the order they are shown.
        takes: Media it can be applied to.
        gives: Medium of the result.
        needs: Analyses of the picture that it always uses.
        blends: Whether several styles of its gallery can be mixed.
        command: Name of its own command in chats, which also gives it a button there; empty for an
            effect that is chosen among the styles. On the command line its id is the name.
    """

    id: str
    kind: str
    version: int
    titles: Titles
    tags: tuple[str, ...] = ()
    params: tuple[Param, ...] = ()
    takes: tuple[str, ...] = ("image",)
    gives: str = "image"
    needs: tuple[str, ...] = ()
    blends: bool = False
    command: str = ""

    def title(self, language: str) -> str:
        """Its title in a language, else in English."""
        return self.titles.get(language) or self.titles["en"]

    def param(self, name: str) -> Param | None:
        """The param of this name, or None."""
        return next((param for param in self.params if param.id == name), None)

    @property
    def gallery(self) -> Param | None:
        """The param that styles are chosen with; None if there is none."""
        return next((param for param in self.params if param.kind == "gallery"), None)

    @property
    def inputs(self) -> tuple[Param, ...]:
        """The params that name one of the request's inputs."""
        return tuple(param for param in self.params if param.kind in INPUT_KINDS)

    @property
    def may_need(self) -> tuple[str, ...]:
        """Analyses of the picture that it uses with some params."""
        options = [option for param in self.params for option in param.options]
        names = [name for option in options for name in (*option.needs, *option.wants)]
        return tuple(dict.fromkeys([*self.needs, *names]))

    def needs_of(self, params: Mapping[str, Any]) -> tuple[str, ...]:
        """Analyses of the picture that it uses with these params; missing ones have defaults."""
        chosen = [name for option in self._chosen(params) for name in option.needs]
        return tuple(dict.fromkeys([*self.needs, *chosen]))

    def wants_of(self, params: Mapping[str, Any]) -> tuple[str, ...]:
        """Analyses of the picture that it uses with these params where they are installed."""
        chosen = [name for option in self._chosen(params) for name in option.wants]
        return tuple(dict.fromkeys(chosen))

    def _chosen(self, params: Mapping[str, Any]) -> list[Option]:
        return [
            option
            for param in self.params
            for option in param.options
            if option.id == params.get(param.id, param.default)
        ]

    def lacking(self, params: Mapping[str, Any]) -> Param | None:
        """The first picture or mask that must be given and is not; None if all are there."""
        required = (param for param in self.inputs if param.required)
        return next((param for param in required if params.get(param.id) is None), None)

    def checked(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """All params, with defaults for those that are missing or None.

        Raises:
            InvalidOptionError: one is unknown, missing or out of range.
            MissingInputError: a picture or mask must be given and is not.
        """
        values = self.filled(params)
        if self.gallery and self.gallery.id not in values:
            raise InvalidOptionError(f"{self.id} needs {self.gallery.id}: say which style.")
        if lacking := self.lacking(values):
            raise MissingInputError(f"{self.id} needs the {lacking.kind} {lacking.id}.")
        return {param.id: None for param in self.params} | values

    def filled(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Like `checked`, without missing params that have no default.

        Raises:
            InvalidOptionError: one is unknown or out of range.
        """
        if unknown := params.keys() - {param.id for param in self.params}:
            raise InvalidOptionError(f"{self.id} has no param {min(unknown)!r}.")
        defaults = {param.id: param.default for param in self.params}
        given = {name: value for name, value in params.items() if value is not None}
        return {
            param.id: param.checked(value)
            for param in self.params
            if (value := (defaults | given)[param.id]) is not None
        }

    def without(self, param: str, option: str) -> "EffectSpec":
        """This spec without one option, for an engine that does not offer it."""
        params = tuple(
            replace(each, options=tuple(o for o in each.options if o.id != option))
            if each.id == param
            else each
            for each in self.params
        )
        return replace(self, params=params)

    def as_json(self) -> dict[str, Any]:
        """The spec as JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "EffectSpec":
        """Parse the output of `as_json`.

        Fields of a newer engine and params of an unknown kind are ignored.

        Raises:
            ValueError: the record is not a spec (also KeyError, TypeError).
        """
        params = [_param(each) for each in record["params"] if each["kind"] in get_args(ParamKind)]
        return cls(
            id=str(record["id"]), kind=str(record["kind"]), version=int(record["version"]),
            titles=dict(record["titles"]), tags=tuple(record["tags"]), params=tuple(params),
            takes=tuple(record["takes"]), gives=str(record["gives"]),
            needs=tuple(record["needs"]), blends=bool(record["blends"]),
            command=str(record.get("command", "")),
        )  # fmt: skip


def _param(record: Mapping[str, Any]) -> Param:
    options: Sequence[Mapping[str, Any]] = record["options"]
    return Param(
        id=str(record["id"]), kind=record["kind"], titles=dict(record["titles"]),
        default=record["default"], low=float(record["low"]), high=float(record["high"]),
        step=float(record["step"]),
        options=tuple(
            Option(
                str(each["id"]), dict(each["titles"]), bool(each["slow"]),
                # Older engines say none of these, nor `required`, `needs` of a param, `command`.
                tuple(each.get("needs", ())), tuple(each.get("wants", ())),
            )
            for each in options
        ),
        required=bool(record.get("required", False)), needs=tuple(record.get("needs", ())),
    )  # fmt: skip

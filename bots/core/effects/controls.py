"""Makes controls of an effect's parameters; each surface renders each kind of control.

Pictures and masks are fields for files, where a surface has them.

In buttons, forms and ids, values are short words: a slider's is a percentage of its range, a
toggle's 1 or 0, a choice's the id of its option.
"""

import contextlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, get_args

from bots.core.effects.specs import Effects, param_of, slider_of
from engine.api.contract import Painted
from engine.api.contract import Step as EngineStep
from engine.api.effect_spec import EffectSpec, Option, Param
from engine.api.errors import InvalidOptionError
from storage.values.recipes import Recipe, Step

ControlKind = Literal["slider", "toggle", "choice"]
# Step and stop of a slider's buttons, in percent of its range.
STEP: Final = 20
_STOPS: Final = (40, 60, 80, 100)
_MOST: Final = 100
# Presses go no lower: nothing of the effect would be left.
_LEAST: Final = 10


@dataclass(frozen=True, slots=True)
class Value:
    """One value a control can have next.

    Attributes:
        word: Its short word in buttons and forms.
        title: Its title for people.
        chosen: Whether it is the current value.
        slow: Whether painting with it takes long.
    """

    word: str
    title: str
    chosen: bool = False
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Control:
    """A parameter as shown to a person.

    Attributes:
        id: The parameter's id.
        kind: The kind of control.
        title: The parameter's title.
        word: Its current value, as a short word.
        said: Its current value for people.
        values: Possible values: a slider's stops, a toggle's other value, a choice's options.
        less: A slider's next lower value; None at its end.
        more: A slider's next higher value; None at its end.
    """

    id: str
    kind: ControlKind
    title: str
    word: str
    said: str
    values: tuple[Value, ...]
    less: Value | None = None
    more: Value | None = None

    @property
    def on(self) -> bool:
        """Whether a toggle is on."""
        return self.kind == "toggle" and self.word == "1"

    @property
    def slower(self) -> tuple[Value, ...]:
        """The slow values, if the current one is fast."""
        slow = tuple(value for value in self.values if value.slow)
        return () if any(value.chosen for value in slow) else slow


@dataclass(frozen=True, slots=True)
class FileField:
    """A parameter that takes a picture or a mask, as shown to a person.

    Attributes:
        id: The parameter's id.
        mask: Whether it takes a mask.
        title: The parameter's title.
        required: Whether it must be given.
        picture: The id of the stored picture that is its value; empty for none.
    """

    id: str
    mask: bool
    title: str
    required: bool
    picture: str = ""


def files_of(
    specs: Iterable[EffectSpec], params: Mapping[str, Any], language: str
) -> list[FileField]:
    """The fields for the pictures and masks of some effects, each once.

    Args:
        specs: The effects.
        params: Current values.
        language: Language tag of the titles.
    """
    found: dict[str, FileField] = {}
    for param in (param for spec in specs for param in spec.inputs):
        title, value = _title(param, language), params.get(param.id) or ""
        field = FileField(param.id, param.kind == "mask", title, param.required, value)
        found.setdefault(param.id, field)
    return list(found.values())


def of(
    spec: EffectSpec, params: Mapping[str, Any], language: str, absent: Collection[str] = ()
) -> list[Control]:
    """The controls of an effect.

    Args:
        spec: The effect.
        params: Current values; missing ones have their defaults.
        language: Language tag of the titles.
        absent: Analyses that find nothing in the photo; options that use them are not offered.
    """
    offered = (_offered(param, absent) for param in spec.params)
    return [
        _control(param, _current(param, params), language)
        for param in offered
        # A choice of one is none.
        if param.kind in get_args(ControlKind) and len(param.options) != 1
    ]


def _offered(param: Param, absent: Collection[str]) -> Param:
    """A parameter without the options that an absent analysis makes useless."""
    options = tuple(o for o in param.options if not set(absent).intersection((*o.needs, *o.wants)))
    return replace(param, options=options)


def of_recipe(
    effects: Effects, recipe: Recipe, language: str, absent: Collection[str] = ()
) -> list[Control]:
    """The controls of a result: those of all its steps, each parameter once.

    What divides the photo between two steps is not offered: a new value would go to both.

    Args:
        effects: The engine's effects.
        recipe: Its recipe.
        language: Language tag of the titles.
        absent: As in `of`.
    """
    found: dict[str, Control] = {}
    dividing: set[str] = set()
    for step in recipe.steps:
        if spec := effects.get(step.effect):
            others = meant_for_others(effects, recipe, step)
            for control in of(spec, step.params, language, absent):
                if control.id in others:
                    continue
                first = found.setdefault(control.id, control)
                if first.word != control.word and control.id in effects.placing:
                    dividing.add(control.id)
    return [control for control in found.values() if control.id not in dividing]


def meant_for_others(effects: Effects, recipe: Recipe, step: Step) -> set[str]:
    """The parameters of a step whose controls change another one: an edit's that a style has."""
    if not effects.is_edit(step.effect):
        return set()
    others = (each.effect for each in recipe.steps if not effects.is_edit(each.effect))
    return {param.id for each in others if (spec := effects.get(each)) for param in spec.params}


def of_preference(
    effects: Effects, recipe: Recipe, language: str, absent: Collection[str] = ()
) -> list[Control]:
    """The controls of a preference: of the painting effect and of the person's default effect.

    Args:
        effects: The engine's effects.
        recipe: The preference's.
        language: Language tag of the titles.
        absent: As in `of`, where a photo is there already.
    """
    step = recipe.steps[0] if recipe.steps else Step("")
    found: dict[str, Control] = {}
    for spec in default_specs(effects, recipe):
        for control in of(spec, step.params, language, absent):
            found.setdefault(control.id, control)
    return list(found.values())


def default_specs(effects: Effects, recipe: Recipe) -> list[EffectSpec]:
    """The effects whose parameters a person's preference has values for, in order."""
    used = [effects.get(step.effect) for step in recipe.steps]
    painting = [spec for spec in effects if any(p.kind == "gallery" for p in spec.params)][:1]
    return [*painting, *(spec for spec in used if spec and spec not in painting)]


def read(specs: Iterable[EffectSpec], param_id: str, word: str) -> Any:  # noqa: ANN401
    """Read a control's value from its short word.

    Raises:
        InvalidOptionError: none of the effects has such a control, or the value is invalid.
    """
    found = (param for spec in specs if (param := param_of(spec, param_id)))
    param = next(found, None)
    if param is None or param.kind not in get_args(ControlKind):
        raise InvalidOptionError(f"There is no {param_id}.")
    if param.kind == "slider" and word.isascii() and word.isdecimal():
        return from_percent(param, int(word))
    if param.kind == "toggle" and word in ("0", "1"):
        return word == "1"
    return param.checked(word)


def said_of(effects: Effects, recipe: Recipe, param_id: str, word: str) -> dict[str, Any]:
    """Read the value of a button under a result; returns it by the parameter's id.

    Raises:
        InvalidOptionError: its effects do not have the parameter, or the value is invalid.
    """
    specs = [spec for step in recipe.steps if (spec := effects.get(step.effect))]
    return {param_id: read(specs, param_id, word)}


def read_all(specs: Sequence[EffectSpec], words: Mapping[str, str]) -> dict[str, Any]:
    """Read a form's values; invalid ones are ignored.

    Args:
        specs: The effects.
        words: The form's short words by parameter id.
    """
    said: dict[str, Any] = {}
    for param_id, word in words.items():
        with contextlib.suppress(InvalidOptionError):
            said[param_id] = read(specs, param_id, word)
    return said


def from_percent(param: Param, percent: int) -> float:
    """A slider's value at a percentage of its range.

    Raises:
        InvalidOptionError: the percentage is not between 0 and 100.
    """
    if not 0 <= percent <= _MOST:
        raise InvalidOptionError(f"{param.id} goes from 0 to 100.")
    return round(param.low + (param.high - param.low) * percent / _MOST, 6)


def changes(effects: Effects, recipe: Recipe, language: str) -> list[str]:
    """How a recipe differs from its effects' defaults, as short phrases for a caption."""
    said: list[str] = []
    for step in recipe.steps:
        spec = effects.get(step.effect)
        first = slider_of(spec) if spec else None
        others = meant_for_others(effects, recipe, step)
        for param in spec.params if spec else ():
            value = step.params.get(param.id, param.default)
            known = param.kind in get_args(ControlKind) and param.id not in others
            if value == param.default or not known:
                continue
            control = _control(param, value, language)
            if param.kind == "toggle":
                said += [control.title] if control.on else []
            else:
                alone = param is first or param.kind == "choice"
                said.append(control.said if alone else f"{control.title} {control.said}")
    return said


def is_slow(effects: Effects, recipe: Recipe) -> bool:
    """Whether a recipe has a slow value."""
    return any(_slow(effects, step.effect, step.params) for step in recipe.steps)


def takes_long(effects: Effects, param_id: str, word: str) -> bool:
    """Whether a button's value is slow in any effect."""
    return any(
        option.slow and option.id == word
        for spec in effects
        if (param := param_of(spec, param_id))
        for option in param.options
    )


def fast(effects: Effects, step: EngineStep) -> EngineStep:
    """A copy of an engine step with defaults instead of slow values."""
    defaults = {param.id: param.default for param in _slow(effects, step.effect, step.params)}
    return replace(step, params=step.params | defaults)


def for_clip(effects: Effects, step: EngineStep) -> EngineStep:
    """A copy of an engine step with defaults instead of values that need an analysis."""
    spec = effects.get(step.effect)
    params = [
        param
        for param in (spec.params if spec else ())
        for option in param.options
        if option.needs and option.id == step.params.get(param.id, param.default)
    ]
    return replace(step, params=step.params | {param.id: param.default for param in params})


def needs_stills(effects: Effects, recipe: Recipe) -> bool:
    """Whether a recipe has an effect that always uses analyses, which are made of pictures only."""
    return any((spec := effects.get(step.effect)) and spec.needs for step in recipe.steps)


def needs_of(effects: Effects, steps: Iterable[EngineStep]) -> set[str]:
    """The analyses that some engine steps need."""
    specs = ((effects.get(step.effect), step.params) for step in steps)
    return {name for spec, params in specs if spec for name in spec.needs_of(params)}


def absent_in(pictures: Iterable[Painted]) -> tuple[str, ...]:
    """The analyses that find nothing in any of a request's photos."""
    found = [set(picture.absent) for picture in pictures]
    return tuple(sorted(set.intersection(*found))) if found else ()


def _slow(effects: Effects, effect: str, params: Mapping[str, Any]) -> list[Param]:
    """The parameters of an effect that have a slow value."""
    spec = effects.get(effect)
    return [
        param
        for param in (spec.params if spec else ())
        for option in param.options
        if option.slow and option.id == params.get(param.id, param.default)
    ]


def _current(param: Param, params: Mapping[str, Any]) -> Any:  # noqa: ANN401
    try:
        return param.checked(params.get(param.id, param.default))
    except InvalidOptionError:
        # The value is not one of this effect's.
        return param.default


def _control(param: Param, value: Any, language: str) -> Control:  # noqa: ANN401
    title = _title(param, language)
    if param.kind == "toggle":
        other = Value("0" if value else "1", title, chosen=bool(value))
        return Control(param.id, "toggle", title, "1" if value else "0", title, (other,))
    if param.kind == "choice":
        values = tuple(
            Value(o.id, _title(o, language), o.id == value, o.slow) for o in param.options
        )
        said = next((one.title for one in values if one.chosen), "")
        return Control(param.id, "choice", title, str(value), said, values)
    at = _percent(param, value)
    less, more = max(_LEAST, at - STEP), min(_MOST, at + STEP)
    return Control(
        param.id, "slider", title, str(at), f"{at} %",
        tuple(_stop(stop, at) for stop in _STOPS),
        less=_stop(less, at) if at > _LEAST else None,
        more=_stop(more, at) if at < _MOST else None,
    )  # fmt: skip


def _stop(percent: int, at: int) -> Value:
    return Value(str(percent), f"{percent} %", percent == at)


def _percent(param: Param, value: float) -> int:
    return round(_MOST * (value - param.low) / (param.high - param.low))


def _title(named: Param | Option, language: str) -> str:
    return named.titles.get(language) or named.titles["en"]

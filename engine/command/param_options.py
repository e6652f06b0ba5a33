"""Command-line options generated from the params of effects."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from typing_extensions import override

from engine.api.effect_spec import INPUT_KINDS, EffectSpec, Param

Command = TypeVar("Command", bound=Callable[..., Any])

_ON: Final = ("toggle", "slider", "choice", *INPUT_KINDS)
# An existing file.
FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


class _Percent(click.FloatRange):
    """A slider from 0 to 1, given in percent."""

    @override
    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        return float(super().convert(value, param, ctx)) / 100


def param_options(specs: Iterable[EffectSpec]) -> Callable[[Command], Command]:
    """Add an option to a command for every param of the effects.

    A param that several effects have is one option. Its value is None if it is not given, and a
    path for a picture or mask.
    """
    found: dict[str, tuple[Param, list[str]]] = {}
    for spec in specs:
        for param in spec.params:
            if param.kind in _ON:
                found.setdefault(param.id, (param, []))[1].append(spec.titles["en"])

    def decorate(command: Command) -> Command:
        for param, effects in reversed(found.values()):
            command = _option(param, effects)(command)
        return command

    return decorate


def given_params(values: Mapping[str, Any]) -> dict[str, Any]:
    """The params given on the command line."""
    return {name: value for name, value in values.items() if value is not None}


def _option(param: Param, effects: list[str]) -> Callable[[Command], Command]:
    name = "--" + param.id.replace("_", "-")
    title = param.titles["en"]
    if param.kind == "toggle":
        return click.option(name, param.id, is_flag=True, default=None, help=f"{title}.")
    if param.kind == "choice":
        known = [option.id for option in param.options]
        return click.option(
            name, param.id, type=click.Choice(known), help=f"{title}; {param.default} when absent."
        )
    if param.kind in INPUT_KINDS:
        needed = f"; {', '.join(effects)} must have it" if param.required else ""
        return click.option(name, param.id, type=FILE, help=f"{title}: a {param.kind}{needed}.")
    percent = (param.low, param.high) == (0, 1)
    scale = 100 if percent else 1
    kind = (_Percent if percent else click.FloatRange)(scale * param.low, scale * param.high)
    return click.option(
        name, param.id, type=kind, help=f"{title}; {scale * param.default:g} when absent."
    )

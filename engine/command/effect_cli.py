"""Commands of effects that have one, such as `stylebot express`, made from their specs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from engine.api.effect_spec import EffectSpec
from engine.command.opening import engine_option, out_option, paint_all
from engine.command.param_options import FILE, given_params, param_options


def effect_command(spec: EffectSpec) -> click.Command:
    """The command of an effect, named like it, with an option for every param."""

    @click.command(spec.id, help=f"{spec.titles['en']}: change photos, at their full size.")
    @click.argument("photos", nargs=-1, required=True, type=FILE, metavar="IN...")
    @out_option
    @param_options([spec])
    @engine_option
    def command(
        photos: Sequence[Path],
        out: Path,
        engine_url: str | None,
        **params: Any,  # noqa: ANN401 - each has the type its effect gives it
    ) -> None:
        from engine.command.painters import PaintOptions
        from engine.media.files import plan_targets

        options = PaintOptions(given_params(params), {spec.id: 1.0})
        paint_all(options, photos, plan_targets(photos, out), engine_url)

    return command

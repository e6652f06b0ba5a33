"""Commands of effects that have one, such as `stylebot express`, made from their specs."""

from typing import Any

import click

from engine.api.effect_spec import EffectSpec
from engine.command.batch_painting import batch_options, paint_batch, taken
from engine.command.opening import engine_option
from engine.command.param_options import given_params, param_options


def effect_command(spec: EffectSpec) -> click.Command:
    """The command of an effect, named like it, with an option for every param."""

    @click.command(spec.id, help=f"{spec.titles['en']}: change photos, at their full size.")
    @batch_options
    @param_options([spec])
    @engine_option
    def command(
        engine_url: str | None,
        **given: Any,  # noqa: ANN401 - of the batch, and the effect's params
    ) -> None:
        from engine.command.painters import PaintOptions

        batch = taken(given)
        paint_batch(batch, PaintOptions(given_params(given), {spec.id: 1.0}), engine_url, spec.id)

    return command

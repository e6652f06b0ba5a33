"""`stylebot stylize`: photos to paintings, one or a folder of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from engine.command.batch_painting import batch_options, paint_batch, taken
from engine.command.opening import engine_option, paint_options, style_options
from engine.command.param_options import given_params, param_options
from engine.effects.registry import EFFECTS


@click.command()
@batch_options
@style_options(
    click.option(
        "--style",
        "blend",
        metavar="STYLE[:WEIGHT]+...",
        help="A style by slug or title, or a blend such as kiss:2+scream.",
    )
)
@param_options(effect.spec for effect in EFFECTS if not effect.spec.command)
@engine_option
def stylize(
    blend: str | None,
    references: Sequence[Path],
    code_file: Path | None,
    engine_url: str | None,
    **given: Any,  # noqa: ANN401 - of the batch, and params of effects
) -> None:
    """Repaint photos at their full size, without metadata.

    IN are files, folders and patterns such as 'holiday/*.jpg', or - for standard input. A photo
    that cannot be used is named, and the others are painted: the exit code is 0 if all are
    painted, 1 if some are not, and 2 if nothing was begun. Ctrl-C ends a masterwork with the
    picture of its last finished scale.
    """
    batch = taken(given)
    options = paint_options(given_params(given), blend, references, code_file, engine_url)
    files = [*references, *([code_file] if code_file else [])]
    paint_batch(batch, options, engine_url, blend or files[0].name.partition(".")[0])

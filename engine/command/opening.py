"""Options that painting commands share, and the painters that they open."""

import contextlib
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar

import click

from engine.api.errors import UnknownStyleError
from engine.api.names import parse_blend
from engine.command.param_options import FILE
from engine.effects.registry import FILTERS
from engine.painting.catalogue import find_style
from engine.painting.manifest import SHIPPED_CHECKPOINT, read_manifest

if TYPE_CHECKING:
    from engine.command.painters import Painter, PaintOptions

Command = TypeVar("Command", bound=Callable[..., Any])


engine_option = click.option(
    "--engine",
    "engine_url",
    metavar="URL",
    help="Have a running engine paint, such as http://127.0.0.1:8750; ENGINE_TOKEN is its token.",
)


def style_options(style: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Add `style`, the option that names styles, and the options that stand for it."""
    options: tuple[Callable[[Command], Command], ...] = (
        click.option(
            "--style-code",
            "code_file",
            type=FILE,
            help="Take a style that `stylebot refine` wrote.",
        ),
        click.option(
            "--style-image",
            "references",
            multiple=True,
            type=FILE,
            help="Take the style of this picture instead; several are averaged.",
        ),
        style,
    )

    def decorate(command: Command) -> Command:
        for option in options:
            command = option(command)
        return command

    return decorate


def paint_options(
    params: Mapping[str, Any],
    blend: str | None,
    references: Sequence[Path],
    code_file: Path | None,
    engine_url: str | None,
) -> "PaintOptions":
    """The options of a call that gives exactly one style."""
    if sum(map(bool, (blend, references, code_file))) != 1:
        raise click.UsageError("Give one of --style, --style-image and --style-code.")
    from engine.command.painters import PaintOptions
    from engine.media.files import read_code

    # Another engine may have other styles.
    weights = _weights(blend, known_here=engine_url is None) if blend else {}
    code = read_code(code_file) if code_file else None
    return PaintOptions(params, weights, references, code)


def open_painter(options: "PaintOptions", engine_url: str | None) -> "Painter":
    """The painter of a call: in this process, or a running engine."""
    from engine.command import painters

    if engine_url is None:
        return painters.LocalPainter(options, interruptions)
    from engine.api.settings import read_settings

    token = read_settings().token.get_secret_value()
    return painters.RemotePainter(options, engine_url, token)


def _weights(text: str, *, known_here: bool) -> dict[str, float]:
    """Parse "wave:2+scream" into weights by slug; unknown styles are refused before any work."""
    weights: dict[str, float] = {}
    manifest = read_manifest(SHIPPED_CHECKPOINT)

    def known(name: str) -> bool:
        try:
            find_style(manifest, name, FILTERS)
        except UnknownStyleError:
            return False
        return True

    for name, weight in parse_blend(text, known):
        slug = find_style(manifest, name, FILTERS).slug if known_here else name
        if any(name in entry.replaces for entry in manifest.names.styles) and slug != name:
            click.echo(f"stylebot: {name} is retired; {slug} is painted instead.", err=True)
        weights[slug] = weights.get(slug, 0) + weight
    return weights


def tell_unused(painter: "Painter", style: str | None) -> None:
    """Say which options have no effect on what was painted."""
    for name in painter.unused:
        option = "--" + name.replace("_", "-")
        click.echo(f"stylebot: {option} does nothing for {style or 'this style'}.", err=True)


@contextlib.contextmanager
def interruptions() -> Iterator[Callable[[], bool]]:
    """In this block Ctrl-C sets a flag instead of raising; a second one raises as normal."""
    noted = False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal noted
        noted = True
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield lambda: noted
    finally:
        signal.signal(signal.SIGINT, before)

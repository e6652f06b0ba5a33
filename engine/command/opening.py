"""Options that painting commands share, and the painters that they open."""

import contextlib
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from engine.api.errors import ImageError, InvalidOptionError
from engine.command.param_options import FILE
from engine.effects.registry import FILTERS
from engine.painting.catalogue import find_style
from engine.painting.manifest import SHIPPED_CHECKPOINT, read_manifest

if TYPE_CHECKING:
    from engine.command.painters import Painter, PaintOptions

Command = TypeVar("Command", bound=Callable[..., Any])

# The exit code when something is refused, as click's for a mistyped option.
REFUSED: Final = 2
# An analysis that found nothing is named by what it looks for.
_ABSENT: Final = "no {} was found; all of it was painted."

engine_option = click.option(
    "--engine",
    "engine_url",
    metavar="URL",
    help="Have a running engine paint, such as http://127.0.0.1:8750; ENGINE_TOKEN is its token.",
)


out_option = click.option(
    "-o",
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="A file (.jpg, .png, .webp) for one photo, or a folder.",
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
    weights = _weights(blend or "", known_here=engine_url is None)
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


def paint_all(
    options: "PaintOptions",
    photos: Sequence[Path],
    targets: Sequence[Path],
    engine_url: str | None,
) -> None:
    """Paint photos into files; one that cannot be used is reported, and the others are painted."""
    painter = open_painter(options, engine_url)
    refused = False
    try:
        for photo, target in zip(photos, targets, strict=True):
            try:
                absent = painter.paint(photo, target)
            except ImageError as error:
                # With several photos the message says which one.
                named = "" if str(error).startswith(str(photo)) else f"{photo}: "
                click.echo(f"stylebot: {named}{error}", err=True)
                refused = True
            else:
                for what in absent:
                    click.echo(f"stylebot: {photo}: {_ABSENT.format(what)}", err=True)
                click.echo(target)
    finally:
        painter.close()
    if refused:
        raise SystemExit(REFUSED)


def _weights(text: str, *, known_here: bool) -> dict[str, float]:
    """Parse "wave:2,scream" into weights by slug; unknown slugs are refused before any work."""
    weights: dict[str, float] = {}
    if not text:
        return weights
    manifest = read_manifest(SHIPPED_CHECKPOINT)
    for part in text.split(","):
        slug, _, weight = part.strip().partition(":")
        style = find_style(manifest, slug, FILTERS) if known_here else None
        if style and style.slug != slug:
            click.echo(f"stylebot: {slug} is retired; {style.slug} is painted instead.", err=True)
            slug = style.slug
        try:
            weights[slug] = weights.get(slug, 0) + (float(weight) if weight else 1)
        except ValueError:
            raise InvalidOptionError(
                f"{weight!r} is no weight for {slug}; write {slug}:2."
            ) from None
    return weights


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

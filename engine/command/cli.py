"""The command `stylebot`.

Modules that are slow to import (torch, pixel arithmetic, HTTP) are imported only when a command
needs them.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click
from typing_extensions import override

from engine.api.contract import STYLE_SUFFIX, StyleCode
from engine.api.errors import EngineError, PerceptualWeightsError
from engine.command.analyse_cli import analyse
from engine.command.bench_cli import bench
from engine.command.effect_cli import effect_command
from engine.command.opening import interruptions
from engine.command.param_options import FILE
from engine.command.story_cli import story
from engine.command.stylize_cli import stylize
from engine.command.tables import aligned
from engine.effects.effect import Sides
from engine.effects.registry import EFFECTS, FILTERS
from engine.painting.catalogue import list_styles
from engine.painting.manifest import SAMPLE_PHOTO, SAMPLE_PHOTOS, SHIPPED_CHECKPOINT, read_manifest
from engine.training.cli import train
from engine.training.drafting_cli import train_drafting

if TYPE_CHECKING:
    from engine.media.images import Picture
    from engine.painting.stylizer import Stylizer
    from engine.serving.rendering import Finished
    from engine.training.refine import Refined

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


class _Refusal(click.ClickException):
    """One sentence on stderr and exit code 2, as click does for a mistyped option."""

    exit_code = 2

    @override
    def show(self, file: Any = None) -> None:
        click.echo(f"stylebot: {self.message}", err=True)


class _Commands(click.Group):
    """Turns engine errors into one sentence, in one place for all commands."""

    @override
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except EngineError as error:
            raise _Refusal(str(error)) from error
        except OSError as error:
            name = f"{error.filename}: " if error.filename else ""
            raise _Refusal(f"{name}{error.strerror or error}.") from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="stylebot")
def main() -> None:
    """Repaint photos in the manner of paintings."""


main.add_command(stylize)
main.add_command(train)
main.add_command(train_drafting)
main.add_command(bench)
main.add_command(analyse)
main.add_command(story)
for _effect in EFFECTS:
    if _effect.spec.command:
        main.add_command(effect_command(_effect.spec))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def styles(*, as_json: bool) -> None:
    """List the styles."""
    records = list_styles(read_manifest(SHIPPED_CHECKPOINT), FILTERS)
    if as_json:
        fields = {"slug", "kind", "titles", "tags", "artist", "year"}
        listed = [record.model_dump(mode="json", include=fields) for record in records]
        click.echo(json.dumps(listed, indent=2, ensure_ascii=False))
        return
    rows = [(r.slug, r.kind, r.titles["en"], r.artist, str(r.year or "")) for r in records]
    for line in aligned([("SLUG", "KIND", "TITLE", "ARTIST", "YEAR"), *rows]):
        click.echo(line)


@main.command()
@click.option(
    "--style-image",
    "references",
    multiple=True,
    required=True,
    type=FILE,
    help="The picture to take the style of; may be given several times.",
)
@click.option(
    "-o",
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help=f"Where the style goes; beside you as NAME{STYLE_SUFFIX} when absent.",
)
@click.option("--minutes", default=2.5, show_default=True, type=click.FloatRange(0.1, 60))
@click.option(
    "--photo", "photos", multiple=True, type=FILE, help="Paint this meanwhile, not the samples."
)
@click.option(
    "--perceptual-weights", type=FILE, help="VGG16 as safetensors, instead of the shipped one."
)
def refine(
    references: Sequence[Path],
    out: Path | None,
    minutes: float,
    photos: Sequence[Path],
    perceptual_weights: Path | None,
) -> None:
    """Make a style of a picture and refine it; Ctrl-C keeps the best so far."""
    from engine.media.files import read_picture, write_code

    pictures = [read_picture(path) for path in references]
    painted = [read_picture(path) for path in photos or SAMPLE_PHOTOS]
    from engine.painting.stylizer import Stylizer

    stylizer = Stylizer.load()
    target = out or Path(references[0].stem + STYLE_SUFFIX)
    code = stylizer.extract_style(pictures)
    click.echo(write_code(code, target))
    try:
        refined = _refine(stylizer, code, pictures, painted, minutes, perceptual_weights)
    except PerceptualWeightsError as error:
        raise PerceptualWeightsError(f"{error} The style stays as it was read.") from error
    write_code(refined.code, target)
    click.echo(
        f"gram {refined.gram_before:.3f} before, {refined.gram_after:.3f} after "
        f"{refined.steps} steps"
    )


def _refine(
    stylizer: "Stylizer",
    code: StyleCode,
    references: "list[Picture]",
    photos: "list[Picture]",
    minutes: float,
    weights: Path | None,
) -> "Refined":
    from tqdm import tqdm

    from engine.painting.perceptual import load_vgg16
    from engine.training.refine import Refiner

    vgg = load_vgg16(weights, stylizer.dtype)
    with tqdm(total=100, unit="%", disable=None) as bar, interruptions() as interrupted:

        def report(passed: float, loss: float) -> None:
            bar.set_postfix(loss=f"{loss:.3f}", refresh=False)
            bar.update(round(100 * passed) - bar.n)

        return Refiner(stylizer, vgg, references, photos).refine(
            code, seconds=60 * minutes, report=report, cancelled=interrupted
        )


def _end_with_parent() -> None:
    """Wait until standard input closes, which also happens when the parent is killed."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


@main.command()
@click.option("--host", help="Address to listen at; ENGINE_HOST, 127.0.0.1 when absent.")
@click.option("--port", type=int, help="Port, 0 for any free one; ENGINE_PORT, 8750 when absent.")
@click.option("--with-parent", is_flag=True, help="End, too, when standard input is closed.")
def engine(host: str | None, port: int | None, *, with_parent: bool) -> None:
    """Serve the engine over HTTP until SIGTERM; other settings are in the environment."""
    from engine.api.settings import read_settings

    settings = read_settings(host=host, port=port)
    if with_parent:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    from engine.serving.host import run

    run(settings, announce=click.echo)


@main.command()
@click.argument("photo", required=False, type=FILE)
@click.option("-o", "--out", default="out", show_default=True, type=click.Path(path_type=Path))
def gallery(photo: Path | None, out: Path) -> None:
    """Paint PHOTO (or a sample) in every style on one contact sheet."""
    from engine.media.files import read_picture, write_picture

    picture = read_picture(photo or SAMPLE_PHOTO)
    from tqdm import tqdm

    from engine.media.contact_sheet import contact_sheet
    from engine.painting.stylizer import Stylizer
    from engine.serving.rendering import Job, begin_with

    stylizer = Stylizer.load()
    side_px = stylizer.manifest.preprocessing.work_side_px
    sides = Sides(side_px, side_px)
    cells = [("Photo", picture)]
    for style in tqdm(list_styles(stylizer.manifest, FILTERS), unit="style", disable=None):
        if style.kind == "filter":
            effect = EFFECTS.find(style.slug)
            if effect.spec.lacking({}):
                continue
            job = Job([(effect, effect.spec.checked({}))], output=None, sides=sides)
            finished = cast("Finished", begin_with(picture, job))
            painted = cast("Picture", finished.picture)
        else:
            painted = stylizer.repaint(picture, stylizer.style_code(style.slug))
        write_picture(painted, out / f"{style.slug}.jpg")
        cells.append((style.titles["en"], painted))
    sheet = write_picture(contact_sheet(cells, columns=8, cell_px=256), out / "contact-sheet.jpg")
    click.echo(f"{len(cells) - 1} paintings: {out.resolve()}")
    click.echo(f"contact sheet: {sheet.resolve()}")

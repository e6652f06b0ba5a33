"""Paints one photo or a folder of them, for all commands that paint."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from engine.api.errors import ImageError, QueueError
from engine.command.batches import STREAM, Photo, find_photos, plan_targets, result_names
from engine.command.opening import open_painter, tell_unused
from engine.media.suffixes import suffix_of

if TYPE_CHECKING:
    from tqdm import tqdm

    from engine.command.painters import Painter, PaintOptions

# An analysis that found nothing is named by what it looks for.
_ABSENT: Final = "no {} was found; all of it was painted."
_SOME_FAILED: Final = 1
_EXAMPLES: Final = 3

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Batch:
    """Which photos a call names, and how they are gone through."""

    named: Sequence[str]
    out: Path
    template: str
    recursive: bool
    skip_existing: bool
    force: bool
    as_json: bool
    quiet: bool

    def __post_init__(self) -> None:
        """Refuse options that contradict each other."""
        if self.skip_existing and self.force:
            raise click.UsageError("Give one of --skip-existing and --force.")
        if self.to_stream and self.as_json:
            raise click.UsageError("With --json, standard output is not a picture's: name a file.")

    @property
    def to_stream(self) -> bool:
        """Whether the result goes to standard output."""
        return str(self.out) == STREAM


def batch_options(command: Command) -> Command:
    """Add the options that name photos and results; a `Batch` takes them."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_OPTIONS: Final[tuple[Callable[[Any], Any], ...]] = (
    click.argument("named", nargs=-1, required=True, metavar="IN..."),
    click.option(
        "-o",
        "--out",
        required=True,
        type=click.Path(path_type=Path, allow_dash=True),
        help="A file (.jpg, .png, .webp) for one photo, a folder, or - for standard output.",
    ),
    click.option("-r", "--recursive", is_flag=True, help="Also the folders within a folder."),
    click.option(
        "--name",
        "template",
        default="{name}",
        metavar="TEMPLATE",
        help="What results in a folder are called, such as '{name}-{style}' or '{number}'.",
    ),
    click.option("--skip-existing", is_flag=True, help="Leave out photos that have a result."),
    click.option("--force", is_flag=True, help="Replace results that exist in the folder."),
    click.option("--json", "as_json", is_flag=True, help="For programs: a line for each photo."),
    click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors."),
)


def taken(given: dict[str, Any]) -> Batch:
    """Take the options of `batch_options` out of those that were given."""
    return Batch(**{each.name: given.pop(each.name) for each in fields(Batch)})


def paint_batch(
    batch: Batch, options: "PaintOptions", engine_url: str | None, style: str = ""
) -> None:
    """Paint a call's photos; one that cannot be used is named, and the others are painted.

    Args:
        batch: The photos.
        options: How they are painted.
        engine_url: A running engine that paints; None for this process.
        style: What the style is called in names of results and in messages.

    Raises:
        SystemExit: some were not painted.
    """
    found = find_photos(batch.named, batch.out, recursive=batch.recursive)
    told = _Told(batch)
    for text, why in found.missing:
        told.failed(text, "missing_photo", why)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="stylebot-")))
        photos = [*found.photos, *([_from_stream(folder)] if STREAM in batch.named else [])]
        if batch.to_stream:
            if len(batch.named) != 1 or len(photos) > 1:
                raise click.UsageError("Standard output takes one picture; name a folder.")
            targets = plan_targets([photo.path for photo in photos], folder / "painted")
        else:
            names = result_names(photos, batch.template, _as_name(style))
            targets = plan_targets([photo.path for photo in photos], batch.out, names)
        pairs = list(zip(photos, targets, strict=True))
        pairs = _left(pairs, batch, told, in_folder=batch.out not in targets)
        if pairs:
            painter = stack.enter_context(closing(open_painter(options, engine_url)))
            with told.progress(len(pairs)):
                _paint(painter, pairs, told, style)
        if batch.to_stream and targets and targets[0].exists():
            sys.stdout.buffer.write(targets[0].read_bytes())
    if told.failures:
        raise SystemExit(_SOME_FAILED)


def _from_stream(folder: Path) -> Photo:
    body = sys.stdin.buffer.read()
    try:
        path = folder / f"photo{suffix_of(body)}"
    except ImageError as error:
        raise type(error)(f"{STREAM}: {error}") from error
    path.write_bytes(body)
    return Photo(path, STREAM)


def _left(
    pairs: Sequence[tuple[Photo, Path]], batch: Batch, told: "_Told", *, in_folder: bool
) -> list[tuple[Photo, Path]]:
    """What is still to be painted."""
    existing = [pair for pair in pairs if pair[1].exists()]
    # A file that is named is meant; in a folder, names are made.
    if existing and in_folder and not (batch.skip_existing or batch.force):
        raise click.UsageError(_exist([target for _, target in existing]))
    if batch.skip_existing:
        told.skipped(existing)
        return [pair for pair in pairs if pair not in existing]
    return list(pairs)


def _paint(
    painter: "Painter", pairs: Sequence[tuple[Photo, Path]], told: "_Told", style: str
) -> None:
    for number, (photo, target) in enumerate(pairs):
        began = time.monotonic()
        try:
            absent = _painted(painter, photo.path, target)
        except (ImageError, QueueError) as error:
            told.failed(photo.shown, error.code, str(error).removeprefix(f"{photo.path}: "))
        except OSError as error:
            # A full disk, say, is not this photo's fault.
            if error.filename != str(photo.path):
                raise
            told.failed(photo.shown, "missing_photo", f"{error.strerror}.")
        else:
            told.painted(photo, target, absent, time.monotonic() - began)
        if not number and not told.quiet:
            tell_unused(painter, style)


def _painted(painter: "Painter", photo: Path, target: Path) -> tuple[str, ...]:
    """Paint beside the target first: what is there is whole, or it is not there."""
    part = target.with_name(f".{target.stem}.part{target.suffix}")
    try:
        absent = painter.paint(photo, part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return absent


def _as_name(style: str) -> str:
    """A style's name for file names."""
    return "".join(letter if letter.isalnum() else "-" for letter in style).strip("-").lower()


def _exist(targets: Sequence[Path]) -> str:
    shown = ", ".join(map(str, targets[:_EXAMPLES]))
    more = f" and {len(targets) - _EXAMPLES} more" if len(targets) > _EXAMPLES else ""
    exist = "exists" if len(targets) == 1 else "exist"
    return f"{shown}{more} {exist}; --skip-existing leaves them, --force replaces them."


class _Told:
    """What is said while photos are painted: lines, JSON, or errors only.

    Attributes:
        failures: How many photos were not painted.
        quiet: Whether nothing but errors is said.
    """

    def __init__(self, batch: Batch) -> None:
        self._as_json, self.quiet = batch.as_json, batch.quiet
        self.failures = 0
        self._bar: tqdm[Any] | None = None

    @contextmanager
    def progress(self, count: int) -> Iterator[None]:
        """Show how far several photos are, with the time left, on a terminal."""
        from tqdm import tqdm

        off = True if self.quiet or self._as_json or count == 1 else None
        with tqdm(total=count, unit="photo", disable=off, dynamic_ncols=True) as self._bar:
            yield
        self._bar = None

    def painted(self, photo: Photo, target: Path, absent: Sequence[str], took_s: float) -> None:
        """A photo is painted."""
        for what in absent:
            self._say(f"stylebot: {photo.shown}: {_ABSENT.format(what)}", err=True)
        self._record(
            photo=photo.shown, status="painted", out=str(target), absent=list(absent),
            seconds=round(took_s, 3),
        )  # fmt: skip
        self._say(str(target))
        self._advance()

    def failed(self, shown: str, code: str, message: str) -> None:
        """A photo cannot be painted, and why."""
        self.failures += 1
        self._record(photo=shown, status="failed", code=code, message=message)
        if not self._as_json:
            self._write(f"stylebot: {shown}: {message}", err=True)
        self._advance()

    def skipped(self, pairs: Sequence[tuple[Photo, Path]]) -> None:
        """Photos are left out, as their results exist."""
        for photo, target in pairs:
            self._record(photo=photo.shown, status="skipped", out=str(target))
        if pairs:
            self._say(f"stylebot: {len(pairs)} left out, as they exist.", err=True)

    def _advance(self) -> None:
        if self._bar is not None:
            self._bar.update()

    def _record(self, **fields: Any) -> None:  # noqa: ANN401 - JSON
        if self._as_json:
            click.echo(json.dumps(fields, ensure_ascii=False))

    def _say(self, line: str, *, err: bool = False) -> None:
        if not (self.quiet or self._as_json):
            self._write(line, err=err)

    def _write(self, line: str, *, err: bool) -> None:
        if self._bar is None:
            click.echo(line, err=err)
        else:
            self._bar.write(line, file=sys.stderr if err else sys.stdout)

"""Which files a command paints, and what their results are called."""

import glob
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from engine.api.errors import InvalidOptionError
from engine.media.suffixes import CLIP_FORMATS, FORMATS, READ_SUFFIXES, written_as

# Standard input, or standard output.
STREAM: Final = "-"
_FIELDS: Final = ("name", "style", "number")


@dataclass(frozen=True, slots=True)
class Photo:
    """A file to paint.

    Attributes:
        path: The file.
        shown: What it is called in messages.
        folder: Where its result is put within the folder of results.
    """

    path: Path
    shown: str
    folder: Path = Path()


@dataclass(frozen=True, slots=True)
class Found:
    """Photos found, and sentences about what was not, by what was typed."""

    photos: Sequence[Photo]
    missing: Sequence[tuple[str, str]]


def find_photos(named: Sequence[str], out: Path, *, recursive: bool) -> Found:
    """The files that paths, folders and patterns name, each once, in order.

    Args:
        named: What was typed; "-" is left out.
        out: Where results go; what is in this folder is no photo.
        recursive: Whether to look into the folders of a folder.
    """
    photos: dict[Path, Photo] = {}
    missing: list[tuple[str, str]] = []
    for text in named:
        if text == STREAM:
            continue
        found, why = _found(text, out, recursive=recursive)
        photos |= {photo.path.resolve(): photo for photo in found} | photos
        if not found:
            missing.append((text, why))
    return Found(list(photos.values()), missing)


def _found(text: str, out: Path, *, recursive: bool) -> tuple[list[Photo], str]:
    """What a text names, and why that may be nothing."""
    path = Path(text)
    if path.is_dir():
        more = "." if recursive else "; -r looks into the folders within it."
        why = f"There is no picture in this folder{more}"
        return list(_in_folder(path, out, recursive=recursive)), why
    if not path.exists() and glob.has_magic(text):
        # The shell has not expanded it: it is quoted, or the shell is not a Unix one.
        matches = map(Path, sorted(glob.glob(text, recursive=True)))  # noqa: PTH207 - any root
        return [Photo(each, str(each)) for each in matches if each.is_file()], "Nothing matches."
    return [Photo(path, text)] if path.exists() else [], "There is no such file."


def _in_folder(folder: Path, out: Path, *, recursive: bool) -> Iterator[Photo]:
    results = out.resolve()
    for path in sorted(folder.rglob("*") if recursive else folder.iterdir()):
        within = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in within.parts)
        if hidden or path.suffix.lower() not in READ_SUFFIXES or not path.is_file():
            continue
        if results not in path.resolve().parents or results == folder.resolve():
            yield Photo(path, str(path), within.parent)


def result_names(photos: Sequence[Photo], template: str, style: str) -> list[Path]:
    """The name of each photo's result in the folder of results, without a suffix.

    Args:
        photos: The photos.
        template: Their names, with {name}, {style} and {number}.
        style: The name of the style.

    Raises:
        UsageError: the template is invalid, or leads out of the folder.
    """
    try:
        fields = {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
    except ValueError:
        fields = {""}
    if fields - set(_FIELDS):
        raise click.UsageError(
            f"--name has {{name}}, {{style}} and {{number}}, such as "
            f"'{{name}}-{{style}}', and not {template!r}."
        )
    names = []
    for number, photo in enumerate(photos, 1):
        values = {"name": photo.path.stem, "style": style, "number": str(number)}
        name = Path(
            "".join(
                f"{text}{values[field] if field else ''}"
                for text, field, _, _ in string.Formatter().parse(template)
            )
        )
        if ".." in name.parts or name.is_absolute() or not name.name:
            raise click.UsageError(f"--name {template!r} leads out of the folder of results.")
        names.append(photo.folder / name)
    return names


def plan_targets(
    photos: Sequence[Path], out: Path, names: Sequence[Path] | None = None
) -> list[Path]:
    """The output path of each photo; none may replace a photo.

    Args:
        photos: The photos.
        out: A file for one photo, or a folder.
        names: Where in the folder each result goes, without a suffix; the photo's name when
            absent. A name that is taken gets a number.

    Raises:
        InvalidOptionError: `out` is unsuitable, or a photo would be overwritten.
    """
    if out.suffix and not out.is_dir():
        if out.suffix.lower() not in FORMATS | CLIP_FORMATS:
            raise InvalidOptionError(
                f"{out}: write .jpg, .png or .webp, for a clip .gif, .mp4 or .webm, or name a "
                "folder."
            )
        if len(photos) > 1:
            raise InvalidOptionError(f"{len(photos)} photos need a folder, and {out} is a file.")
        targets = [out] * len(photos)
    else:
        targets = []
        for photo, name in zip(photos, names or [Path(p.stem) for p in photos], strict=True):
            suffix, number = written_as(photo.suffix.lower()), 1
            target = out / f"{name}{suffix}"
            while target in targets:
                number += 1
                target = out / f"{name}-{number}{suffix}"
            targets.append(target)
    taken = {photo.resolve() for photo in photos}
    for target in targets:
        if target.resolve() in taken:
            raise InvalidOptionError(f"{target} would be overwritten; choose another --out.")
    return targets

"""Pictures and styles as files, for the command line."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from engine.api.contract import ClipFormat, OutputFormat, StyleCode
from engine.api.errors import EngineError, InvalidOptionError
from engine.media.images import Picture, decode, encode

_FORMATS: Final[dict[str, OutputFormat]] = {
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".png": "png",
    ".webp": "webp",
}
_CLIP_FORMATS: Final[dict[str, ClipFormat]] = {".gif": "gif", ".mp4": "mp4", ".webm": "webm"}
# Videos of other containers become MP4.
_VIDEO_SUFFIXES: Final = frozenset({".mp4", ".m4v", ".mov", ".mkv", ".avi", ".webm"})


def read_picture(path: Path) -> Picture:
    """Decode a file; errors name the file.

    Raises:
        ImageError: the file is no picture we accept.
    """
    try:
        return decode(path.read_bytes())
    except EngineError as error:
        raise type(error)(f"{path}: {error}") from error


def write_picture(picture: Picture, path: Path) -> Path:
    """Encode a picture in the format of the path's suffix; creates the folder if needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode(picture, format=format_of(path)))
    return path


def format_of(path: Path) -> OutputFormat:
    """The output format of a path's suffix; a clip's is not one."""
    return _FORMATS.get(path.suffix.lower(), "jpeg")


def clip_format_of(path: Path) -> ClipFormat | None:
    """The format of a clip with a path's suffix; None if it is a picture's."""
    return _CLIP_FORMATS.get(path.suffix.lower())


def plan_targets(photos: Sequence[Path], out: Path) -> list[Path]:
    """The output path of each photo; none may replace a photo or another painting.

    Raises:
        InvalidOptionError: `out` is unsuitable, or a file would be overwritten.
    """
    if out.suffix and not out.is_dir():
        if out.suffix.lower() not in _FORMATS | _CLIP_FORMATS:
            raise InvalidOptionError(
                f"{out}: write .jpg, .png or .webp, for a clip .gif, .mp4 or .webm, or name a "
                "folder."
            )
        if len(photos) > 1:
            raise InvalidOptionError(f"{len(photos)} photos need a folder, and {out} is a file.")
        targets = [out]
    else:
        names = (_written_as(photo.suffix.lower()) for photo in photos)
        targets = [out / f"{p.stem}{suffix}" for p, suffix in zip(photos, names, strict=True)]
    taken = {photo.resolve() for photo in photos}
    for target in targets:
        if target.resolve() in taken:
            raise InvalidOptionError(f"{target} would be overwritten; choose another --out.")
        taken.add(target.resolve())
    return targets


def _written_as(suffix: str) -> str:
    """The suffix of a result in a folder."""
    if suffix in _VIDEO_SUFFIXES:
        return suffix if suffix in _CLIP_FORMATS else ".mp4"
    return suffix if suffix in (".png", ".webp", ".gif") else ".jpg"


class _StyleFile(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    style_code: str


def write_code(code: StyleCode, path: Path) -> Path:
    """Write a style's code to a small JSON file."""
    record = _StyleFile(style_code=code.to_text())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(record.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return path


def read_code(path: Path) -> StyleCode:
    """Read a code that `write_code` wrote.

    Raises:
        InvalidOptionError: the file is not a style.
    """
    try:
        return StyleCode.from_text(_StyleFile.model_validate_json(path.read_bytes()).style_code)
    except (ValidationError, InvalidOptionError) as error:
        raise InvalidOptionError(f"{path} is no style that stylebot wrote.") from error

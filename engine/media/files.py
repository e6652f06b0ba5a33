"""Pictures and styles as files, for the command line."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from engine.api.contract import StyleCode
from engine.api.errors import EngineError, InvalidOptionError
from engine.media.images import Picture, decode, encode
from engine.media.suffixes import format_of


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

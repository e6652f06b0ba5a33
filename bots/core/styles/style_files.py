"""A style as one file, to copy it from one bot to another."""

import base64
import json
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from bots.core.errors import BadStyleFileError
from engine.api.contract import EngineApi, StyleCode
from storage.values.styles import Style

# A picture of up to 20 MB, a third more in base64, and some text.
FILE_MAX_BYTES: Final = 30 * 1000 * 1000
_Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]

_Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]


class _StyleFile(BaseModel):
    """The content of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stylebot_style: Literal[1]
    titles: dict[_Language, _Line] = Field(min_length=1, max_length=20)
    artist: Annotated[str, StringConstraints(max_length=200)] = ""
    year: int | None = Field(None, ge=-5000, le=3000)
    tags: tuple[_Line, ...] = Field((), max_length=12)
    checkpoint: _Line
    code: Base64Bytes = Field(max_length=100_000)
    picture: Base64Bytes | None = None


@dataclass(frozen=True, slots=True)
class ReadStyle:
    """A style read from a file.

    Attributes:
        titles: Language tag to title, always including English.
        artist: Painter of the picture.
        year: Its year, if known.
        tags: Descriptive words for searching.
        code: Its code.
        picture: The picture the code was computed from; None for a checkpoint's style.
    """

    titles: dict[str, str]
    artist: str
    year: int | None
    tags: tuple[str, ...]
    code: StyleCode
    picture: bytes | None

    async def usable_code(self, engine: EngineApi, checkpoint: str) -> StyleCode:
        """A code the engine can paint with: the file's, or one computed from its picture.

        Raises:
            BadStyleFileError: the code is from another checkpoint, and there is no picture.
            EngineError: the code or the picture is damaged, or the engine is unavailable.
        """
        if self.picture and self.code.checkpoint != checkpoint:
            return await engine.extract_style([self.picture])
        if self.code.checkpoint != checkpoint:
            raise BadStyleFileError
        # Only the engine can tell whether it was modified.
        return await engine.blend([(self.code, 1.0)])


def write_style_file(style: Style, picture: bytes | None) -> bytes:
    """A style and the picture it was computed from, as JSON."""
    kept = {
        "stylebot_style": 1,
        "titles": dict(style.titles),
        "artist": style.artist,
        "year": style.year,
        "tags": list(style.tags),
        "checkpoint": style.code.checkpoint,
        "code": base64.b64encode(style.code.data).decode(),
        "picture": base64.b64encode(picture).decode() if picture else None,
    }
    return json.dumps(kept, indent=2, ensure_ascii=False).encode()


def read_style_file(file: bytes) -> ReadStyle:
    """Parse the output of `write_style_file`.

    Raises:
        BadStyleFileError: the file has another format.
    """
    if len(file) > FILE_MAX_BYTES:
        raise BadStyleFileError
    try:
        read = _StyleFile.model_validate_json(file)
    except ValidationError:
        raise BadStyleFileError from None
    titles = {"en": next(iter(read.titles.values()))} | read.titles
    return ReadStyle(
        titles=titles,
        artist=read.artist,
        year=read.year,
        tags=read.tags,
        code=StyleCode(read.checkpoint, read.code),
        picture=read.picture,
    )

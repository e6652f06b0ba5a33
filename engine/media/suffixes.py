"""File names of pictures and clips: which are read, and what their suffixes mean."""

from pathlib import Path
from typing import Final

from engine.api.contract import ClipFormat, OutputFormat
from engine.media.formats import recognise, video_kind

FORMATS: Final[dict[str, OutputFormat]] = {
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".png": "png",
    ".webp": "webp",
}
CLIP_FORMATS: Final[dict[str, ClipFormat]] = {".gif": "gif", ".mp4": "mp4", ".webm": "webm"}
# Videos of other containers become MP4.
_VIDEO_SUFFIXES: Final = frozenset({".mp4", ".m4v", ".mov", ".mkv", ".avi", ".webm"})
# Of a folder, files with these are read.
READ_SUFFIXES: Final = (
    _VIDEO_SUFFIXES
    | {*FORMATS, ".gif", ".avif", ".heic", ".heif", ".tif", ".tiff", ".bmp"}
)  # fmt: skip


def format_of(path: Path) -> OutputFormat:
    """The output format of a path's suffix; a clip's is not one."""
    return FORMATS.get(path.suffix.lower(), "jpeg")


def clip_format_of(path: Path) -> ClipFormat | None:
    """The format of a clip with a path's suffix; None if it is a picture's."""
    return CLIP_FORMATS.get(path.suffix.lower())


def written_as(suffix: str) -> str:
    """The suffix of a result in a folder."""
    if suffix in _VIDEO_SUFFIXES:
        return suffix if suffix in CLIP_FORMATS else ".mp4"
    return suffix if suffix in (".png", ".webp", ".gif") else ".jpg"


def suffix_of(body: bytes) -> str:
    """The suffix of a picture or video, by its content.

    Raises:
        UnsupportedImageError: it is neither.
    """
    video = video_kind(body)
    return f".{(video or recognise(body)).lower()}"

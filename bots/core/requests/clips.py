"""Clips: photos of a request that move. Their adapter says so in the photo's JSON.

A clip's JSON has these beside the platform's reference:

- `clip`: Format of the result, a `ClipFormat`.
- `seconds`, `bytes`: Length and size, if the platform tells.
- `still`: What to change in the reference to get a picture of a single frame, if there is one.
- `first_frame`: Set here: only that still is painted.
"""

from collections.abc import Sequence
from typing import Final

from bots.core.common.services import Services
from bots.core.effects import controls
from bots.core.errors import ClipsOffError, ClipTooLargeError
from engine.api.contract import ClipFormat, Painted
from engine.api.errors import ClipTooLongError
from storage.values.jobs import NewJob
from storage.values.json import Json
from storage.values.people import ChatSettings

UNKNOWN_TYPE: Final = "application/octet-stream"
# Files that are clips, and the formats of their paintings.
_OF_TYPES: Final[dict[str, ClipFormat]] = {
    "image/gif": "gif", "video/mp4": "mp4", "video/quicktime": "mp4", "video/webm": "webm",
    "video/x-matroska": "mp4", "video/x-msvideo": "mp4",
}  # fmt: skip
_OF_SUFFIXES: Final[dict[str, ClipFormat]] = {
    "gif": "gif", "mp4": "mp4", "m4v": "mp4", "mov": "mp4", "webm": "webm", "mkv": "mp4",
    "avi": "mp4",
}  # fmt: skip
# Suffixes of results.
SUFFIXES: Final = {"image/gif": "gif", "video/mp4": "mp4", "video/webm": "webm"}
# Headers round.
_TOLERANCE_S: Final = 0.5


def form_of(content_type: str | None, name: str) -> ClipFormat | None:
    """The format of a clip's painting, by what a file is declared as; None if it is no clip.

    Args:
        content_type: Its media type; None if unknown.
        name: Its name.
    """
    kind = (content_type or UNKNOWN_TYPE).partition(";")[0]
    if kind == UNKNOWN_TYPE:
        return _OF_SUFFIXES.get(name.rpartition(".")[2].lower())
    return _OF_TYPES.get(kind)


def moves(painted: Painted) -> bool:
    """Whether a result is a clip."""
    return painted.content_type in SUFFIXES


def is_clip(photo: Json) -> bool:
    """Whether a photo is a clip, and is to be painted as one."""
    return "clip" in photo and not photo.get("first_frame")


def allowed(services: Services, settings: ChatSettings, photos: Sequence[Json]) -> tuple[Json, ...]:
    """A request's photos, as they can be painted in a chat.

    An engine without the extra `video` paints a clip's still; so do chats with the content check,
    which looks at single pictures.

    Raises:
        ClipsOffError: there is a clip without a still.
        ClipTooLargeError: one is larger than the engine accepts.
        ClipTooLongError: one is longer.
    """
    return tuple(
        _allowed(services, settings, photo) if "clip" in photo else photo for photo in photos
    )


def _allowed(services: Services, settings: ChatSettings, photo: Json) -> Json:
    accepted = services.clips
    if settings.photo_check != "off" or photo["clip"] not in accepted.formats:
        return as_still(photo)
    if photo.get("bytes", 0) > accepted.max_bytes:
        raise ClipTooLargeError
    if photo.get("seconds", 0) > accepted.seconds + _TOLERANCE_S:
        raise ClipTooLongError("The clip is longer than the engine accepts.")
    return {name: value for name, value in photo.items() if name != "first_frame"}


def as_still(photo: Json) -> Json:
    """A clip of which its still is painted.

    Raises:
        ClipsOffError: it has none.
    """
    if "still" not in photo:
        raise ClipsOffError
    return photo | {"first_frame": True}


def source_of(photo: Json) -> Json:
    """The reference to the file that is painted: the clip's, or its still's."""
    return photo | photo["still"] if photo.get("first_frame") and "still" in photo else photo


def still_of(photo: Json) -> Json:
    """The reference to a picture of a photo, also of one that moves.

    Raises:
        ClipsOffError: it is a clip without a still.
    """
    return source_of(as_still(photo)) if "clip" in photo else photo


def as_scenes(services: Services, photos: Sequence[Json]) -> tuple[Json, ...]:
    """The photos of a story; of a clip its still.

    Raises:
        ClipsOffError: the engine makes no films, or there is a clip without a still.
    """
    if not has_films(services):
        raise ClipsOffError
    return tuple(still_of(photo) for photo in photos)


def has_films(services: Services) -> bool:
    """Whether the engine makes films of photos."""
    return "mp4" in services.clips.formats


def is_film(wanted: NewJob) -> bool:
    """Whether a request's result is or has a clip."""
    return wanted.story is not None or any(map(is_clip, wanted.photos))


def takes_long(services: Services, wanted: NewJob) -> bool:
    """Whether a request shows its progress: it has a slow value, or makes a clip."""
    return is_film(wanted) or controls.is_slow(services.effects, wanted.recipe)

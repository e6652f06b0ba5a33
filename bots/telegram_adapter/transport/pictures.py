"""The picture in a message, in whichever form it was sent."""

from dataclasses import dataclass
from typing import Final

from telegram import Animation, Document, Message, Sticker

from engine.api.errors import ImageTooLargeError, UnsupportedImageError
from storage.values.json import Json

# Largest file a bot may download; a self-hosted Bot API server allows more, the engine does not.
DOWNLOAD_MAX_BYTES: Final = 20 * 1000 * 1000
_EXTENSIONS: Final = (
    ".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".heic", ".heif", ".hif", ".tif", ".tiff",
    ".bmp",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to paint, or to take the style from.

    Attributes:
        photo: The file's id, and whether it is only a first frame.
        spoiler: Whether it was sent covered.
        as_file: Whether it was sent as a file, and its painting should be, too.
    """

    photo: Json
    spoiler: bool = False
    as_file: bool = False


def picture_of(message: Message) -> Picture | None:
    """The picture in a message; None if there is none.

    Raises:
        ImageTooLargeError: it is larger than a bot may download.
        UnsupportedImageError: it is an animation without a first frame.
    """
    spoiler = bool(message.has_media_spoiler)
    if message.photo:
        # The largest one comes last.
        photo = message.photo[-1]
        return Picture(_found(photo.file_id, photo.file_size), spoiler)
    # An animation is a document as well, for clients that do not know animations.
    if message.animation:
        return Picture(_first_frame(message.animation), spoiler)
    if message.sticker:
        return _sticker(message.sticker)
    if message.document and _is_picture(message.document):
        document = message.document
        return Picture(_found(document.file_id, document.file_size), as_file=True)
    return None


def what_is(message: Message) -> str:
    """The kind of a message's content that is not a picture, for its error message."""
    document = message.document
    kind = (document.mime_type or "" if document else "").partition("/")[0]
    if message.video or message.video_note or message.animation or kind == "video":
        return "video"
    if message.voice or message.audio or kind == "audio":
        return "voice"
    if document:
        return "file"
    if message.parse_entities(["url", "text_link"]):
        return "link"
    return "words" if message.text else "other"


def _is_picture(document: Document) -> bool:
    kind = document.mime_type or "application/octet-stream"
    name = (document.file_name or "").lower()
    unknown = kind == "application/octet-stream"
    return kind.startswith("image/") or (unknown and name.endswith(_EXTENSIONS))


def _found(file_id: str, size: int | None, *, first_frame: bool = False) -> Json:
    if size and size > DOWNLOAD_MAX_BYTES:
        raise ImageTooLargeError("The file is larger than a bot may download.")
    return {"file": file_id} | ({"first_frame": True} if first_frame else {})


def _first_frame(animation: Animation) -> Json:
    """Telegram converts GIFs to videos, and stores the first frame as a thumbnail."""
    if animation.mime_type == "image/gif":
        return _found(animation.file_id, animation.file_size, first_frame=True)
    if animation.thumbnail:
        return _found(animation.thumbnail.file_id, None, first_frame=True)
    raise UnsupportedImageError("The film has no first frame.")


def _sticker(sticker: Sticker) -> Picture:
    if not (sticker.is_animated or sticker.is_video):
        return Picture(_found(sticker.file_id, sticker.file_size))
    if sticker.is_video and sticker.thumbnail:
        return Picture(_found(sticker.thumbnail.file_id, None, first_frame=True))
    raise UnsupportedImageError("The sticker is a drawing that moves, not a picture.")

"""The picture or clip in a message, in whichever form it was sent."""

from dataclasses import dataclass
from typing import Final

from telegram import Animation, Document, Message, PhotoSize, Sticker, Video, VideoNote

from bots.core.errors import ClipTooLargeError, VectorStickerError
from bots.core.requests import clips
from engine.api.contract import ClipFormat
from engine.api.errors import ImageTooLargeError
from storage.values.json import Json

# Largest file a bot may download; a self-hosted Bot API server allows more, the engine does not.
DOWNLOAD_MAX_BYTES: Final = 20 * 1000 * 1000
_EXTENSIONS: Final = (
    ".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".heic", ".heif", ".hif", ".tif", ".tiff",
    ".bmp",
)  # fmt: skip
# https://core.telegram.org/stickers/webm-vp9-encoding
_STICKER_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture or clip to paint, or to take the style from.

    Attributes:
        photo: The file's id; of a clip see `bots.core.requests.clips`, and `kind`, the kind of
            message that its painting becomes.
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
        ClipTooLargeError: it is so, and a clip.
        VectorStickerError: it is a drawing that moves.
    """
    # An animation is a document as well, for clients that do not know animations.
    as_file = bool(message.document) and not message.animation
    photo = _document(message.document) if message.document and as_file else _shown(message)
    return Picture(photo, bool(message.has_media_spoiler), as_file) if photo else None


def _shown(message: Message) -> Json | None:
    """What is shown in the chat."""
    if message.photo:
        # The largest one comes last.
        return _found(message.photo[-1].file_id, message.photo[-1].file_size)
    if message.animation:
        return _animation(message.animation)
    if film := message.video or message.video_note:
        return _film(film)
    return _sticker(message.sticker) if message.sticker else None


def what_is(message: Message) -> str:
    """The kind of a message's content that is not a picture, for its error message."""
    document = message.document
    kind = (document.mime_type or "" if document else "").partition("/")[0]
    if kind == "video":
        return "video"
    if message.voice or message.audio or kind == "audio":
        return "voice"
    if document:
        return "file"
    if message.parse_entities(["url", "text_link"]):
        return "link"
    return "words" if message.text else "other"


def _document(document: Document) -> Json | None:
    """A file that is declared as a picture or a clip; the engine checks its content."""
    kind, name = document.mime_type or clips.UNKNOWN_TYPE, (document.file_name or "").lower()
    if declared := clips.form_of(kind, name):
        photo = _clip(document, declared, "document", document.thumbnail)
        # The engine reads a GIF's first frame itself.
        return photo | {"still": {}} if declared == "gif" else photo
    if kind.startswith("image/") or (kind == clips.UNKNOWN_TYPE and name.endswith(_EXTENSIONS)):
        return _found(document.file_id, document.file_size)
    return None


def _found(file_id: str, size: int | None) -> Json:
    if size and size > DOWNLOAD_MAX_BYTES:
        raise ImageTooLargeError("The file is larger than a bot may download.")
    return {"file": file_id}


def _animation(animation: Animation) -> Json:
    """Telegram converts GIFs to videos, and stores the first frame as a thumbnail."""
    photo = _clip(animation, "mp4", "animation", animation.thumbnail)
    return photo | {"still": {}} if animation.mime_type == "image/gif" else photo


def _film(film: Video | VideoNote) -> Json:
    return _clip(film, "mp4", "video", film.thumbnail)


def _sticker(sticker: Sticker) -> Json:
    if sticker.is_animated:
        raise VectorStickerError
    if sticker.is_video:
        return _clip(sticker, "sticker", "sticker", sticker.thumbnail) | {
            "seconds": _STICKER_SECONDS
        }
    return _found(sticker.file_id, sticker.file_size)


def _clip(
    file: Animation | Video | VideoNote | Sticker | Document,
    form: ClipFormat,
    kind: str,
    still: PhotoSize | None,
) -> Json:
    if (file.file_size or 0) > DOWNLOAD_MAX_BYTES:
        raise ClipTooLargeError
    photo: Json = {"file": file.file_id, "clip": form, "kind": kind}
    # The attribute's type is about to change.
    if (seconds := file.to_dict().get("duration")) is not None:
        photo["seconds"] = seconds
    if file.file_size:
        photo["bytes"] = file.file_size
    return photo | ({"still": {"file": still.file_id}} if still else {})

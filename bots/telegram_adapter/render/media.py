"""The kinds of message that a result can be: photo, file, animation, video, sticker."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from telegram import (
    InlineQueryResult,
    InlineQueryResultCachedDocument,
    InlineQueryResultCachedMpeg4Gif,
    InlineQueryResultCachedPhoto,
    InlineQueryResultCachedSticker,
    InlineQueryResultCachedVideo,
    InputFile,
    InputMediaAnimation,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    Message,
)
from telegram.constants import ParseMode

from bots.core.requests.headers import Film
from bots.telegram_adapter.transport.bot import Bot
from storage.values.json import Json

Media = InputMediaPhoto | InputMediaDocument | InputMediaAnimation | InputMediaVideo
# Kinds that can be sent covered.
_COVERED: Final[dict[str, Callable[..., Media]]] = {
    "photo": InputMediaPhoto,
    "animation": InputMediaAnimation,
    "video": InputMediaVideo,
}
STICKER: Final = "sticker"
CLIPS: Final = ("animation", "video", STICKER)


def media(
    kind: str,
    file: str | InputFile,
    caption: str = "",
    *,
    spoiler: bool = False,
    film: Film | None = None,
) -> Media:
    """A file as a kind of message; captions are HTML.

    Args:
        kind: The kind.
        file: The file, or its id.
        caption: Text below it.
        spoiler: Whether it is covered.
        film: Size and length of an MP4 file, if known.
    """
    if kind in _COVERED:
        # Without them Telegram shows a square until it has looked into a large file itself.
        known: dict[str, Any] = {}
        if film and kind != "photo":
            known = {"width": film.width, "height": film.height, "duration": round(film.seconds)}
        if kind == "video":
            known["supports_streaming"] = True
        return _COVERED[kind](
            file, caption, parse_mode=ParseMode.HTML, has_spoiler=spoiler, **known
        )
    return InputMediaDocument(
        file, caption, parse_mode=ParseMode.HTML, disable_content_type_detection=True
    )


def in_album(kind: str, file: str) -> InputMediaPhoto | InputMediaVideo | InputMediaDocument:
    """A known file as a part of an album, which has no animations and no stickers."""
    if kind == "video":
        return InputMediaVideo(file)
    return InputMediaPhoto(file) if kind == "photo" else InputMediaDocument(file)


def sender(bot: Bot, kind: str) -> Callable[..., Awaitable[Message]]:
    """The method that sends a kind of message."""
    known: dict[str, Callable[..., Awaitable[Message]]] = {
        "photo": bot.send_photo,
        "animation": bot.send_animation,
        "video": bot.send_video,
        STICKER: bot.send_sticker,
    }
    return known.get(kind, bot.send_document)


def captioned(kind: str, caption: str) -> dict[str, Any]:
    """Parameters of `sender` for a caption; a sticker has none."""
    return {} if kind == STICKER else {"caption": caption, "parse_mode": ParseMode.HTML}


def kept(message: Message) -> Json:
    """Telegram's ids of a message's file."""
    # An animation is a document as well.
    kinds = {
        "photo": message.photo[-1] if message.photo else None,
        "animation": message.animation,
        "video": message.video,
        STICKER: message.sticker,
        "document": message.document,
    }
    kind, file = next(((k, f) for k, f in kinds.items() if f), ("document", None))
    return {"message": message.message_id, "kind": kind, "file": file.file_id if file else ""}


def shared(kind: str, number: str, file: str, title: str) -> InlineQueryResult:
    """A file as a result of inline mode."""
    if kind == "photo":
        return InlineQueryResultCachedPhoto(number, file, title=title)
    if kind == "animation":
        return InlineQueryResultCachedMpeg4Gif(number, file, title=title)
    if kind == "video":
        return InlineQueryResultCachedVideo(number, file, title)
    if kind == STICKER:
        return InlineQueryResultCachedSticker(number, file)
    return InlineQueryResultCachedDocument(number, title, file)

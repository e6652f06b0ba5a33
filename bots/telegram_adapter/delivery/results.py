"""Delivers results to chats.

A single result is an edit of an existing message whose id is in the store: its status, or the card
it is a version of. Edits are idempotent, so after a crash the next process repeats them. New
messages (albums and replaced statuses) are looked for in the chat before they are sent again.
"""

import io
import logging
import re
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from html import escape, unescape
from typing import Any, Final, NoReturn

from PIL import Image
from telegram import (
    InlineKeyboardMarkup,
    InputFile,
    Message,
)
from telegram.constants import FileSizeLimit, ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bots.core.effects import controls
from bots.core.errors import (
    NoPicturesHereError,
    ResultTooLargeError,
    SourceGoneError,
    TopicClosedError,
)
from bots.core.jobs.platform import DeliverLaterError, UndeliverableError
from bots.core.requests import clips, headers, queueing
from bots.core.styles import catalogue
from bots.core.users import preferences
from bots.telegram_adapter.context import PLATFORM, Runtime, reply_to
from bots.telegram_adapter.delivery.statuses import SHRUG, Statuses, is_half_painted, where_of
from bots.telegram_adapter.render import keyboards
from bots.telegram_adapter.render.keyboards import Card
from bots.telegram_adapter.render.media import CLIPS, STICKER, Media, captioned, kept, media, sender
from bots.telegram_adapter.transport.rate_limits import seconds_of
from bots.telegram_adapter.transport.sent_messages import is_uncertain, retry
from engine.api.contract import Painted
from storage.values.jobs import Job
from storage.values.json import Json
from storage.values.people import ChatKey

logger = logging.getLogger(__name__)

# https://core.telegram.org/bots/api#sendphoto
_PHOTO_SIDES_MAX_PX: Final = 10_000
_PHOTO_RATIO_MAX: Final = 20
_TRIES: Final = 3
_ALBUMS: Final = 5_000
_TAG: Final = re.compile(r"</?[bi]>")
_EXTENSIONS: Final = {
    "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp",
} | clips.SUFFIXES  # fmt: skip
_AS_IT_WAS: Final = ("message is not modified",)
_NO_MESSAGE: Final = ("message to edit not found", "message can't be edited", "message_id_invalid")
_NO_REPLY_PLACE: Final = ("message thread not found", "topic_deleted")
_CLOSED: Final = ("topic_closed",)
_NO_PICTURES: Final = (
    "not enough rights to send photos",
    "not enough rights to send documents",
    "chat_send_photos_forbidden",
    "chat_send_docs_forbidden",
    "chat_send_media_forbidden",
    "not enough rights to send videos",
    "not enough rights to send animations",
    "not enough rights to send stickers",
    "chat_send_videos_forbidden",
    "chat_send_gifs_forbidden",
    "chat_send_stickers_forbidden",
)
_NO_PHOTO: Final = ("photo_invalid_dimensions", "image_process_failed", "photo_save_file_invalid")
_NO_RIGHTS: Final = (
    "chat not found",
    "not enough rights",
    "chat_write_forbidden",
    "user not found",
)


class Delivery:
    """The workers' interface to Telegram."""

    def __init__(self, runtime: Runtime, statuses: Statuses) -> None:
        self._runtime = runtime
        self._statuses = statuses
        # Recently delivered messages, which another album that looks alike must not match.
        self._albums: deque[tuple[str, int]] = deque(maxlen=_ALBUMS)

    async def fetch(self, photo: Json) -> bytes:
        """Download a photo's file. Its URL contains the token and must not be passed on."""
        try:
            file = await self._runtime.bot.get_file(photo["file"])
            return bytes(await file.download_as_bytearray(read_timeout=30))
        except (BadRequest, InvalidToken, Forbidden) as error:
            # The server answers 404 for a path that has expired.
            raise SourceGoneError from error
        except RetryAfter as error:
            raise DeliverLaterError(seconds_of(error)) from error
        except TelegramError as error:
            raise DeliverLaterError(self._runtime.waits.again_s) from error

    async def deliver(self, job: Job, pictures: Sequence[Painted], notes: Sequence[str]) -> Json:
        """Deliver the pictures; returns Telegram's ids of them.

        Raises:
            ResultTooLargeError: a clip is larger than Telegram takes from a bot.
        """
        if any(clips.moves(p) and len(p.image) > FileSizeLimit.FILESIZE_UPLOAD for p in pictures):
            raise ResultTooLargeError
        # A previous worker may have died after sending something.
        died = job.state == "done"
        try:
            job = await self._statuses.settled(job)
            if died:
                job = _with_reply_target(job, lost=True)
            if job.wanted.results == 1:
                return await self._one(job, pictures[0], notes)
            return await self._album(job, pictures, notes)
        except TelegramError as error:
            known = (*_NO_RIGHTS, *_NO_PICTURES, *_CLOSED)
            if isinstance(error, BadRequest) and not _is(error, known):
                raise
            await self._fail(job, error)
        finally:
            self._statuses.rest(job)

    async def paused(self, job: Job) -> None:
        """Say that the engine is away."""
        self._statuses.rest(job)
        await self._statuses.pause(job)

    async def tell(self, job: Job, sentence: str) -> None:
        """Say why a job failed, in its status or as a reply."""
        self._statuses.rest(job)
        settings = await preferences.chat_settings(self._runtime.services, job.wanted.chat)
        try:
            job = await self._statuses.settled(job)
            reply_target = job.wanted.reply_target
            if "status" in reply_target:
                await self._tell_in_status(job, reply_target["status"], sentence)
            elif settings.quiet:
                await self._statuses.react(job, SHRUG)
            else:
                await self._surely(
                    job,
                    lambda: self._send(
                        self._runtime.bot.send_message, job, sentence, reply_target.get("card")
                    ),
                    lambda message: message.text == sentence,
                )
        except TelegramError as error:
            await self._fail(job, error)

    async def _tell_in_status(self, job: Job, status: int, sentence: str) -> None:
        bot, chat = self._runtime.bot, job.wanted.chat.id
        edited = await retry(lambda: bot.edit_message_text(sentence, chat, status))
        if is_half_painted(self._runtime, job, edited):
            await self._surely(
                job,
                lambda: self._send(bot.send_message, job, sentence),
                lambda message: message.text == sentence,
            )
            await self._delete(job, status)

    async def _fail(self, job: Job, error: TelegramError) -> NoReturn:
        """Raise the workers' error for a Telegram error; follows a chat that moved."""
        if isinstance(error, ChatMigrated):
            new = ChatKey(PLATFORM, str(error.new_chat_id))
            await preferences.move_chat(self._runtime.services, job.wanted.chat, new)
            raise DeliverLaterError(0) from error
        if isinstance(error, RetryAfter):
            raise DeliverLaterError(seconds_of(error)) from error
        if isinstance(error, Forbidden | BadRequest | InvalidToken):
            raise UndeliverableError(_code(error)) from error
        if isinstance(error, NetworkError):
            raise DeliverLaterError(self._runtime.waits.again_s) from error
        raise error

    async def _one(self, job: Job, picture: Painted, notes: Sequence[str]) -> Json:
        kind = _kind(job, picture)
        card = _card(job, [picture], clip=kind in CLIPS)
        markup = await self._keyboard(job, card)
        if kind == STICKER:
            return kept(await self._put_sticker(job, picture, markup)) | _type(picture)
        caption = await self._caption(job, card, notes)
        place, old = await self._place(job, caption)
        message = await self._put(job, picture, caption, place, markup)
        if old is not None:
            await self._delete(job, old)
        return kept(message) | _type(picture)

    async def _put_sticker(
        self, job: Job, picture: Painted, markup: InlineKeyboardMarkup
    ) -> Message:
        """Send a sticker, which no message can become; the status and the old card are deleted."""
        bot, services, reply_target = (
            self._runtime.bot,
            self._runtime.services,
            job.wanted.reply_target,
        )
        sent = None
        if known := reply_target.get(STICKER):
            # A previous worker sent it, and died before that was recorded.
            sent = await self._read(job, known)
        if sent is None:
            # As in `_new_place`, the button identifies the job if the answer is lost.
            waiting = keyboards.waiting(services, job.wanted.language, job.id)
            file = InputFile(picture.image, f"{await self._file_name(job)}.webm")
            (sent,) = await self._surely(
                job,
                lambda: self._send(bot.send_sticker, job, file, reply_markup=waiting),
                lambda message: bool(message.sticker) and keyboards.waits_for(message, job.id),
            )
            await queueing.extend_reply_target(services, job.id, sticker=sent.message_id)
        place, chat = sent.message_id, job.wanted.chat.id
        try:
            await retry(lambda: bot.edit_message_reply_markup(chat, place, reply_markup=markup))
        except BadRequest as error:
            if not _is(error, _AS_IT_WAS):
                raise
        for old in ("status", "card", "old"):
            if message_id := reply_target.get(old):
                await self._delete(job, message_id)
        return sent

    async def _put(
        self, job: Job, picture: Painted, caption: str, place: int, markup: InlineKeyboardMarkup
    ) -> Message:
        """Put a picture into a message, as a photo if Telegram accepts it as one."""
        kind, name = _kind(job, picture), await self._file_name(job)
        for left in reversed(range(_TRIES)):
            try:
                edited = await self._edit(
                    job, _media(picture, caption, job, name, kind), place, markup
                )
            except BadRequest as error:
                if not left:
                    raise
                if _is(error, _NO_PHOTO):
                    kind = "document"
                elif _is(error, _NO_MESSAGE):
                    # The status or the card was deleted.
                    place = await self._new_place(job, caption)
                elif _is(error, _AS_IT_WAS) and (known := await self._read(job, place)):
                    # It was put there before, and the answer was lost.
                    return known
                else:
                    raise
            else:
                return edited
        raise AssertionError("the last try returns or raises")

    async def _edit(
        self, job: Job, media: Media, place: int, markup: InlineKeyboardMarkup
    ) -> Message:
        edited = await retry(
            lambda: self._runtime.bot.edit_message_media(
                media, job.wanted.chat.id, place, reply_markup=markup
            )
        )
        if not isinstance(edited, Message):
            raise TypeError("Only what was sent by way of inline mode has no message.")
        return edited

    async def _place(self, job: Job, caption: str) -> tuple[int, int | None]:
        """The message that becomes the result, and one to delete afterwards."""
        reply_target = job.wanted.reply_target
        status = reply_target.get("status")
        if status is not None and clips.takes_long(self._runtime.services, job.wanted):
            # The status showed previews, and replaces the card that it is a version of.
            return int(status), reply_target.get("card", reply_target.get("old"))
        if "card" in reply_target:
            return int(reply_target["card"]), status
        slow = self._runtime.services.now() - job.created_at > self._runtime.waits.long
        if status is not None and (not slow or reply_target.get("rang")):
            return int(status), reply_target.get("old")
        try:
            return await self._new_place(job, caption, old=status), status
        except BadRequest as error:
            # In a closed topic existing messages can still be edited.
            if status is None or not _is(error, _CLOSED):
                raise
            return int(status), None

    async def _new_place(self, job: Job, caption: str, old: int | None = None) -> int:
        # The button identifies the job if the answer is lost; it is replaced by the result's own.
        markup = keyboards.waiting(self._runtime.services, job.wanted.language, job.id)
        (message,) = await self._surely(
            job,
            lambda: self._send(
                self._runtime.bot.send_message, job, caption, parse_mode=ParseMode.HTML,
                reply_markup=markup,
            ),
            lambda message: keyboards.waits_for(message, job.id),
        )  # fmt: skip
        await queueing.extend_reply_target(
            self._runtime.services, job.id, status=message.message_id, rang=True, old=old
        )
        return message.message_id

    async def _delete(self, job: Job, message_id: int) -> None:
        try:
            await retry(lambda: self._runtime.bot.delete_message(job.wanted.chat.id, message_id))
        except TelegramError as error:
            logger.info("a status was not deleted: %s", type(error).__name__)

    async def _album(self, job: Job, pictures: Sequence[Painted], notes: Sequence[str]) -> Json:
        card = _card(job, pictures)
        caption = await self._caption(job, card, notes)
        kinds = ["video" if clips.moves(p) else _kind(job, p) for p in pictures]
        if job.wanted.output == "file" or "document" in kinds:
            # Files are not mixed with others.
            kinds = ["document"] * len(pictures)
        name = await self._file_name(job)
        group = [
            _media(picture, "" if number else caption, job, f"{name}-{number + 1}", kind)
            for number, (picture, kind) in enumerate(zip(pictures, kinds, strict=True))
        ]

        def is_it(message: Message) -> bool:
            place = (job.wanted.chat.id, message.message_id)
            shown = message.photo or message.document or message.video
            if not shown or place in self._albums:
                return False
            return plain(message.caption or "") in ("", plain(caption))

        async def send() -> Message | Sequence[Message]:
            if len(group) == 1:
                # All others were left out, and an album needs at least two.
                return await self._send_one(job, group[0], kinds[0], caption)
            album: Sequence[Message] = await self._send(
                self._runtime.bot.send_media_group, job, group
            )
            return album

        async with self._runtime.sent_messages.turn(job.wanted.chat.id):
            sent = await self._surely(job, send, is_it, len(group))
            self._albums.extend((job.wanted.chat.id, message.message_id) for message in sent)
        await self._finish_album(job, card)
        found = [kept(message) for message in sent]
        return {
            "message": found[0]["message"],
            "file": found[0]["file"],
            "kind": found[0]["kind"],
            "kinds": [one["kind"] for one in found],
            "files": [one["file"] for one in found],
        }

    async def _surely(
        self,
        job: Job,
        send: Callable[[], Awaitable[Message | Sequence[Message]]],
        is_it: Callable[[Message], bool],
        count: int = 1,
    ) -> list[Message]:
        """Send a new message exactly once, even if the answer is lost."""
        sent_messages, where = self._runtime.sent_messages, where_of(job)
        if job.wanted.reply_target.get("lost") and (
            found := await sent_messages.find(where, is_it, count)
        ):
            return found
        try:
            return await sent_messages.send(where, send, is_it, count)
        except TelegramError as error:
            if is_uncertain(error):
                await queueing.extend_reply_target(self._runtime.services, job.id, lost=True)
            raise

    async def _read(self, job: Job, message_id: int) -> Message | None:
        """A message of a request, as it is in the chat."""
        return await self._runtime.sent_messages.read(where_of(job), message_id)

    async def _send_one(self, job: Job, media: Media, kind: str, caption: str) -> Message:
        send = sender(self._runtime.bot, kind)
        found: Message = await self._send(send, job, media.media, **captioned(kind, caption))
        return found

    async def _finish_album(self, job: Job, card: Card) -> None:
        """Turn the status into the album's buttons, because an album has none itself."""
        text = await self._title(job)
        text = self._runtime.say(
            "telegram-album", job.wanted.language, title=text, count=len(job.wanted.photos)
        )
        markup = await self._keyboard(job, card, album=True)
        status = job.wanted.reply_target.get("status")
        try:
            if status is None:
                await self._send(self._runtime.bot.send_message, job, text, reply_markup=markup)
            else:
                await retry(
                    lambda: self._runtime.bot.edit_message_text(
                        text, job.wanted.chat.id, status, reply_markup=markup
                    )
                )
        except TelegramError as error:
            # The album has been sent, which is what matters.
            logger.info("an album has no buttons: %s", type(error).__name__)

    async def _send(
        self,
        send: Any,  # noqa: ANN401 - a method of Bot
        job: Job,
        what: Any,  # noqa: ANN401 - what it sends
        reply: int | None = None,
        **more: Any,  # noqa: ANN401 - what else it takes
    ) -> Any:  # noqa: ANN401 - what it returns
        """Reply to the request; outside its topic if that is gone."""
        reply_target = job.wanted.reply_target
        target = reply or reply_target.get("reply")
        for topic in dict.fromkeys((reply_target.get("topic"), None)):
            try:
                return await send(
                    job.wanted.chat.id, what, message_thread_id=topic,
                    reply_parameters=reply_to(target) if target else None, **more,
                )  # fmt: skip
            except BadRequest as error:
                if topic is None or not _is(error, _NO_REPLY_PLACE):
                    raise
        raise AssertionError("the last place returns or raises")

    async def _keyboard(self, job: Job, card: Card, *, album: bool = False) -> InlineKeyboardMarkup:
        wanted, services = job.wanted, self._runtime.services
        listed = await catalogue.listed(services, wanted.user, wanted.chat, edits=True)
        return keyboards.result(self._runtime, card, listed, wanted.language, album=album)

    async def _file_name(self, job: Job) -> str:
        return await catalogue.file_name(self._runtime.services, job.wanted.recipe)

    async def _title(self, job: Job) -> str:
        return await catalogue.title(self._runtime.services, job.wanted.recipe, job.wanted.language)

    async def _caption(self, job: Job, card: Card, notes: Sequence[str]) -> str:
        return caption_of(
            self._runtime, await self._title(job), card, job.wanted.language,
            name=job.wanted.reply_target.get("name"), notes=notes,
        )  # fmt: skip


def caption_of(
    runtime: Runtime, title: str, card: Card, language: str, *,
    name: str | None = None, notes: Sequence[str] = (),
) -> str:  # fmt: skip
    """A result's caption, in HTML.

    Args:
        runtime: The adapter's runtime.
        title: Title of its styles.
        card: The result.
        language: Language tag.
        name: Name of the person, escaped, if others see the result.
        notes: Further sentences.
    """
    how = catalogue.said(runtime.services, card.recipe, language)
    line = " · ".join([f"<b>{escape(title)}</b>", *map(escape, how)])
    if name:
        line += " · " + runtime.say("telegram-for", language, name=name)
    return "\n".join([line, *map(escape, notes)])


def plain(text: str) -> str:
    """The visible text of HTML, or of Telegram's version of it."""
    return unescape(_TAG.sub("", text))


def _with_reply_target(job: Job, **more: object) -> Job:
    """The job with more in its reply target, in this process only."""
    return replace(job, wanted=replace(job.wanted, reply_target=job.wanted.reply_target | more))


def _code(error: TelegramError) -> str | None:
    """The code of the error to tell the user, if it prevents the result; None for nothing."""
    text = str(error).lower()
    if any(part in text for part in _CLOSED):
        return TopicClosedError.code
    if any(part in text for part in _NO_PICTURES):
        return NoPicturesHereError.code
    return None


def _card(job: Job, pictures: Sequence[Painted], *, clip: bool = False) -> Card:
    """The values of a result's buttons."""
    earlier = job.wanted.reply_target.get("versions", [])
    return Card(
        job.id, job.wanted.recipe,
        newest=job.id, index=len(earlier), count=len(earlier) + 1, clip=clip,
        absent=controls.absent_in(pictures),
    )  # fmt: skip


def _type(picture: Painted) -> Json:
    """The content type of a clip, for the history."""
    return {"type": picture.content_type} if clips.moves(picture) else {}


def _kind(job: Job, picture: Painted) -> str:
    """The kind of message that a request's only result becomes."""
    if clips.moves(picture):
        kind = "video" if job.wanted.story else str(job.wanted.photos[0].get("kind", "video"))
        return "document" if job.wanted.output == "file" and kind != STICKER else kind
    fits = job.wanted.output != "file" and fits_as_photo(picture.image)
    return "photo" if fits else "document"


def fits_as_photo(image: bytes) -> bool:
    """Whether Telegram takes a picture file as a photo."""
    if len(image) > FileSizeLimit.PHOTOSIZE_UPLOAD:
        return False
    # Only the header is parsed.
    with Image.open(io.BytesIO(image)) as opened:
        width, height = opened.size
    ratio = max(width, height) / min(width, height)
    return width + height <= _PHOTO_SIDES_MAX_PX and ratio <= _PHOTO_RATIO_MAX


def _media(picture: Painted, caption: str, job: Job, name: str, kind: str) -> Media:
    extension = _EXTENSIONS.get(picture.content_type, "jpg")
    file = InputFile(picture.image, f"{name}.{extension}", attach=True)
    film = headers.film_of(picture.image) if clips.moves(picture) else None
    spoiler = bool(job.wanted.reply_target.get("spoiler"))
    return media(kind, file, caption, spoiler=spoiler, film=film)


def _is(error: BadRequest, among: Sequence[str]) -> bool:
    text = str(error).lower()
    return any(part in text for part in among)

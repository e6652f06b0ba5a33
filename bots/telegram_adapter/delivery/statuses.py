"""Status messages, which later become results."""

import asyncio
import contextlib
import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from cachetools import LRUCache
from telegram import InlineKeyboardMarkup, InputFile, InputMediaPhoto, Message
from telegram.constants import ChatAction
from telegram.error import TelegramError

from bots.core.common.periodic import repeat
from bots.core.common.services import Preview
from bots.core.requests import clips, queueing
from bots.core.requests.values import Ticket
from bots.core.styles import catalogue
from bots.core.users import preferences
from bots.telegram_adapter.context import Runtime, reply_to
from bots.telegram_adapter.render import keyboards, pictures
from bots.telegram_adapter.transport.rate_limits import DroppedError
from bots.telegram_adapter.transport.sent_messages import Where, is_uncertain
from storage.errors import StorageUnavailableError
from storage.values.jobs import Job

logger = logging.getLogger(__name__)

# Telegram shows an action for five seconds.
_ACTION_S: Final = 4.5
_REFRESHED: Final = 100
_REMEMBERED: Final = 20_000
_EYES: Final = "👀"
SHRUG: Final = "🤷"


@dataclass(slots=True)
class _Shown:
    """A status message in a chat.

    Attributes:
        message_id: The message's id.
        title: Title of the styles.
        text: Its current text.
        paused: Whether it says that the engine is away.
        preview: Number of the preview it shows; -1 for none.
        least: Number of the first preview to show.
        editing: Lock for edits, so that a status never replaces a result.
    """

    message_id: int
    title: str
    text: str
    paused: bool = False
    preview: int = -1
    least: int = 0
    editing: asyncio.Lock = field(default_factory=asyncio.Lock)


class Statuses:
    """The status messages of the jobs this process accepted, and "is sending a photo ..."."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._shown: dict[int, _Shown] = {}
        self._posting: dict[int, asyncio.Task[None]] = {}
        self._acting: dict[int, asyncio.Task[None]] = {}
        # Jobs whose status is known; others may have one in the chat.
        self._known: LRUCache[int, None] = LRUCache(_REMEMBERED)

    def accepted(self, ticket: Ticket, status: Message | None = None) -> None:
        """Acknowledge a request, in the background.

        Args:
            ticket: The accepted request.
            status: A message to reuse as its status, such as a picker; None for a new one.
        """
        if not ticket.new:
            return
        job = ticket.job
        self._runtime.nudge()
        task = asyncio.ensure_future(self._post(ticket, status))
        self._posting[job.id] = task
        task.add_done_callback(lambda _: self._posting.pop(job.id, None))

    async def settled(self, job: Job) -> Job:
        """The job with its status message's id, once that is known.

        Raises:
            TelegramError: one may be there, and Telegram does not answer.
        """
        if task := self._posting.get(job.id):
            await asyncio.wait([task])
        await self._forget(job.id)
        job = await queueing.job(self._runtime.services, job.id) or job
        if job.id in self._known or {"status", "card"} & job.wanted.reply_target.keys():
            return job
        found: list[Message] = []
        if not (await preferences.chat_settings(self._runtime.services, job.wanted.chat)).quiet:
            found = await self._runtime.sent_messages.find(
                where_of(job), lambda message: keyboards.waits_for(message, job.id)
            )
        self._know(job)
        if not found:
            return job
        await queueing.extend_reply_target(
            self._runtime.services, job.id, status=found[0].message_id
        )
        return await queueing.job(self._runtime.services, job.id) or job

    async def resumed(self, job: Job) -> None:
        """Take over the status message of slow work from an earlier process."""
        status = job.wanted.reply_target.get("status")
        if (
            status is not None
            and job.id not in self._shown.keys() | self._posting.keys()
            and clips.takes_long(self._runtime.services, job.wanted)
        ):
            title = await catalogue.title(
                self._runtime.services, job.wanted.recipe, job.wanted.language
            )
            self._shown[job.id] = _new(job, status, title, "")

    async def given_up(self, job: Job, message_id: int, text: str) -> None:
        """Say that a job was cancelled; a message with a preview is deleted instead."""
        await self._forget(job.id)
        bot, chat = self._runtime.bot, job.wanted.chat.id
        edited = await bot.edit_message_text(text, chat, message_id)
        if is_half_painted(self._runtime, job, edited):
            await bot.delete_message(chat, message_id)

    async def _forget(self, job_id: int) -> None:
        """Stop editing a status."""
        if shown := self._shown.pop(job_id, None):
            async with shown.editing:
                pass

    def _know(self, job: Job) -> None:
        self._known[job.id] = None

    async def _post(self, ticket: Ticket, status: Message | None) -> None:
        job, runtime = ticket.job, self._runtime
        if status is None and "command" in job.wanted.reply_target:
            runtime.spawn(self.react(job, _EYES))
        slow = clips.takes_long(runtime.services, job.wanted)
        if "card" in job.wanted.reply_target and not slow:
            # A result is shown already, and stays until the new one replaces it.
            return
        settings = await preferences.chat_settings(runtime.services, job.wanted.chat)
        if settings.quiet and status is None:
            self._know(job)
            return
        text = queueing.described(runtime.services, job, ticket.place, ticket.title)
        markup = keyboards.waiting(runtime.services, job.wanted.language, job.id)
        try:
            if status is None:
                reply_target = job.wanted.reply_target
                # The card is deleted once the slow result is there.
                answered = reply_target.get("reply") or reply_target["card"]
                is_private = not job.wanted.chat.id.startswith("-")
                (status,) = await runtime.sent_messages.send(
                    where_of(job),
                    lambda: runtime.bot.send_message(
                        job.wanted.chat.id, text, reply_markup=markup,
                        reply_parameters=reply_to(answered),
                        message_thread_id=reply_target.get("topic"), disable_notification=True,
                        # If a group accepts no more for a while, results come first.
                        rate_limit_args=None if is_private else "droppable",
                    ),
                    lambda message: keyboards.waits_for(message, job.id),
                )  # fmt: skip
                await queueing.extend_reply_target(
                    runtime.services, job.id, status=status.message_id
                )
            else:
                await runtime.bot.edit_message_text(
                    text, job.wanted.chat.id, status.message_id, reply_markup=markup
                )
        except (TelegramError, DroppedError, StorageUnavailableError) as error:
            # The photo is in the queue anyway.
            logger.info("no status for job %s: %s", job.id, type(error).__name__)
            stored = not isinstance(error, StorageUnavailableError)
            if stored and not (isinstance(error, TelegramError) and is_uncertain(error)):
                self._know(job)
        if status:
            self._shown[job.id] = _new(job, status.message_id, ticket.title, text)

    async def react(self, job: Job, emoji: str) -> None:
        """React to the request's message with an emoji, if the chat allows it."""
        with contextlib.suppress(TelegramError):
            await self._runtime.bot.set_message_reaction(
                job.wanted.chat.id, job.wanted.reply_target["command"], emoji
            )

    async def keep_fresh(self) -> None:
        """Update places and times until cancelled; skips chats that accept no edits now."""
        every = timedelta(seconds=self._runtime.waits.refresh_s)
        await repeat(self._refresh_all, every, "statuses were not refreshed")

    async def _refresh_all(self) -> None:
        for job_id in list(self._shown)[:_REFRESHED]:
            await self._refresh(job_id)

    async def _refresh(self, job_id: int) -> None:
        found = await queueing.place(self._runtime.services, job_id)
        shown = self._shown.get(job_id)
        if not found or not shown or found[0].state not in ("queued", "running"):
            self._shown.pop(job_id, None)
            if found and shown and found[0].state == "cancelled" and shown.preview >= 0:
                text = self._runtime.say("queue-cancelled", found[0].wanted.language)
                with contextlib.suppress(TelegramError):
                    await self.given_up(found[0], shown.message_id, text)
            return
        job, place = found
        if shown.paused:
            return
        text = queueing.described(self._runtime.services, job, place, shown.title)
        preview = self._runtime.services.previews.get(job_id)
        if preview and preview.number >= max(shown.least, shown.preview + 1):
            await self._grow(job, shown, text, preview)
        else:
            await self.show(job, text)

    async def _grow(self, job: Job, shown: _Shown, text: str, preview: Preview) -> None:
        """Show a preview, if the chat accepts it now; otherwise skip it."""
        image = await asyncio.to_thread(pictures.shown, preview.image)
        media = InputMediaPhoto(
            InputFile(image, "preview.jpg", attach=True), text,
            has_spoiler=bool(job.wanted.reply_target.get("spoiler")),
        )  # fmt: skip
        markup = keyboards.waiting(self._runtime.services, job.wanted.language, job.id)
        async with shown.editing:
            if self._shown.get(job.id) is not shown:
                return
            try:
                await self._runtime.bot.edit_message_media(
                    media, job.wanted.chat.id, shown.message_id, reply_markup=markup,
                    rate_limit_args="droppable",
                )  # fmt: skip
            except DroppedError:
                return
            except TelegramError as error:
                # A preview that fails is not retried.
                logger.info("a preview was not shown: %s", type(error).__name__)
                shown.least = preview.number + 1
                return
            shown.preview, shown.text = preview.number, text

    async def pause(self, job: Job) -> None:
        """Say that the engine is away, until `act`."""
        if shown := self._shown.get(job.id):
            shown.paused = True
        text = self._runtime.say("queue-waits-for-engine", job.wanted.language)
        await self.show(job, text)

    async def show(self, job: Job, text: str) -> None:
        """Change the text of a job's status, if it has one and the chat accepts it."""
        message_id = job.wanted.reply_target.get("status")
        shown = self._shown.get(job.id)
        if message_id is None or (shown and shown.text == text):
            return
        markup = keyboards.waiting(self._runtime.services, job.wanted.language, job.id)
        async with shown.editing if shown else contextlib.nullcontext():
            if self._shown.get(job.id) is not shown:
                return
            if shown:
                shown.text = text
            with contextlib.suppress(TelegramError, DroppedError):
                await self._edit(job, message_id, text, markup)

    async def _edit(
        self, job: Job, message_id: int, text: str, markup: InlineKeyboardMarkup
    ) -> None:
        await self._runtime.bot.edit_message_text(
            text, job.wanted.chat.id, message_id, reply_markup=markup, rate_limit_args="droppable"
        )

    def act(self, job: Job) -> None:
        """Show a chat action ("is sending a photo ...") until `rest`."""
        if shown := self._shown.get(job.id):
            shown.paused = False
        if job.id not in self._acting:
            self._acting[job.id] = asyncio.ensure_future(self._keep_acting(job))

    def rest(self, job: Job) -> None:
        """Stop the chat action."""
        if task := self._acting.pop(job.id, None):
            task.cancel()

    async def _keep_acting(self, job: Job) -> None:
        action = _action(job)
        while True:
            with contextlib.suppress(TelegramError):
                await self._runtime.bot.send_chat_action(
                    job.wanted.chat.id,
                    action,
                    message_thread_id=job.wanted.reply_target.get("topic"),
                )
            await asyncio.sleep(_ACTION_S)

    async def close(self) -> None:
        """Cancel the background tasks."""
        tasks = [*self._acting.values(), *self._posting.values()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


def _new(job: Job, message_id: int, title: str, text: str) -> _Shown:
    # A card already shows how it looks painted quickly.
    least = 1 if "card" in job.wanted.reply_target else 0
    return _Shown(message_id, title, text, least=least)


def _action(job: Job) -> ChatAction:
    if job.wanted.output == "file":
        return ChatAction.UPLOAD_DOCUMENT
    if clips.is_film(job.wanted):
        return ChatAction.UPLOAD_VIDEO
    return ChatAction.UPLOAD_PHOTO


def is_half_painted(runtime: Runtime, job: Job, status: object) -> bool:
    """Whether a status shows a preview of a job that failed: a picture cannot become text again."""
    shows = isinstance(status, Message) and bool(status.photo)
    return shows and clips.takes_long(runtime.services, job.wanted)


def where_of(job: Job) -> Where:
    """The chat and topic of a request's messages."""
    reply_target = job.wanted.reply_target
    known = [
        reply_target[name]
        for name in ("reply", "command", "card", "status")
        if reply_target.get(name)
    ]
    return Where(job.wanted.chat.id, max(known, default=0), reply_target.get("topic"))

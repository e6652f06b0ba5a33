"""Status texts of waiting requests: place and expected time."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final, TypeVar

import discord

from bots.core.common.periodic import repeat
from bots.core.common.services import Preview
from bots.core.jobs.platform import UndeliverableError
from bots.core.requests import queueing
from bots.core.requests.values import Question, Ticket
from bots.core.styles import catalogue
from bots.discord_adapter.render.cards import preview_name, waiting
from bots.discord_adapter.render.layouts import words
from bots.discord_adapter.render.sizes import fitted
from bots.discord_adapter.transport import posting
from bots.discord_adapter.transport.client import Said, StylebotClient
from bots.discord_adapter.transport.posting import Upload
from bots.discord_adapter.transport.reply_target import ReplyTarget
from storage.errors import StorageUnavailableError
from storage.values.jobs import Job, Place

logger = logging.getLogger(__name__)

_EVERY_S: Final = 5.0
# Edits use requests, which Discord limits to fifty a second in all.
_EDITS_A_ROUND: Final = 20
_STILL_WAITING: Final = ("queued", "running")
_Taken = TypeVar("_Taken", bound=Ticket | Question)


class Statuses:
    """Edits the messages of waiting requests."""

    def __init__(self, client: StylebotClient) -> None:
        """Make it for a client.

        Args:
            client: The client.
        """
        self._client = client
        self._locks = client.locks
        self._said = client.said

    @asynccontextmanager
    async def lock(self, dedupe: str) -> AsyncIterator[None]:
        """Lock a request's message, so that a status never replaces a result."""
        lock = self._locks.setdefault(dedupe, asyncio.Lock())
        async with lock:
            yield

    async def submit(self, dedupe: str, accepting: Awaitable[_Taken]) -> _Taken:
        """Queue a request and show its status, except for a draft.

        Args:
            dedupe: The request's key.
            accepting: Queues it.

        Raises:
            BotError: as `accepting`.
        """
        async with self.lock(dedupe):
            taken = await accepting
            if isinstance(taken, Ticket) and taken.job.state in _STILL_WAITING:
                await self._say(taken.job, taken.place, taken.title)
        self._client.nudge()
        return taken

    async def update(self, job: Job, *, always: bool = True) -> None:
        """Update a request's status, if it has changed and the request still waits."""
        async with self.lock(job.wanted.dedupe):
            found = await queueing.place(self._client.services, job.id)
            if found is None or found[0].state not in (*_STILL_WAITING, "cancelled"):
                self._said.pop(job.id, None)
                return
            fresh, place = found
            if fresh.state == "cancelled":
                await self._say_cancelled(fresh)
            elif always or self._said.get(job.id) != self._known(fresh, place):
                wanted = fresh.wanted
                title = await catalogue.title(self._client.services, wanted.recipe, wanted.language)
                await self._say(fresh, place, title)

    async def pause(self, job: Job) -> None:
        """Say that the engine is away."""
        async with self.lock(job.wanted.dedupe):
            found = await queueing.job(self._client.services, job.id)
            # None stands for this text; it is sent once.
            known = job.id in self._said and self._said[job.id] is None
            if found is None or found.state not in _STILL_WAITING or known:
                return
            language = job.wanted.language
            sentence = self._client.services.texts.say("queue-waits-for-engine", language)
            self._said[job.id] = None
            await self._write(found, sentence)

    def over(self, job: Job) -> None:
        """Forget a request that no longer waits."""
        self._said.pop(job.id, None)

    def knows(self, job: Job) -> bool:
        """Whether this process has shown a status of a request."""
        return job.id in self._said

    async def keep_updating(self) -> None:
        """Update waiting requests until cancelled."""
        complaint = "statuses were not refreshed"
        await repeat(self.update_all, timedelta(seconds=_EVERY_S), complaint)

    async def update_all(self) -> None:
        """Update the statuses of waiting requests, some at a time, in turns."""
        for job_id in list(self._said)[:_EDITS_A_ROUND]:
            said = self._said.pop(job_id, None)
            found = await queueing.job(self._client.services, job_id)
            if found is None:
                continue
            self._said[job_id] = said
            if said is not None or found.state not in _STILL_WAITING:
                await self.update(found, always=False)

    async def _say(self, job: Job, place: Place, title: str) -> None:
        before, known = self._said.get(job.id), self._known(job, place)
        self._said[job.id] = known
        # An uploaded preview is not sent again with every percent.
        new = before is None or before[-1] != known[-1]
        sentence = queueing.described(self._client.services, job, place, title)
        if not await self._write(job, sentence, self._preview(job), new=new):
            self._said[job.id] = (*known[:-1], None)

    async def _say_cancelled(self, job: Job) -> None:
        self._said.pop(job.id, None)
        reply_target = ReplyTarget.from_json(job.wanted.reply_target)
        if reply_target.of is None:
            sentence = self._client.services.texts.say("queue-cancelled", job.wanted.language)
            await self._put(job, reply_target, words(sentence), [])

    async def _write(
        self, job: Job, sentence: str, preview: Preview | None = None, *, new: bool = False
    ) -> bool:
        """Write a request's message; False if Discord refused it.

        Args:
            job: The request.
            sentence: The status text.
            preview: The preview to show; None for none.
            new: Whether to upload the preview, because it is not there yet.
        """
        if self._client.cache.chat(job.wanted.chat).quiet:
            return True
        reply_target = ReplyTarget.from_json(job.wanted.reply_target)
        texts, language = self._client.services.texts, job.wanted.language
        name = None
        # The previous content is removed, unless it is a result that may come back.
        files: list[Upload] | None = None if reply_target.shown else []
        if preview is not None:
            name, files = preview_name(job, preview.number), None
            if new:
                small = await asyncio.to_thread(fitted, preview.image, reply_target.limit)
                files = [Upload(name, small.image)]
        view = waiting(texts, language, job, sentence, reply_target, name)
        message = await self._put(job, reply_target, view, files)
        if message and reply_target.message is None:
            try:
                await queueing.extend_reply_target(
                    self._client.services, job.id, message=message.id
                )
            except StorageUnavailableError as error:
                # It is in the queue; the message's id can also be found on Discord.
                logger.warning("a status message was not recorded: %s", error)
        return message is not None

    async def _put(
        self,
        job: Job,
        reply_target: ReplyTarget,
        view: discord.ui.LayoutView,
        files: Sequence[Upload] | None,
    ) -> discord.Message | None:
        """Write a status; errors are only logged, because the result matters more."""
        try:
            return await posting.put(self._client, reply_target, view, files, f"status {job.id}")
        except UndeliverableError:
            return None
        except Exception:
            logger.warning("the status of job %s could not be shown", job.id, exc_info=True)
            return None

    def _known(self, job: Job, place: Place) -> Said:
        """What a status text depends on, besides the time."""
        share = self._client.services.shares.get(job.id)
        percent = None if share is None else int(100 * share)
        preview = self._preview(job)
        number = preview.number if preview else None
        return place.ahead, job.progress, place.paused, percent, number

    def _preview(self, job: Job) -> Preview | None:
        """The current preview; an earlier result stays until there is one."""
        if ReplyTarget.from_json(job.wanted.reply_target).shown:
            return None
        return self._client.services.previews.get(job.id)

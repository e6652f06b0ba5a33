"""Results once more: as they were, or with something else chosen."""

import asyncio
from dataclasses import replace
from typing import Final

from bots.core.common.services import Services
from bots.core.errors import EntryGoneError, NotYoursError, OtherChatError
from bots.core.requests.queueing import accept, job
from bots.core.requests.values import RequestInput, Ticket, Version
from bots.core.styles import recipes
from bots.core.users import history
from storage.values.history import HistoryEntry
from storage.values.people import ChatKey, ChatSettings, UserKey

_PAUSES_S: Final = (0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 2.0)


async def version(
    services: Services,
    job_id: int,
    user: UserKey,
    chat: ChatKey | None = None,
    *,
    alone: bool = False,
) -> Version:
    """The result of a job, for the buttons beneath it.

    Anyone who presses in the moment between the platform's having it and our knowing that waits.

    Args:
        services: The bot's services.
        job_id: Which.
        user: Who presses.
        chat: Where; its admins may have opened everyone's buttons to all.
        alone: Whether no one else sees what comes of it.

    Raises:
        EntryGoneError: nothing is known of it any more, or nothing came of it.
        NotYoursError: it is someone else's.
        OtherChatError: it is of another chat, and others would see it here.
    """
    for pause_s in _PAUSES_S:
        found = await job(services, job_id)
        if found is None or found.state not in ("running", "done"):
            break
        await asyncio.sleep(pause_s)
    made = await _version(services, job_id, user, chat)
    if chat not in (None, made.chat) and not alone:
        raise OtherChatError
    return made


async def _version(services: Services, job_id: int, user: UserKey, chat: ChatKey | None) -> Version:
    async with services.database.reading() as transaction:
        job = await transaction.jobs.get(job_id)
        entry = await transaction.history.of_job(job_id)
        settings = await transaction.people.chat(chat) if chat else ChatSettings()
        request_input = job.wanted if job else entry
        if request_input is None:
            raise EntryGoneError
        owner, here = request_input.user, request_input.chat
        if owner != user and not (settings.open_buttons and here == chat):
            raise NotYoursError
        made = job.wanted if job and job.state == "delivered" else entry
        result = entry.result if entry else job.result if job else None
        if made is None or not result:
            raise EntryGoneError
        styles = await transaction.styles.of(made.recipe)
        preference = await transaction.people.preference(user)
    language = services.texts.choose(
        preference.language, settings.language, job.wanted.language if job else None
    )
    return Version(
        job_id=job_id, user=owner, chat=here, photos=made.photos, recipe=made.recipe,
        reply_target=job.wanted.reply_target if job else {}, result=result,
        title=recipes.titled(made.recipe, styles, language),
    )  # fmt: skip


async def vary(
    services: Services, made: Version | HistoryEntry, request_input: RequestInput
) -> Ticket:
    """Paint a result's photos once more, otherwise where `request_input` says so.

    Raises:
        OtherChatError: the photos are from another chat, and others would see them here.
        BotError: as `accept`.
    """
    if made.chat != request_input.chat and not request_input.alone:
        raise OtherChatError
    return await accept(services, replace(request_input, photos=made.photos, recipe=made.recipe))


async def again(services: Services, entry_id: int, request_input: RequestInput) -> Ticket:
    """Paint a remembered result's photos once more, as they were or as is asked for.

    Args:
        services: The bot's services.
        entry_id: Which entry of the person's history.
        request_input: Who asks now; its photos are not looked at.

    Raises:
        EntryGoneError: he has no such result any more.
        BotError: as `accept`.
    """
    return await vary(
        services, await history.entry(services, request_input.user, entry_id), request_input
    )

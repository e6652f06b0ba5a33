"""Paints results again, unchanged or with other choices."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bots.core.common.services import Services
from bots.core.errors import EntryGoneError, NotYoursError, OtherChatError
from bots.core.requests import clips
from bots.core.requests.queueing import accept, job
from bots.core.requests.values import RequestInput, Ticket, Version
from bots.core.styles import catalogue
from bots.core.users import history
from storage.values.history import HistoryEntry
from storage.values.jobs import Story
from storage.values.json import Json
from storage.values.people import ChatKey, ChatSettings, UserKey
from storage.values.recipes import Recipe

_PAUSES_S: Final = (0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 2.0)


async def version(
    services: Services,
    job_id: int,
    user: UserKey,
    chat: ChatKey | None = None,
    *,
    alone: bool = False,
) -> Version:
    """The result of a job, for the buttons under it.

    If the buttons are used before the result is recorded, this waits for a moment.

    Args:
        services: The bot's services.
        job_id: The job.
        user: The person who pressed the button.
        chat: The chat; its admins may have allowed everyone to use the buttons.
        alone: Whether only this person will see the answer.

    Raises:
        EntryGoneError: the result is gone, or there was none.
        NotYoursError: it is someone else's.
        OtherChatError: it is from another chat, and others here would see it.
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
        title=catalogue.titled(services, made.recipe, styles, language), story=made.story,
    )  # fmt: skip


async def vary(
    services: Services, made: Version | HistoryEntry, request_input: RequestInput
) -> Ticket:
    """Paint a result's photos again, with the changes in `request_input`.

    Raises:
        OtherChatError: the photos are from another chat, and others would see them here.
        BotError: as `accept`.
    """
    _check_chat(made, request_input)
    photos = made.photos
    if request_input.choices or request_input.words or request_input.params:
        # What a story shows as painted is painted anew.
        photos = tuple({k: v for k, v in each.items() if k != "painting"} for each in photos)
    return await accept(
        services, replace(request_input, photos=photos, recipe=made.recipe, story=made.story)
    )


async def film(
    services: Services,
    results: Sequence[tuple[Version | HistoryEntry, Json]],
    request_input: RequestInput,
) -> Ticket:
    """Make a story of results: each photo turns into its painting.

    Args:
        services: The bot's services.
        results: Results of single photos, each with the platform's reference to its painting.
        request_input: The new request; its photos are ignored.

    Raises:
        OtherChatError: a photo is from another chat, and others would see it here.
        BotError: as `accept`.
    """
    for made, _ in results:
        _check_chat(made, request_input)
    photos = tuple(clips.still_of(made.photos[0]) | {"painting": file} for made, file in results)
    recipe = results[0][0].recipe
    if any(made.recipe != recipe for made, _ in results):
        # Of several styles there is no one title.
        recipe = Recipe()
    story = request_input.story or Story()
    return await accept(services, replace(request_input, photos=photos, recipe=recipe, story=story))


def _check_chat(made: Version | HistoryEntry, request_input: RequestInput) -> None:
    if made.chat != request_input.chat and not request_input.alone:
        raise OtherChatError


async def again(services: Services, entry_id: int, request_input: RequestInput) -> Ticket:
    """Paint the photos of an entry in the history again, unchanged or with changes.

    Args:
        services: The bot's services.
        entry_id: An entry of the person's history.
        request_input: The new request; its photos are ignored.

    Raises:
        EntryGoneError: the person has no such entry.
        BotError: as `accept`.
    """
    return await vary(
        services, await history.entry(services, request_input.user, entry_id), request_input
    )

"""Accepts and cancels requests, and reports their status."""

import logging
from dataclasses import replace
from math import ceil
from typing import Any, Final

from bots.core.common.services import Services
from bots.core.common.telemetry import at_work
from bots.core.errors import EntryGoneError, NotYoursError, TooLateError
from bots.core.policy import control
from bots.core.requests.checks import (
    RequestContext,
    check_access,
    check_limits,
    check_open,
    check_photos,
    read_context,
)
from bots.core.requests.choices import chosen
from bots.core.requests.values import RequestInput, Ticket
from bots.core.styles import catalogue
from storage.transaction import Transaction
from storage.values.jobs import Job, Place
from storage.values.people import UserKey

logger = logging.getLogger(__name__)

# Share of the work from which the time that it took predicts the rest.
_PREDICTS_FROM: Final = 0.05
_ROUGHLY_S: Final = 5


async def accept(services: Services, request_input: RequestInput) -> Ticket:
    """Queue a request.

    Raises:
        BotError: it is refused; nothing is stored.
    """
    async with services.database.writing() as transaction:
        await transaction.jobs.lock(request_input.user)
        context = await read_context(services, transaction, request_input)
        job, new = await transaction.jobs.find(request_input.dedupe), False
        if job is not None:
            job = await grown(services, transaction, job, request_input, context)
        else:
            await check_access(services, transaction, request_input, context.settings)
            request_input = check_photos(services, context, request_input)
            check_open(context)
            await check_limits(services, transaction, request_input, context)
            wanted = await chosen(services, transaction, request_input, context)
            job, new = await transaction.jobs.add(wanted, services.now())
        place = await place_in_queue(transaction, job, context.control)
    if new:
        log_queued(services, job)
    title = catalogue.titled(services, job.wanted.recipe, context.styles, context.language)
    return Ticket(job, place, title, new)


async def grown(
    services: Services,
    transaction: Transaction,
    job: Job,
    request_input: RequestInput,
    context: RequestContext,
) -> Job:
    """A request that was accepted before, with the photos added to it since."""
    if len(request_input.photos) <= len(job.wanted.photos):
        return job
    request_input = check_photos(services, context, request_input)
    return await transaction.jobs.grow(job, request_input.photos)


def log_queued(services: Services, job: Job) -> None:
    """Log that a request was queued."""
    user = job.wanted.user
    with at_work(job=job.id, user=services.pseudonym(user)[:16], platform=user.platform):
        logger.info("job queued", extra={"photos": len(job.wanted.photos)})


async def extend_reply_target(services: Services, job_id: int, **more: Any) -> None:  # noqa: ANN401 - JSON
    """Record more of the platform's data for answering a request in the right place."""
    async with services.database.writing() as transaction:
        job = await transaction.jobs.get(job_id)
        if job:
            await transaction.jobs.put_reply_target(job_id, job.wanted.reply_target | more)


async def cancel(services: Services, user: UserKey, job_id: int) -> None:
    """Cancel a person's own request.

    Raises:
        EntryGoneError: the person has no such request.
        TooLateError: it is being delivered, or has ended.
    """
    async with services.database.writing() as transaction:
        job = await transaction.jobs.get(job_id)
        if job is None or job.wanted.user != user:
            raise EntryGoneError
        if not await transaction.jobs.cancel(job_id, services.now(), user):
            raise TooLateError


async def cancel_all(services: Services, user: UserKey) -> int:
    """Cancel all of a person's requests; returns the number."""
    async with services.database.writing() as transaction:
        return await transaction.jobs.cancel_all(user, services.now())


async def job(services: Services, job_id: int) -> Job | None:
    """The current state of a request; None if it is gone."""
    async with services.database.reading() as transaction:
        return await transaction.jobs.get(job_id)


async def own_job(services: Services, job_id: int, user: UserKey) -> Job:
    """The current state of a person's own request.

    Raises:
        EntryGoneError: it is gone.
        NotYoursError: it is someone else's.
    """
    found = await job(services, job_id)
    if found is None:
        raise EntryGoneError
    if found.wanted.user != user:
        raise NotYoursError
    return found


async def place(services: Services, job_id: int) -> tuple[Job, Place] | None:
    """The current state of a request and its place in the queue; None if it is gone."""
    async with services.database.reading() as transaction:
        job = await transaction.jobs.get(job_id)
        return (
            (job, await place_in_queue(transaction, job, await control.read(transaction)))
            if job
            else None
        )


def described(services: Services, job: Job, place: Place, title: str) -> str:
    """The status of a request as a sentence."""
    say, language = services.texts.say, job.wanted.language
    if place.paused is not None and job.state == "queued":
        return say("queue-paused", language, title=title, words=place.paused, ahead=place.ahead)
    count, share = job.wanted.results, services.shares.get(job.id)
    if job.state == "running" and share is not None:
        line = say("queue-share", language, title=title, percent=int(100 * share))
        return _with_seconds(
            services, line, "queue-left", _left_s(services, job, place, share), job
        )
    if job.state == "running" and count > 1:
        return say("queue-progress", language, title=title, done=job.progress, count=count)
    line = (
        say("queue-place", language, title=title, ahead=place.ahead)
        if place.ahead
        else say("queue-next", language, title=title)
    )
    return _with_seconds(services, line, "queue-about", place.wait_s, job)


def _with_seconds(services: Services, line: str, name: str, seconds: float | None, job: Job) -> str:
    """A line, and the predicted seconds where they are known."""
    if seconds is None:
        return line
    language = job.wanted.language
    return services.texts.say(name, language, place=line, seconds=max(1, round(seconds)))


def _left_s(services: Services, job: Job, place: Place, share: float) -> float | None:
    """Predicted seconds until slow work is done, roughly; None if nothing is known yet."""
    if share >= _PREDICTS_FROM and job.started_at is not None:
        left_s = (services.now() - job.started_at).total_seconds() * (1 - share) / share
    elif place.wait_s is not None:
        # From recent work until there is enough of this one.
        left_s = place.wait_s * (1 - share)
    else:
        return None
    # Every other text is an edit of a message.
    return _ROUGHLY_S * max(1, ceil(left_s / _ROUGHLY_S))


async def place_in_queue(transaction: Transaction, job: Job, now_holds: control.Control) -> Place:
    """The place of a request, and the admin's message while the queue is paused."""
    words = now_holds.words if now_holds.mode == "paused" else None
    return replace(await transaction.jobs.place(job), paused=words)

"""Checks of requests: access, photos, limits."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from bots.core.common.services import Limits, Services
from bots.core.errors import (
    AdminsOnlyError,
    AlbumTooLargeError,
    ClosedError,
    NoPhotoError,
    OtherTopicError,
    QueueFullError,
    StoryTooLargeError,
    TooFastError,
    TooManyWaitingError,
)
from bots.core.policy import access, control
from bots.core.requests import clips
from bots.core.requests.values import RequestInput
from engine.api.contract import SCENES_MAX
from storage.transaction import Transaction
from storage.values.people import ChatSettings, Preference
from storage.values.styles import Style

_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class RequestContext:
    """Data about the person and the chat of a request."""

    preference: Preference
    settings: ChatSettings
    styles: Sequence[Style]
    language: str
    control: control.Control
    limits: Limits


async def read_context(
    services: Services, transaction: Transaction, request_input: RequestInput
) -> RequestContext:
    """Read the data that a request is checked against."""
    preference = await transaction.people.preference(request_input.user)
    settings = await transaction.people.chat(request_input.chat)
    language = services.texts.choose(preference.language, settings.language, request_input.locale)
    now_holds = await control.read(transaction)
    styles = await transaction.styles.all(request_input.user)
    limits = now_holds.applied(services.limits)
    return RequestContext(preference, settings, styles, language, now_holds, limits)


async def check_access(
    services: Services,
    transaction: Transaction,
    request_input: RequestInput,
    settings: ChatSettings,
) -> None:
    """Check that the person may make this request here, with these photos."""
    await access.check_person(services, transaction, request_input.user, request_input.chat)
    await access.check_author(transaction, request_input.user, request_input.author)
    if settings.audience == "admins" and not request_input.admin:
        raise AdminsOnlyError
    # A chat that no longer has topics has no other one.
    if request_input.topic is not None and settings.topic not in (None, request_input.topic):
        raise OtherTopicError


def check_photos(
    services: Services, context: RequestContext, request_input: RequestInput
) -> RequestInput:
    """The request with its photos as they can be painted.

    Raises:
        RequestError: there are none, or too many, or a clip cannot be painted, or no story made.
        ClipTooLongError: a clip is too long.
    """
    if not request_input.photos:
        raise NoPhotoError
    if request_input.story and len(request_input.photos) > SCENES_MAX:
        raise StoryTooLargeError(limit=SCENES_MAX)
    if len(request_input.photos) > context.limits.album:
        raise AlbumTooLargeError(limit=context.limits.album)
    if request_input.story:
        photos = clips.as_scenes(services, request_input.photos)
    else:
        photos = clips.allowed(services, context.settings, request_input.photos)
    return replace(request_input, photos=photos)


def check_open(context: RequestContext) -> None:
    """Check that the queue accepts requests."""
    if context.control.mode == "draining":
        raise ClosedError(words=context.control.words)


async def check_limits(
    services: Services,
    transaction: Transaction,
    request_input: RequestInput,
    context: RequestContext,
) -> None:
    """Check the bot's limits, and the chat's if it has any, against the store."""
    jobs, limits, settings = transaction.jobs, context.limits, context.settings
    count = len(request_input.photos)
    minute_ago = services.now() - _MINUTE
    if (waiting := await jobs.count_waiting()) + count > limits.waiting:
        raise QueueFullError(waiting=waiting)
    for chat, most in (
        (None, limits.waiting_per_user),
        (request_input.chat, settings.waiting_per_user),
    ):
        if most is None:
            continue
        waiting = await jobs.count_waiting(request_input.user, chat)
        # An album may be larger than the limit, but only if no other photo is waiting.
        if waiting and waiting + count > most:
            raise TooManyWaitingError(waiting=waiting, limit=most)
    for chat, most in ((None, limits.per_minute), (request_input.chat, settings.per_minute)):
        if most is None:
            continue
        sent = await jobs.count_since(minute_ago, request_input.user, chat)
        if sent and sent + count > most:
            raise TooFastError(limit=most, seconds=int(_MINUTE.total_seconds()))

"""Drafts: requests without a style; asks for the style and takes the answer."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from bots.core.common.services import Services
from bots.core.errors import (
    BadNumberError,
    BotError,
    EntryGoneError,
    NeedsInputError,
    NoReferenceError,
    NotYoursError,
    OtherChatError,
    StyleDisabledError,
    StyleGoneError,
    StyleNotHereError,
    UnknownStyleNameError,
)
from bots.core.policy import control
from bots.core.requests.checks import (
    check_access,
    check_limits,
    check_open,
    check_photos,
    read_context,
)
from bots.core.requests.choices import chosen, said, wanted_job
from bots.core.requests.queueing import (
    accept,
    grown,
    log_queued,
    own_job,
    place_in_queue,
)
from bots.core.requests.values import Question, RequestInput, Ticket
from bots.core.styles import catalogue, recipes
from bots.core.styles.request_parser import is_plain, near, without_numbers
from engine.api.errors import EngineError, InvalidOptionError
from storage.values.jobs import Job
from storage.values.people import ChatKey, UserKey
from storage.values.recipes import Choice, Recipe

# A style typed later than this is probably not meant for the last photo.
_ANSWERED_WITHIN: Final = timedelta(days=1)
# Errors that choosing another style can fix; the photo is kept for that.
_MENDED_BY_CHOOSING: Final = (
    BadNumberError,
    InvalidOptionError,
    NeedsInputError,
    NoReferenceError,
    StyleGoneError,
    StyleNotHereError,
    StyleDisabledError,
    UnknownStyleNameError,
)


async def take(
    services: Services, request_input: RequestInput, *, loose: bool = False
) -> Ticket | Question:
    """Queue a request, or keep it as a draft and ask for the style.

    Args:
        services: The bot's services.
        request_input: The request.
        loose: Whether the words may be unrelated, as in a caption: then they are used only if
            they name a style and nothing else; otherwise the style is asked for.

    Raises:
        BotError: it is refused whatever the style; nothing is stored.
    """
    known = await _known(services, request_input)
    if known is not None and known.state == "draft":
        return await question(services, known)
    if (
        not loose
        and not request_input.words
        and not await has_default(services, request_input.user, request_input.chat)
    ):
        return await ask(services, request_input)
    if loose and not await _is_plain(services, request_input):
        return await ask(services, request_input)
    try:
        return await accept(services, request_input)
    except _MENDED_BY_CHOOSING as error:
        told = not loose or isinstance(error, NeedsInputError)
        return await ask(services, request_input, error if told else None)


async def answer(services: Services, job_id: int, request_input: RequestInput) -> Ticket | Question:
    """Queue a draft with the style that was typed, or ask again.

    Args:
        services: The bot's services.
        job_id: The draft.
        request_input: The answer: a style's name, or its number among those shown.

    Raises:
        BotError: as `choose`.
    """
    shown = (await own_job(services, job_id, request_input.user)).wanted.reply_target.get(
        "shown", []
    )
    words = request_input.words.strip()
    if words.isdecimal() and 1 <= int(words) <= len(shown):
        request_input = replace(request_input, words="", choices=(Choice(shown[int(words) - 1]),))
    try:
        return await choose(services, job_id, request_input)
    except _MENDED_BY_CHOOSING as error:
        job = await own_job(services, job_id, request_input.user)
        return await question(services, job, request_input.words, error)


async def question(
    services: Services, job: Job, words: str = "", why: BotError | EngineError | None = None
) -> Question:
    """The question about a draft's style.

    Args:
        services: The bot's services.
        job: The draft.
        words: What was typed.
        why: The error to explain, if any.
    """
    user, chat = job.wanted.user, job.wanted.chat
    styles = await catalogue.offered(services, user, chat)
    try:
        meant = near(catalogue.read(services, words, styles), styles)
    except BadNumberError:
        meant = near(catalogue.read(services, without_numbers(words), styles), styles)
    ids = [style.id for style in meant]
    others = [style for style in styles if style.id not in ids]
    return Question(job, [*meant, *others], len(meant), why)


async def waiting_draft(services: Services, user: UserKey, chat: ChatKey) -> Job | None:
    """A person's newest draft in a chat, if it is recent; otherwise None."""
    since = services.now() - _ANSWERED_WITHIN
    async with services.database.reading() as transaction:
        draft = await transaction.jobs.draft_of(user, chat, since)
    # Adapters mark photos there that cannot be read.
    return None if draft is None or draft.wanted.reply_target.get("unreadable") else draft


async def has_default(services: Services, user: UserKey, chat: ChatKey) -> bool:
    """Whether a request without a style can be painted without asking for one.

    True if the person, the chat or everyone has a default, if there is only one style, or if the
    chat wants to see results only.
    """
    async with services.database.reading() as transaction:
        preference = await transaction.people.preference(user)
        settings = await transaction.people.chat(chat)
        now_holds = await control.read(transaction)
    chosen = (settings.style_id, now_holds.style_id)
    if settings.quiet or preference.recipe.complete or any(i is not None for i in chosen):
        return True
    return len(await catalogue.listed(services, user, chat)) == 1


async def _known(services: Services, request_input: RequestInput) -> Job | None:
    async with services.database.reading() as transaction:
        return await transaction.jobs.find(request_input.dedupe)


async def _is_plain(services: Services, request_input: RequestInput) -> bool:
    user, chat = request_input.user, request_input.chat
    styles = await catalogue.listed(services, user, chat, edits=True)
    try:
        parsed = catalogue.read(services, request_input.words, styles)
    except BadNumberError:
        return False
    return parsed.this or is_plain(parsed, styles)


async def ask(
    services: Services, request_input: RequestInput, why: BotError | EngineError | None = None
) -> Question:
    """Keep a request and ask for its style.

    Args:
        services: The bot's services.
        request_input: The request.
        why: The error with the style that was named, if any.

    Raises:
        BotError: as `draft`.
    """
    # Values typed with the request are kept for the style to come, unless the words were about
    # something else.
    job = await draft(services, request_input, keep_values=why is not None)
    return await question(services, job, request_input.words, why)


async def draft(
    services: Services, request_input: RequestInput, *, keep_values: bool = False
) -> Job:
    """Store a request that has photos but no style yet, for `choose`.

    Args:
        services: The bot's services.
        request_input: The request.
        keep_values: Whether to keep the parameter values in its words.

    Raises:
        BotError: the person may not have photos painted here; nothing is stored.
    """
    async with services.database.writing() as transaction:
        context = await read_context(services, transaction, request_input)
        if known := await transaction.jobs.find(request_input.dedupe):
            return await grown(services, transaction, known, request_input, context)
        await check_access(services, transaction, request_input, context.settings)
        request_input = check_photos(services, context, request_input)
        recipe = said(services, request_input, context) if keep_values else Recipe()
        wanted = wanted_job(request_input, context, recipe)
        job, _ = await transaction.jobs.add(wanted, services.now(), "draft")
    return job


async def choose(services: Services, job_id: int, request_input: RequestInput) -> Ticket:
    """Queue a draft in the styles of `request_input`; if it is queued already, nothing changes.

    Args:
        services: The bot's services.
        job_id: The draft.
        request_input: The choice; photos, and values it does not set, are the draft's.

    Raises:
        EntryGoneError: the draft is gone.
        NotYoursError: it is someone else's.
        OtherChatError: the photos are from another chat.
        BotError: as `accept`; the draft stays.
    """
    async with services.database.writing() as transaction:
        await transaction.jobs.lock(request_input.user)
        job = await transaction.jobs.get(job_id)
        if job is None:
            raise EntryGoneError
        if job.wanted.user != request_input.user:
            raise NotYoursError
        if job.wanted.chat != request_input.chat:
            raise OtherChatError
        request_input = replace(
            request_input, photos=job.wanted.photos,
            reply_target=job.wanted.reply_target | request_input.reply_target,
            output=request_input.output or job.wanted.output, recipe=job.wanted.recipe,
            story=job.wanted.story,
        )  # fmt: skip
        context = await read_context(services, transaction, request_input)
        new = job.state == "draft"
        if new:
            await check_access(services, transaction, request_input, context.settings)
            request_input = check_photos(services, context, request_input)
            check_open(context)
            await check_limits(services, transaction, request_input, context)
            wanted = await chosen(services, transaction, request_input, context)
            job = await transaction.jobs.submit(job_id, wanted, services.now())
        place = await place_in_queue(transaction, job, context.control)
    if new:
        log_queued(services, job)
    title = recipes.titled(job.wanted.recipe, context.styles, context.language)
    return Ticket(job, place, title, new)

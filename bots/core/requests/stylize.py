"""Accept a request: from what someone sent to a row in the queue, or a sentence why not.

A request that was accepted is in the store before anyone says so; the same one again, as platforms
send it after a break, gives the same row. Where it has more photos then, for an album comes photo
by photo, they are added as long as nobody works on it.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

from bots.core.common.services import Limits, Services
from bots.core.common.telemetry import at_work
from bots.core.errors import (
    AdminsOnlyError,
    AlbumTooLargeError,
    BadNumberError,
    BotError,
    ClosedError,
    EntryGoneError,
    NoPhotoError,
    NoReferenceError,
    NotYoursError,
    OtherChatError,
    OtherTopicError,
    QueueFullError,
    StyleDisabledError,
    StyleGoneError,
    StyleNotHereError,
    TooFastError,
    TooLateError,
    TooManyWaitingError,
    UnknownStyleNameError,
)
from bots.core.policy import access, control
from bots.core.styles import catalogue, recipes
from bots.core.styles.request_parser import (
    ParsedRequest,
    is_plain,
    near,
    resolve,
    retired,
    without_numbers,
)
from bots.core.users import history
from engine.errors import EngineError, InvalidOptionError
from storage.transaction import Transaction
from storage.values.history import HistoryEntry
from storage.values.jobs import Job, NewJob, Place
from storage.values.json import Json
from storage.values.people import ChatKey, ChatSettings, Output, Preference, UserKey
from storage.values.recipes import Choice, Recipe
from storage.values.styles import Style

logger = logging.getLogger(__name__)

_MINUTE: Final = timedelta(minutes=1)
# A style that is typed later than that is hardly meant for the last photo.
_ANSWERED_WITHIN: Final = timedelta(days=1)
_PAUSES_S: Final = (0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 2.0)


@dataclass(frozen=True, slots=True)
class RequestInput:
    """What someone sent.

    Attributes:
        dedupe: What makes it the same as one that came before, such as the update's id.
        user: Who.
        chat: Where.
        photos: For each photo, what the platform finds it by.
        words: What was typed after the command.
        choices: Styles chosen by button instead; they win over words.
        params: Values of parameters that were chosen, by the parameters' ids.
        recipe: What they were made by before; it holds where nothing else is said.
        output: How he wants them.
        locale: Language the platform says the person speaks.
        admin: Whether he is one of the chat's admins.
        author: Who posted the photos, where it was someone else.
        topic: In which of the chat's topics, where it has any.
        alone: Whether no one else sees what comes of it.
        reply_target: What the platform needs to answer in the right place.
    """

    dedupe: str
    user: UserKey
    chat: ChatKey
    photos: tuple[Json, ...]
    words: str = ""
    choices: tuple[Choice, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    recipe: Recipe = field(default_factory=Recipe)
    output: Output | None = None
    locale: str | None = None
    admin: bool = False
    author: UserKey | None = None
    topic: int | None = None
    alone: bool = False
    reply_target: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What was accepted.

    Attributes:
        job: The row.
        place: Where it stands.
        title: What its styles are called, in the person's language.
        new: False when the same request was accepted before.
    """

    job: Job
    place: Place
    title: str
    new: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A request that is kept and waits for its style to be chosen.

    Attributes:
        job: The draft.
        styles: What there is to choose from, in the order to show it; what was perhaps meant first.
        meant: How many of these were perhaps meant.
        why: Why what was typed cannot be; None where nothing was said of a style.
    """

    job: Job
    styles: Sequence[Style]
    meant: int = 0
    why: BotError | EngineError | None = None


# What can be mended by choosing a style; the photo is kept for that.
_MENDED_BY_CHOOSING: Final = (
    BadNumberError,
    InvalidOptionError,
    NoReferenceError,
    StyleGoneError,
    StyleNotHereError,
    StyleDisabledError,
    UnknownStyleNameError,
)


@dataclass(frozen=True, slots=True)
class _Context:
    """What is known of who asks, and where."""

    preference: Preference
    settings: ChatSettings
    styles: Sequence[Style]
    language: str
    control: control.Control
    limits: Limits


async def accept(services: Services, request_input: RequestInput) -> Ticket:
    """Queue a request.

    Raises:
        BotError: it cannot be, or not now; nothing was kept of it.
    """
    async with services.database.writing() as transaction:
        await transaction.jobs.lock(request_input.user)
        context = await _context(services, transaction, request_input)
        job, new = await transaction.jobs.find(request_input.dedupe), False
        if job is not None:
            job = await _grown(transaction, job, request_input, context)
        else:
            await _check_access(services, transaction, request_input, context.settings)
            _check_photos(context, request_input)
            _check_open(context)
            await _check_limits(services, transaction, request_input, context)
            wanted = await _chosen(services, transaction, request_input, context)
            job, new = await transaction.jobs.add(wanted, services.now())
        place = await _place(transaction, job, context.control)
    if new:
        _log_queued(services, job)
    title = recipes.titled(job.wanted.recipe, context.styles, context.language)
    return Ticket(job, place, title, new)


async def take(
    services: Services, request_input: RequestInput, *, loose: bool = False
) -> Ticket | Question:
    """Queue a request, or keep it and ask for the style where none is known.

    Args:
        services: What it needs.
        request_input: The request.
        loose: Whether its words may be about something else, as a caption's are: then they count
            where they name a style and nothing else, and a style is asked for in any other case.

    Raises:
        BotError: it cannot be, or not now, whatever style was chosen; nothing was kept of it.
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
        return await ask(services, request_input, None if loose else error)


async def answer(services: Services, job_id: int, request_input: RequestInput) -> Ticket | Question:
    """Queue a draft in what was typed, or ask once more.

    Args:
        services: What it needs.
        job_id: The draft.
        request_input: What was typed: a style's name, or its number among those that were shown.

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
    """What to ask about a draft.

    Args:
        services: What it needs.
        job: The draft.
        words: What was typed.
        why: Why that cannot be.
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
    """A person's newest request in a chat whose style was asked for lately; None for none."""
    since = services.now() - _ANSWERED_WITHIN
    async with services.database.reading() as transaction:
        draft = await transaction.jobs.draft_of(user, chat, since)
    # Adapters note there what no style can mend.
    return None if draft is None or draft.wanted.reply_target.get("unreadable") else draft


async def has_default(services: Services, user: UserKey, chat: ChatKey) -> bool:
    """Whether someone who names no style need not be asked: he, the chat or everyone has one.

    Nor where there is but one to choose, or in a chat that wants to read results alone.
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
    styles = await catalogue.listed(services, request_input.user, request_input.chat)
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
        services: What it needs.
        request_input: The request.
        why: Why the style that was named cannot be.

    Raises:
        BotError: as `draft`.
    """
    # What was said besides the style holds for the one that is chosen; where the words were about
    # something else, so were their numbers.
    job = await draft(services, request_input, keep_values=why is not None)
    return await question(services, job, request_input.words, why)


async def draft(
    services: Services, request_input: RequestInput, *, keep_values: bool = False
) -> Job:
    """Keep a request that has photos and no style yet, for `choose`.

    Args:
        services: What it needs.
        request_input: The request.
        keep_values: Whether values of parameters in its words hold for the style that is chosen.

    Raises:
        BotError: nothing of his can be painted here; nothing was kept.
    """
    async with services.database.writing() as transaction:
        context = await _context(services, transaction, request_input)
        if known := await transaction.jobs.find(request_input.dedupe):
            return await _grown(transaction, known, request_input, context)
        await _check_access(services, transaction, request_input, context.settings)
        _check_photos(context, request_input)
        recipe = _said(services, request_input, context) if keep_values else Recipe()
        wanted = _wanted(request_input, context, recipe)
        job, _ = await transaction.jobs.add(wanted, services.now(), "draft")
    return job


async def choose(services: Services, job_id: int, request_input: RequestInput) -> Ticket:
    """Queue a draft in the styles of `request_input`; chosen a second time it stays what it was.

    Args:
        services: What it needs.
        job_id: The draft.
        request_input: Who chooses what; the photos are the draft's, and so is what it leaves
            open.

    Raises:
        EntryGoneError: there is no such draft any more.
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
        )  # fmt: skip
        context = await _context(services, transaction, request_input)
        new = job.state == "draft"
        if new:
            await _check_access(services, transaction, request_input, context.settings)
            _check_open(context)
            await _check_limits(services, transaction, request_input, context)
            wanted = await _chosen(services, transaction, request_input, context)
            job = await transaction.jobs.submit(job_id, wanted, services.now())
        place = await _place(transaction, job, context.control)
    if new:
        _log_queued(services, job)
    title = recipes.titled(job.wanted.recipe, context.styles, context.language)
    return Ticket(job, place, title, new)


async def _grown(
    transaction: Transaction, job: Job, request_input: RequestInput, context: _Context
) -> Job:
    """A request that was accepted before, with the photos that it has more by now."""
    if len(request_input.photos) <= len(job.wanted.photos):
        return job
    _check_photos(context, request_input)
    return await transaction.jobs.grow(job.id, request_input.photos)


def _log_queued(services: Services, job: Job) -> None:
    user = job.wanted.user
    with at_work(job=job.id, user=services.pseudonym(user)[:16], platform=user.platform):
        logger.info("job queued", extra={"photos": len(job.wanted.photos)})


@dataclass(frozen=True, slots=True)
class Version:
    """One result: how it was made, and where the platform keeps it.

    Attributes:
        job_id: Of the job that made it.
        user: Whose it is.
        chat: Where it was asked for.
        photos: As in `NewJob`.
        recipe: As in `Job`.
        reply_target: As in `NewJob`; empty once the job was swept.
        title: What its styles are called.
        result: What the platform said of the delivery.
    """

    job_id: int
    user: UserKey
    chat: ChatKey
    photos: tuple[Json, ...]
    recipe: Recipe
    reply_target: Json
    title: str
    result: Json


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
        services: What it needs.
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


async def extend_reply_target(services: Services, job_id: int, **more: Any) -> None:  # noqa: ANN401 - JSON
    """Note what else the platform needs to answer a request in the right place."""
    async with services.database.writing() as transaction:
        job = await transaction.jobs.get(job_id)
        if job:
            await transaction.jobs.put_reply_target(job_id, job.wanted.reply_target | more)


async def again(services: Services, entry_id: int, request_input: RequestInput) -> Ticket:
    """Paint a remembered result's photos once more, as they were or as is asked for.

    Args:
        services: What it needs.
        entry_id: Which entry of the person's history.
        request_input: Who asks now; its photos are not looked at.

    Raises:
        EntryGoneError: he has no such result any more.
        BotError: as `accept`.
    """
    return await vary(
        services, await history.entry(services, request_input.user, entry_id), request_input
    )


async def cancel(services: Services, user: UserKey, job_id: int) -> None:
    """Give up one's own request.

    Raises:
        EntryGoneError: there is no such request of his.
        TooLateError: it is on its way, or over.
    """
    async with services.database.writing() as transaction:
        job = await transaction.jobs.get(job_id)
        if job is None or job.wanted.user != user:
            raise EntryGoneError
        if not await transaction.jobs.cancel(job_id, services.now(), user):
            raise TooLateError


async def cancel_all(services: Services, user: UserKey) -> int:
    """Give up all of one's own requests; returns how many."""
    async with services.database.writing() as transaction:
        return await transaction.jobs.cancel_all(user, services.now())


async def job(services: Services, job_id: int) -> Job | None:
    """A request as it is now; None when it is gone."""
    async with services.database.reading() as transaction:
        return await transaction.jobs.get(job_id)


async def own_job(services: Services, job_id: int, user: UserKey) -> Job:
    """A person's own request as it is now.

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
    """A request as it is now, and where it stands; None when it is gone."""
    async with services.database.reading() as transaction:
        job = await transaction.jobs.get(job_id)
        return (
            (job, await _place(transaction, job, await control.read(transaction))) if job else None
        )


def described(services: Services, job: Job, place: Place, title: str) -> str:
    """Where a request stands, as a sentence."""
    say, language = services.texts.say, job.wanted.language
    if place.paused is not None and job.state == "queued":
        return say("queue-paused", language, title=title, words=place.paused, ahead=place.ahead)
    count, share = len(job.wanted.photos), services.shares.get(job.id)
    if job.state == "running" and share is not None:
        percent = int(100 * share)
        return say("queue-share", language, title=title, percent=percent)
    if job.state == "running" and count > 1:
        return say("queue-progress", language, title=title, done=job.progress, count=count)
    line = (
        say("queue-place", language, title=title, ahead=place.ahead)
        if place.ahead
        else say("queue-next", language, title=title)
    )
    if place.wait_s is None:
        return line
    return say("queue-about", language, place=line, seconds=max(1, round(place.wait_s)))


async def _context(
    services: Services, transaction: Transaction, request_input: RequestInput
) -> _Context:
    preference = await transaction.people.preference(request_input.user)
    settings = await transaction.people.chat(request_input.chat)
    language = services.texts.choose(preference.language, settings.language, request_input.locale)
    now_holds = await control.read(transaction)
    styles = await transaction.styles.all(request_input.user)
    limits = now_holds.applied(services.limits)
    return _Context(preference, settings, styles, language, now_holds, limits)


async def _place(transaction: Transaction, job: Job, now_holds: control.Control) -> Place:
    """Where a request stands, and what an admin says while nothing moves."""
    words = now_holds.words if now_holds.mode == "paused" else None
    return replace(await transaction.jobs.place(job), paused=words)


async def _check_access(
    services: Services,
    transaction: Transaction,
    request_input: RequestInput,
    settings: ChatSettings,
) -> None:
    await access.check_person(services, transaction, request_input.user, request_input.chat)
    await access.check_author(transaction, request_input.user, request_input.author)
    if settings.audience == "admins" and not request_input.admin:
        raise AdminsOnlyError
    # A chat that has given up its topics has no other one.
    if request_input.topic is not None and settings.topic not in (None, request_input.topic):
        raise OtherTopicError


def _check_photos(context: _Context, request_input: RequestInput) -> None:
    if not request_input.photos:
        raise NoPhotoError
    if len(request_input.photos) > context.limits.album:
        raise AlbumTooLargeError(limit=context.limits.album)


def _check_open(context: _Context) -> None:
    if context.control.mode == "draining":
        raise ClosedError(words=context.control.words)


async def _check_limits(
    services: Services, transaction: Transaction, request_input: RequestInput, context: _Context
) -> None:
    """The bot's limits, and the chat's where it has any; both count in the store."""
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
        # An album may be larger than the limit, but then it comes alone.
        if waiting and waiting + count > most:
            raise TooManyWaitingError(waiting=waiting, limit=most)
    for chat, most in ((None, limits.per_minute), (request_input.chat, settings.per_minute)):
        if most is None:
            continue
        sent = await jobs.count_since(minute_ago, request_input.user, chat)
        if sent and sent + count > most:
            raise TooFastError(limit=most, seconds=int(_MINUTE.total_seconds()))


async def _chosen(
    services: Services, transaction: Transaction, request_input: RequestInput, context: _Context
) -> NewJob:
    """A request in the styles that were chosen, or in what stands in for those that are gone."""
    effects = services.effects
    parsed = catalogue.read(services, request_input.words, context.styles)
    new = request_input.choices or _named(parsed, context)
    before = recipes.choices_in(request_input.recipe, context.styles)
    choices = new or before or _default(context)
    gone = {style.id: style for style in context.styles if style.orphaned}
    successors = {
        style.id: next_style
        for style in gone.values()
        if (next_style := catalogue.successor(style, context.styles))
    }
    instead = next((gone[c.style_id] for c in choices if c.style_id in successors), None)
    choices = tuple(
        replace(choice, style_id=successors[choice.style_id].id)
        if choice.style_id in successors
        else choice
        for choice in choices
    )
    catalogue.check_usable(choices, context.styles, context.settings, context.language)
    liked = context.preference
    default = recipes.default_in(liked.recipe, context.styles)
    if default and default.id in successors:
        # From now on that one is his usual style, so that he is told once.
        recipe = recipes.preferred(effects, liked.recipe, successors[default.id], {})
        await transaction.people.prefer(request_input.user, replace(liked, recipe=recipe))
    if choices == before:
        recipe = request_input.recipe
    else:
        values = dict(_values(liked.recipe)) | dict(_values(request_input.recipe))
        recipe = recipes.of_choices(effects, choices, context.styles, values)
    for step in recipe.steps:
        if spec := effects.get(step.effect):
            recipe = recipes.changed(effects, recipe, parsed.params(spec))
    wanted = _wanted(request_input, context, recipes.changed(effects, recipe, request_input.params))
    here = [style for style in context.styles if style.offered]
    title = instead.title(context.language) if instead else retired(parsed, here)
    if title is None or (request_input.choices and not instead):
        return wanted
    return replace(wanted, reply_target=wanted.reply_target | {catalogue.INSTEAD_OF: title})


def _said(services: Services, request_input: RequestInput, context: _Context) -> Recipe:
    """A recipe without a style, of the values that were typed."""
    try:
        parsed = catalogue.read(services, request_input.words, context.styles)
    except BadNumberError:
        words = without_numbers(request_input.words)
        parsed = catalogue.read(services, words, context.styles)
    said = parsed.params(services.effects.painting)
    return recipes.preferred(services.effects, Recipe(), None, said)


def _values(recipe: Recipe) -> Mapping[str, Any]:
    """Values of parameters, for another effect that has such ones."""
    return recipe.steps[0].params if recipe.steps else {}


def _named(parsed: ParsedRequest, context: _Context) -> tuple[Choice, ...]:
    if parsed.this:
        this = catalogue.this_of(context.styles)
        if this is None:
            raise NoReferenceError
        return (Choice(this.id),)
    return resolve(parsed, context.styles, context.language)


def _default(context: _Context) -> tuple[Choice, ...]:
    """The style of those who name none: their own default, the chat's, or the first there is."""
    usable = [s.id for s in context.styles if catalogue.usable(s, context.settings)]
    known = [*usable, *(s.id for s in context.styles if catalogue.successor(s, context.styles))]
    own = recipes.default_in(context.preference.recipe, context.styles)
    default = (own.id if own else None, context.settings.style_id, context.control.style_id)
    for style_id in (*default, *usable[:1]):
        if style_id is not None and style_id in known:
            return (Choice(style_id),)
    raise StyleGoneError


def _wanted(request_input: RequestInput, context: _Context, recipe: Recipe) -> NewJob:
    preference = context.preference
    return NewJob(
        dedupe=request_input.dedupe,
        user=request_input.user,
        chat=request_input.chat,
        photos=request_input.photos,
        recipe=recipe,
        output=request_input.output or preference.output,
        private=preference.private,
        language=context.language,
        reply_target=request_input.reply_target,
    )

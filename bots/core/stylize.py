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

from bots.core import access, control, history, recipes
from bots.core import styles as style_cases
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
    StyleGoneError,
    StyleNotHereError,
    StyleRestingError,
    TooFastError,
    TooLateError,
    TooManyWaitingError,
    UnknownStyleNameError,
)
from bots.core.services import Limits, Services
from bots.core.telemetry import at_work
from bots.core.wishes import Wish, is_plain, near, resolve, retired, without_numbers
from engine.api.errors import EngineError, InvalidOptionError
from storage.transaction import Transaction
from storage.values import (
    ChatKey,
    ChatSettings,
    Choice,
    HistoryEntry,
    Job,
    Json,
    NewJob,
    Output,
    Place,
    Preference,
    Recipe,
    Style,
    UserKey,
)

logger = logging.getLogger(__name__)

_MINUTE: Final = timedelta(minutes=1)
# A style that is typed later than that is hardly meant for the last photo.
_ANSWERED_WITHIN: Final = timedelta(days=1)
_PAUSES_S: Final = (0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 2.0)


@dataclass(frozen=True, slots=True)
class Asked:
    """What someone sent.

    Attributes:
        dedupe: What makes it the same as one that came before, such as the update's id.
        user: Who.
        chat: Where.
        photos: For each photo, what the platform finds it by.
        words: What was typed after the command.
        choices: Styles chosen by button instead; they win over words.
        params: Values of parameters, likewise, by the parameters' ids.
        recipe: What they were made by before; it holds where nothing else is said.
        output: How he wants them.
        locale: Language the platform says the person speaks.
        admin: Whether he is one of the chat's admins.
        author: Who posted the photos, where it was someone else.
        topic: In which of the chat's topics, where it has any.
        alone: Whether no one else sees what comes of it.
        anchor: What the platform needs to answer in the right place.
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
    anchor: Json = field(default_factory=dict)


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
    StyleRestingError,
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


async def accept(services: Services, asked: Asked) -> Ticket:
    """Queue a request.

    Raises:
        BotError: it cannot be, or not now; nothing was kept of it.
    """
    async with services.database.writing() as transaction:
        await transaction.jobs.hold(asked.user)
        context = await _context(services, transaction, asked)
        job, new = await transaction.jobs.find(asked.dedupe), False
        if job is not None:
            job = await _grown(transaction, job, asked, context)
        else:
            await _check_access(services, transaction, asked, context.settings)
            _check_photos(context, asked)
            _check_open(context)
            await _check_limits(services, transaction, asked, context)
            wanted = await _chosen(services, transaction, asked, context)
            job, new = await transaction.jobs.add(wanted, services.now())
        place = await _place(transaction, job, context.control)
    if new:
        _log_queued(services, job)
    title = recipes.titled(job.wanted.recipe, context.styles, context.language)
    return Ticket(job, place, title, new)


async def take(services: Services, asked: Asked, *, loose: bool = False) -> Ticket | Question:
    """Queue a request, or keep it and ask for the style where none is known.

    Args:
        services: What it needs.
        asked: The request.
        loose: Whether its words may be about something else, as a caption's are: then they count
            where they name a style and nothing else, and a style is asked for in any other case.

    Raises:
        BotError: it cannot be, or not now, whatever style was chosen; nothing was kept of it.
    """
    known = await _known(services, asked)
    if known is not None and known.state == "draft":
        return await question(services, known)
    if not loose and not asked.words and not await has_usual(services, asked.user, asked.chat):
        return await ask(services, asked)
    if loose and not await _is_plain(services, asked):
        return await ask(services, asked)
    try:
        return await accept(services, asked)
    except _MENDED_BY_CHOOSING as error:
        return await ask(services, asked, None if loose else error)


async def answer(services: Services, job_id: int, asked: Asked) -> Ticket | Question:
    """Queue a draft in what was typed, or ask once more.

    Args:
        services: What it needs.
        job_id: The draft.
        asked: What was typed: a style's name, or its number among those that were shown.

    Raises:
        BotError: as `choose`.
    """
    shown = (await own_job(services, job_id, asked.user)).wanted.anchor.get("shown", [])
    words = asked.words.strip()
    if words.isdecimal() and 1 <= int(words) <= len(shown):
        asked = replace(asked, words="", choices=(Choice(shown[int(words) - 1]),))
    try:
        return await choose(services, job_id, asked)
    except _MENDED_BY_CHOOSING as error:
        job = await own_job(services, job_id, asked.user)
        return await question(services, job, asked.words, error)


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
    styles = await style_cases.offered(services, user, chat)
    try:
        meant = near(style_cases.read(services, words, styles), styles)
    except BadNumberError:
        meant = near(style_cases.read(services, without_numbers(words), styles), styles)
    ids = [style.id for style in meant]
    others = [style for style in styles if style.id not in ids]
    return Question(job, [*meant, *others], len(meant), why)


async def waiting_draft(services: Services, user: UserKey, chat: ChatKey) -> Job | None:
    """A person's newest request in a chat whose style was asked for lately; None for none."""
    since = services.now() - _ANSWERED_WITHIN
    async with services.database.reading() as transaction:
        draft = await transaction.jobs.draft_of(user, chat, since)
    # Adapters note there what no style can mend.
    return None if draft is None or draft.wanted.anchor.get("unreadable") else draft


async def has_usual(services: Services, user: UserKey, chat: ChatKey) -> bool:
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
    return len(await style_cases.listed(services, user, chat)) == 1


async def _known(services: Services, asked: Asked) -> Job | None:
    async with services.database.reading() as transaction:
        return await transaction.jobs.find(asked.dedupe)


async def _is_plain(services: Services, asked: Asked) -> bool:
    styles = await style_cases.listed(services, asked.user, asked.chat)
    try:
        wish = style_cases.read(services, asked.words, styles)
    except BadNumberError:
        return False
    return wish.this or is_plain(wish, styles)


async def ask(
    services: Services, asked: Asked, why: BotError | EngineError | None = None
) -> Question:
    """Keep a request and ask for its style.

    Args:
        services: What it needs.
        asked: The request.
        why: Why the style that was named cannot be.

    Raises:
        BotError: as `draft`.
    """
    # What was said besides the style holds for the one that is chosen; where the words were about
    # something else, so were their numbers.
    job = await draft(services, asked, keep_values=why is not None)
    return await question(services, job, asked.words, why)


async def draft(services: Services, asked: Asked, *, keep_values: bool = False) -> Job:
    """Keep a request that has photos and no style yet, for `choose`.

    Args:
        services: What it needs.
        asked: The request.
        keep_values: Whether values of parameters in its words hold for the style that is chosen.

    Raises:
        BotError: nothing of his can be painted here; nothing was kept.
    """
    async with services.database.writing() as transaction:
        context = await _context(services, transaction, asked)
        if known := await transaction.jobs.find(asked.dedupe):
            return await _grown(transaction, known, asked, context)
        await _check_access(services, transaction, asked, context.settings)
        _check_photos(context, asked)
        recipe = _said(services, asked, context) if keep_values else Recipe()
        wanted = _wanted(asked, context, recipe)
        job, _ = await transaction.jobs.add(wanted, services.now(), "draft")
    return job


async def choose(services: Services, job_id: int, asked: Asked) -> Ticket:
    """Queue a draft in the styles of `asked`; chosen a second time it stays what it was.

    Args:
        services: What it needs.
        job_id: The draft.
        asked: Who chooses what; the photos are the draft's, and so is what it says nothing of.

    Raises:
        EntryGoneError: there is no such draft any more.
        NotYoursError: it is someone else's.
        OtherChatError: the photos are from another chat.
        BotError: as `accept`; the draft stays.
    """
    async with services.database.writing() as transaction:
        await transaction.jobs.hold(asked.user)
        job = await transaction.jobs.get(job_id)
        if job is None:
            raise EntryGoneError
        if job.wanted.user != asked.user:
            raise NotYoursError
        if job.wanted.chat != asked.chat:
            raise OtherChatError
        asked = replace(
            asked, photos=job.wanted.photos, anchor=job.wanted.anchor | asked.anchor,
            output=asked.output or job.wanted.output, recipe=job.wanted.recipe,
        )  # fmt: skip
        context = await _context(services, transaction, asked)
        new = job.state == "draft"
        if new:
            await _check_access(services, transaction, asked, context.settings)
            _check_open(context)
            await _check_limits(services, transaction, asked, context)
            wanted = await _chosen(services, transaction, asked, context)
            job = await transaction.jobs.submit(job_id, wanted, services.now())
        place = await _place(transaction, job, context.control)
    if new:
        _log_queued(services, job)
    title = recipes.titled(job.wanted.recipe, context.styles, context.language)
    return Ticket(job, place, title, new)


async def _grown(transaction: Transaction, job: Job, asked: Asked, context: _Context) -> Job:
    """A request that was accepted before, with the photos that it has more by now."""
    if len(asked.photos) <= len(job.wanted.photos):
        return job
    _check_photos(context, asked)
    return await transaction.jobs.grow(job.id, asked.photos)


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
        recipe: Likewise.
        anchor: Likewise; empty once the job was swept.
        title: What its styles are called.
        result: What the platform said of the delivery.
    """

    job_id: int
    user: UserKey
    chat: ChatKey
    photos: tuple[Json, ...]
    recipe: Recipe
    anchor: Json
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

    Whoever presses in the moment between the platform's having it and our knowing that waits.

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
        asked = job.wanted if job else entry
        if asked is None:
            raise EntryGoneError
        owner, here = asked.user, asked.chat
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
        anchor=job.wanted.anchor if job else {}, result=result,
        title=recipes.titled(made.recipe, styles, language),
    )  # fmt: skip


async def vary(services: Services, made: Version | HistoryEntry, asked: Asked) -> Ticket:
    """Paint a result's photos once more, otherwise where `asked` says so.

    Raises:
        OtherChatError: the photos are from another chat, and others would see them here.
        BotError: as `accept`.
    """
    if made.chat != asked.chat and not asked.alone:
        raise OtherChatError
    return await accept(services, replace(asked, photos=made.photos, recipe=made.recipe))


async def anchor(services: Services, job_id: int, **more: Any) -> None:  # noqa: ANN401 - JSON
    """Note what else the platform needs to answer a request in the right place."""
    async with services.database.writing() as transaction:
        job = await transaction.jobs.get(job_id)
        if job:
            await transaction.jobs.anchor(job_id, job.wanted.anchor | more)


async def again(services: Services, entry_id: int, asked: Asked) -> Ticket:
    """Paint a remembered result's photos once more: as they were, or as `asked` has it otherwise.

    Args:
        services: What it needs.
        entry_id: Which entry of the person's history.
        asked: Who asks now; its photos are not looked at.

    Raises:
        EntryGoneError: he has no such result any more.
        BotError: as `accept`.
    """
    return await vary(services, await history.entry(services, asked.user, entry_id), asked)


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


async def _context(services: Services, transaction: Transaction, asked: Asked) -> _Context:
    preference = await transaction.people.preference(asked.user)
    settings = await transaction.people.chat(asked.chat)
    language = services.texts.choose(preference.language, settings.language, asked.locale)
    now_holds = await control.read(transaction)
    styles = await transaction.styles.all(asked.user)
    limits = now_holds.applied(services.limits)
    return _Context(preference, settings, styles, language, now_holds, limits)


async def _place(transaction: Transaction, job: Job, now_holds: control.Control) -> Place:
    """Where a request stands, and what an admin says while nothing moves."""
    words = now_holds.words if now_holds.gate == "paused" else None
    return replace(await transaction.jobs.place(job), paused=words)


async def _check_access(
    services: Services, transaction: Transaction, asked: Asked, settings: ChatSettings
) -> None:
    await access.check_person(services, transaction, asked.user, asked.chat)
    await access.check_author(transaction, asked.user, asked.author)
    if settings.audience == "admins" and not asked.admin:
        raise AdminsOnlyError
    # A chat that has given up its topics has no other one.
    if asked.topic is not None and settings.topic not in (None, asked.topic):
        raise OtherTopicError


def _check_photos(context: _Context, asked: Asked) -> None:
    if not asked.photos:
        raise NoPhotoError
    if len(asked.photos) > context.limits.album:
        raise AlbumTooLargeError(limit=context.limits.album)


def _check_open(context: _Context) -> None:
    if context.control.gate == "draining":
        raise ClosedError(words=context.control.words)


async def _check_limits(
    services: Services, transaction: Transaction, asked: Asked, context: _Context
) -> None:
    """The bot's limits, and the chat's where it has any; both count in the store."""
    jobs, limits, settings = transaction.jobs, context.limits, context.settings
    count = len(asked.photos)
    minute_ago = services.now() - _MINUTE
    if (waiting := await jobs.count_waiting()) + count > limits.waiting:
        raise QueueFullError(waiting=waiting)
    for chat, most in ((None, limits.waiting_per_user), (asked.chat, settings.waiting_per_user)):
        if most is None:
            continue
        waiting = await jobs.count_waiting(asked.user, chat)
        # An album may be larger than the limit, but then it comes alone.
        if waiting and waiting + count > most:
            raise TooManyWaitingError(waiting=waiting, limit=most)
    for chat, most in ((None, limits.per_minute), (asked.chat, settings.per_minute)):
        if most is None:
            continue
        sent = await jobs.count_since(minute_ago, asked.user, chat)
        if sent and sent + count > most:
            raise TooFastError(limit=most, seconds=int(_MINUTE.total_seconds()))


async def _chosen(
    services: Services, transaction: Transaction, asked: Asked, context: _Context
) -> NewJob:
    """A request in the styles that were chosen, or in what stands in for those that are gone."""
    effects = services.effects
    wish = style_cases.read(services, asked.words, context.styles)
    new = asked.choices or _named(wish, context)
    before = recipes.choices_in(asked.recipe, context.styles)
    choices = new or before or _usual(context)
    gone = {style.id: style for style in context.styles if style.orphaned}
    heirs = {
        style.id: heir
        for style in gone.values()
        if (heir := style_cases.successor(style, context.styles))
    }
    instead = next((gone[c.style_id] for c in choices if c.style_id in heirs), None)
    choices = tuple(
        replace(choice, style_id=heirs[choice.style_id].id) if choice.style_id in heirs else choice
        for choice in choices
    )
    style_cases.check_usable(choices, context.styles, context.settings, context.language)
    liked = context.preference
    usual = recipes.usual_in(liked.recipe, context.styles)
    if usual and usual.id in heirs:
        # From now on that one is his usual style, so that he is told once.
        recipe = recipes.preferred(effects, liked.recipe, heirs[usual.id], {})
        await transaction.people.prefer(asked.user, replace(liked, recipe=recipe))
    if choices == before:
        recipe = asked.recipe
    else:
        values = dict(_values(liked.recipe)) | dict(_values(asked.recipe))
        recipe = recipes.of_choices(effects, choices, context.styles, values)
    for step in recipe.steps:
        if spec := effects.get(step.effect):
            recipe = recipes.changed(effects, recipe, wish.params(spec))
    wanted = _wanted(asked, context, recipes.changed(effects, recipe, asked.params))
    here = [style for style in context.styles if style.offered]
    title = instead.title(context.language) if instead else retired(wish, here)
    if title is None or (asked.choices and not instead):
        return wanted
    return replace(wanted, anchor=wanted.anchor | {style_cases.INSTEAD_OF: title})


def _said(services: Services, asked: Asked, context: _Context) -> Recipe:
    """A recipe without a style, of the values that were typed."""
    try:
        wish = style_cases.read(services, asked.words, context.styles)
    except BadNumberError:
        words = without_numbers(asked.words)
        wish = style_cases.read(services, words, context.styles)
    said = wish.params(services.effects.painting)
    return recipes.preferred(services.effects, Recipe(), None, said)


def _values(recipe: Recipe) -> Mapping[str, Any]:
    """Values of parameters, for another effect that has such ones."""
    return recipe.steps[0].params if recipe.steps else {}


def _named(wish: Wish, context: _Context) -> tuple[Choice, ...]:
    if wish.this:
        this = style_cases.this_of(context.styles)
        if this is None:
            raise NoReferenceError
        return (Choice(this.id),)
    return resolve(wish, context.styles, context.language)


def _usual(context: _Context) -> tuple[Choice, ...]:
    """The style of whoever names none: his own usual one, the chat's, or the first there is."""
    usable = [s.id for s in context.styles if style_cases.usable(s, context.settings)]
    known = [*usable, *(s.id for s in context.styles if style_cases.successor(s, context.styles))]
    own = recipes.usual_in(context.preference.recipe, context.styles)
    usual = (own.id if own else None, context.settings.style_id, context.control.style_id)
    for style_id in (*usual, *usable[:1]):
        if style_id is not None and style_id in known:
            return (Choice(style_id),)
    raise StyleGoneError


def _wanted(asked: Asked, context: _Context, recipe: Recipe) -> NewJob:
    preference = context.preference
    return NewJob(
        dedupe=asked.dedupe,
        user=asked.user,
        chat=asked.chat,
        photos=asked.photos,
        recipe=recipe,
        output=asked.output or preference.output,
        private=preference.private,
        language=context.language,
        anchor=asked.anchor,
    )

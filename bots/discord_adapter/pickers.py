"""First the picture, then the style: menus that ask, and remember in the store what for."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import discord

from bots.core import people, stylize
from bots.core import styles as style_cases
from bots.core.errors import SourceGoneError, StyleGoneError
from bots.core.stylize import Question
from bots.discord_adapter import posting, sources
from bots.discord_adapter.answers import Answer
from bots.discord_adapter.cards import PAGE, SPOILER, is_spoiler, paged, style_menu
from bots.discord_adapter.client import StylebotClient
from bots.discord_adapter.controls import Press, act, button, control_id
from bots.discord_adapter.origin import Anchor
from bots.discord_adapter.posting import Upload
from bots.discord_adapter.statuses import Statuses
from bots.discord_adapter.views import Layout, box, gallery, row, text
from bots.sheets import ON_A_SHEET
from engine.api.errors import ImageError
from storage.values import Choice, Job, Style, UserKey

# What the file is called that shows a photo in some styles.
SHEET: Final = "styles.jpg"
_ALL: Final = "all"
_IN_A_ROW: Final = 4
_LABEL_MAX: Final = 80
_OPTIONS_MAX: Final = 25
# What is remembered of the choices made so far, in a menu's id.
_DEFAULT: Final = 1
_PRIVATE: Final = 2


async def ask(
    answer: Answer, photos: Sequence[dict[str, Any]], *, private: bool, author: UserKey
) -> None:
    """Let someone choose the picture, if there are several, and the style.

    Args:
        answer: The answer that asks; it was deferred, and is private.
        photos: Of what.
        private: Whether the result is to be private, unless he says otherwise.
        author: Who posted them.

    Raises:
        BotError: nothing of his can be painted here.
    """
    services = answer.client.services
    flags = _PRIVATE if private else 0
    photos = photos[: services.limits.album]
    question = await stylize.ask(services, answer.asked(photos, author=author))
    if len(photos) > 1:
        await answer.show(_which(answer, question.job, flags), [])
    else:
        await show(answer, question, flags)


async def show(answer: Answer, question: Question, flags: int = 0) -> None:
    """Let an answer be the question which style.

    Raises:
        StyleGoneError: there is none to choose.
    """
    await answer.show(*await styles_view(answer.client, question, answer.language, flags))


def flags_of(*, private: bool) -> int:
    """What a question remembers from its beginning.

    Args:
        private: Whether the result is to be private, unless the person says otherwise.
    """
    return _PRIVATE if private else 0


async def styles_view(
    client: StylebotClient, question: Question, language: str, flags: int = 0, page: int = 0
) -> tuple[Layout, list[Upload]]:
    """The question which style, with the photo in some of them, and that picture's file.

    Raises:
        StyleGoneError: there is none to choose.
    """
    if not question.styles:
        raise StyleGoneError
    say, texts, job = client.services.texts.say, client.services.texts, question.job
    shown, last = paged(question.styles, page, ON_A_SHEET)
    await stylize.anchor(
        client.services, job.id, shown=[style.id for style in shown],
        meant=[style.id for style in question.styles[: question.meant]],
    )  # fmt: skip
    line = say("choose-style-group", language, count=len(job.wanted.photos))
    if question.why:
        line = f"{texts.of_error(question.why, language)}\n{line}"
    parts: list[discord.ui.Item[Any]] = [text(discord.utils.escape_mentions(line))]
    pictures, uploads = await _sheet(client, job, shown, language)
    rows = _rows(say, question, shown, language, (flags, page, last))
    return Layout(box(*parts, *pictures), *rows), uploads


async def _sheet(
    client: StylebotClient, job: Job, shown: Sequence[Style], language: str
) -> tuple[list[discord.ui.Item[Any]], list[Upload]]:
    """The first photo in some styles, where that can be painted now.

    Raises:
        ImageError: it is the only one, and cannot be painted at all.
        SourceGoneError: the original is gone.
    """
    wanted = job.wanted
    try:
        picture = await client.sheets.of(
            (wanted.user, wanted.chat), ("discord", job.id),
            lambda: sources.fetch(client, wanted.photos[0]), shown, language,
        )  # fmt: skip
    except (ImageError, SourceGoneError):
        # Of an album others may be painted.
        if len(wanted.photos) == 1:
            await stylize.anchor(client.services, job.id, unreadable=True)
            raise
        picture = None
    if picture is None:
        return [], []
    hidden = is_spoiler(wanted.photos, wanted.anchor)
    name = SPOILER + SHEET if hidden else SHEET
    alt = ", ".join(f"{n} {style.title(language)}" for n, style in enumerate(shown, start=1))
    return [gallery([(name, alt)], spoiler=hidden)], [Upload(name, picture)]


def _rows(
    say: Callable[..., str],
    question: Question,
    shown: Sequence[Style],
    language: str,
    state: tuple[int, int, int],
) -> list[discord.ui.Item[Any]]:
    """A button for each style that is shown, a menu of these and others, and what else there is."""
    job, (flags, page, last) = question.job, state
    buttons = [
        button(f"{n} · {style.title(language)}"[:_LABEL_MAX], "take", job.id, flags, style.id)
        for n, style in enumerate(shown, start=1)
    ]
    rows = [row(*buttons[at : at + _IN_A_ROW]) for at in range(0, len(buttons), _IN_A_ROW)]
    others = [style for style in question.styles if style not in shown]
    listed = [*shown, *others][:_OPTIONS_MAX]
    menu = style_menu(
        "choose", (job.id, flags), listed, language, say("discord-choose-style", language)
    )
    menu.custom_id = control_id("choose", job.id, flags, page)
    numbers = (job.id, flags, page)
    last_row = [
        button(say("discord-as-default", language), "choose-default", *numbers,
               on=bool(flags & _DEFAULT)),
    ]  # fmt: skip
    if Anchor.from_json(job.wanted.anchor).private:
        label = say("discord-only-me", language)
        last_row.append(button(label, "choose-private", *numbers, on=bool(flags & _PRIVATE)))
    if last:
        # Two buttons of one id Discord refuses, and with two pages both lead to the same.
        back, on = (page - 1) % (last + 1), (page + 1) % (last + 1)
        last_row += [
            button("◀", "choose-page", job.id, flags, back, 0),
            button("▶", "choose-page", job.id, flags, on, 1),
        ]
    return [*rows, row(menu), row(*last_row)]


@act("pick")
async def pick(press: Press) -> None:
    """One of several pictures was chosen, or all."""
    answer = press.answer
    await answer.defer_in_place()
    job = await _draft(press)
    photos = job.wanted.photos
    (value,) = press.values
    if value != _ALL:
        photos = (photos[int(value)],)
    asked = replace(
        answer.asked(photos, anchor=job.wanted.anchor), dedupe=f"{job.wanted.dedupe} {value}"
    )
    narrower = await stylize.ask(answer.client.services, asked)
    await show(answer, narrower, press.numbers[1])


@act("choose")
async def choose(press: Press) -> None:
    """A style was chosen in the menu; in one of an earlier version, perhaps another page."""
    (value,) = press.values
    if value.startswith(PAGE):
        await _again(press, page=int(value.removeprefix(PAGE)))
    else:
        await _paint(press, int(value))


@act("take")
async def take(press: Press) -> None:
    """A style was chosen by its button."""
    await _paint(press, press.numbers[2])


@act("choose-page")
async def turn(press: Press) -> None:
    """The next styles are to be seen, or those before."""
    await _again(press, page=press.numbers[2])


async def _paint(press: Press, style_id: int) -> None:
    answer, (job_id, flags, *_) = press.answer, press.numbers
    message = answer.interaction.message
    moves = message is not None and message.flags.ephemeral and not flags & _PRIVATE
    if moves:
        await answer.defer(private=False)
    else:
        await answer.defer_in_place()
    job = await _draft(press)
    services, choice = answer.client.services, Choice(style_id)
    asked = answer.asked(choices=(choice,))
    await Statuses(answer.client).submit(job.wanted.dedupe, stylize.choose(services, job_id, asked))
    answer.client.sheets.forget(("discord", job_id))
    if flags & _DEFAULT:
        liked = await people.prefer_style(services, answer.user, choice.style_id)
        answer.client.memory.note(answer.user, liked)
    if moves:
        await _close(answer.client, Anchor.from_json(job.wanted.anchor))


@act("choose-default")
async def as_default(press: Press) -> None:
    """Whether the style that is chosen next is to be the usual one."""
    await _again(press, toggle=_DEFAULT)


@act("choose-private")
async def for_me(press: Press) -> None:
    """Whether the result is for the person alone."""
    await _again(press, toggle=_PRIVATE)


async def ask_by_message(client: StylebotClient, question: Question, anchor: Anchor) -> None:
    """Ask for the style in a message of the bot's own, unless a server wants results alone.

    Raises:
        StyleGoneError: there is none to choose.
        UndeliverableError: the bot may not write there.
        discord.DiscordException: likewise.
    """
    job = question.job
    if job.state == "draft" and not client.memory.chat(job.wanted.chat).quiet:
        view, uploads = await styles_view(client, question, job.wanted.language)
        await posting.put(client, anchor, view, uploads, f"draft {job.id}")


def _which(answer: Answer, job: Job, flags: int) -> Layout:
    """The question which picture."""
    options = [
        discord.SelectOption(
            label=answer.say("discord-picture", number=number + 1), value=str(number)
        )
        for number in range(len(job.wanted.photos))
    ]
    options.append(discord.SelectOption(label=answer.say("discord-all-pictures"), value=_ALL))
    placeholder = answer.say("discord-choose-picture")
    menu: discord.ui.Select[Any] = discord.ui.Select(
        custom_id=control_id("pick", job.id, flags), options=options, placeholder=placeholder
    )
    return Layout(box(text(placeholder)), row(menu))


async def _again(press: Press, *, toggle: int = 0, page: int | None = None) -> None:
    """Ask once more, otherwise."""
    answer, (_, flags, here, *_) = press.answer, press.numbers
    await answer.defer_in_place()
    job, services = await _draft(press), answer.client.services
    meant = job.wanted.anchor.get("meant", ())
    styles = await style_cases.offered(services, answer.user, job.wanted.chat, meant)
    question = Question(job, styles, len(meant))
    view, uploads = await styles_view(
        answer.client, question, answer.language, flags ^ toggle, here if page is None else page
    )
    await answer.show(view, uploads)


async def _draft(press: Press) -> Job:
    """What is asked about.

    Raises:
        EntryGoneError: it is gone.
        NotYoursError: it is someone else's.
    """
    answer = press.answer
    return await stylize.own_job(answer.client.services, press.number, answer.user)


async def _close(client: StylebotClient, anchor: Anchor) -> None:
    """Take the question away once it was answered."""
    if anchor.message is None:
        return
    try:
        await posting.webhook(client, anchor).delete_message(anchor.message)
    except discord.HTTPException:
        # It stays until the person closes it himself.
        return

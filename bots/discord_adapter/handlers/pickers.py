"""Pickers: choosing the picture and the style of a draft, which is in the store."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import discord

from bots.core.errors import ClipsOffError, SourceGoneError, StyleGoneError
from bots.core.requests import clips, drafts, queueing
from bots.core.requests.values import Question
from bots.core.styles import catalogue
from bots.core.users import preferences
from bots.discord_adapter.context import Context
from bots.discord_adapter.delivery.statuses import Statuses
from bots.discord_adapter.handlers.presses import Press
from bots.discord_adapter.render.cards import PAGE, SPOILER, is_spoiler, paged, style_menu
from bots.discord_adapter.render.component_ids import button, control_id
from bots.discord_adapter.render.layouts import Layout, box, gallery, row, text
from bots.discord_adapter.transport import attachments, posting
from bots.discord_adapter.transport.client import StylebotClient
from bots.discord_adapter.transport.posting import Upload
from bots.discord_adapter.transport.reply_target import ReplyTarget
from bots.images.sheets import ON_A_SHEET
from engine.api.errors import ImageError
from storage.values.jobs import Job
from storage.values.people import UserKey
from storage.values.recipes import Choice
from storage.values.styles import Style

# Name of the sheet's file.
SHEET: Final = "styles.jpg"
_ALL: Final = "all"
_IN_A_ROW: Final = 4
_LABEL_MAX: Final = 80
_OPTIONS_MAX: Final = 25
# Choices made so far, as bits in a menu's id.
_DEFAULT: Final = 1
_PRIVATE: Final = 2


async def ask(
    context: Context, photos: Sequence[dict[str, Any]], *, private: bool, author: UserKey
) -> None:
    """Ask for the picture, if there are several, and the style.

    Args:
        context: The interaction; it was deferred, and is private.
        photos: The photos.
        private: Whether the result is private, unless the user chooses otherwise.
        author: The person who posted them.

    Raises:
        BotError: none of the photos can be painted here.
    """
    services = context.client.services
    flags = _PRIVATE if private else 0
    photos = photos[: services.limits.album]
    question = await drafts.ask(services, context.request_input(photos, author=author))
    if len(photos) > 1:
        await context.show(_which(context, question.job, flags), [])
    else:
        await show(context, question, flags)


async def show(context: Context, question: Question, flags: int = 0) -> None:
    """Show the picker as the answer.

    Raises:
        StyleGoneError: there is no style to choose.
    """
    await context.show(*await styles_view(context.client, question, context.language, flags))


def flags_of(*, private: bool) -> int:
    """The initial choices of a picker.

    Args:
        private: Whether the result is private, unless the user chooses otherwise.
    """
    return _PRIVATE if private else 0


async def styles_view(
    client: StylebotClient, question: Question, language: str, flags: int = 0, page: int = 0
) -> tuple[Layout, list[Upload]]:
    """The picker with a sheet of the photo in some styles, and the sheet's file.

    Raises:
        StyleGoneError: there is no style to choose.
    """
    if not question.styles:
        raise StyleGoneError
    say, texts, job = client.services.texts.say, client.services.texts, question.job
    shown, last = paged(question.styles, page, ON_A_SHEET)
    await queueing.extend_reply_target(
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
    """The first photo in some styles, if it can be painted now.

    Raises:
        ImageError: it is the only photo, and cannot be painted.
        SourceGoneError: the original is gone.
    """
    wanted = job.wanted
    try:
        picture = await client.sheets.of(
            (wanted.user, wanted.chat), ("discord", job.id),
            lambda: attachments.fetch(client, clips.still_of(wanted.photos[0])), shown, language,
        )  # fmt: skip
    except (ImageError, SourceGoneError):
        # Other photos of the album may still be painted.
        if len(wanted.photos) == 1:
            await queueing.extend_reply_target(client.services, job.id, unreadable=True)
            raise
        picture = None
    except ClipsOffError:
        # A video without a still has a picker without pictures.
        picture = None
    if picture is None:
        return [], []
    hidden = is_spoiler(wanted.photos, wanted.reply_target)
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
    """A button for each style shown, a menu of these and more, and the other controls."""
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
    if ReplyTarget.from_json(job.wanted.reply_target).private:
        label = say("discord-only-me", language)
        last_row.append(button(label, "choose-private", *numbers, on=bool(flags & _PRIVATE)))
    if last:
        # Discord refuses two buttons with one id; with two pages both would lead to the same page.
        back, on = (page - 1) % (last + 1), (page + 1) % (last + 1)
        last_row += [
            button("◀", "choose-page", job.id, flags, back, 0),
            button("▶", "choose-page", job.id, flags, on, 1),
        ]
    return [*rows, row(menu), row(*last_row)]


async def pick(press: Press) -> None:
    """Handle the choice of one or all of several pictures."""
    context = press.context
    await context.defer_in_place()
    job = await _draft(press)
    photos = job.wanted.photos
    (value,) = press.values
    if value != _ALL:
        photos = (photos[int(value)],)
    request_input = replace(
        context.request_input(photos, reply_target=job.wanted.reply_target),
        dedupe=f"{job.wanted.dedupe} {value}",
    )
    narrower = await drafts.ask(context.client.services, request_input)
    await show(context, narrower, press.numbers[1])


async def choose(press: Press) -> None:
    """Handle a style chosen in the menu; in one of an earlier version it may be another page."""
    (value,) = press.values
    if value.startswith(PAGE):
        await _again(press, page=int(value.removeprefix(PAGE)))
    else:
        await _paint(press, int(value))


async def take(press: Press) -> None:
    """Handle a style chosen with its button."""
    await _paint(press, press.numbers[2])


async def turn(press: Press) -> None:
    """Show the next or previous styles."""
    await _again(press, page=press.numbers[2])


async def _paint(press: Press, style_id: int) -> None:
    context, (job_id, flags, *_) = press.context, press.numbers
    message = context.interaction.message
    moves = message is not None and message.flags.ephemeral and not flags & _PRIVATE
    if moves:
        await context.defer(private=False)
    else:
        await context.defer_in_place()
    job = await _draft(press)
    services, choice = context.client.services, Choice(style_id)
    request_input = context.request_input(choices=(choice,))
    await Statuses(context.client).submit(
        job.wanted.dedupe, drafts.choose(services, job_id, request_input)
    )
    context.client.sheets.forget(("discord", job_id))
    if flags & _DEFAULT:
        liked = await preferences.prefer_style(services, context.user, choice.style_id)
        context.client.cache.note(context.user, liked)
    if moves:
        await _close(context.client, ReplyTarget.from_json(job.wanted.reply_target))


async def as_default(press: Press) -> None:
    """Toggle whether the style chosen next becomes the default."""
    await _again(press, toggle=_DEFAULT)


async def for_me(press: Press) -> None:
    """Toggle whether the result is private."""
    await _again(press, toggle=_PRIVATE)


async def ask_by_message(
    client: StylebotClient, question: Question, reply_target: ReplyTarget
) -> None:
    """Ask for the style in a new message, unless the server wants results only.

    Raises:
        StyleGoneError: there is no style to choose.
        UndeliverableError: the bot may not write there.
        discord.DiscordException: Discord refuses the message.
    """
    job = question.job
    if job.state == "draft" and not client.cache.chat(job.wanted.chat).quiet:
        view, uploads = await styles_view(client, question, job.wanted.language)
        await posting.put(client, reply_target, view, uploads, f"draft {job.id}")


def _which(context: Context, job: Job, flags: int) -> Layout:
    """The question for the picture."""
    options = [
        discord.SelectOption(
            label=context.say("discord-picture", number=number + 1), value=str(number)
        )
        for number in range(len(job.wanted.photos))
    ]
    options.append(discord.SelectOption(label=context.say("discord-all-pictures"), value=_ALL))
    placeholder = context.say("discord-choose-picture")
    menu: discord.ui.Select[Any] = discord.ui.Select(
        custom_id=control_id("pick", job.id, flags), options=options, placeholder=placeholder
    )
    return Layout(box(text(placeholder)), row(menu))


async def _again(press: Press, *, toggle: int = 0, page: int | None = None) -> None:
    """Show the picker again, with a change."""
    context, (_, flags, here, *_) = press.context, press.numbers
    await context.defer_in_place()
    job, services = await _draft(press), context.client.services
    meant = job.wanted.reply_target.get("meant", ())
    styles = await catalogue.offered(services, context.user, job.wanted.chat, meant)
    question = Question(job, styles, len(meant))
    view, uploads = await styles_view(
        context.client, question, context.language, flags ^ toggle, here if page is None else page
    )
    await context.show(view, uploads)


async def _draft(press: Press) -> Job:
    """The draft of a picker.

    Raises:
        EntryGoneError: it is gone.
        NotYoursError: it is someone else's.
    """
    context = press.context
    return await queueing.own_job(context.client.services, press.number, context.user)


async def _close(client: StylebotClient, reply_target: ReplyTarget) -> None:
    """Remove a picker that was answered."""
    if reply_target.message is None:
        return
    try:
        await posting.webhook(client, reply_target).delete_message(reply_target.message)
    except discord.HTTPException:
        # It stays until the user closes it.
        return

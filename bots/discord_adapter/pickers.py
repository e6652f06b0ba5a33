"""First the picture, then the style: menus that ask, and remember in the store what for."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import discord

from bots.core import people, stylize
from bots.core.stylize import Asked
from bots.discord_adapter import posting
from bots.discord_adapter.answers import Answer
from bots.discord_adapter.cards import PAGE, paged, style_menu
from bots.discord_adapter.client import StylebotClient
from bots.discord_adapter.controls import Press, act, button, control_id
from bots.discord_adapter.origin import Anchor
from bots.discord_adapter.posting import Upload
from bots.discord_adapter.statuses import Statuses
from bots.discord_adapter.thumbnails import ON_A_PAGE, page_of
from bots.discord_adapter.views import Layout, box, row, text
from storage.values import Choice, Job, UserKey

_ALL: Final = "all"
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
    job = await stylize.draft(services, answer.asked(photos, author=author))
    if len(photos) > 1:
        await answer.show(_which(answer, job, flags), [])
    else:
        await answer.show(*await styles_view(answer.client, job, answer.language, flags))


async def styles_view(
    client: StylebotClient, job: Job, language: str, flags: int = 0, page: int = 0
) -> tuple[Layout, list[Upload]]:
    """The question which style, with pictures of some, and the pictures' files."""
    say = client.services.texts.say
    user = job.wanted.user
    styles = client.memory.styles(user, job.wanted.chat)
    pictures, uploads = await page_of(client, styles, page, language, user)
    menu = _menu(styles, language, job.id, flags, page, say("discord-choose-style", language))
    numbers = (job.id, flags, page)
    label = say("discord-as-default", language)
    buttons = [button(label, "choose-default", *numbers, on=bool(flags & _DEFAULT))]
    if Anchor.from_json(job.wanted.anchor).private:
        label = say("discord-only-me", language)
        buttons.append(button(label, "choose-private", *numbers, on=bool(flags & _PRIVATE)))
    headline = text(say("discord-choose-style", language))
    return Layout(box(headline, *pictures), row(menu), row(*buttons)), uploads


def _menu(
    styles: Sequence[Any], language: str, job_id: int, flags: int, page: int, placeholder: str
) -> discord.ui.Select[Any]:
    """Those that are to be seen above it, and ways to the others."""
    shown, last = paged(styles, page, ON_A_PAGE)
    menu = style_menu("choose", (job_id, flags), shown, language, placeholder)
    menu.custom_id = control_id("choose", job_id, flags, page)
    if page > 0:
        menu.add_option(label="◀", value=f"{PAGE}{page - 1}")
    if page < last:
        menu.add_option(label="▶", value=f"{PAGE}{page + 1}")
    return menu


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
    narrower = await stylize.draft(answer.client.services, asked)
    flags = press.numbers[1]
    await answer.show(*await styles_view(answer.client, narrower, answer.language, flags))


@act("choose")
async def choose(press: Press) -> None:
    """A style was chosen, or another page."""
    (value,) = press.values
    if value.startswith(PAGE):
        await _again(press, page=int(value.removeprefix(PAGE)))
        return
    answer, (job_id, flags, _) = press.answer, press.numbers
    message = answer.interaction.message
    moves = message is not None and message.flags.ephemeral and not flags & _PRIVATE
    if moves:
        await answer.defer(private=False)
    else:
        await answer.defer_in_place()
    job = await _draft(press)
    services, choice = answer.client.services, Choice(int(value))
    asked = answer.asked(choices=(choice,))
    await Statuses(answer.client).submit(job.wanted.dedupe, stylize.choose(services, job_id, asked))
    if flags & _DEFAULT:
        liked = await people.prefer(services, answer.user, style_id=choice.style_id)
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


async def ask_by_message(client: StylebotClient, asked: Asked, anchor: Anchor) -> None:
    """Ask for the style in a message of the bot's own, where no interaction is there to answer.

    Raises:
        BotError: nothing of the person's can be painted here.
        UndeliverableError: the bot may not write there.
        discord.DiscordException: likewise.
    """
    job = await stylize.draft(client.services, asked)
    view, uploads = await styles_view(client, job, job.wanted.language)
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
    answer, (_, flags, here) = press.answer, press.numbers
    await answer.defer_in_place()
    job = await _draft(press)
    view, uploads = await styles_view(
        answer.client, job, answer.language, flags ^ toggle, here if page is None else page
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

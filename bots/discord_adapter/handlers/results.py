"""What the buttons beneath a result do."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import discord

from bots.core.effects import controls
from bots.core.errors import EntryGoneError, OtherChatError, SourceGoneError
from bots.core.requests import stylize
from bots.core.requests.stylize import Version
from bots.core.styles import catalogue as style_cases
from bots.discord_adapter.context import Answer
from bots.discord_adapter.delivery.results import card_before
from bots.discord_adapter.delivery.statuses import Statuses
from bots.discord_adapter.handlers.presses import Press
from bots.discord_adapter.render.cards import PAGE, Made, card, is_spoiler
from bots.discord_adapter.render.layouts import Layout, box, gallery, text, words
from bots.discord_adapter.render.sizes import fitted
from bots.discord_adapter.transport import attachments as sources
from bots.discord_adapter.transport.posting import Upload
from bots.discord_adapter.transport.reply_target import FILE_LIMIT_BYTES, Anchor, may_show_adult
from storage.values.json import Json
from storage.values.recipes import Choice

_COMPARED_SIDE_PX: Final = 1280


async def other_style(press: Press) -> None:
    """Paint it in another style, or turn the page of the menu."""
    (value,) = press.values
    if value.startswith(PAGE):
        await _turn_page(press, int(value.removeprefix(PAGE)))
    else:
        await _vary(press, choices=(Choice(int(value)),))


async def adjust(press: Press) -> None:
    """Paint it with another value of a parameter."""
    await _vary(press, wish=press.wish)


async def show_controls(press: Press) -> None:
    """Show what can be changed in the place of the styles, or the styles again."""
    await _turn_page(press, 0, adjusting=bool(press.numbers[-1]))


async def renew(press: Press) -> None:
    """What an earlier version had beneath a result: today's buttons take its place."""
    await _turn_page(press, 0)


async def full_size(press: Press) -> None:
    """Give the result once more, as a file at full resolution."""
    await press.answer.defer(private=_is_private(press))
    version = await _version(press)
    answer = press.answer
    asked = answer.asked(output="file")
    await Statuses(answer.client).submit(
        asked.dedupe, stylize.vary(answer.client.services, version, asked)
    )


async def compare(press: Press) -> None:
    """Show the photo and the result beside each other, to the one who asks."""
    answer = press.answer
    await answer.defer(private=True)
    version = await _version(press)
    after = await _own_files(answer)
    before = [await _photo(answer, photo) for photo in version.photos[: len(after)]]
    uploads = []
    for number, pair in enumerate(zip(before, after, strict=True), start=1):
        for name, image in zip(("before", "after"), pair, strict=True):
            small = await asyncio.to_thread(fitted, image, FILE_LIMIT_BYTES, _COMPARED_SIDE_PX)
            uploads.append(Upload(f"{name}-{number}.{small.suffix}", small.image))
    alts = [answer.say("discord-before"), answer.say("discord-after")] * len(before)
    pictures = [(upload.name, alt) for upload, alt in zip(uploads, alts, strict=True)]
    # A gallery has ten places.
    shown = gallery(
        pictures[:10], spoiler=is_spoiler(version.photos, version.anchor, version.result)
    )
    headline = text(answer.say("discord-compared", title=version.title))
    await answer.show(Layout(box(headline, shown)), uploads[:10])


async def share(press: Press) -> None:
    """Show a private result to everyone in the channel."""
    answer = press.answer
    channel = answer.interaction.channel
    # What everyone may see is said before the store is asked, so a look at the channel must do.
    await answer.defer(private=False)
    version = await _version(press)
    if any(photo.get("adult") for photo in version.photos) and not may_show_adult(channel):
        await answer.tell(answer.say("discord-adult"))
        return
    files = await _own_files(answer)
    message = answer.interaction.message
    names = [each.filename for each in message.attachments] if message else []
    uploads = [Upload(name, file) for name, file in zip(names, files, strict=True)]
    made = Made.of_version(version, private=False).with_files(names, ())
    styles = answer.client.memory.styles(None, answer.chat)
    view = card(answer.client.services, answer.language, made, styles)
    await answer.show(view, uploads)


async def delete(press: Press) -> None:
    """Take a result out of the channel: its owner may, and who may delete messages there."""
    answer = press.answer
    await answer.defer_in_place()
    interaction = answer.interaction
    if not interaction.permissions.manage_messages:
        try:
            await _version(press)
        except EntryGoneError:
            # Long ago, or forgotten: whose it is, Discord knows as well.
            metadata = interaction.message.interaction_metadata if interaction.message else None
            if metadata is None or metadata.user.id != interaction.user.id:
                raise
    await interaction.delete_original_response()


async def cancel(press: Press) -> None:
    """Give a request up."""
    answer = press.answer
    await answer.defer_in_place()
    services, client = answer.client.services, answer.client
    job = await stylize.own_job(services, press.number, answer.user)
    await stylize.cancel(services, answer.user, press.number)
    async with Statuses(client).hold(job.wanted.dedupe):
        Statuses(client).over(job)
        sentence = services.texts.say("queue-cancelled", answer.language)
        anchor = Anchor.from_json(job.wanted.anchor)
        view = await card_before(client, job, anchor, sentence)
        if view:
            await answer.show(view)
        else:
            await answer.show(words(sentence), [])


async def _vary(
    press: Press,
    choices: tuple[Choice, ...] = (),
    wish: tuple[str, str] | None = None,
) -> None:
    """Paint a result otherwise: its owner in its place, others, where they may, for themselves."""
    answer = press.answer
    owner = _is_owner(press)
    if owner:
        await answer.defer_in_place()
    else:
        await answer.defer(private=True)
    version = await _version(press)
    effects = answer.client.services.effects
    changes: dict[str, Any] = {
        "choices": choices,
        "params": controls.said_of(effects, version.recipe, *wish) if wish else {},
        "output": "file" if version.result.get("as_file") else "photo",
    }
    asked = answer.asked(anchor=_anchor(press, in_place=owner).as_json(), **changes)
    await Statuses(answer.client).submit(
        asked.dedupe, stylize.vary(answer.client.services, version, asked)
    )


async def _turn_page(press: Press, page: int, *, adjusting: bool = False) -> None:
    answer = press.answer
    await answer.defer_in_place()
    version = await _version(press)
    anchor = _anchor(press, in_place=True)
    made = Made.of_version(version, answer.private).with_files(anchor.shown, ())
    user = version.user if answer.private else None
    styles = answer.client.memory.styles(user, answer.chat)
    view = card(answer.client.services, answer.language, made, styles, page, adjusting=adjusting)
    await answer.show(view)


async def _version(press: Press) -> Version:
    """The result a button is beneath.

    Raises:
        BotError: it is gone, or someone else's.
    """
    answer = press.answer
    services, user, alone = answer.client.services, answer.user, answer.alone
    version = await stylize.version(services, press.number, user, answer.chat, alone=alone)
    # A server is a chat to the core; but not everyone in it reads all of its channels.
    channel = version.result.get("channel", version.anchor.get("channel"))
    here = channel == answer.interaction.channel_id
    if not here and not (alone and version.user == user):
        raise OtherChatError
    return version


def _is_owner(press: Press) -> bool:
    """Whether the button says that it is one's own, which the store is asked once more."""
    return len(press.numbers) > 1 and str(press.numbers[1]) == press.answer.user.id


def _is_private(press: Press) -> bool:
    """Whether what comes next is for the person alone: what it came from was, or is another's."""
    message = press.answer.interaction.message
    return not _is_owner(press) or (message is not None and message.flags.ephemeral)


def _anchor(press: Press, *, in_place: bool) -> Anchor:
    anchor = press.answer.anchor()
    message = press.answer.interaction.message
    if not in_place or message is None:
        return anchor
    shown = tuple(each.filename for each in message.attachments)
    return replace(anchor, of=press.number, shown=shown)


async def _own_files(answer: Answer) -> list[bytes]:
    """The files of the message the button is beneath.

    Raises:
        SourceGoneError: Discord has them no longer.
    """
    message = answer.interaction.message
    attachments: Sequence[discord.Attachment] = message.attachments if message else ()
    if not attachments:
        raise SourceGoneError
    return [await sources.fetch(answer.client, sources.of_attachment(each)) for each in attachments]


async def _photo(answer: Answer, photo: Json) -> bytes:
    file = await sources.fetch(answer.client, photo)
    return await style_cases.bared(answer.client.services, file)

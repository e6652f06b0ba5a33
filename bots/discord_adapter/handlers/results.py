"""Handlers of the buttons under a result."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import discord

from bots.core.effects import controls
from bots.core.errors import EntryGoneError, OtherChatError, SourceGoneError
from bots.core.requests import clips, queueing, versions
from bots.core.requests.values import Version
from bots.core.styles import previews
from bots.discord_adapter.context import Context
from bots.discord_adapter.delivery.results import card_before
from bots.discord_adapter.delivery.statuses import Statuses
from bots.discord_adapter.handlers.presses import Press
from bots.discord_adapter.render.cards import PAGE, Made, card, is_spoiler
from bots.discord_adapter.render.layouts import Layout, box, gallery, text, words
from bots.discord_adapter.render.sizes import fitted
from bots.discord_adapter.transport import attachments as sources
from bots.discord_adapter.transport.posting import Upload
from bots.discord_adapter.transport.reply_target import (
    FILE_LIMIT_BYTES,
    ReplyTarget,
    may_show_adult,
)
from storage.values.json import Json
from storage.values.recipes import Choice

_COMPARED_SIDE_PX: Final = 1280


async def other_style(press: Press) -> None:
    """Paint a result in another style, or turn the page of the menu."""
    (value,) = press.values
    if value.startswith(PAGE):
        await _turn_page(press, int(value.removeprefix(PAGE)))
    else:
        await _vary(press, choices=(Choice(int(value)),))


async def edit(press: Press) -> None:
    """Paint a result with an edit, or without it."""
    await _vary(press, choices=(Choice(press.numbers[-1]),))


async def adjust(press: Press) -> None:
    """Paint a result with another value of a parameter."""
    await _vary(press, setting=press.setting)


async def show_controls(press: Press) -> None:
    """Show the parameters in place of the styles, or the styles again."""
    await _turn_page(press, 0, adjusting=bool(press.numbers[-1]))


async def renew(press: Press) -> None:
    """Replace the buttons of an earlier version below a result by today's."""
    await _turn_page(press, 0)


async def full_size(press: Press) -> None:
    """Send the result again, as a file at full resolution."""
    await press.context.defer(private=_is_private(press))
    version = await _version(press)
    context = press.context
    request_input = context.request_input(output="file")
    await Statuses(context.client).submit(
        request_input.dedupe, versions.vary(context.client.services, version, request_input)
    )


async def compare(press: Press) -> None:
    """Show the photo and the result side by side, in a private answer."""
    context = press.context
    await context.defer(private=True)
    version = await _version(press)
    after = await _own_files(context)
    before = [await _photo(context, photo) for photo in version.photos[: len(after)]]
    uploads = []
    for number, pair in enumerate(zip(before, after, strict=True), start=1):
        for name, image in zip(("before", "after"), pair, strict=True):
            small = await asyncio.to_thread(fitted, image, FILE_LIMIT_BYTES, _COMPARED_SIDE_PX)
            uploads.append(Upload(f"{name}-{number}.{small.suffix}", small.image))
    alts = [context.say("discord-before"), context.say("discord-after")] * len(before)
    pictures = [(upload.name, alt) for upload, alt in zip(uploads, alts, strict=True)]
    # A gallery has ten places.
    shown = gallery(
        pictures[:10], spoiler=is_spoiler(version.photos, version.reply_target, version.result)
    )
    headline = text(context.say("discord-compared", title=version.title))
    await context.show(Layout(box(headline, shown)), uploads[:10])


async def film(press: Press) -> None:
    """Make a film in which the photo turns into the result."""
    context, message = press.context, press.context.interaction.message
    await context.defer(private=_is_private(press))
    version = await _version(press)
    if message is None or not message.attachments:
        raise SourceGoneError
    painting = sources.of_attachment(message.attachments[0])
    if not message.flags.ephemeral:
        # There the file is found again when its address has expired.
        painting |= {"channel": message.channel.id, "message": message.id}
    request_input = context.request_input(output="photo")
    await Statuses(context.client).submit(
        request_input.dedupe,
        versions.film(context.client.services, [(version, painting)], request_input),
    )


async def share(press: Press) -> None:
    """Show a private result to everyone in the channel."""
    context = press.context
    channel = context.interaction.channel
    # Visibility must be set before the store is read, so it is decided by the channel.
    await context.defer(private=False)
    version = await _version(press)
    if any(photo.get("adult") for photo in version.photos) and not may_show_adult(channel):
        await context.tell(context.say("discord-adult"))
        return
    files = await _own_files(context)
    message = context.interaction.message
    names = [each.filename for each in message.attachments] if message else []
    uploads = [Upload(name, file) for name, file in zip(names, files, strict=True)]
    made = Made.of_version(version, private=False).with_files(names, ())
    styles = context.client.cache.styles(None, context.chat, edits=True)
    view = card(context.client.services, context.language, made, styles)
    await context.show(view, uploads)


async def delete(press: Press) -> None:
    """Delete a result's message; its owner may, and anyone who may delete messages there."""
    context = press.context
    await context.defer_in_place()
    interaction = context.interaction
    if not interaction.permissions.manage_messages:
        try:
            await _version(press)
        except EntryGoneError:
            # Old, or deleted from the store: Discord knows the owner as well.
            metadata = interaction.message.interaction_metadata if interaction.message else None
            if metadata is None or metadata.user.id != interaction.user.id:
                raise
    await interaction.delete_original_response()


async def cancel(press: Press) -> None:
    """Cancel a request."""
    context = press.context
    await context.defer_in_place()
    services, client = context.client.services, context.client
    job = await queueing.own_job(services, press.number, context.user)
    await queueing.cancel(services, context.user, press.number)
    async with Statuses(client).lock(job.wanted.dedupe):
        Statuses(client).over(job)
        sentence = services.texts.say("queue-cancelled", context.language)
        reply_target = ReplyTarget.from_json(job.wanted.reply_target)
        view = await card_before(client, job, reply_target, sentence)
        if view:
            await context.show(view)
        else:
            await context.show(words(sentence), [])


async def _vary(
    press: Press,
    choices: tuple[Choice, ...] = (),
    setting: tuple[str, str] | None = None,
) -> None:
    """Paint a result with changes: in place for its owner, in a private answer for others.

    If the change makes it slow, it gets a new message with previews, and the fast result stays.
    """
    context = press.context
    effects = context.client.services.effects
    in_place = _is_owner(press) and not (setting and controls.takes_long(effects, *setting))
    if in_place:
        await context.defer_in_place()
    else:
        await context.defer(private=_is_private(press))
    version = await _version(press)
    changes: dict[str, Any] = {
        "choices": choices,
        "params": controls.said_of(effects, version.recipe, *setting) if setting else {},
        "output": "file" if version.result.get("as_file") else "photo",
    }
    request_input = context.request_input(
        reply_target=_reply_target(press, in_place=in_place).as_json(), **changes
    )
    await Statuses(context.client).submit(
        request_input.dedupe, versions.vary(context.client.services, version, request_input)
    )


async def _turn_page(press: Press, page: int, *, adjusting: bool = False) -> None:
    context = press.context
    await context.defer_in_place()
    version = await _version(press)
    reply_target = _reply_target(press, in_place=True)
    made = Made.of_version(version, context.private).with_files(reply_target.shown, ())
    user = version.user if context.private else None
    styles = context.client.cache.styles(user, context.chat, edits=True)
    view = card(context.client.services, context.language, made, styles, page, adjusting=adjusting)
    await context.show(view)


async def _version(press: Press) -> Version:
    """The result of a button.

    Raises:
        BotError: it is gone, or someone else's.
    """
    context = press.context
    services, user, alone = context.client.services, context.user, context.alone
    version = await versions.version(services, press.number, user, context.chat, alone=alone)
    # To the core a server is one chat; but not everyone in it can read all of its channels.
    channel = version.result.get("channel", version.reply_target.get("channel"))
    here = channel == context.interaction.channel_id
    if not here and not (alone and version.user == user):
        raise OtherChatError
    return version


def _is_owner(press: Press) -> bool:
    """Whether the button's id names the person as owner; the store is checked as well."""
    return len(press.numbers) > 1 and str(press.numbers[1]) == press.context.user.id


def _is_private(press: Press) -> bool:
    """Whether the new result is private: the old one was, or is someone else's."""
    message = press.context.interaction.message
    return not _is_owner(press) or (message is not None and message.flags.ephemeral)


def _reply_target(press: Press, *, in_place: bool) -> ReplyTarget:
    reply_target = press.context.reply_target()
    message = press.context.interaction.message
    if not in_place or message is None:
        return reply_target
    shown = tuple(each.filename for each in message.attachments)
    return replace(reply_target, of=press.number, shown=shown)


async def _own_files(context: Context) -> list[bytes]:
    """The files of the button's message.

    Raises:
        SourceGoneError: Discord no longer has them.
    """
    message = context.interaction.message
    attachments: Sequence[discord.Attachment] = message.attachments if message else ()
    if not attachments:
        raise SourceGoneError
    return [
        await sources.fetch(context.client, sources.of_attachment(each)) for each in attachments
    ]


async def _photo(context: Context, photo: Json) -> bytes:
    file = await sources.fetch(context.client, clips.still_of(photo))
    return await previews.normalised(context.client.services, file)

"""History, export and deletion of a person's data."""

import json
from typing import Any, Final

import discord

from bots.core.errors import EntryGoneError
from bots.core.requests import versions
from bots.core.styles import catalogue
from bots.core.users import history, privacy
from bots.discord_adapter.context import Context
from bots.discord_adapter.delivery.statuses import Statuses
from bots.discord_adapter.handlers.presses import Press
from bots.discord_adapter.render.component_ids import button, control_id
from bots.discord_adapter.render.layouts import Layout, box, row, text, words
from bots.discord_adapter.transport.posting import Upload
from storage.values.history import HistoryEntry
from storage.values.json import Json

_ENTRIES: Final = 10


async def show_history(context: Context, note: str = "") -> None:
    """Show the last results, with buttons to repeat them."""
    entries = await history.page(context.client.services, context.user, _ENTRIES)
    lines = "\n".join(_line(context, number, each) for number, each in enumerate(entries, start=1))
    headline = "\n".join(
        ("## " + context.say("discord-history"), lines or context.say("discord-none"))
    )
    parts = [text(note), text(headline)] if note else [text(headline)]
    rows: list[discord.ui.Item[Any]] = []
    if entries:
        options = [
            discord.SelectOption(label=f"{number} · {each.title}"[:100], value=str(each.id))
            for number, each in enumerate(entries, start=1)
        ]
        menu: discord.ui.Select[Any] = discord.ui.Select(
            custom_id=control_id("entry"),
            options=options,
            placeholder=context.say("discord-choose-entry"),
        )
        rows.append(row(menu))
    await context.show(Layout(box(*parts), *rows), [])


async def entry(press: Press) -> None:
    """Show one result with its buttons."""
    context = press.context
    await context.defer_in_place()
    (value,) = press.values
    found = await _entry(context, int(value))
    buttons: list[discord.ui.Button[Any]] = []
    if link := _link(context, found.result):
        buttons.append(discord.ui.Button(label=context.say("discord-show"), url=link))
    buttons += [
        button(context.say("discord-again"), "entry-again", found.id),
        button(context.say("discord-delete"), "entry-remove", found.id, danger=True),
        button("◀", "entries"),
    ]
    await context.show(Layout(box(text(_line(context, 1, found))), row(*buttons)), [])


async def back(press: Press) -> None:
    """Show the list again."""
    await press.context.defer_in_place()
    await show_history(press.context)


async def again(press: Press) -> None:
    """Paint a result's photos again; the answer is private until the user shares it."""
    context = press.context
    await context.defer(private=True)
    request_input = context.request_input()
    await Statuses(context.client).submit(
        request_input.dedupe, versions.again(context.client.services, press.number, request_input)
    )


async def remove(press: Press) -> None:
    """Delete a result from the history."""
    context = press.context
    await context.defer_in_place()
    await history.remove(context.client.services, context.user, press.number)
    await show_history(context, context.say("discord-entry-removed"))


async def show_privacy(context: Context) -> None:
    """Show the privacy notice, with buttons to export and delete."""
    buttons = row(
        button(context.say("discord-export"), "export"),
        button(context.say("discord-forget"), "forget", danger=True),
    )
    await context.show(
        Layout(box(text(privacy.policy(context.client.services, context.language))), buttons), []
    )


async def export(press: Press) -> None:
    """Send all data of the person as a file."""
    await press.context.defer(private=True)
    await show_export(press.context)


async def show_export(context: Context) -> None:
    """Send the data file as the answer."""
    known = await privacy.export(context.client.services, context.user)
    for job in known["jobs"]:
        # For a quarter of an hour the token lets anyone who has it write as the bot.
        job["wanted"]["reply_target"].pop("token", None)
    file = json.dumps(known, ensure_ascii=False, indent=2).encode()
    name = "stylebot-export.json"
    parts = [text(context.say("discord-exported")), discord.ui.File(f"attachment://{name}")]
    await context.show(Layout(*parts), [Upload(name, file)])


async def ask_to_forget(press: Press) -> None:
    """Ask for confirmation, from a button."""
    await press.context.defer(private=True)
    await show_forget(press.context)


async def show_forget(context: Context) -> None:
    """Say what will be deleted, and ask for confirmation."""
    known = await privacy.known(context.client.services, context.user)
    facts = {"history": known.history, "styles": known.styles, "jobs": known.jobs}
    buttons = row(
        button(context.say("discord-forget-yes"), "forget-yes", danger=True),
        button(context.say("discord-forget-no"), "forget-no"),
    )
    await context.show(Layout(box(text(context.say("discord-forget-asks", **facts))), buttons), [])


async def forget(press: Press) -> None:
    """Delete all data of the person."""
    context = press.context
    await context.defer_in_place()
    language = context.language
    gone = await privacy.forget(context.client.services, context.user)
    context.client.cache.forget(context.user)
    facts = {"history": gone.history, "styles": gone.styles, "jobs": gone.jobs}
    # In the language they had chosen, which is deleted as well.
    await context.show(words(context.client.services.texts.say("forgot", language, **facts)), [])


async def keep(press: Press) -> None:
    """Cancel the deletion."""
    await press.context.defer_in_place()
    await press.context.show(words(press.context.say("discord-forget-kept")), [])


async def _entry(context: Context, entry_id: int) -> HistoryEntry:
    """One of the person's results.

    Raises:
        EntryGoneError: the person no longer has it.
    """
    found = await history.page(context.client.services, context.user, 1, entry_id + 1)
    if not found or found[0].id != entry_id:
        raise EntryGoneError
    return found[0]


def _line(context: Context, number: int, each: HistoryEntry) -> str:
    how = catalogue.said(context.client.services, each.recipe, context.language)
    film = "🎬 " if each.story else ""
    title = f"{film}**{discord.utils.escape_markdown(each.title)}**"
    when = discord.utils.format_dt(each.created_at, "R")
    return f"{number}. " + " · ".join([title, *how, when])


def _link(context: Context, result: Json) -> str | None:
    """A link to a result's message; None for a private answer, which has none."""
    if result.get("private", True) or "message" not in result:
        return None
    channel = context.client.get_partial_messageable(
        result["channel"], guild_id=result.get("guild")
    )
    return channel.get_partial_message(result["message"]).jump_url

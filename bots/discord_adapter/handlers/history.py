"""What is known of a person: what he had, all of it for the asking, none of it for the asking."""

import json
from typing import Any, Final

import discord

from bots.core.effects import controls
from bots.core.errors import EntryGoneError
from bots.core.requests import stylize
from bots.core.users import history, privacy
from bots.discord_adapter.context import Answer
from bots.discord_adapter.delivery.statuses import Statuses
from bots.discord_adapter.handlers.presses import Press
from bots.discord_adapter.render.component_ids import button, control_id
from bots.discord_adapter.render.layouts import Layout, box, row, text, words
from bots.discord_adapter.transport.posting import Upload
from storage.values.history import HistoryEntry
from storage.values.json import Json

_ENTRIES: Final = 10


async def show_history(answer: Answer, note: str = "") -> None:
    """The last results, to be looked at or had once more."""
    entries = await history.page(answer.client.services, answer.user, _ENTRIES)
    lines = "\n".join(_line(answer, number, each) for number, each in enumerate(entries, start=1))
    headline = "\n".join(
        ("## " + answer.say("discord-history"), lines or answer.say("discord-none"))
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
            placeholder=answer.say("discord-choose-entry"),
        )
        rows.append(row(menu))
    await answer.show(Layout(box(*parts), *rows), [])


async def entry(press: Press) -> None:
    """One of the results, and what can be done with it."""
    answer = press.answer
    await answer.defer_in_place()
    (value,) = press.values
    found = await _entry(answer, int(value))
    buttons: list[discord.ui.Button[Any]] = []
    if link := _link(answer, found.result):
        buttons.append(discord.ui.Button(label=answer.say("discord-show"), url=link))
    buttons += [
        button(answer.say("discord-again"), "entry-again", found.id),
        button(answer.say("discord-delete"), "entry-remove", found.id, danger=True),
        button("◀", "entries"),
    ]
    await answer.show(Layout(box(text(_line(answer, 1, found))), row(*buttons)), [])


async def back(press: Press) -> None:
    """All of them once more."""
    await press.answer.defer_in_place()
    await show_history(press.answer)


async def again(press: Press) -> None:
    """Paint a result's photos once more; for the person alone, until he shares it."""
    answer = press.answer
    await answer.defer(private=True)
    asked = answer.asked()
    await Statuses(answer.client).submit(
        asked.dedupe, stylize.again(answer.client.services, press.number, asked)
    )


async def remove(press: Press) -> None:
    """Delete a result from the history."""
    answer = press.answer
    await answer.defer_in_place()
    await history.remove(answer.client.services, answer.user, press.number)
    await show_history(answer, answer.say("discord-entry-removed"))


async def show_privacy(answer: Answer) -> None:
    """What is kept, and the ways out."""
    buttons = row(
        button(answer.say("discord-export"), "export"),
        button(answer.say("discord-forget"), "forget", danger=True),
    )
    await answer.show(
        Layout(box(text(privacy.policy(answer.client.services, answer.language))), buttons), []
    )


async def export(press: Press) -> None:
    """All that is known of the person, as a file."""
    await press.answer.defer(private=True)
    await show_export(press.answer)


async def show_export(answer: Answer) -> None:
    """Likewise, as the answer."""
    known = await privacy.export(answer.client.services, answer.user)
    for job in known["jobs"]:
        # For a quarter of an hour it lets one write as the bot.
        job["wanted"]["anchor"].pop("token", None)
    file = json.dumps(known, ensure_ascii=False, indent=2).encode()
    name = "stylebot-export.json"
    parts = [text(answer.say("discord-exported")), discord.ui.File(f"attachment://{name}")]
    await answer.show(Layout(*parts), [Upload(name, file)])


async def ask_to_forget(press: Press) -> None:
    """Say first what would be deleted."""
    await press.answer.defer(private=True)
    await show_forget(press.answer)


async def show_forget(answer: Answer) -> None:
    """Likewise, as the answer."""
    known = await privacy.known(answer.client.services, answer.user)
    facts = {"history": known.history, "styles": known.styles, "jobs": known.jobs}
    buttons = row(
        button(answer.say("discord-forget-yes"), "forget-yes", danger=True),
        button(answer.say("discord-forget-no"), "forget-no"),
    )
    await answer.show(Layout(box(text(answer.say("discord-forget-asks", **facts))), buttons), [])


async def forget(press: Press) -> None:
    """Delete all that is known of the person."""
    answer = press.answer
    await answer.defer_in_place()
    language = answer.language
    gone = await privacy.forget(answer.client.services, answer.user)
    answer.client.memory.forget(answer.user)
    facts = {"history": gone.history, "styles": gone.styles, "jobs": gone.jobs}
    # In the language he had chosen, which is forgotten as well.
    await answer.show(words(answer.client.services.texts.say("forgot", language, **facts)), [])


async def keep(press: Press) -> None:
    """Leave everything as it is."""
    await press.answer.defer_in_place()
    await press.answer.show(words(press.answer.say("discord-forget-kept")), [])


async def _entry(answer: Answer, entry_id: int) -> HistoryEntry:
    """One of the person's results.

    Raises:
        EntryGoneError: he has it no longer.
    """
    found = await history.page(answer.client.services, answer.user, 1, entry_id + 1)
    if not found or found[0].id != entry_id:
        raise EntryGoneError
    return found[0]


def _line(answer: Answer, number: int, each: HistoryEntry) -> str:
    how = controls.changes(answer.client.services.effects, each.recipe, answer.language)
    title = f"**{discord.utils.escape_markdown(each.title)}**"
    when = discord.utils.format_dt(each.created_at, "R")
    return f"{number}. " + " · ".join([title, *how, when])


def _link(answer: Answer, result: Json) -> str | None:
    """Where others can see it, too; a private answer has no place of its own."""
    if result.get("private", True) or "message" not in result:
        return None
    channel = answer.client.get_partial_messageable(result["channel"], guild_id=result.get("guild"))
    return channel.get_partial_message(result["message"]).jump_url

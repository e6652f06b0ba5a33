"""Panels that change in place: what a person likes, and what a server's admins chose."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import discord

from bots.core import people
from bots.discord_adapter.answers import Answer
from bots.discord_adapter.cards import (
    MINUS,
    PAGE,
    STRENGTH_MAX,
    STRENGTH_MIN,
    STRENGTH_STEP,
    style_menu,
)
from bots.discord_adapter.controls import Press, act, button, control_id
from bots.discord_adapter.views import Layout, box, row, text
from storage.values import Preference

# What stands for "none of them" in a menu.
NONE: Final = "none"
# What languages call themselves.
_LANGUAGES: Final = {"en": "English", "zh": "中文"}


async def show_settings(answer: Answer) -> None:
    """What a person likes, and how to change it."""
    liked = await people.preference(answer.client.services, answer.user)
    answer.client.memory.note(answer.user, liked)
    await answer.client.memory.renew_person(answer.user)
    await answer.show(_settings(answer, liked, 0))


@act("set-style")
async def set_style(press: Press) -> None:
    """Another usual style, or none, or another page of them."""
    (value,) = press.values
    if value.startswith(PAGE):
        await _prefer(press, page=int(value.removeprefix(PAGE)))
    else:
        await _prefer(press, style_id=None if value == NONE else int(value))


@act("set-no-style")
async def set_no_style(press: Press) -> None:
    """No usual style any more."""
    await _prefer(press, style_id=None)


@act("set-strength")
async def set_strength(press: Press) -> None:
    """Another usual strength."""
    await _prefer(press, strength=max(0, min(STRENGTH_MAX, press.numbers[-1])))


@act("set-colours")
async def set_colours(press: Press) -> None:
    """Keep colours, or not."""
    await _prefer(press, keep_colours=bool(press.numbers[-1]))


@act("set-output")
async def set_output(press: Press) -> None:
    """Pictures to look at, or files."""
    await _prefer(press, output="file" if press.numbers[-1] else "photo")


@act("set-private")
async def set_private(press: Press) -> None:
    """Answers for the person alone, or for all."""
    await _prefer(press, private=bool(press.numbers[-1]))


@act("set-history")
async def set_history(press: Press) -> None:
    """Remember results, or not."""
    await _prefer(press, history=bool(press.numbers[-1]))


@act("set-repaintable")
async def set_repaintable(press: Press) -> None:
    """Let others have one's pictures painted, or not."""
    await _prefer(press, repaintable=bool(press.numbers[-1]))


@act("set-language")
async def set_language(press: Press) -> None:
    """Another language, or the platform's."""
    (value,) = press.values
    known = value in press.answer.client.services.texts.languages
    await _prefer(press, language=value if known else None)


def language_menu(
    name: str, languages: Sequence[str], chosen: str | None, none: str
) -> discord.ui.Select[Any]:
    """A menu of languages, under the names they have for themselves.

    Args:
        name: What choosing does.
        languages: Their tags.
        chosen: The one that is marked; None for none of them.
        none: What "none of them" is called.
    """
    options = [discord.SelectOption(label=none, value=NONE, default=chosen is None)]
    options += [
        discord.SelectOption(label=_LANGUAGES.get(tag, tag), value=tag, default=tag == chosen)
        for tag in languages
    ]
    return discord.ui.Select(custom_id=control_id(name), options=options)


def switch(label: str, name: str, *, on: bool) -> discord.ui.Button[Any]:
    """A button that turns something on or off."""
    return button(label, name, int(not on), on=on)


def lines(facts: Mapping[str, str]) -> str:
    """Things and how they are, line by line."""
    return "\n".join(f"**{name}** · {value}" for name, value in facts.items())


async def _prefer(press: Press, *, page: int = 0, **changes: Any) -> None:  # noqa: ANN401
    answer = press.answer
    await answer.defer_in_place()
    services = answer.client.services
    liked = await people.prefer(services, answer.user, **changes)
    answer.client.memory.note(answer.user, liked)
    await answer.show(_settings(answer, liked, page))


def _settings(answer: Answer, liked: Preference, page: int) -> Layout:
    styles = answer.client.memory.styles(answer.user, answer.chat)
    language = answer.language
    titles = {style.id: style.title(language) for style in styles}
    default = titles.get(liked.style_id or 0, answer.say("discord-none"))
    facts = {
        answer.say("discord-set-style"): default,
        answer.say("discord-set-strength"): f"{liked.strength} %",
    }
    placeholder = answer.say("discord-set-style")
    chosen = [liked.style_id] if liked.style_id else []
    rows: list[discord.ui.Item[Any]] = []
    if styles:
        menu = style_menu("set-style", (), styles, language, placeholder, page=page, chosen=chosen)
        rows.append(row(menu))
    rows.append(row(*_strength_buttons(answer, liked)))
    rows.append(
        row(
            switch(answer.say("discord-keep-colours"), "set-colours", on=liked.keep_colours),
            switch(answer.say("discord-set-file"), "set-output", on=liked.output == "file"),
            switch(answer.say("discord-only-me"), "set-private", on=liked.private),
            switch(answer.say("discord-set-history"), "set-history", on=liked.history),
            switch(answer.say("discord-set-repaintable"), "set-repaintable", on=liked.repaintable),
        )
    )
    none = answer.say("discord-language-of-discord")
    tags = answer.client.services.texts.languages
    rows.append(row(language_menu("set-language", tags, liked.language, none)))
    headline = "## " + answer.say("discord-settings")
    return Layout(box(text(f"{headline}\n{lines(facts)}")), *rows)


def _strength_buttons(answer: Answer, liked: Preference) -> list[discord.ui.Button[Any]]:
    less = max(STRENGTH_MIN, liked.strength - STRENGTH_STEP)
    more = min(STRENGTH_MAX, liked.strength + STRENGTH_STEP)
    # Two buttons of one id Discord refuses, and at either end they would be.
    return [
        button(
            f"{MINUS} {STRENGTH_STEP} %", "set-strength", 0, less,
            disabled=liked.strength <= STRENGTH_MIN,
        ),
        button(
            f"+ {STRENGTH_STEP} %", "set-strength", 1, more,
            disabled=liked.strength >= STRENGTH_MAX,
        ),
        button(
            answer.say("discord-no-default"), "set-no-style", disabled=liked.style_id is None
        ),
    ]  # fmt: skip

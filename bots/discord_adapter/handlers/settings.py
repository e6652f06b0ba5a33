"""Settings panels, edited in place."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import discord

from bots.core.effects import controls
from bots.core.styles import recipes
from bots.core.users import preferences
from bots.discord_adapter.context import Context
from bots.discord_adapter.handlers.presses import Press
from bots.discord_adapter.render import effect_params
from bots.discord_adapter.render.cards import PAGE, style_menu
from bots.discord_adapter.render.component_ids import button, control_id
from bots.discord_adapter.render.layouts import Layout, box, row, text
from storage.values.people import Preference

# Value of "none of them" in a menu.
NONE: Final = "none"
# The languages' own names.
_LANGUAGES: Final = {"en": "English", "zh": "中文"}


async def show_settings(context: Context) -> None:
    """Show a person's settings."""
    liked = await preferences.preference(context.client.services, context.user)
    context.client.cache.note(context.user, liked)
    await context.client.cache.renew_person(context.user)
    await context.show(_settings(context, liked, 0))


async def set_style(press: Press) -> None:
    """Set or unset the default style, or show another page of styles."""
    (value,) = press.values
    if value.startswith(PAGE):
        await _prefer(press, page=int(value.removeprefix(PAGE)))
    else:
        await _prefer_style(press, None if value == NONE else int(value))


async def set_no_style(press: Press) -> None:
    """Unset the default style."""
    await _prefer_style(press, None)


async def set_value(press: Press) -> None:
    """Change a parameter's default value."""
    context, (param_id, word) = press.context, press.setting
    await context.defer_in_place()
    services = context.client.services
    liked = await preferences.preference(services, context.user)
    value = controls.read(controls.default_specs(services.effects, liked.recipe), param_id, word)
    await _show(context, await preferences.prefer_values(services, context.user, {param_id: value}))


async def set_output(press: Press) -> None:
    """Send results as pictures, or as files."""
    await _prefer(press, output="file" if press.numbers[-1] else "photo")


async def set_private(press: Press) -> None:
    """Make answers private, or public."""
    await _prefer(press, private=bool(press.numbers[-1]))


async def set_history(press: Press) -> None:
    """Turn the history on or off."""
    await _prefer(press, history=bool(press.numbers[-1]))


async def set_repaintable(press: Press) -> None:
    """Set whether others may have the person's pictures painted."""
    await _prefer(press, repaintable=bool(press.numbers[-1]))


async def set_language(press: Press) -> None:
    """Set the language, or the platform's."""
    (value,) = press.values
    known = value in press.context.client.services.texts.languages
    await _prefer(press, language=value if known else None)


def language_menu(
    name: str, languages: Sequence[str], chosen: str | None, none: str
) -> discord.ui.Select[Any]:
    """A menu of languages, with their own names.

    Args:
        name: Operation of the menu.
        languages: Language tags.
        chosen: The selected one; None for none.
        none: Label of "none of them".
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
    """Names and values, one pair per line."""
    return "\n".join(f"**{name}** · {value}" for name, value in facts.items())


async def _prefer(press: Press, *, page: int = 0, **changes: Any) -> None:  # noqa: ANN401
    context = press.context
    await context.defer_in_place()
    await _show(
        context, await preferences.prefer(context.client.services, context.user, **changes), page
    )


async def _prefer_style(press: Press, style_id: int | None) -> None:
    context = press.context
    await context.defer_in_place()
    await _show(
        context, await preferences.prefer_style(context.client.services, context.user, style_id)
    )


async def _show(context: Context, liked: Preference, page: int = 0) -> None:
    context.client.cache.note(context.user, liked)
    await context.show(_settings(context, liked, page))


def _settings(context: Context, liked: Preference, page: int) -> Layout:
    styles = context.client.cache.styles(context.user, context.chat)
    language, effects = context.language, context.client.services.effects
    default = recipes.default_in(liked.recipe, styles)
    drawn = controls.of_preference(effects, liked.recipe, language)
    facts = {
        context.say("discord-set-style"): default.title(language)
        if default
        else context.say("discord-none"),
    } | {control.title: control.said for control in drawn if control.kind == "slider"}
    placeholder = context.say("discord-set-style")
    chosen = [default.id] if default else []
    rows: list[discord.ui.Item[Any]] = []
    if styles:
        menu = style_menu("set-style", (), styles, language, placeholder, page=page, chosen=chosen)
        rows.append(row(menu))
    rows += map(row, effect_params.menus(drawn, "set-value", ()))
    none = button(context.say("discord-no-default"), "set-no-style", disabled=default is None)
    rows += effect_params.rows([*effect_params.buttons(drawn, "set-value", ()), none])
    rows.append(
        row(
            switch(context.say("discord-set-file"), "set-output", on=liked.output == "file"),
            switch(context.say("discord-only-me"), "set-private", on=liked.private),
            switch(context.say("discord-set-history"), "set-history", on=liked.history),
            switch(context.say("discord-set-repaintable"), "set-repaintable", on=liked.repaintable),
        )
    )
    any_language = context.say("discord-language-of-discord")
    tags = context.client.services.texts.languages
    rows.append(row(language_menu("set-language", tags, liked.language, any_language)))
    headline = "## " + context.say("discord-settings")
    return Layout(box(text(f"{headline}\n{lines(facts)}")), *rows)

"""The settings panel of a server's admins."""

from typing import Any, Final

import discord

from bots.core.errors import AdminsOnlyError
from bots.core.users import chat_choices, preferences
from bots.discord_adapter.context import Context
from bots.discord_adapter.handlers.presses import Press
from bots.discord_adapter.handlers.settings import NONE, language_menu, lines, switch
from bots.discord_adapter.render.cards import PAGE, paged
from bots.discord_adapter.render.component_ids import button, control_id
from bots.discord_adapter.render.layouts import Layout, box, row, text
from storage.values.people import ChatSettings
from storage.values.styles import Style

_STYLES_ON_A_PAGE: Final = 25


async def show_server(context: Context) -> None:
    """Show a server's settings.

    Raises:
        AdminsOnlyError: the person is not an admin of the server.
    """
    if not context.manages:
        raise AdminsOnlyError
    settings = await preferences.chat_settings(context.client.services, context.chat)
    await context.show(_panel(context, settings, 0))


async def turn(press: Press) -> None:
    """Show another page of styles."""
    await _settle(press, page=press.number)


async def allow(press: Press) -> None:
    """Allow the chosen styles of a page here."""
    context, page = press.context, press.number
    await context.defer_in_place()
    settings = await preferences.chat_settings(context.client.services, context.chat)
    everyones = _everyones(context)
    shown = {style.id for style in paged(everyones, page, _STYLES_ON_A_PAGE)[0]}
    before = settings.allowed_styles
    allowed = {style.id for style in everyones} if before is None else set(before)
    allowed = (allowed - shown) | {int(value) for value in press.values}
    # All chosen means no restriction: future styles are allowed as well.
    all_of_them = allowed >= {style.id for style in everyones}
    kept = None if all_of_them else tuple(sorted(allowed))
    await _settled(press, page, allowed_styles=kept)


async def allow_all(press: Press) -> None:
    """Allow all styles here."""
    await _settle(press, allowed_styles=None)


async def default_style(press: Press) -> None:
    """Set the default style."""
    (value,) = press.values
    if value.startswith(PAGE):
        await _settle(press, page=int(value.removeprefix(PAGE)))
    else:
        chosen = None if value == NONE else int(value)
        await _settle(press, page=press.number, style_id=chosen)


async def choose(press: Press, name: str) -> None:
    """Set a setting to one of the values that buttons offer for it."""
    offered = chat_choices.values(press.context.client.services, name)
    await _settle(press, **{name: offered[press.number % len(offered)]})


async def language(press: Press) -> None:
    """Set one language for all, or everyone's own."""
    (value,) = press.values
    known = value in press.context.client.services.texts.languages
    await _settle(press, language=value if known else None)


async def _settle(press: Press, *, page: int = 0, **changes: Any) -> None:  # noqa: ANN401
    await press.context.defer_in_place()
    await _settled(press, page, **changes)


async def _settled(press: Press, page: int, **changes: Any) -> None:  # noqa: ANN401
    """Change settings; the core checks the rights, because a visible button does not prove them.

    Raises:
        AdminsOnlyError: the person is not an admin.
    """
    context = press.context
    settings = await preferences.settle(
        context.client.services, context.chat, context.user, admin=context.manages, **changes
    )
    context.client.cache.note_chat(context.chat, settings)
    await context.show(_panel(context, settings, page))


def _everyones(context: Context) -> list[Style]:
    """The styles without the server's restrictions."""
    return context.client.cache.everyones


def _panel(context: Context, settings: ChatSettings, page: int) -> Layout:
    everyones = _everyones(context)
    rows: list[discord.ui.Item[Any]] = []
    if everyones:
        rows += _style_rows(context, settings, everyones, page)
    rows += [
        row(*_switches(context, settings)),
        row(*_limits(context, settings), _photo_check(context, settings)),
        row(
            language_menu(
                "srv-language", context.client.services.texts.languages, settings.language,
                context.say("discord-language-of-each"),
            )
        ),
    ]  # fmt: skip
    titles = {style.id: style.title(context.language) for style in everyones}
    allowed = settings.allowed_styles
    facts = {
        context.say("discord-srv-allowed"): (
            context.say("discord-all") if allowed is None else str(len(allowed))
        ),
        context.say("discord-set-style"): titles.get(
            settings.style_id or 0, context.say("discord-none")
        ),
    }
    headline = "## " + context.say("discord-server")
    return Layout(box(text(f"{headline}\n{lines(facts)}")), *rows)


def _style_rows(
    context: Context, settings: ChatSettings, everyones: list[Style], page: int
) -> list[discord.ui.Item[Any]]:
    shown, last = paged(everyones, page, _STYLES_ON_A_PAGE)
    allowed, tongue = settings.allowed_styles, context.language
    may = [
        discord.SelectOption(
            label=style.title(tongue), value=str(style.id),
            default=allowed is None or style.id in allowed,
        )
        for style in shown
    ]  # fmt: skip
    default = [
        discord.SelectOption(
            label=style.title(tongue), value=str(style.id), default=style.id == settings.style_id
        )
        for style in shown[: _STYLES_ON_A_PAGE - 1]
    ]
    none = context.say("discord-none")
    default.append(discord.SelectOption(label=none, value=NONE, default=settings.style_id is None))
    menus: list[discord.ui.Select[Any]] = [
        discord.ui.Select(
            custom_id=control_id("srv-allow", page), options=may, min_values=0,
            max_values=len(may), placeholder=context.say("discord-srv-allowed"),
        ),
        discord.ui.Select(
            custom_id=control_id("srv-style", page), options=default,
            placeholder=context.say("discord-set-style"),
        ),
    ]  # fmt: skip
    buttons = [
        button("◀", "srv-page", max(0, page - 1), disabled=page == 0),
        # It may equal the previous one, and an id must be unique in a message.
        button("▶", "srv-page", page + 1, 0, disabled=page >= last),
        button(context.say("discord-srv-allow-all"), "srv-allow-all", disabled=allowed is None),
    ]
    return [*(row(menu) for menu in menus), row(*buttons)]


def _switches(context: Context, settings: ChatSettings) -> list[discord.ui.Button[Any]]:
    say = context.say
    return [
        switch(say("discord-srv-admins"), "srv-audience", on=settings.audience == "admins"),
        switch(say("discord-srv-quiet"), "srv-quiet", on=settings.quiet),
        switch(say("discord-srv-own"), "srv-own", on=settings.own_styles),
        switch(say("discord-srv-open"), "srv-open", on=settings.open_buttons),
    ]


def _limits(context: Context, settings: ChatSettings) -> list[discord.ui.Button[Any]]:
    limits = (
        ("discord-srv-waiting", "srv-waiting", "waiting_per_user", settings.waiting_per_user),
        ("discord-srv-minute", "srv-minute", "per_minute", settings.per_minute),
    )
    services, buttons = context.client.services, []
    for label, name, setting, now in limits:
        shown = context.say("discord-none") if now is None else str(now)
        following = chat_choices.following(services, setting, now)
        buttons.append(button(f"{context.say(label)} · {shown}", name, following))
    return buttons


def _photo_check(context: Context, settings: ChatSettings) -> discord.ui.Button[Any]:
    services, check = context.client.services, settings.photo_check
    installed = services.content_check is not None
    state = check if installed or check != "off" else "missing"
    label = context.say("discord-srv-check", state=state)
    following = chat_choices.following(services, "photo_check", check)
    return button(label, "srv-check", following, disabled=state == "missing")

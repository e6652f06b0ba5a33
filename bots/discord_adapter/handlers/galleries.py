"""Galleries of everyone's styles and of own ones."""

import logging
from typing import Any, Final

import discord
from typing_extensions import override

from bots.core.admin.use_cases import styles as admin_styles
from bots.core.errors import NoPhotoError
from bots.core.requests import clips
from bots.core.styles import catalogue, custom_styles, recipes
from bots.core.users import preferences
from bots.discord_adapter.context import Context, answering
from bots.discord_adapter.handlers.presses import Press
from bots.discord_adapter.render.cards import paged, style_menu
from bots.discord_adapter.render.component_ids import button, control_id
from bots.discord_adapter.render.layouts import Layout, box, row, text, words
from bots.discord_adapter.render.thumbnails import ON_A_PAGE, page_of
from bots.discord_adapter.transport import attachments
from bots.discord_adapter.transport.client import StylebotClient
from bots.discord_adapter.transport.posting import UNSAID, Upload
from bots.discord_adapter.transport.reply_target import PLATFORM
from storage.values.people import UserKey
from storage.values.styles import Style

logger = logging.getLogger(__name__)

# A form open longer than this is assumed to be abandoned.
_FORM_S: Final = 15 * 60.0
_OPTIONS_MAX: Final = 25


async def show_styles(context: Context, page: int = 0) -> None:
    """Show a page of the styles that can be chosen here, with pictures."""
    await context.client.cache.renew_person(context.user)
    await context.show(*await _page(context, page))


async def turn(press: Press) -> None:
    """Show another page."""
    await press.context.defer_in_place()
    await show_styles(press.context, press.number)


async def as_default(press: Press) -> None:
    """Make one of the shown styles the default."""
    context = press.context
    await context.defer_in_place()
    (value,) = press.values
    liked = await preferences.prefer_style(context.client.services, context.user, int(value))
    context.client.cache.note(context.user, liked)
    await context.show(*await _page(context, press.number))


async def show_own(context: Context) -> None:
    """Show a person's own styles."""
    await context.client.cache.renew_person(context.user)
    await context.show(*await _own_page(context))


async def ask_for_own(context: Context) -> None:
    """Open the form for adding an own style."""
    context.check_open()
    await context.interaction.response.send_modal(OwnStyleForm(context))


async def add(press: Press) -> None:
    """Open the form, from its button."""
    await ask_for_own(press.context)


async def remove(press: Press) -> None:
    """Delete an own style with its picture."""
    context = press.context
    await context.defer_in_place()
    (value,) = press.values
    known = {style.id: style for style in await _own_styles(context)}
    await custom_styles.remove_own(context.client.services, context.user, int(value))
    await context.client.cache.renew_person(context.user)
    title = known[int(value)].title(context.language) if int(value) in known else "?"
    await context.show(*await _own_page(context, context.say("style-removed", name=title)))


async def submit(press: Press) -> None:
    """Submit an own style to the bot's admins."""
    context = press.context
    await context.defer_in_place()
    (value,) = press.values
    style = await admin_styles.submit(context.client.services, context.user, int(value))
    for admin in context.client.services.admins:
        if admin.platform == PLATFORM:
            context.client.later(_tell_of_submission(context.client, admin, style))
    await context.client.cache.renew_person(context.user)
    note = context.say("discord-own-submitted", name=style.title(context.language))
    await context.show(*await _own_page(context, note))


async def _tell_of_submission(client: StylebotClient, admin: UserKey, style: Style) -> None:
    language = await preferences.language(client.services, admin)
    texts = client.services.texts
    name = discord.utils.escape_markdown(style.title(language))
    sentence = texts.say("admin-submission", language, name=name)
    look = button(texts.say("admin-look", language), "adm-preview", style.id)
    try:
        user = await client.fetch_user(int(admin.id))
        await user.send(view=Layout(text(sentence), row(look)))
    except UNSAID as error:
        # The admin accepts no messages from strangers; /admin shows it anyway.
        logger.info("an admin was not notified: %s", type(error).__name__)


class OwnStyleForm(discord.ui.Modal):
    """The form for an own style: a picture and a name."""

    def __init__(self, context: Context) -> None:
        """Create the form in the person's language.

        Args:
            context: The interaction to answer with it.
        """
        # The library finds a form by its id, so each needs its own.
        custom_id = control_id("own-form", context.interaction.id)
        title = context.say("discord-own-title")
        super().__init__(title=title, timeout=_FORM_S, custom_id=custom_id)
        longest = context.client.services.limits.name_letters
        self.name: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id="name", min_length=1, max_length=longest
        )
        self.picture: discord.ui.FileUpload[Any] = discord.ui.FileUpload(
            custom_id="picture", min_values=1, max_values=1
        )
        self.add_item(discord.ui.Label(text=context.say("discord-own-name"), component=self.name))
        label = context.say("discord-own-picture")
        self.add_item(discord.ui.Label(text=label, component=self.picture))

    @override
    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        async with answering(interaction) as context:
            await context.defer(private=True)
            await _add_own(context, self.name.value, self.picture.values)


async def _add_own(context: Context, name: str, files: list[discord.Attachment]) -> None:
    if not files:
        raise NoPhotoError
    still = clips.still_of(attachments.of_attachment(files[0]))
    picture = await attachments.fetch(context.client, still)
    services = context.client.services
    style = await custom_styles.add_own(services, context.user, name, picture, chat=context.chat)
    await context.client.cache.renew_person(context.user)
    added = context.say("style-added", name=style.title(context.language))
    await context.show(*await _own_page(context, added))


async def _own_styles(context: Context) -> list[Style]:
    known = await catalogue.listed(context.client.services, context.user)
    return [style for style in known if style.owner == context.user]


async def _own_page(context: Context, note: str = "") -> tuple[Layout, list[Upload]]:
    own, language = await _own_styles(context), context.language
    names = "\n".join(_own_line(context, style) for style in own)
    pictures, uploads = await page_of(context.client, own, 0, language, context.user)
    headline = "\n".join(
        ("## " + context.say("discord-own-styles"), names or context.say("discord-none"))
    )
    parts = [text(note), text(headline)] if note else [text(headline)]
    kept = [style for style in own if style.state != "submitted"]
    rows: list[discord.ui.Item[Any]] = [
        row(_own_menu(context, name, context.say(placeholder), styles))
        for name, placeholder, styles in (
            ("own-remove", "discord-own-remove", own),
            ("own-submit", "discord-own-submit", kept),
        )
        if styles
    ]
    rows.append(row(button(context.say("discord-own-add"), "own-add")))
    return Layout(box(*parts, *pictures), *rows), uploads


def _own_line(context: Context, style: Style) -> str:
    line = f"- {discord.utils.escape_markdown(style.title(context.language))}"
    if style.state != "submitted":
        return line
    return " · ".join((line, context.say("discord-own-waits")))


def _own_menu(
    context: Context, name: str, placeholder: str, styles: list[Style]
) -> discord.ui.Select[Any]:
    options = [
        discord.SelectOption(label=style.title(context.language), value=str(style.id))
        for style in styles[:_OPTIONS_MAX]
    ]
    return discord.ui.Select(custom_id=control_id(name), options=options, placeholder=placeholder)


async def _page(context: Context, page: int) -> tuple[Layout, list[Upload]]:
    language = context.language
    styles = context.client.cache.styles(context.user, context.chat)
    shown, last = paged(styles, page, ON_A_PAGE)
    if not shown:
        return words(context.say("error-style_gone")), []
    pictures, uploads = await page_of(context.client, styles, page, language, context.user)
    names = "\n".join(_line(style, language) for style in shown)
    title = "## " + context.say("discord-styles")
    headline = text(f"{title} · {page + 1} / {last + 1}\n{names}")
    liked = recipes.default_in(context.client.cache.preference(context.user).recipe, styles)
    placeholder = context.say("discord-as-default")
    chosen = [liked.id] if liked else []
    menu = style_menu("gallery-default", (), shown, language, placeholder, chosen=chosen)
    menu.custom_id = control_id("gallery-default", page)
    turns = row(
        button("◀", "gallery", max(0, page - 1), 0, disabled=page == 0),
        button("▶", "gallery", page + 1, disabled=page >= last),
    )
    return Layout(box(headline, *pictures), row(menu), turns), uploads


def _line(style: Style, language: str) -> str:
    made = ", ".join(filter(None, (style.by(language), str(style.year or ""))))
    line = f"**{discord.utils.escape_markdown(style.title(language))}** `{style.slug}`"
    if style.owner:
        line = f"**{discord.utils.escape_markdown(style.title(language))}**"
    return f"{line} · {made}" if made else line

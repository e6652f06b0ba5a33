"""Styles to look at, and a person's own."""

import logging
from typing import Any, Final

import discord
from typing_extensions import override

from bots.core.admin.use_cases import styles as admin_styles
from bots.core.errors import NoPhotoError
from bots.core.styles import catalogue as style_cases
from bots.core.styles import recipes
from bots.core.users import preferences
from bots.discord_adapter.context import Answer, answering
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

# Whoever has a form open longer than that has gone away.
_FORM_S: Final = 15 * 60.0
_OPTIONS_MAX: Final = 25


async def show_styles(answer: Answer, page: int = 0) -> None:
    """All styles that can be chosen here, with pictures, some at a time."""
    await answer.client.memory.renew_person(answer.user)
    await answer.show(*await _page(answer, page))


async def turn(press: Press) -> None:
    """Another part of the styles."""
    await press.answer.defer_in_place()
    await show_styles(press.answer, press.number)


async def as_default(press: Press) -> None:
    """One of those that are shown becomes the usual one."""
    answer = press.answer
    await answer.defer_in_place()
    (value,) = press.values
    liked = await preferences.prefer_style(answer.client.services, answer.user, int(value))
    answer.client.memory.note(answer.user, liked)
    await answer.show(*await _page(answer, press.number))


async def show_own(answer: Answer) -> None:
    """A person's own styles."""
    await answer.client.memory.renew_person(answer.user)
    await answer.show(*await _own_page(answer))


async def ask_for_own(answer: Answer) -> None:
    """Open the form in which a picture and a name become an own style."""
    answer.check_open()
    await answer.interaction.response.send_modal(OwnStyleForm(answer))


async def add(press: Press) -> None:
    """Open that form."""
    await ask_for_own(press.answer)


async def remove(press: Press) -> None:
    """Delete one of one's own styles, with its picture."""
    answer = press.answer
    await answer.defer_in_place()
    (value,) = press.values
    known = {style.id: style for style in await _own_styles(answer)}
    await style_cases.remove_own(answer.client.services, answer.user, int(value))
    await answer.client.memory.renew_person(answer.user)
    title = known[int(value)].title(answer.language) if int(value) in known else "?"
    await answer.show(*await _own_page(answer, answer.say("style-removed", name=title)))


async def submit(press: Press) -> None:
    """Offer one of one's own styles to everyone; the bot's admins are asked."""
    answer = press.answer
    await answer.defer_in_place()
    (value,) = press.values
    style = await admin_styles.submit(answer.client.services, answer.user, int(value))
    for admin in answer.client.services.admins:
        if admin.platform == PLATFORM:
            answer.client.later(_tell_of_submission(answer.client, admin, style))
    await answer.client.memory.renew_person(answer.user)
    note = answer.say("discord-own-submitted", name=style.title(answer.language))
    await answer.show(*await _own_page(answer, note))


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
        # He takes no messages of strangers; /admin shows it all the same.
        logger.info("an admin was not told: %s", type(error).__name__)


class OwnStyleForm(discord.ui.Modal):
    """A picture, and what its style is to be called."""

    def __init__(self, answer: Answer) -> None:
        """Ask in the person's language.

        Args:
            answer: The answer that the form is.
        """
        # The library finds a form by its id, so each is to have its own.
        custom_id = control_id("own-form", answer.interaction.id)
        title = answer.say("discord-own-title")
        super().__init__(title=title, timeout=_FORM_S, custom_id=custom_id)
        longest = answer.client.services.limits.name_letters
        self.name: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id="name", min_length=1, max_length=longest
        )
        self.picture: discord.ui.FileUpload[Any] = discord.ui.FileUpload(
            custom_id="picture", min_values=1, max_values=1
        )
        self.add_item(discord.ui.Label(text=answer.say("discord-own-name"), component=self.name))
        label = answer.say("discord-own-picture")
        self.add_item(discord.ui.Label(text=label, component=self.picture))

    @override
    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        async with answering(interaction) as answer:
            await answer.defer(private=True)
            await _add_own(answer, self.name.value, self.picture.values)


async def _add_own(answer: Answer, name: str, files: list[discord.Attachment]) -> None:
    if not files:
        raise NoPhotoError
    picture = await attachments.fetch(answer.client, attachments.of_attachment(files[0]))
    services = answer.client.services
    style = await style_cases.add_own(services, answer.user, name, picture, chat=answer.chat)
    await answer.client.memory.renew_person(answer.user)
    added = answer.say("style-added", name=style.title(answer.language))
    await answer.show(*await _own_page(answer, added))


async def _own_styles(answer: Answer) -> list[Style]:
    known = await style_cases.listed(answer.client.services, answer.user)
    return [style for style in known if style.owner == answer.user]


async def _own_page(answer: Answer, note: str = "") -> tuple[Layout, list[Upload]]:
    own, language = await _own_styles(answer), answer.language
    names = "\n".join(_own_line(answer, style) for style in own)
    pictures, uploads = await page_of(answer.client, own, 0, language, answer.user)
    headline = "\n".join(
        ("## " + answer.say("discord-own-styles"), names or answer.say("discord-none"))
    )
    parts = [text(note), text(headline)] if note else [text(headline)]
    kept = [style for style in own if style.state != "submitted"]
    rows: list[discord.ui.Item[Any]] = [
        row(_own_menu(answer, name, answer.say(placeholder), styles))
        for name, placeholder, styles in (
            ("own-remove", "discord-own-remove", own),
            ("own-submit", "discord-own-submit", kept),
        )
        if styles
    ]
    rows.append(row(button(answer.say("discord-own-add"), "own-add")))
    return Layout(box(*parts, *pictures), *rows), uploads


def _own_line(answer: Answer, style: Style) -> str:
    line = f"- {discord.utils.escape_markdown(style.title(answer.language))}"
    if style.state != "submitted":
        return line
    return " · ".join((line, answer.say("discord-own-waits")))


def _own_menu(
    answer: Answer, name: str, placeholder: str, styles: list[Style]
) -> discord.ui.Select[Any]:
    options = [
        discord.SelectOption(label=style.title(answer.language), value=str(style.id))
        for style in styles[:_OPTIONS_MAX]
    ]
    return discord.ui.Select(custom_id=control_id(name), options=options, placeholder=placeholder)


async def _page(answer: Answer, page: int) -> tuple[Layout, list[Upload]]:
    language = answer.language
    styles = answer.client.memory.styles(answer.user, answer.chat)
    shown, last = paged(styles, page, ON_A_PAGE)
    if not shown:
        return words(answer.say("error-style_gone")), []
    pictures, uploads = await page_of(answer.client, styles, page, language, answer.user)
    names = "\n".join(_line(style, language) for style in shown)
    title = "## " + answer.say("discord-styles")
    headline = text(f"{title} · {page + 1} / {last + 1}\n{names}")
    liked = recipes.usual_in(answer.client.memory.preference(answer.user).recipe, styles)
    placeholder = answer.say("discord-as-default")
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

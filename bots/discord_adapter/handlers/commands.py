"""The commands, as Discord lists them."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Literal

import discord
from discord import app_commands

from bots.core.effects import controls
from bots.core.effects.controls import Control
from bots.core.errors import BotError, NoPhotoError
from bots.core.requests import drafts, queueing, stories
from bots.core.requests.values import Question
from bots.core.styles import catalogue, recipes
from bots.core.styles.request_parser import resolve
from bots.core.styles.search import suggestions
from bots.discord_adapter.context import Context, answering
from bots.discord_adapter.delivery.statuses import Statuses
from bots.discord_adapter.handlers import galleries, history, pickers, servers, settings
from bots.discord_adapter.render.layouts import words
from bots.discord_adapter.transport import attachments
from bots.discord_adapter.transport.client import StylebotClient
from bots.discord_adapter.transport.reply_target import chat_key, is_adult, user_key
from bots.discord_adapter.transport.translations import text, titled
from engine.api.effect_spec import EffectSpec
from engine.api.names import folded
from storage.values.recipes import Recipe

Interaction = discord.Interaction[StylebotClient]
Show = Callable[[Context], Awaitable[None]]
_CHOICES_MAX: Final = 25
_CHOICE_LETTERS_MAX: Final = 100


def add_commands(client: StylebotClient) -> None:
    """Add all commands to a client's tree."""
    tree = client.tree
    tree.add_command(_style(client))
    tree.add_command(_story(client))
    for edit in client.services.effects.edits.values():
        if tree.get_command(edit.command) is None:
            tree.add_command(_edit(client, edit))
    tree.add_command(_stylize_menu(client))
    tree.add_command(_own_styles(client))
    tree.add_command(_server(client))
    for command in _simple(client):
        tree.add_command(command)


def _style(client: StylebotClient) -> app_commands.Command[Any, ..., Any]:
    texts = client.services.texts

    @app_commands.command(name="style", description=text(texts, "discord-command-style"))
    @app_commands.rename(
        image=text(texts, "discord-option-image"),
        style=text(texts, "discord-option-style"),
        how=text(texts, "discord-option-how"),
        private=text(texts, "discord-option-private"),
    )
    @app_commands.describe(
        image=text(texts, "discord-describe-image"),
        style=text(texts, "discord-describe-style"),
        how=text(texts, "discord-describe-how"),
        private=text(texts, "discord-describe-private"),
    )
    @app_commands.autocomplete(style=suggest, how=suggest_how)
    async def style_command(
        interaction: Interaction,
        image: discord.Attachment,
        style: str = "",
        how: str = "",
        private: bool | None = None,  # noqa: FBT001 - an option of the command
    ) -> None:
        async with answering(interaction) as context:
            liked = client.cache.preference(context.user).private
            wants_private = liked if private is None else private
            await context.defer(private=wants_private or await _will_ask(context, style, how))
            photo = attachments.of_attachment(image, adult=is_adult(interaction.channel))
            attachments.check_size(photo, image.size)
            request_input = context.request_input([photo], f"{style} {how}".strip())
            taken = await Statuses(client).submit(
                request_input.dedupe, drafts.take(client.services, request_input)
            )
            if isinstance(taken, Question):
                await pickers.show(context, taken, pickers.flags_of(private=wants_private))

    return style_command


def _edit(client: StylebotClient, spec: EffectSpec) -> app_commands.Command[Any, ..., Any]:
    """The command of an effect that has one."""
    texts = client.services.texts

    async def suggest_values(
        interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        language = _language(interaction)
        return _with_last_word(typed, controls.of(spec, {}, language))

    @app_commands.command(name=spec.command, description=titled(spec.titles))
    @app_commands.rename(
        image=text(texts, "discord-option-image"),
        how=text(texts, "discord-option-how"),
        private=text(texts, "discord-option-private"),
    )
    @app_commands.describe(
        image=text(texts, "discord-describe-image"),
        how=text(texts, "discord-describe-how"),
        private=text(texts, "discord-describe-private"),
    )
    @app_commands.autocomplete(how=suggest_values)
    async def edit_command(
        interaction: Interaction,
        image: discord.Attachment,
        how: str = "",
        private: bool | None = None,  # noqa: FBT001 - an option of the command
    ) -> None:
        async with answering(interaction) as context:
            liked = client.cache.preference(context.user).private
            await context.defer(private=liked if private is None else private)
            photo = attachments.of_attachment(image, adult=is_adult(interaction.channel))
            attachments.check_size(photo, image.size)
            request_input = context.request_input([photo], f"{spec.id} {how}".strip())
            await Statuses(client).submit(
                request_input.dedupe, queueing.accept(client.services, request_input)
            )

    return edit_command


def _story(client: StylebotClient) -> app_commands.Command[Any, ..., Any]:
    texts = client.services.texts
    others = {f"image{number}": text(texts, "discord-describe-next") for number in range(2, 11)}

    @app_commands.command(name="story", description=text(texts, "discord-command-story"))
    @app_commands.rename(
        image=text(texts, "discord-option-image"),
        style=text(texts, "discord-option-style"),
        shape=text(texts, "discord-option-shape"),
        seconds=text(texts, "discord-option-seconds"),
        caption=text(texts, "discord-option-caption"),
        private=text(texts, "discord-option-private"),
    )
    @app_commands.describe(
        image=text(texts, "discord-describe-first"),
        style=text(texts, "discord-describe-style"),
        shape=text(texts, "discord-describe-shape"),
        seconds=text(texts, "discord-describe-seconds"),
        caption=text(texts, "discord-describe-caption"),
        private=text(texts, "discord-describe-private"),
        **others,
    )
    @app_commands.autocomplete(style=suggest)
    async def story_command(  # noqa: PLR0913 - options of the command
        interaction: Interaction,
        image: discord.Attachment,
        style: str = "",
        image2: discord.Attachment | None = None,
        image3: discord.Attachment | None = None,
        image4: discord.Attachment | None = None,
        image5: discord.Attachment | None = None,
        image6: discord.Attachment | None = None,
        image7: discord.Attachment | None = None,
        image8: discord.Attachment | None = None,
        image9: discord.Attachment | None = None,
        image10: discord.Attachment | None = None,
        shape: Literal["9:16", "1:1", "16:9"] | None = None,
        seconds: int = 0,
        caption: str = "",
        private: bool | None = None,  # noqa: FBT001 - an option of the command
    ) -> None:
        async with answering(interaction) as context:
            liked = client.cache.preference(context.user).private
            wants_private = liked if private is None else private
            await context.defer(private=wants_private or await _will_ask(context, style, ""))
            story = stories.of(shape or "", seconds, caption)
            images = [
                each
                for each in (image, image2, image3, image4, image5, image6, image7, image8, image9,
                             image10)
                if each
            ]  # fmt: skip
            adult = is_adult(interaction.channel)
            photos = [attachments.of_attachment(each, adult=adult) for each in images]
            for photo in photos:
                attachments.check_size(photo, photo["bytes"])
            request_input = context.request_input(photos, style, story=story, output="photo")
            taken = await Statuses(client).submit(
                request_input.dedupe, drafts.take(client.services, request_input)
            )
            if isinstance(taken, Question):
                await pickers.show(context, taken, pickers.flags_of(private=wants_private))

    return story_command


async def _will_ask(context: Context, style: str, how: str) -> bool:
    """Whether the style must be asked for; that is done in a private answer."""
    cache, services, typed = context.client.cache, context.client.services, f"{style} {how}".strip()
    if not typed:
        return not cache.has_default(context.user, context.chat)
    if not cache.knows_own_styles(context.user):
        await cache.renew_person(context.user)
    try:
        styles = cache.styles(context.user, context.chat)
        choices = resolve(catalogue.read(services, typed, styles), styles, "en")
    except BotError:
        return True
    chosen = [style for style in styles if style.id in {choice.style_id for choice in choices}]
    return any(recipes.needs_more(services.effects, style) for style in chosen)


async def suggest(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Styles that match the text typed so far, from the cache."""
    client = interaction.client
    user = user_key(interaction.user)
    chat = chat_key(interaction.guild_id, interaction.channel_id)
    language = client.cache.language(user, chat, interaction.locale.value)
    found = suggestions(typed, client.cache.styles(user, chat))
    if not client.cache.knows_own_styles(user):
        # It is read in the background: the next keystroke finds it.
        client.later(client.cache.renew_person(user))
    return [
        app_commands.Choice(name=style.title(language)[:_CHOICE_LETTERS_MAX], value=style.slug)
        for style in found[:_CHOICES_MAX]
    ]


async def suggest_how(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Words for options other than the style: values of painting's parameters, by title."""
    effects = interaction.client.services.effects
    language = _language(interaction)
    return _with_last_word(typed, controls.of_preference(effects, Recipe(), language))


def _language(interaction: Interaction) -> str:
    user = user_key(interaction.user)
    chat = chat_key(interaction.guild_id, interaction.channel_id)
    return interaction.client.cache.language(user, chat, interaction.locale.value)


def _with_last_word(typed: str, drawn: Sequence[Control]) -> list[app_commands.Choice[str]]:
    """What is typed, with each value that its last word begins."""
    before, _, begun = typed.rpartition(" ")
    said = [value.title for control in drawn for value in control.values]
    fitting = [title for title in said if folded(title).startswith(folded(begun))]
    names = [f"{before} {title}".strip()[:_CHOICE_LETTERS_MAX] for title in fitting]
    return [app_commands.Choice(name=name, value=name) for name in names[:_CHOICES_MAX]]


def _stylize_menu(client: StylebotClient) -> app_commands.ContextMenu:
    async def stylize_message(interaction: Interaction, message: discord.Message) -> None:
        async with answering(interaction) as context:
            photos, author = attachments.pictures(message), attachments.author_of(message)
            liked = client.cache.preference(context.user)
            asks = len(photos) != 1 or not client.cache.has_default(context.user, context.chat)
            await context.defer(private=asks or liked.private)
            if not photos:
                raise NoPhotoError(
                    what=attachments.what_is(message) if message.attachments else "none"
                )
            if asks:
                await pickers.ask(context, photos, private=liked.private, author=author)
                return
            request_input = context.request_input(photos, author=author)
            await Statuses(client).submit(
                request_input.dedupe, queueing.accept(client.services, request_input)
            )

    name = text(client.services.texts, "discord-menu-stylize")
    return app_commands.ContextMenu(name=name, callback=stylize_message)


def _own_styles(client: StylebotClient) -> app_commands.Group:
    texts = client.services.texts
    group = app_commands.Group(name="mystyles", description=text(texts, "discord-command-mystyles"))

    @group.command(name="add", description=text(texts, "discord-command-mystyles-add"))
    async def add(interaction: Interaction) -> None:
        async with answering(interaction) as context:
            await galleries.ask_for_own(context)

    @group.command(name="list", description=text(texts, "discord-command-mystyles-list"))
    async def listed(interaction: Interaction) -> None:
        async with answering(interaction) as context:
            await context.defer(private=True)
            await galleries.show_own(context)

    return group


def _server(client: StylebotClient) -> app_commands.Command[Any, ..., Any]:
    @app_commands.command(
        name="server", description=text(client.services.texts, "discord-command-server")
    )
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    @app_commands.default_permissions(manage_guild=True)
    async def server(interaction: Interaction) -> None:
        async with answering(interaction) as context:
            await context.defer(private=True)
            await servers.show_server(context)

    return server


def _simple(client: StylebotClient) -> list[app_commands.Command[Any, ..., Any]]:
    """Commands without options, with private answers."""
    texts = client.services.texts
    return [
        _command(client, "styles", text(texts, "discord-command-styles"), galleries.show_styles),
        _command(client, "history", text(texts, "discord-command-history"), history.show_history),
        _command(
            client, "settings", text(texts, "discord-command-settings"), settings.show_settings
        ),
        _command(client, "privacy", text(texts, "discord-command-privacy"), history.show_privacy),
        _command(client, "export", text(texts, "discord-command-export"), history.show_export),
        _command(client, "forget", text(texts, "discord-command-forget"), history.show_forget),
        _command(client, "cancel", text(texts, "discord-command-cancel"), _cancel),
        _command(client, "help", text(texts, "discord-command-help"), _help),
    ]


def _command(
    client: StylebotClient, name: str, description: app_commands.locale_str, show: Show
) -> app_commands.Command[Any, ..., Any]:
    async def run(interaction: Interaction) -> None:
        async with answering(interaction) as context:
            await context.defer(private=True)
            await show(context)

    return app_commands.Command(name=name, description=description, callback=run)


async def _cancel(context: Context) -> None:
    count = await queueing.cancel_all(context.client.services, context.user)
    await Statuses(context.client).update_all()
    await context.show(words(context.say("discord-cancelled", count=count)), [])


async def _help(context: Context) -> None:
    await context.show(words(context.say("discord-help")), [])

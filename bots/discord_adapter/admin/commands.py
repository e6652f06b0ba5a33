"""`/admin`, for the bot's admins.

Registered only in the servers that `placement` chooses. Discord shows it to their administrators;
the core checks that they are admins of the bot.
"""

import inspect
from collections.abc import Mapping, Sequence
from typing import Any, Final

import discord
from discord import app_commands

from bots.core.admin import registry
from bots.core.admin.pages.actions import Field
from bots.core.admin.pages.pages import Address
from bots.core.errors import BadWhomError
from bots.core.policy.control import ADJUSTABLE
from bots.discord_adapter.admin import forms
from bots.discord_adapter.admin.components import check_admin, perform
from bots.discord_adapter.admin.pages import show
from bots.discord_adapter.context import answering
from bots.discord_adapter.transport.client import StylebotClient
from bots.discord_adapter.transport.reply_target import user_key
from bots.discord_adapter.transport.translations import text

NAME: Final = "admin"
_KINDS: Final[Mapping[str, Any]] = {
    "pictures": discord.Attachment, "file": discord.Attachment, "number": int, "job": int,
}  # fmt: skip
# Options of a field that takes several files, after the first.
_MORE: Final = ("second", "third", "fourth")

Interaction = discord.Interaction[StylebotClient]
Parameter = inspect.Parameter


def admin_group(client: StylebotClient) -> app_commands.Group:
    """The group with all of its commands."""
    texts = client.services.texts
    group = app_commands.Group(
        name=NAME,
        description=text(texts, "discord-command-admin"),
        guild_only=True,
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        allowed_contexts=app_commands.AppCommandContext(
            guild=True, dm_channel=False, private_channel=False
        ),
        default_permissions=discord.Permissions(administrator=True),
    )
    for name, command in registry.commands().items():
        group.add_command(_command(client, name, command))
    return group


async def answer_stray(interaction: Interaction, error: app_commands.AppCommandError) -> None:
    """Answer an unknown or invalid command: one of an earlier version, or a forged one."""
    if interaction.type is not discord.InteractionType.application_command:
        return
    async with answering(interaction) as context:
        if isinstance(error, app_commands.CommandNotFound) and NAME in (error.name, *error.parents):
            await check_admin(context, Address(""))
        raise error


def _command(
    client: StylebotClient, name: str, command: registry.Command
) -> app_commands.Command[Any, ..., Any]:
    fields, texts = command.of.fields, client.services.texts

    async def run(interaction: Interaction, **said: Any) -> None:  # noqa: ANN401 - any option
        async with answering(interaction) as context:
            given = {name: value for name, value in said.items() if value is not None}
            where = command.where([str(value) for value in given.values()])
            caller = await check_admin(context, where)
            await context.defer(private=True)
            if where.acts:
                filled = await forms.filled(client, fields, _given(fields, given))
                await perform(context, caller, where, filled)
            else:
                await show(context, caller, where)

    options = {
        option.name: (option, label)
        for of in fields
        for option, label in _options(of, needed=command.view is None)
    }
    own = [Parameter("interaction", Parameter.POSITIONAL_OR_KEYWORD, annotation=Interaction)]
    signed = inspect.Signature([*own, *(option for option, _ in options.values())])
    run.__signature__ = signed  # type: ignore[attr-defined]
    described = app_commands.describe(
        **{name: text(texts, label) for name, (_, label) in options.items()}
    )
    limits = [app_commands.Choice(name=limit, value=limit) for limit in ADJUSTABLE]
    limited = app_commands.choices(**{of.name: limits for of in fields if of.kind == "limit"})
    return app_commands.Command(
        name=name, description=text(texts, command.of.about), callback=limited(described(run))
    )


def _options(of: Field, *, needed: bool) -> list[tuple[Parameter, str]]:
    """A field as options, each with its description; a person is picked or named."""
    kinds: dict[str, Any] = {of.name: _KINDS.get(of.kind, str)}
    if of.kind == "user":
        kinds["user"] = discord.User
    elif of.kind == "pictures":
        kinds |= dict.fromkeys(_MORE[: of.most - 1], discord.Attachment)
    found = []
    for name, kind in kinds.items():
        if needed and not of.optional and name == of.name and of.kind != "user":
            option = Parameter(name, Parameter.KEYWORD_ONLY, annotation=kind)
        else:
            option = Parameter(name, Parameter.KEYWORD_ONLY, annotation=kind | None, default=None)
        found.append((option, "discord-describe-admin-user" if name == "user" else of.label))
    return found


def _given(fields: Sequence[Field], said: dict[str, Any]) -> dict[str, Any]:
    """The options of a command, in the form's format.

    Raises:
        BadWhomError: no person is given, or two are.
    """
    given = dict(said)
    for of in fields:
        if of.kind in ("pictures", "file"):
            files = [said[name] for name in (of.name, *_MORE) if name in said]
            given[of.name] = [each.to_dict() for each in files]
        elif of.kind == "user":
            if ("user" in said) is (of.name in said):
                raise BadWhomError
            user = said.get("user")
            given[of.name] = f"user {user_key(user)}" if user else said[of.name]
    return given

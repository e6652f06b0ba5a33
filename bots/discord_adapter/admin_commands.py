"""`/admin`, for those who administer the bot; nobody else finds it, and nobody else gets past it.

It is no command of all servers but of those that `placement` chooses. Discord shows it to the
administrators there; that one of them administers the bot, the core says.
"""

import inspect
from collections.abc import Sequence
from typing import Any, Final

import discord
from discord import app_commands

from bots.core.admin import desk
from bots.core.admin.actions import Action, Field, Raw, View
from bots.core.admin.pages import Address, address
from bots.core.control import ADJUSTABLE
from bots.discord_adapter import admin_forms
from bots.discord_adapter.admin_pages import show
from bots.discord_adapter.admin_presses import caller_of, check, perform
from bots.discord_adapter.answers import answering
from bots.discord_adapter.client import StylebotClient
from bots.discord_adapter.translations import text

NAME: Final = "admin"
_ID_MAX: Final = 2**31 - 1
# Options of a field that takes several files, after the first.
_MORE: Final = ("second", "third", "fourth")

Interaction = discord.Interaction[StylebotClient]
Command = app_commands.Command[Any, ..., Any]
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
    for name, (view, action) in desk.commands().items():
        command = _command(client, name, view, action)
        group.add_command(command)
    return group


async def answer_stray(interaction: Interaction, error: app_commands.AppCommandError) -> None:
    """Answer a command that is not there, or not as it was sent: one of before, or a forged one."""
    if interaction.type is not discord.InteractionType.application_command:
        return
    async with answering(interaction) as answer:
        if isinstance(error, app_commands.CommandNotFound) and NAME in (error.name, *error.parents):
            await check(answer, caller_of(answer), Address(""))
        raise error


def _command(
    client: StylebotClient, name: str, view: View | None, action: Action | None
) -> Command:
    """A command that shows something, or does something where it is told what."""
    fields = action.fields if action else view.fields if view else ()
    about = action.about if action else view.about if view else ""

    async def run(interaction: Interaction, **said: Any) -> None:  # noqa: ANN401 - any option
        async with answering(interaction) as answer:
            caller = caller_of(answer)
            given = {name: value for name, value in said.items() if value is not None}
            doing = action if action and (given or view is None) else None
            where = address(doing.id) if doing else _viewed(view, given)
            await check(answer, caller, where)
            await answer.defer(private=True)
            if doing:
                filled = await _filled(client, doing.fields, given)
                await perform(answer, caller, where, filled)
            else:
                await show(answer, caller, where)

    parameters = [each for of in fields for each in _parameters(of, needed=view is None)]
    own = [Parameter("interaction", Parameter.POSITIONAL_OR_KEYWORD, annotation=Interaction)]
    run.__signature__ = inspect.Signature(own + parameters)  # type: ignore[attr-defined]
    texts = client.services.texts
    described = app_commands.describe(
        **{each.name: text(texts, _label(fields, each.name)) for each in parameters}
    )
    choices = [app_commands.Choice(name=limit, value=limit) for limit in ADJUSTABLE]
    limited = app_commands.choices(**{of.name: choices for of in fields if of.kind == "limit"})
    return app_commands.Command(
        name=name, description=text(texts, about), callback=limited(described(run))
    )


def _parameters(of: Field, *, needed: bool) -> list[Parameter]:
    """A field as options of a command."""

    def one(name: str, kind: Any, *, required: bool = False) -> Parameter:  # noqa: ANN401
        annotation = kind if required else kind | None
        default = Parameter.empty if required else None
        return Parameter(name, Parameter.KEYWORD_ONLY, annotation=annotation, default=default)

    required = needed and not of.optional
    if of.kind in ("pictures", "file"):
        more = _MORE[: of.most - 1] if of.kind == "pictures" else ()
        return [one(of.name, discord.Attachment, required=required),
                *(one(name, discord.Attachment) for name in more)]  # fmt: skip
    if of.kind == "user":
        return [one("user", discord.User), one(of.name, str)]
    if of.kind == "job":
        return [one(of.name, app_commands.Range[int, 1, _ID_MAX], required=required)]
    if of.kind == "number":
        bounded = app_commands.Range[int, max(0, of.least), min(of.most, _ID_MAX)]
        return [one(of.name, bounded, required=required)]
    kind = str if of.kind == "limit" else app_commands.Range[str, 1, of.most]
    return [one(of.name, kind, required=required)]


def _label(fields: Sequence[Field], name: str) -> str:
    """The text that says what an option is."""
    if name == "user":
        return "discord-describe-admin-user"
    field = next((of for of in fields if of.name == name), None)
    return (field or next(of for of in fields if of.kind == "pictures")).label


def _viewed(view: View | None, given: dict[str, Any]) -> Address:
    if view is None:
        raise AssertionError("a command shows something or does something")
    return address(view.name, *(given[of.name] for of in view.fields if of.name in given))


async def _filled(
    client: StylebotClient, fields: Sequence[Field], given: dict[str, Any]
) -> dict[str, Raw]:
    """The options of a command as fields."""
    found: dict[str, Raw] = {}
    for of in fields:
        if of.kind in ("pictures", "file"):
            names = (of.name, *_MORE) if of.kind == "pictures" else (of.name,)
            files = [given[name].to_dict() for name in names if name in given]
            found[of.name] = await admin_forms.fetched(client, of, files)
        elif of.kind == "user":
            user = given.get("user")
            named = str(given.get(of.name, ""))
            found[of.name] = admin_forms.whose(user.id if user else None, named)
        elif of.name in given:
            found[of.name] = str(given[of.name])
    return found

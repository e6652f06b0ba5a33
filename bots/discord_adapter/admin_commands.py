"""`/admin`, for those who administer the bot; nobody else finds it, and nobody else gets past it.

It is no command of all servers but of those that `placement` chooses. Discord shows it to the
administrators there; that one of them administers the bot, the core says.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import discord
from discord import app_commands

from bots.core.control import ADJUSTABLE
from bots.discord_adapter import admin_records, admin_room, admin_styles_panel, admin_workshop
from bots.discord_adapter.admin_records import HOURS_MAX
from bots.discord_adapter.answers import Answer, answering
from bots.discord_adapter.bot_admins import check
from bots.discord_adapter.client import StylebotClient
from bots.discord_adapter.translations import text

NAME: Final = "admin"
_ID_MAX: Final = 2**31 - 1
_LIMITS: Final = [app_commands.Choice(name=name, value=name) for name in ADJUSTABLE]

Interaction = discord.Interaction[StylebotClient]
Show = Callable[[Answer], Awaitable[None]]
Words = app_commands.Range[str, 1, 200]


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
    for command in (
        *_simple(client), *_styles(client), *_gates(client), *_people(client), *_numbers(client),
    ):  # fmt: skip
        group.add_command(command)
    return group


async def _answer(interaction: Interaction, doing: str, show: Show) -> None:
    """Answer an admin, to him alone; whoever is none is refused, and that is noted."""
    async with answering(interaction) as answer:
        await check(answer, doing)
        await answer.defer(private=True)
        await show(answer)


async def answer_stray(interaction: Interaction, error: app_commands.AppCommandError) -> None:
    """Answer a command that is not there, or not as it was sent: one of before, or a forged one."""
    if interaction.type is not discord.InteractionType.application_command:
        return
    async with answering(interaction) as answer:
        if isinstance(error, app_commands.CommandNotFound) and NAME in (error.name, *error.parents):
            await check(answer, NAME)
        raise error


def _simple(client: StylebotClient) -> list[app_commands.Command[Any, ..., Any]]:
    texts = client.services.texts
    found: dict[str, tuple[str, str, Show]] = {
        "styles": ("styles.read", "discord-command-admin-styles", admin_styles_panel.show_list),
        "queue": ("queue.read", "discord-command-admin-queue", admin_room.show_queue),
        "blocks": ("people.read", "discord-command-admin-blocks", admin_records.show_blocks),
        "audit": ("audit.read", "discord-command-admin-audit", admin_records.show_audit),
    }
    return [
        _command(name, text(texts, said), doing, show)
        for name, (doing, said, show) in found.items()
    ]


def _command(
    name: str,
    description: app_commands.locale_str,
    doing: str,
    show: Show,
) -> app_commands.Command[Any, ..., Any]:
    async def run(interaction: Interaction) -> None:
        await _answer(interaction, doing, show)

    return app_commands.Command(name=name, description=description, callback=run)


def _styles(client: StylebotClient) -> list[app_commands.Command[Any, ..., Any]]:
    texts = client.services.texts
    longest = client.services.limits.name_letters
    picture = text(texts, "discord-describe-admin-picture")

    @app_commands.command(name="addstyle", description=text(texts, "discord-command-admin-add"))
    @app_commands.describe(
        name=text(texts, "discord-own-name"),
        picture=picture, second=picture, third=picture, fourth=picture,
    )  # fmt: skip
    async def add(
        interaction: Interaction,
        name: app_commands.Range[str, 1, longest],
        picture: discord.Attachment,
        second: discord.Attachment | None = None,
        third: discord.Attachment | None = None,
        fourth: discord.Attachment | None = None,
    ) -> None:
        pictures = [each for each in (picture, second, third, fourth) if each]
        await _answer(
            interaction, "style.add", lambda answer: admin_workshop.add(answer, name, pictures)
        )

    @app_commands.command(
        name="importstyle", description=text(texts, "discord-command-admin-import")
    )
    @app_commands.describe(file=text(texts, "discord-describe-admin-file"))
    async def import_file(interaction: Interaction, file: discord.Attachment) -> None:
        await _answer(
            interaction, "style.import", lambda answer: admin_workshop.import_file(answer, file)
        )

    return [add, import_file]


def _gates(client: StylebotClient) -> list[app_commands.Command[Any, ..., Any]]:
    texts = client.services.texts
    described = text(texts, "discord-admin-words")

    @app_commands.command(name="pause", description=text(texts, "discord-command-admin-pause"))
    @app_commands.describe(words=described)
    async def pause(interaction: Interaction, words: Words | None = None) -> None:
        await _answer(
            interaction, "queue.pause",
            lambda answer: admin_room.put_gate(answer, "paused", words or ""),
        )  # fmt: skip

    @app_commands.command(name="drain", description=text(texts, "discord-command-admin-drain"))
    @app_commands.describe(words=described)
    async def drain(interaction: Interaction, words: Words | None = None) -> None:
        await _answer(
            interaction, "queue.drain",
            lambda answer: admin_room.put_gate(answer, "draining", words or ""),
        )  # fmt: skip

    @app_commands.command(name="open", description=text(texts, "discord-command-admin-open"))
    async def open_again(interaction: Interaction) -> None:
        await _answer(interaction, "queue.open", lambda answer: admin_room.put_gate(answer, "open"))

    @app_commands.command(name="cancel", description=text(texts, "discord-command-admin-cancel"))
    @app_commands.describe(job=text(texts, "discord-describe-admin-job"))
    async def cancel(interaction: Interaction, job: app_commands.Range[int, 1, _ID_MAX]) -> None:
        await _answer(interaction, "job.cancel", lambda answer: admin_room.cancel(answer, job))

    return [pause, drain, open_again, cancel]


def _people(client: StylebotClient) -> list[app_commands.Command[Any, ..., Any]]:
    texts = client.services.texts
    user_said = text(texts, "discord-describe-admin-user")
    whom_said = text(texts, "discord-describe-admin-whom")

    @app_commands.command(name="block", description=text(texts, "discord-command-admin-block"))
    @app_commands.describe(
        user=user_said, whom=whom_said, reason=text(texts, "discord-describe-admin-reason")
    )
    async def block(
        interaction: Interaction,
        user: discord.User | None = None,
        whom: str = "",
        reason: Words | None = None,
    ) -> None:
        await _answer(
            interaction, "people.block",
            lambda answer: admin_records.block(answer, user, whom, reason or ""),
        )  # fmt: skip

    @app_commands.command(name="allow", description=text(texts, "discord-command-admin-allow"))
    @app_commands.describe(user=user_said, whom=whom_said)
    async def allow(
        interaction: Interaction, user: discord.User | None = None, whom: str = ""
    ) -> None:
        await _answer(
            interaction, "people.allow", lambda answer: admin_records.allow(answer, user, whom)
        )

    return [block, allow]


def _numbers(client: StylebotClient) -> list[app_commands.Command[Any, ..., Any]]:
    texts = client.services.texts

    @app_commands.command(name="limits", description=text(texts, "discord-command-admin-limits"))
    @app_commands.describe(
        name=text(texts, "discord-describe-admin-limit"),
        value=text(texts, "discord-describe-admin-value"),
    )
    @app_commands.choices(name=_LIMITS)
    async def limits(interaction: Interaction, name: str = "", value: int | None = None) -> None:
        await _answer(
            interaction,
            "limits.put" if name else "limits.read",
            lambda answer: (
                admin_records.put_limit(answer, name, value)
                if name
                else admin_records.show_limits(answer)
            ),
        )

    @app_commands.command(name="stats", description=text(texts, "discord-command-admin-stats"))
    @app_commands.describe(hours=text(texts, "discord-describe-admin-hours"))
    async def stats(
        interaction: Interaction, hours: app_commands.Range[int, 1, HOURS_MAX] = 24
    ) -> None:
        await _answer(
            interaction, "stats.read", lambda answer: admin_records.show_stats(answer, hours)
        )

    return [limits, stats]

"""Registers commands with Discord: global ones, and the admins' in their servers.

Discord limits registrations to two hundred a day, so only changes are sent.
"""

import hashlib
import json
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import discord
from discord import app_commands

from bots.core.admin.use_cases import rights
from bots.core.common import key_value
from bots.core.common.periodic import repeat
from bots.discord_adapter.admin.commands import NAME, admin_group
from bots.discord_adapter.transport.client import StylebotClient
from bots.discord_adapter.transport.posting import UNSAID
from bots.discord_adapter.transport.reply_target import PLATFORM
from storage.values.people import UserKey

logger = logging.getLogger(__name__)

Commands = Sequence[app_commands.Command[Any, ..., Any] | app_commands.Group | Any]
_DIGEST: Final = "sha256"


async def sync_commands(client: StylebotClient) -> bool:
    """Register the global commands, unless they are unchanged; returns whether they were sent."""
    digest = await _digest(client, client.tree.get_commands())
    key = f"discord commands {client.application_id}"
    if await key_value.recall(client.services, key) == {_DIGEST: digest}:
        return False
    await client.tree.sync()
    await key_value.keep(client.services, key, {_DIGEST: digest})
    return True


async def sync_admin_commands(
    client: StylebotClient, guild: discord.Guild, *, joined: bool = False
) -> bool:
    """Register the admins' commands in a server, or remove them.

    Args:
        client: The client.
        guild: The server.
        joined: Whether the bot has just joined: earlier registrations may be gone.
    """
    _arrange(client, guild)
    key = f"discord admin commands {client.application_id} {guild.id}"
    known = await key_value.recall(client.services, key)
    if known is None and not belongs(client, guild):
        return False
    fresh = {_DIGEST: await _digest(client, client.tree.get_commands(guild=guild))}
    if known == fresh and not joined:
        return False
    try:
        await client.tree.sync(guild=guild)
    except UNSAID:
        # The bot may lack the right to commands; otherwise the next round succeeds.
        logger.warning(
            "the admins' commands cannot be registered in server %s", guild.id, exc_info=True
        )
        return False
    await key_value.keep(client.services, key, fresh)
    return True


async def keep_in_sync(client: StylebotClient, every: timedelta = timedelta(hours=1)) -> None:
    """Do so in every server of the bot, now and periodically, until cancelled."""
    for guild in client.guilds:
        # Discord may have them from before, and someone may already use them.
        _arrange(client, guild)

    async def place() -> None:
        for guild in list(client.guilds):
            await sync_admin_commands(client, guild)

    await repeat(place, every, "the admins' commands could not be registered", at_once=True)


def belongs(client: StylebotClient, guild: discord.Guild) -> bool:
    """Whether a server gets the admins' commands: an admin owns it, or a setting names it."""
    owner = UserKey(PLATFORM, str(guild.owner_id))
    return guild.id in client.admin_servers or rights.is_admin(client.services, owner)


def _arrange(client: StylebotClient, guild: discord.Guild) -> None:
    """Make the client recognise a server's commands, even if Discord did not accept them."""
    if belongs(client, guild):
        client.tree.add_command(admin_group(client), guild=guild, override=True)
    else:
        client.tree.remove_command(NAME, guild=guild)


async def _digest(client: StylebotClient, commands: Commands) -> str:
    """A digest that shows whether commands have changed since they were registered."""
    translator = client.tree.translator
    if translator is None:
        raise AssertionError("a client is furnished first")
    told = [await each.get_translated_payload(client.tree, translator) for each in commands]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

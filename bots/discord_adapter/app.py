"""The bot on Discord, as an adapter for the bot process."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final

import aiohttp
import discord

from bots.core.common.services import Services
from bots.core.errors import OperatorError
from bots.core.users import preferences
from bots.discord_adapter import command_sync
from bots.discord_adapter.admin import commands as admin_commands
from bots.discord_adapter.admin import components
from bots.discord_adapter.components import DYNAMIC_ITEMS
from bots.discord_adapter.delivery.results import Delivery
from bots.discord_adapter.delivery.statuses import Statuses
from bots.discord_adapter.handlers import commands, messages
from bots.discord_adapter.transport.client import StylebotClient, use_api
from bots.discord_adapter.transport.reply_target import PLATFORM
from bots.discord_adapter.transport.translations import FluentTranslator
from bots.settings import BotSettings
from storage.values.people import ChatKey

logger = logging.getLogger(__name__)

_READY_S: Final = 120.0
_NO_TOKEN: Final = (
    "Discord does not accept DISCORD_TOKEN: copy it anew from the page Bot of the application."  # noqa: S105
)


class DiscordAdapter(Delivery):
    """Receives users' commands and sends workers' results on Discord."""

    def __init__(self, services: Services, settings: BotSettings, again_s: float = 5.0) -> None:
        """Do not connect yet.

        Args:
            services: The core's services.
            settings: The bots' settings.
            again_s: Seconds before an unanswered request to Discord is tried again.
        """
        super().__init__(
            StylebotClient(
                services,
                gateway_url=settings.discord_gateway_url,
                admin_servers=settings.discord_admin_servers,
                again_s=again_s,
            )
        )
        self._settings = settings
        self._tasks: list[asyncio.Task[None]] = []
        self._connected: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    async def start(self, nudge: Callable[[], None]) -> str:
        """Connect, and register the commands; returns the bot's name.

        Args:
            nudge: To be called when a job was added.

        Raises:
            OperatorError: Discord rejects the bot, or cannot be reached.
        """
        client = self.client
        client.nudge = nudge
        use_api(self._settings.discord_api_url)
        await client.cache.renew()
        await register_handlers(client)
        try:
            await client.login(self._settings.discord_token.get_secret_value())
            await command_sync.sync_commands(client)
        except discord.LoginFailure:
            raise OperatorError(_NO_TOKEN) from None
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            raise OperatorError(f"Discord cannot be reached: {_reason(error)}.") from error
        self._connected = asyncio.create_task(client.connect())
        await self._until_ready(self._connected)
        await preferences.meet(
            client.services, PLATFORM, {str(guild.id) for guild in client.guilds}
        )
        self._tasks = [
            asyncio.create_task(work)
            for work in (
                client.cache.keep_renewing(),
                Statuses(client).keep_updating(),
                command_sync.keep_in_sync(client),
            )
        ]
        return str(client.user)

    async def receive(self) -> None:
        """Receive what users send, until `stop`.

        Raises:
            OperatorError: Discord no longer accepts the bot.
        """
        if self._connected is None:
            raise AssertionError("start comes first")
        waits: list[Coroutine[Any, Any, Any]] = [self._stopping.wait(), self.client.refused.wait()]
        others = [asyncio.create_task(wait) for wait in waits]
        try:
            await asyncio.wait([self._connected, *others], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for other in others:
                other.cancel()
        if self.client.refused.is_set():
            raise OperatorError(_NO_TOKEN)
        if not self._stopping.is_set():
            raise _fault(self._connected)

    def stop(self) -> None:
        """Accept nothing new; results are still delivered."""
        self.client.stopping = True
        self._stopping.set()

    async def close(self) -> None:
        """Disconnect from the gateway."""
        await self.client.end_tasks()
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if self._connected is not None:
            await self.client.close()
            with contextlib.suppress(Exception):
                await self._connected
        else:
            await self.client.http.close()

    async def _until_ready(self, connected: asyncio.Task[None]) -> None:
        ready = asyncio.create_task(self.client.wait_until_ready())
        try:
            await asyncio.wait(
                [ready, connected], timeout=_READY_S, return_when=asyncio.FIRST_COMPLETED
            )
            if connected.done():
                raise _fault(connected)
            if not ready.done():
                raise OperatorError("Discord's gateway does not answer.")
        finally:
            ready.cancel()


async def register_handlers(client: StylebotClient) -> None:
    """Register all of a client's handlers; called once."""
    commands.add_commands(client)
    await client.tree.set_translator(FluentTranslator(client.services.texts))
    client.add_dynamic_items(*DYNAMIC_ITEMS)
    client.tree.error(admin_commands.answer_stray)

    @client.event
    async def on_message(message: discord.Message) -> None:
        client.services.meter.received(PLATFORM)
        await messages.take(client, message)

    @client.event
    async def on_guild_remove(guild: discord.Guild) -> None:
        await preferences.left(client.services, ChatKey(PLATFORM, str(guild.id)))

    @client.event
    async def on_guild_join(guild: discord.Guild) -> None:
        await preferences.joined(client.services, ChatKey(PLATFORM, str(guild.id)))
        await command_sync.sync_admin_commands(client, guild, joined=True)

    @client.event
    async def on_guild_update(before: discord.Guild, after: discord.Guild) -> None:
        if before.owner_id != after.owner_id:
            await command_sync.sync_admin_commands(client, after)

    @client.event
    async def on_interaction(interaction: discord.Interaction[StylebotClient]) -> None:
        client.services.meter.received(PLATFORM)
        await components.take_form(interaction)


def _fault(connected: asyncio.Task[None]) -> OperatorError:
    """Why the connection ended, as an error."""
    error = None if connected.cancelled() else connected.exception()
    if isinstance(error, discord.LoginFailure) or getattr(error, "code", None) == 4004:
        return OperatorError(_NO_TOKEN)
    return OperatorError(f"Discord has ended the connection: {_reason(error)}.")


def _reason(error: BaseException | None) -> str:
    return str(error).rstrip(".") or type(error).__name__ if error else "no reason was given"

"""The connection to Discord, and what belongs to it."""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from http import HTTPStatus
from typing import Any, Final
from weakref import WeakValueDictionary

import aiohttp
import discord
from cachetools import LRUCache
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from typing_extensions import override
from yarl import URL

from bots.core.admin.use_cases.refining import Refining
from bots.core.common.services import Services
from bots.core.styles.request_parser import Named
from bots.discord_adapter.transport.cache import Cache
from bots.discord_adapter.transport.reply_target import PLATFORM
from bots.images.sheets import Sheets

# The bot does not speak, and need not be warned that it could not.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
# Longer than this a rate limit is not sat out: the job goes back to the queue and frees its worker.
_RATE_LIMIT_MAX_S: Final = 60.0
_THUMBNAILS_KEPT: Final = 200

Said = tuple[int, int, str | None, int | None, int | None]


class StylebotClient(discord.AutoShardedClient):
    """Discord, without members, messages or their content in memory.

    Attributes:
        services: The core's.
        cache: What is known without a wait.
        tree: The commands.
        nudge: Says that there is a new job.
        stopping: Whether nothing new is taken any more.
        locks: Who writes a request's message holds the lock of its `dedupe`.
        said: What was last said of jobs that wait: how many were ahead, how far it was, the
            words of an admin who paused the queue, the percent of slow work and the number of its
            picture; None for that the engine is away.
        admin_servers: Ids of the servers that have the admins' commands no matter who owns them.
        refinings: Styles that admins have polished, by their ids.
        sheets: Photos in several styles, for those who choose one.
        named: Styles that people named before they sent a photo.
        thumbnails: Small pictures of styles, by id, version and whether they are everyone's.
        refused: Set once Discord does not take the bot's token any longer.
    """

    def __init__(
        self,
        services: Services,
        *,
        gateway_url: str = "",
        shard_count: int | None = None,
        admin_servers: Collection[int] = (),
    ) -> None:
        """Connect to nothing yet.

        Args:
            services: What use cases need.
            gateway_url: Where the gateway is; empty to ask the API.
            shard_count: How many connections; None for as many as Discord recommends.
            admin_servers: Which servers have the admins' commands, no matter who owns them.
        """
        super().__init__(
            intents=discord.Intents.default(),
            allowed_mentions=discord.AllowedMentions.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_ratelimit_timeout=_RATE_LIMIT_MAX_S,
            shard_count=shard_count,
            http_trace=_counting(lambda: services.meter.throttled(PLATFORM)),
        )
        self.services = services
        self.cache = Cache(services, PLATFORM)
        self.tree: app_commands.CommandTree[StylebotClient] = app_commands.CommandTree(
            self,
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
            allowed_contexts=app_commands.AppCommandContext(
                guild=True, dm_channel=True, private_channel=True
            ),
        )
        self.nudge: Callable[[], None] = lambda: None
        self.stopping = False
        self.locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self.said: dict[int, Said | None] = {}
        self.thumbnails: LRUCache[tuple[int, int, bool], bytes] = LRUCache(_THUMBNAILS_KEPT)
        self.sheets = Sheets(services)
        self.named = Named()
        self.admin_servers = frozenset(admin_servers)
        self.refinings: dict[int, Refining] = {}
        self.refused = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._gateway = URL(gateway_url) if gateway_url else None

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something that no one waits for."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def end_tasks(self) -> None:
        """Give up what no one waits for, as long as there is a store to give it up in."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    @override
    async def launch_shard(self, gateway: URL, shard_id: int, *, initial: bool = False) -> None:
        gateway = self._gateway or gateway
        # Where the library goes once a session was declared invalid.
        DiscordWebSocket.DEFAULT_GATEWAY = gateway
        await super().launch_shard(gateway, shard_id, initial=initial)


def _counting(refused: Callable[[], None]) -> aiohttp.TraceConfig:
    """Looks at answers as they come in; the library itself waits out a 429 and says nothing."""
    trace = aiohttp.TraceConfig()

    async def look(
        session: aiohttp.ClientSession, context: object, request: aiohttp.TraceRequestEndParams
    ) -> None:
        if request.response.status == HTTPStatus.TOO_MANY_REQUESTS:
            refused()

    trace.on_request_end.append(look)
    return trace


def use_api(url: str) -> None:
    """Speak to the REST API at an address; the library knows one for a whole process."""
    if url != Route.BASE:
        Route.BASE = url

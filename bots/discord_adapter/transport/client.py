"""The connection to Discord, and the state shared by its handlers."""

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

# The bot does not use voice, so it needs no warning that this is unavailable.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
# Longest rate limit that is waited for here; otherwise the job returns to the queue.
_RATE_LIMIT_MAX_S: Final = 60.0
_THUMBNAILS_KEPT: Final = 200

Said = tuple[int, int, str | None, int | None, int | None]


class StylebotClient(discord.AutoShardedClient):
    """Discord's client, without members, messages or their content in memory.

    Attributes:
        services: The core's services.
        cache: Data available without waiting.
        tree: The commands.
        nudge: Called when a job was added.
        stopping: Whether nothing new is accepted.
        locks: Lock for writing a request's message, by `dedupe`.
        said: What each waiting job's status depends on: jobs ahead, progress, the
            admin's words if the queue is paused, the percent of slow work and the number of its
            preview; None while the engine is away.
        admin_servers: Ids of the servers that have the admins' commands with any owner.
        refinings: Styles that admins have refined, by id.
        sheets: Sheets of photos in several styles.
        named: Styles named before the photo was sent.
        thumbnails: Small pictures of styles, by id, version and whether they are everyone's.
        refused: Set once Discord no longer accepts the token.
        again_s: Seconds before an unanswered request to Discord is tried again.
    """

    def __init__(
        self,
        services: Services,
        *,
        gateway_url: str = "",
        shard_count: int | None = None,
        admin_servers: Collection[int] = (),
        again_s: float = 5.0,
    ) -> None:
        """Do not connect yet.

        Args:
            services: The core's services.
            gateway_url: Address of the gateway; empty to ask the API.
            shard_count: Number of connections; None for what Discord recommends.
            admin_servers: Servers that have the admins' commands regardless of their owner.
            again_s: Seconds before an unanswered request to Discord is tried again.
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
        self.again_s = again_s
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
        """Run a coroutine in the background."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def end_tasks(self) -> None:
        """Cancel background tasks, while they can still use the store."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    @override
    async def launch_shard(self, gateway: URL, shard_id: int, *, initial: bool = False) -> None:
        gateway = self._gateway or gateway
        # Address that the library uses after a session was invalidated.
        DiscordWebSocket.DEFAULT_GATEWAY = gateway
        await super().launch_shard(gateway, shard_id, initial=initial)


def _counting(refused: Callable[[], None]) -> aiohttp.TraceConfig:
    """Watches answers; the library itself waits after a 429 and does not report it."""
    trace = aiohttp.TraceConfig()

    async def look(
        session: aiohttp.ClientSession, context: object, request: aiohttp.TraceRequestEndParams
    ) -> None:
        if request.response.status == HTTPStatus.TOO_MANY_REQUESTS:
            refused()

    trace.on_request_end.append(look)
    return trace


def use_api(url: str) -> None:
    """Set the REST API's address; the library has one per process."""
    if url != Route.BASE:
        Route.BASE = url

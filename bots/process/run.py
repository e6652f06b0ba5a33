"""The bot process: an engine, the store, adapters and their workers.

The adapters are those whose tokens are set, and the studio if requested.

This is a composition root. It closes what it opens, in reverse order; on SIGTERM it accepts
nothing new, finishes running jobs, and leaves the rest in the store for the next start.
"""

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final, Protocol

from bots.core.common.services import Limits, Services
from bots.core.errors import OperatorError
from bots.core.jobs.platform import Platform
from bots.core.jobs.workers import Workers
from bots.core.styles import seeding
from bots.core.users import privacy
from bots.images.content_check import open_content_check
from bots.process.logs import log_as_json
from bots.process.metrics import Figures, Life, serve_metrics
from bots.process.startup import open_services
from bots.settings import BotSettings
from engine.api.client import EngineClient
from engine.api.embedded import EmbeddedEngine
from storage.settings import StorageSettings
from storage.values.people import UserKey

logger = logging.getLogger(__name__)

_DRAIN_S: Final = 60.0


class Adapter(Platform, Protocol):
    """A platform on which users reach the bot."""

    async def start(self, nudge: Callable[[], None]) -> str:
        """Connect; returns the bot's name there, for the line that it is ready.

        Args:
            nudge: To be called when a job was added.

        Raises:
            OperatorError: the platform rejects the bot.
        """
        ...

    async def receive(self) -> None:
        """Receive what users send, until `stop`.

        Raises:
            OperatorError: the platform no longer accepts the bot.
        """
        ...

    def stop(self) -> None:
        """Accept nothing new; results are still delivered."""
        ...

    async def close(self) -> None:
        """Disconnect from the platform."""
        ...


def run(
    settings: BotSettings,
    storage: StorageSettings,
    announce: Callable[[str], None],
    *,
    studio: bool = False,
) -> None:
    """Serve until SIGTERM or SIGINT, then drain and return.

    Args:
        settings: The bots' settings.
        storage: The store's settings.
        announce: Called with one line for every bot that is ready.
        studio: Whether to open the studio as well, which needs no token.

    Raises:
        OperatorError: there is nothing to run, or a platform rejects the bot.
        EngineError: the embedded engine does not start.
        StorageError: the store cannot be used.
    """
    log_as_json(settings.log_level, [*settings.secrets(), storage.storage_key])
    asyncio.run(_serve(settings, storage, announce, studio=studio))


async def _serve(
    settings: BotSettings,
    storage: StorageSettings,
    announce: Callable[[str], None],
    *,
    studio: bool,
) -> None:
    tokens = settings.telegram_token, settings.discord_token
    if not studio and not any(token.get_secret_value() for token in tokens):
        raise OperatorError(
            "No bot has a token: set TELEGRAM_TOKEN (from @BotFather) or DISCORD_TOKEN; "
            "`stylebot studio` needs none."
        )
    if studio:
        from bots.web_adapter.app import check_port

        check_port(settings)
    life = Life(stopping=_signalled())
    async with contextlib.AsyncExitStack() as stack:
        engine = await stack.enter_async_context(_engine(settings))
        content_check = await open_content_check(settings.content_check, engine)
        services = await open_services(
            storage,
            engine,
            admins=_admins(settings, studio=studio),
            content_check=content_check,
            limits=Limits(pictures=timedelta(hours=settings.studio_keep_hours)),
        )
        stack.push_async_callback(services.database.close)
        if settings.bot_metrics_port is not None:
            figures = Figures(settings.bot_workers)
            services = replace(services, meter=figures)
            where = await stack.enter_async_context(
                serve_metrics(
                    services, figures, life, settings.bot_metrics_host, settings.bot_metrics_port
                )
            )
            announce(f"metrics: {where}")
        adapters = _adapters(settings, services, announce, studio=studio)
        await _run_adapters(services, adapters, settings, announce, life.stopping, life.ready)


@contextlib.asynccontextmanager
async def _engine(settings: BotSettings) -> AsyncIterator[EngineClient]:
    """A client of the engine: another host's, or a child of this process."""
    child = None if settings.engine_url else EmbeddedEngine()
    if child:
        await child.start()
        client = child.client()
    else:
        client = EngineClient(settings.engine_url, settings.engine_token.get_secret_value())
    try:
        yield client
    finally:
        await client.close()
        if child:
            await child.stop()


def _admins(settings: BotSettings, *, studio: bool) -> set[UserKey]:
    """The admins in the settings, and anyone with the studio's admin token from the console."""
    if not (studio and settings.has_studio_admin):
        return set(settings.admin_ids)
    from bots.web_adapter.sessions.admins import ADMIN

    return {*settings.admin_ids, ADMIN}


def _adapters(
    settings: BotSettings, services: Services, announce: Callable[[str], None], *, studio: bool
) -> list[Adapter]:
    """The adapters to run; a platform's library is imported only if it is needed."""
    adapters: list[Adapter] = []
    # The studio first: it is open while the others are still connecting.
    if studio:
        from bots.web_adapter.app import StudioAdapter

        adapters.append(StudioAdapter(services, settings, announce))
    if settings.telegram_token.get_secret_value():
        from bots.telegram_adapter.app import TelegramAdapter

        adapters.append(TelegramAdapter(services, settings))
    if settings.discord_token.get_secret_value():
        from bots.discord_adapter.app import DiscordAdapter

        adapters.append(DiscordAdapter(services, settings))
    return adapters


async def _run_adapters(
    services: Services,
    adapters: Sequence[Adapter],
    settings: BotSettings,
    announce: Callable[[str], None],
    stop: asyncio.Event,
    ready: asyncio.Event | None = None,
) -> None:
    workers = Workers(services, adapters, settings.bot_workers)
    working = asyncio.create_task(workers.run())
    sweeping = asyncio.create_task(privacy.keep_sweeping(services))
    following = asyncio.create_task(seeding.keep_in_step(services))
    receiving: list[asyncio.Task[None]] = []
    try:
        for adapter in adapters:
            name = await _unless(stop, adapter.start(workers.nudge))
            if name is None:
                return
            receiving.append(asyncio.create_task(adapter.receive()))
            announce(f"ready: {adapter.name} {name}")
        if ready:
            ready.set()
        await _until(stop, receiving)
    finally:
        for adapter in adapters:
            adapter.stop()
        workers.stop()
        await _drain([working, *receiving])
        await _cancel(sweeping)
        await _cancel(following)
        for adapter in adapters:
            await adapter.close()


async def _unless(stop: asyncio.Event, starting: Coroutine[Any, Any, str]) -> str | None:
    """The coroutine's result; None if `stop` is set before: a platform may be away for long."""
    tasks = asyncio.create_task(starting), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return tasks[0].result() if tasks[0].done() else None
    finally:
        for task in tasks:
            await _cancel(task)


async def _until(stop: asyncio.Event, receiving: Sequence[asyncio.Task[None]]) -> None:
    """Wait until it is time to stop; raises the error of an adapter that ends earlier."""
    stopping = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait([stopping, *receiving], return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        await _cancel(stopping)


async def _drain(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Let tasks finish; those that take too long are cancelled and resumed after the next start."""
    _, late = await asyncio.wait(tasks, timeout=_DRAIN_S)
    for task in late:
        logger.warning("a task did not finish in time")
        await _cancel(task)


async def _cancel(task: asyncio.Task[Any]) -> None:
    if task.cancel():
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _signalled() -> asyncio.Event:
    """Set on SIGTERM or SIGINT; after that only a second Ctrl-C ends the process at once."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def note(number: int) -> None:
        logger.info("draining")
        loop.remove_signal_handler(number)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, note, number)
    return stop

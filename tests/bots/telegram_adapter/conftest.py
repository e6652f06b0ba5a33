"""The bot on a stand-in Telegram, with the real engine and the shipped checkpoint behind it."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pydantic import SecretStr
from typing_extensions import override

from bots.core.common.services import Services
from bots.core.jobs.workers import Workers
from bots.process.run import _run_adapters
from bots.process.startup import open_services
from bots.settings import BotSettings
from bots.telegram_adapter.app import TelegramAdapter
from bots.telegram_adapter.transport.waits import Waits
from engine.api.client import EngineClient
from engine.api.contract import EngineApi
from engine.painting.manifest import SAMPLE_PHOTOS
from storage.settings import StorageSettings
from tests.bots.core.conftest import HURRIED, EchoEngine
from tests.databases import sqlite_store
from tests.telegram_server import TOKEN, TelegramServer


def picture(number: int = 0, side: int = 160, kind: str = "JPEG") -> bytes:
    """A small photo."""
    photo = Image.open(SAMPLE_PHOTOS[number % len(SAMPLE_PHOTOS)]).convert("RGB")
    photo.thumbnail((side, side))
    file = io.BytesIO()
    photo.save(file, kind)
    return file.getvalue()


def plain(colour: tuple[int, int, int], side: int = 96) -> bytes:
    """A small photo of one colour."""
    file = io.BytesIO()
    Image.new("RGB", (side, side * 3 // 4), colour).save(file, "JPEG", quality=95)
    return file.getvalue()


async def soon(condition: Callable[[], object], timeout_s: float = 30.0) -> None:
    """Until something in this process is so."""
    for _ in range(int(timeout_s / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never was so")


class PlainEngine(EchoEngine):
    """Gives every photo back as it is, so that one sees where it came from."""

    @override
    async def preview(self, slug: str) -> bytes:
        return plain((128, 128, 128))


@dataclass
class Stage:
    """A running bot, and the world around it."""

    telegram: TelegramServer
    services: Services
    adapter: TelegramAdapter
    ready: list[str]

    @property
    def workers(self) -> Workers:
        """Those of the process."""
        workers = getattr(self.adapter._runtime.nudge, "__self__", None)
        assert isinstance(workers, Workers)
        return workers

    async def idle_updates(self) -> None:
        """Until all that was sent is dealt with."""
        while True:
            if not (self.adapter._updates._unfinished() or self.telegram.pending):
                return
            await asyncio.sleep(0.02)

    async def idle(self) -> None:
        """Until nothing is under way any more: no update, no request, no status."""
        while True:
            # The store is asked last, and seldom: asking costs more than what is waited for.
            if not (self._busy() or await self._waiting() or self._busy()):
                return
            await asyncio.sleep(0.05)

    def _busy(self) -> bool:
        posting = self.adapter._statuses._posting
        return bool(self.adapter._updates._unfinished() or posting or self.telegram.pending)

    async def _waiting(self) -> int:
        async with self.services.database.reading() as transaction:
            return await transaction.jobs.count_waiting()


@asynccontextmanager
async def bot(
    telegram: TelegramServer,
    engine: str | EngineApi,
    folder: Path,
    waits: Waits | None = None,
    store_timeout_s: float | None = None,
    **more: Any,
) -> AsyncIterator[Stage]:
    """The bot in this process, from its start to its end; the engine is one, or its address."""
    settings = BotSettings(
        **{"bot_workers": 2} | more,
        telegram_token=SecretStr(TOKEN),
        telegram_api_url=telegram.url,
    )
    storage = StorageSettings(
        database_url=sqlite_store(folder / "bot.db", store_timeout_s),
        storage_key_file=folder / "key",
    )
    client = EngineClient(engine) if isinstance(engine, str) else engine
    services = await open_services(storage, client, admins=settings.admin_ids, limits=HURRIED)
    adapter = TelegramAdapter(services, settings, waits)
    stop, is_ready, ready = asyncio.Event(), asyncio.Event(), list[str]()

    def announce(line: str) -> None:
        ready.append(line)
        is_ready.set()

    running = asyncio.create_task(_run_adapters(services, [adapter], settings, announce, stop))
    try:
        waiting = asyncio.create_task(is_ready.wait())
        await asyncio.wait([waiting, running], return_when=asyncio.FIRST_COMPLETED, timeout=20)
        if waiting.done():
            yield Stage(telegram, services, adapter, ready)
        waiting.cancel()
    finally:
        stop.set()
        await running
        await services.database.close()
        await client.close()


Play = Callable[..., AbstractAsyncContextManager[Stage]]


@asynccontextmanager
async def playing(
    engine: str | EngineApi, folder: Path, *, limit_s: float = 120, **more: Any
) -> AsyncIterator[Stage]:
    """A running bot in a world that finds nothing wrong with what it sent."""
    async with asyncio.timeout(limit_s):
        async with TelegramServer() as telegram, bot(telegram, engine, folder, **more) as stage:
            yield stage
        assert not telegram.violations


@pytest.fixture
async def stage(engine_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """A running bot on the shipped checkpoint."""
    async with playing(engine_url, tmp_path) as stage:
        yield stage


@pytest.fixture
async def plain_stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A running bot whose engine paints nothing."""
    async with playing(PlainEngine(), tmp_path) as stage:
        yield stage


@pytest.fixture
def play_plain(tmp_path: Path) -> Play:
    """Run a bot whose engine paints nothing, with other settings than usual."""
    return partial(playing, PlainEngine(), tmp_path)


@pytest.fixture
def play(engine_url: str, tmp_path: Path) -> Play:
    """Run a bot on the shipped checkpoint, with other settings than usual."""
    return partial(playing, engine_url, tmp_path)

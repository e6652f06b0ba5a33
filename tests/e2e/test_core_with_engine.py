"""The core on the real engine and the shipped checkpoint: a photo goes in, a painting comes out."""

import asyncio
import os
import signal
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from bots.core.common.services import Services
from bots.core.errors import EntryGoneError
from bots.core.jobs.workers import Workers
from bots.core.requests.queueing import accept
from bots.core.requests.values import RequestInput
from bots.core.requests.versions import again
from bots.core.styles import custom_styles
from bots.core.users import history
from bots.process.startup import open_services
from engine.api.contract import Painted
from engine.api.embedded import EmbeddedEngine
from engine.media.images import decode
from engine.painting.manifest import SAMPLE_PHOTO, SAMPLE_PHOTOS
from storage.settings import StorageSettings
from storage.values.history import HistoryEntry
from storage.values.jobs import Job
from storage.values.json import Json
from storage.values.people import ChatKey, UserKey

pytestmark = pytest.mark.anyio

ANN, HERE = UserKey("test", "1"), ChatKey("test", "-10")


class MemoryPlatform:
    """Keeps what it is given."""

    name = "test"

    def __init__(self) -> None:
        self.results: dict[int, list[bytes]] = {}
        self.told: dict[int, str] = {}

    async def fetch(self, job: Job, photo: Json) -> bytes:
        return await asyncio.to_thread(Path(photo["file"]).read_bytes)

    async def started(self, job: Job) -> None:
        pass

    async def paused(self, job: Job) -> None:
        pass

    async def deliver(self, job: Job, pictures: Sequence[Painted], notes: Sequence[str]) -> Json:
        self.results[job.id] = [picture.image for picture in pictures]
        return {"message": job.id}

    async def delivered(self, job: Job) -> Json | None:
        return None

    async def tell(self, job: Job, sentence: str) -> None:
        self.told[job.id] = sentence


async def ask(services: Services, dedupe: str, words: str, *photos: Path) -> int:
    files = tuple({"file": str(photo)} for photo in photos or (SAMPLE_PHOTO,))
    return (await accept(services, RequestInput(dedupe, ANN, HERE, files, words))).job.id


async def results(platform: MemoryPlatform, job_id: int) -> list[bytes]:
    async with asyncio.timeout(90):
        while job_id not in platform.results:
            assert job_id not in platform.told, platform.told
            await asyncio.sleep(0.05)
    return platform.results[job_id]


async def remembered(services: Services, job_id: int) -> HistoryEntry:
    """The entry of a job, which is written a moment after its delivery."""
    async with asyncio.timeout(20):
        while True:
            try:
                return await history.of_job(services, ANN, job_id)
            except EntryGoneError:
                await asyncio.sleep(0.05)


def differs(painted: bytes, photo: Path) -> float:
    """Mean absolute difference of a painting from its photo, 0..255; they are of one size."""
    after, before = decode(painted).rgb, decode(photo.read_bytes()).rgb
    assert after.shape == before.shape
    return float(np.abs(after.astype(int) - before).mean())


async def play(services: Services, platform: MemoryPlatform, engine: EmbeddedEngine) -> None:
    workers = Workers(services, [platform], count=2)
    running = asyncio.create_task(workers.run())
    album = await ask(services, "1", "starry night:2+kiss 80", *SAMPLE_PHOTOS[:2])
    zero = await ask(services, "2", "scream 0")
    sepia = await ask(services, "3", "sepia")
    pictures = await results(platform, album)
    assert [differs(p, f) > 10 for p, f in zip(pictures, SAMPLE_PHOTOS, strict=False)] == [True] * 2
    assert differs((await results(platform, zero))[0], SAMPLE_PHOTO) < 4
    (browned,) = await results(platform, sepia)
    assert differs(browned, SAMPLE_PHOTO) > 10
    # The engine dies in the middle; the job waits for its successor.
    own = await custom_styles.add_own(services, ANN, "Coffee", SAMPLE_PHOTOS[2].read_bytes())
    mine = await ask(services, "4", "coffee")
    assert engine._process is not None
    os.kill(engine._process.pid, signal.SIGKILL)
    assert differs((await results(platform, mine))[0], SAMPLE_PHOTO) > 5
    entry = await remembered(services, mine)
    assert (entry.title, entry.recipe.styles[0].style_id) == ("Coffee", own.id)
    once_more = await again(services, entry.id, RequestInput("5", ANN, HERE, (), "udnie"))
    assert differs((await results(platform, once_more.job.id))[0], SAMPLE_PHOTO) > 5
    workers.stop()
    await running


async def test_photos_are_painted_by_the_real_engine_also_when_it_dies(tmp_path: Path):
    engine = EmbeddedEngine({"ENGINE_THREADS": "2"})
    await engine.start()
    client = engine.client()
    settings = StorageSettings(
        database_url=f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}",
        storage_key_file=tmp_path / "bot.key",
    )
    services = await open_services(settings, client)
    try:
        await play(services, MemoryPlatform(), engine)
    finally:
        await services.database.close()
        await client.close()
        await engine.stop()

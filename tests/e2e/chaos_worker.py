"""A bot process that does nothing but work, until it is killed."""

import asyncio
import os
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bots.core.common.services import Limits, Services
from bots.core.jobs.workers import Workers
from engine.api.contract import Painted
from storage.database import Database
from storage.sealing import Sealer
from storage.values.jobs import Job
from storage.values.json import Json
from tests.bots.core.conftest import ArithmeticEngine

# Long beside a stall of a busy machine, short beside the test.
LIMITS = replace(
    Limits(), waiting=10**6, waiting_per_user=10**6, per_minute=10**6, running_per_user=10**3,
    running_per_chat=10**3, lease=timedelta(seconds=4), tries=50,
)  # fmt: skip
WORKERS = 4


class FolderPlatform:
    """Delivers into a folder, a file a job; knows what it has, as a platform with a nonce does."""

    name = "test"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def fetch(self, job: Job, photo: Json) -> bytes:
        return str(photo["file"]).encode()

    async def started(self, job: Job) -> None:
        await asyncio.sleep(random.uniform(0, 0.01))  # noqa: S311 - no secret

    async def paused(self, job: Job) -> None:
        pass

    async def deliver(self, job: Job, pictures: Sequence[Painted], notes: Sequence[str]) -> Json:
        sent = self._folder / f"sending-{job.id}-{os.getpid()}"
        sent.write_bytes(b"".join(picture.image for picture in pictures))
        try:
            # All of it or nothing, once and never again.
            os.link(sent, self._path(job))
        except FileExistsError:
            (self._folder / "doubled").open("a").write(f"{job.id}\n")
            raise
        await asyncio.sleep(random.uniform(0, 0.01))  # noqa: S311 - no secret
        return {"file": self._path(job).name}

    async def delivered(self, job: Job) -> Json | None:
        return {"file": self._path(job).name} if self._path(job).exists() else None

    async def tell(self, job: Job, sentence: str) -> None:
        (self._folder / "told").open("a").write(f"{job.id} {sentence}\n")

    def _path(self, job: Job) -> Path:
        return self._folder / f"job-{job.id}"


async def work(url: str, key: str, folder: Path) -> None:
    """Work until killed."""
    services = Services(Database(url), ArithmeticEngine(), Sealer(key.encode()), limits=LIMITS)
    # Killed before it works, it would show nothing.
    (folder / f"alive-{os.getpid()}").touch()
    await Workers(services, [FolderPlatform(folder)], count=WORKERS).run()


def main(url: str, key: str, folder: Path) -> None:
    """What a process runs."""
    # Every job is in the log; what went wrong is in the folder.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    asyncio.run(work(url, key, folder))

"""Hundreds of jobs, eight workers in two processes, killed at random: none lost, none doubled."""

import asyncio
import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from bots.core.common.services import Services
from bots.core.requests.queueing import accept
from bots.core.requests.values import RequestInput
from bots.core.styles import seeding
from storage.database import Database, open_engine
from storage.models import HistoryRow, JobRow
from storage.sealing import Sealer
from storage.values.json import Json
from storage.values.people import ChatKey, UserKey
from tests.bots.core.conftest import ArithmeticEngine
from tests.e2e.chaos_worker import LIMITS, main

JOBS = 1000
PROCESSES = 2
KILL_AFTER_JOBS = (5, 40)
AT_MOST_S = 240


async def fill(url: str, key: bytes) -> None:
    services = Services(Database(url), ArithmeticEngine(), Sealer(key), limits=LIMITS)
    await seeding.seed(services)
    photos: tuple[Json, ...] = ({"file": "photo 0"},)
    first = RequestInput("update 0", UserKey("test", "0"), ChatKey("test", "0"), photos, "scream")
    wanted = (await accept(services, first)).job.wanted
    async with services.database.writing() as transaction:
        for number in range(1, JOBS):
            user, chat = UserKey("test", str(number % 37)), ChatKey("test", str(number % 5))
            photos = ({"file": f"photo {number}"},)
            more = replace(wanted, dedupe=f"update {number}", user=user, chat=chat, photos=photos)
            await transaction.jobs.add(more, services.now())
    await services.database.close()


async def states(url: str) -> tuple[Counter[str], int]:
    """Jobs by state, and entries in the history."""
    engine = open_engine(url)
    async with engine.connect() as connection:
        found = Counter((await connection.execute(select(JobRow.state))).scalars())
        entries = len((await connection.execute(select(HistoryRow.job_id))).scalars().all())
    await engine.dispose()
    return found, entries


def _delivered(folder: Path) -> int:
    return len(list(folder.glob("job-*")))


def torment(start: Callable[[], BaseProcess], folder: Path, url: str, rng: random.Random) -> int:
    """Kill workers until all is delivered, and then let them end in peace; returns how many."""
    kills, deadline = 0, time.monotonic() + AT_MOST_S
    processes = [start() for _ in range(PROCESSES)]
    try:
        while (done := _delivered(folder)) < JOBS and time.monotonic() < deadline:
            victim = rng.randrange(PROCESSES)
            alive = folder / f"alive-{processes[victim].pid}"
            while not alive.exists() and time.monotonic() < deadline:
                time.sleep(0.02)
            # Amid its work, however fast the machine is.
            enough = min(JOBS, done + rng.randint(*KILL_AFTER_JOBS))
            while _delivered(folder) < enough and time.monotonic() < deadline:
                time.sleep(0.02)
            time.sleep(rng.uniform(0, 0.02))
            processes[victim].kill()
            processes[victim].join()
            processes[victim] = start()
            kills += 1
        # The last ones may be delivered and not yet noted: their leases have to end.
        while (found := asyncio.run(states(url))[0])["delivered"] < JOBS:
            if time.monotonic() > deadline:
                pytest.fail(f"after {kills} kills: {found}")
            time.sleep(0.5)
    finally:
        for process in processes:
            process.kill()
            process.join()
    return kills


def test_workers_that_are_killed_lose_and_double_nothing(database_url: str, tmp_path: Path):
    key, folder, rng = Fernet.generate_key(), tmp_path / "delivered", random.Random(7)  # noqa: S311
    folder.mkdir()
    asyncio.run(fill(database_url, key))

    # Forked from a process that has everything imported, which took longer than the work.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.e2e.chaos_worker"])

    def start() -> BaseProcess:
        process = context.Process(target=main, args=(database_url, key.decode(), folder))
        process.start()
        return process

    started = time.monotonic()
    kills = torment(start, folder, database_url, rng)
    seconds = time.monotonic() - started
    print(f"{JOBS} jobs, {kills} kills, {seconds:.0f} s")  # noqa: T201 - for the docs, pytest -s
    assert kills > 5
    assert not (folder / "doubled").exists()
    assert not (folder / "told").exists()
    delivered = {path.read_bytes() for path in folder.glob("job-*")}
    assert delivered == {f"photo {n} as scream".encode() for n in range(JOBS)}
    assert asyncio.run(states(database_url)) == (Counter({"delivered": JOBS}), JOBS)

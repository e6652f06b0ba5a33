"""Databases to test on: an SQLite file, or a new one on a PostgreSQL server."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar
from uuid import uuid4

from sqlalchemy import make_url, text

from migrations import runner
from storage.database import Database, open_engine

Answer = TypeVar("Answer")


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

"""One database, SQLite or PostgreSQL, and its transactions.

A transaction commits when its block ends; none is open while an engine paints or a platform
answers. SQLite has one writer at a time: a transaction that may write takes the write lock when it
starts, because one that reads first and writes later could fail with a conflict.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from typing import Any, Final

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage.errors import MigrationNeededError, StorageUnavailableError
from storage.transaction import Transaction

_READING: Final = "reading"
# Longest wait for SQLite's write lock; transactions take milliseconds, so it is seldom reached.
_TIMEOUT_S: Final = 20.0


def open_engine(url: str | URL) -> AsyncEngine:
    """Create SQLAlchemy's engine for a database, with the settings each kind needs.

    Args:
        url: sqlite+aiosqlite or postgresql+asyncpg. "?timeout=5" changes the seconds for which
            SQLite waits for its write lock.
    """
    # Parameters are users' data: they must not be in errors, and so not in logs.
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_async_engine(parsed, pool_pre_ping=True, hide_parameters=True)
    timeout_s = float(parsed.normalized_query.get("timeout", [str(_TIMEOUT_S)])[0])
    engine = create_async_engine(
        parsed, hide_parameters=True, connect_args={"timeout": timeout_s}
    )  # fmt: skip
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def shown(url: str) -> str:
    """A database's URL without its password, for messages."""
    return make_url(url).render_as_string(hide_password=True)


def _prepare_sqlite(connection: Any, record: object) -> None:  # noqa: ANN401 - the driver's
    # The driver starts its own transactions late and leaves schema changes out of them.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get(_READING)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextmanager
def _speaking() -> Iterator[None]:
    """Turn the driver's errors for a locked, full or unreachable database into the store's error.

    Errors because of a wrong statement are raised unchanged.
    """
    try:
        yield
    except (IntegrityError, ProgrammingError, DataError):
        raise
    except DBAPIError as error:
        raise StorageUnavailableError(f"The database takes nothing now: {error.orig}.") from error
    except (PoolTimeoutError, OSError) as error:
        raise StorageUnavailableError(f"The database cannot be reached: {error}.") from error


class Database:
    """A database with the schema that the code expects."""

    def __init__(self, url: str) -> None:
        """Do not connect yet."""
        self.url = url
        self._engine = open_engine(url)
        # SQLite's waiters for its lock sleep and retry, which can take long. Within this process
        # they queue here instead, so that only one at a time competes with other processes.
        self._line = asyncio.Lock() if self._engine.dialect.name == "sqlite" else None

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Transaction]:
        """A transaction that may write; committed unless an exception leaves it.

        Raises:
            StorageUnavailableError: the database is locked, full or unreachable, and unchanged.
        """
        with _speaking():
            async with self._line or nullcontext(), self._engine.begin() as connection:
                yield Transaction(connection)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """A transaction that only reads and does not wait for writers.

        Raises:
            StorageUnavailableError: the database is unreachable.
        """
        with _speaking():
            async with self._connected() as connection, connection.begin():
                yield Transaction(connection)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncConnection]:
        async with self._engine.connect() as connection:
            yield await connection.execution_options(**{_READING: True})

    async def revision(self) -> str | None:
        """The database's migration revision; None if there is none."""
        async with self._connected() as connection:
            return await connection.run_sync(_revision_of)

    async def check(self, revision: str) -> None:
        """Check that the database is at a migration revision.

        Raises:
            MigrationNeededError: it is at another one.
        """
        found = await self.revision()
        if found != revision:
            raise MigrationNeededError(
                f"The database is at revision {found or 'none'}, this version needs {revision}: "
                "run `stylebot migrate`."
            )

    async def close(self) -> None:
        """Close the connections."""
        await self._engine.dispose()


def _revision_of(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    found: str | None = connection.exec_driver_sql(
        "SELECT version_num FROM alembic_version"
    ).scalar()
    return found

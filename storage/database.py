"""One database, SQLite or PostgreSQL, and its transactions.

A transaction commits when its block ends; none is open while an engine paints or a platform
answers. SQLite has one writer at a time: a transaction that may write takes its place when it
begins, for one that reads first and writes later would lose a race and fail.
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
# Waiting for SQLite's one writer; transactions are milliseconds, so this is for disaster.
_BUSY_TIMEOUT_MS: Final = 20_000


def open_engine(url: str | URL) -> AsyncEngine:
    """SQLAlchemy's engine for a database, with what each kind needs.

    Args:
        url: sqlite+aiosqlite or postgresql+asyncpg.
    """
    # Parameters are what people sent: errors, and so logs, are to do without them.
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_async_engine(parsed, pool_pre_ping=True, hide_parameters=True)
    engine = create_async_engine(parsed, hide_parameters=True)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def shown(url: str) -> str:
    """A database's URL without its password, for people."""
    return make_url(url).render_as_string(hide_password=True)


def _prepare_sqlite(connection: Any, record: object) -> None:  # noqa: ANN401 - the driver's
    # The driver's own transactions begin late and leave schema changes out; ours begin when told.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get(_READING)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextmanager
def _speaking() -> Iterator[None]:
    """What a driver raises when its database is locked, full or away, as an error of the store's.

    What it raises because a statement is wrong stays as it is.
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
    """A database that has the form the code expects."""

    def __init__(self, url: str) -> None:
        """Connect to nothing yet."""
        self.url = url
        self._engine = open_engine(url)
        # SQLite lets those who wait for its one writer sleep and try again, the unlucky ones long.
        # Here they stand in line, and meet those of other processes one at a time.
        self._line = asyncio.Lock() if self._engine.dialect.name == "sqlite" else None

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Transaction]:
        """A transaction that may change things; committed unless an exception leaves it.

        Raises:
            StorageUnavailableError: the database is locked, full or away; nothing was changed.
        """
        with _speaking():
            async with self._line or nullcontext(), self._engine.begin() as connection:
                yield Transaction(connection)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """A transaction that changes nothing and waits for no one.

        Raises:
            StorageUnavailableError: the database is away.
        """
        with _speaking():
            async with self._connected() as connection, connection.begin():
                yield Transaction(connection)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncConnection]:
        async with self._engine.connect() as connection:
            yield await connection.execution_options(**{_READING: True})

    async def revision(self) -> str | None:
        """At which revision of the migrations the database is; None for none."""
        async with self._connected() as connection:
            return await connection.run_sync(_revision_of)

    async def check(self, revision: str) -> None:
        """See that the database is at a revision of the migrations.

        Raises:
            MigrationNeededError: it is at another.
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

"""Copies a database to one file while others write, and restores it in one transaction.

SQLite uses its backup API (https://www.sqlite.org/backup.html); PostgreSQL needs pg_dump,
pg_restore and psql, no older than the server.
"""

import asyncio
import os
import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Final, Literal

from sqlalchemy import URL, Connection, inspect, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from storage.database import open_engine
from storage.errors import BackupError, StorageUnavailableError

Kind = Literal["sqlite", "postgresql"]

# Limits a restore's wait for locks of hanging transactions.
_LOCK_TIMEOUT_S: Final = 30


def kind_of(url: str) -> Kind:
    """The kind of database of a URL.

    Raises:
        StorageUnavailableError: the kind is not supported.
    """
    try:
        name = make_url(url).get_backend_name()
    except ArgumentError as error:
        raise StorageUnavailableError("DATABASE_URL is no database's URL.") from error
    if name not in ("sqlite", "postgresql"):
        raise StorageUnavailableError(f"DATABASE_URL names {name}, not sqlite or postgresql.")
    return "sqlite" if name == "sqlite" else "postgresql"


def copy(url: str, target: Path) -> None:
    """Write a consistent copy of a database to a new file.

    Raises:
        BackupError: the database is missing or damaged, or PostgreSQL's programs fail.
    """
    if kind_of(url) == "postgresql":
        _postgresql(
            "pg_dump", "--format=custom", "--no-owner", "--no-privileges",
            f"--file={target}", f"--dbname={_libpq(url)}", password_of=url,
        )  # fmt: skip
        return
    path = _sqlite_path(url)
    if not path.exists():
        raise BackupError(f"There is no database to copy: {path}.")
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copied:
            source.backup(copied)
            # One file, with no log beside it.
            copied.execute("PRAGMA journal_mode=DELETE")
        check(target, "sqlite")
    except sqlite3.Error as error:
        raise BackupError(f"The database {path} cannot be copied: {error}.") from error


def check(source: Path, kind: Kind) -> None:
    """Check that a file is a complete copy.

    Raises:
        BackupError: it is not, or PostgreSQL's programs are missing.
    """
    if kind == "postgresql":
        _postgresql("pg_restore", "--list", str(source))
        return
    try:
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as copied:
            ((found,),) = copied.execute("PRAGMA integrity_check(1)").fetchall()
    except sqlite3.Error as error:
        raise BackupError(f"The copy is damaged: {error}.") from error
    if found != "ok":
        raise BackupError(f"The copy is damaged: {found}.")


def is_empty(url: str) -> bool:
    """Whether a database has no tables; an unreadable one counts as not empty.

    Raises:
        StorageUnavailableError: PostgreSQL cannot be reached.
    """
    if kind_of(url) == "sqlite" and not _sqlite_path(url).exists():
        return True
    try:
        return not asyncio.run(_tables(url))
    except (DBAPIError, OSError) as error:
        if kind_of(url) == "sqlite":
            return False
        reason = str(error).splitlines()[0]
        raise StorageUnavailableError(f"The database cannot be reached: {reason}.") from error


def put_back(source: Path, url: str) -> None:
    """Replace a database's content with a copy's, in one transaction.

    A damaged SQLite file is kept beside it, as NAME.damaged.

    Raises:
        BackupError: it failed; the database is unchanged.
    """
    if kind_of(url) == "postgresql":
        _put_back_postgresql(source, url)
        return
    path = _sqlite_path(url)
    try:
        if not _readable(path):
            path.rename(path.with_name(f"{path.name}.damaged"))
        with closing(sqlite3.connect(source)) as copied, closing(sqlite3.connect(path)) as target:
            copied.backup(target)
    except (sqlite3.Error, OSError) as error:
        raise BackupError(f"The database {path} cannot be written: {error}.") from error


def _sqlite_path(url: str) -> Path:
    name = make_url(url).database
    if not name or name == ":memory:":
        raise BackupError("A database in memory has no copy.")
    return Path(name)


def _readable(path: Path) -> bool:
    """Whether SQLite can open a file; one that is not there yet it makes."""
    if not path.exists():
        return True
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        # Another error, such as a lock, is not a reason to move the file.
        return error.sqlite_errorcode not in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
    return True


def _put_back_postgresql(source: Path, url: str) -> None:
    tables = asyncio.run(_tables(url))
    with tempfile.TemporaryDirectory(prefix="stylebot-restore-") as folder:
        first, script = Path(folder) / "first.sql", Path(folder) / "script.sql"
        drops = [f"DROP TABLE {table} CASCADE;" for table in tables]
        first.write_text("\n".join([f"SET lock_timeout = '{_LOCK_TIMEOUT_S}s';", *drops]))
        _postgresql("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(source))
        _postgresql(
            "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction",
            f"--file={first}", f"--file={script}", f"--dbname={_libpq(url)}", password_of=url,
        )  # fmt: skip


async def _tables(url: str) -> list[str]:
    """Names of all tables, quoted where they must be."""

    def look(connection: Connection) -> list[str]:
        quote = connection.dialect.identifier_preparer.quote
        return [quote(name) for name in inspect(connection).get_table_names()]

    engine = open_engine(url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(look)
    finally:
        await engine.dispose()


def _libpq(url: str) -> str:
    """The URL as PostgreSQL's own programs read it, without the password."""
    parsed = make_url(url)
    query = {("sslmode" if name == "ssl" else name): value for name, value in parsed.query.items()}
    plain = URL.create(
        "postgresql", parsed.username, None, parsed.host, parsed.port, parsed.database, query
    )
    return plain.render_as_string()


def _postgresql(program: str, *arguments: str, password_of: str = "") -> None:
    """Run one of PostgreSQL's programs.

    Raises:
        BackupError: it is not installed, or refuses; the message is its own.
    """
    found = shutil.which(program)
    if found is None:
        raise BackupError(f"{program} is not installed: install PostgreSQL's client programs.")
    password = make_url(password_of).password if password_of else None
    # On the command line everyone on this machine could read it.
    more = {"PGPASSWORD": password} if password else {}
    done = subprocess.run(  # noqa: S603 - our own arguments
        [found, *arguments],
        env=os.environ | more,  # noqa: TID251 - handed on, not read
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = [line.removeprefix(f"{program}: ") for line in done.stderr.splitlines()[:2]]
        reason = "; ".join(line.rstrip(".") for line in said) or f"exit code {done.returncode}"
        raise BackupError(f"{program} refuses: {reason}.")

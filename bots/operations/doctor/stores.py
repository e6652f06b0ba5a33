"""Checks of the database and its encryption key."""

import asyncio
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bots.operations.doctor.findings import Finding
from migrations import runner
from storage.backup import kind_of
from storage.database import Database, shown
from storage.errors import MigrationNeededError, StorageError, StorageKeyError
from storage.sealing import Sealer
from storage.settings import StorageSettings


async def look_at_store(storage: StorageSettings) -> Sequence[Finding]:
    """Check the database first, then the key with its data."""
    try:
        kind = kind_of(storage.database_url)
    except StorageError as error:
        return [
            Finding(
                "database", "failed", str(error),
                "Write sqlite+aiosqlite:///FILE, or postgresql+asyncpg://USER:PASSWORD@HOST/NAME.",
            ),
            *await asyncio.to_thread(_key, storage, None),
        ]  # fmt: skip
    path = _sqlite_file(storage.database_url) if kind == "sqlite" else None
    if path and not path.exists():
        first = await asyncio.to_thread(_folder, path)
        return [first, *await asyncio.to_thread(_key, storage, None)]
    found, sealed = await _database(storage.database_url)
    return [found, *await asyncio.to_thread(_key, storage, sealed)]


async def _database(url: str) -> tuple[Finding, bytes | None]:
    """The finding, and some encrypted data if the database could be read."""
    database, is_file = Database(url), url.startswith("sqlite")
    try:
        await database.check(runner.newest())
        async with database.reading() as transaction:
            sealed = await transaction.styles.any_reference()
        await _write(database)
    except MigrationNeededError as error:
        return _other_form(await database.revision(), str(error), is_file=is_file), None
    except Exception as error:  # noqa: BLE001 - each driver has its own
        reason = str(getattr(error, "orig", None) or error).split("\n", 1)[0]
        repair = (
            "See that the file and its folder are the bots' own, and the disk is not full; "
            "a damaged file is replaced by `stylebot restore`."
            if is_file
            else "See that PostgreSQL runs there, and that DATABASE_URL is right."
        )
        return Finding("database", "failed", f"{shown(url)}: {reason}", repair), None
    finally:
        await database.close()
    return Finding("database", "ok", f"{shown(url)} at revision {runner.newest()}"), sealed


async def _write(database: Database) -> None:
    """Write something and remove it again."""
    key = f"doctor {os.getpid()}"
    async with database.writing() as transaction:
        await transaction.key_value.put(key, {})
    async with database.writing() as transaction:
        await transaction.key_value.remove(key)


def _other_form(found: str | None, said: str, *, is_file: bool) -> Finding:
    said = said.split(":", 1)[0]
    if found and found not in runner.revisions():
        return Finding(
            "database", "failed", said,
            "A later stylebot made it: install that one, or restore an earlier backup.",
        )  # fmt: skip
    if is_file:
        return Finding(
            "database", "note", said,
            "Run `stylebot backup`, then `stylebot migrate`; or the bots do it at their start.",
        )  # fmt: skip
    return Finding("database", "failed", said, "Run `stylebot migrate`.")


def _sqlite_file(url: str) -> Path:
    return Path(url.split(":///", 1)[-1].split("?", 1)[0])


def _folder(path: Path) -> Finding:
    """Check whether the first start can create the database's file."""
    try:
        with tempfile.NamedTemporaryFile(dir=path.absolute().parent):
            pass
    except OSError as error:
        return Finding(
            "database", "failed", f"{path} cannot be made: {error.strerror}",
            "Make its folder, and let the bots' user write there; or set DATABASE_URL.",
        )  # fmt: skip
    return Finding("database", "ok", f"{path} is made at the first start")


def _key(storage: StorageSettings, sealed: bytes | None) -> list[Finding]:
    """Check whether the key exists, is private, and decrypts the data."""
    path, given = storage.storage_key_file, bool(storage.storage_key.get_secret_value())
    restore = "Restore the key from where you keep it."
    if not given and not path.exists():
        if sealed:
            said = f"{path} is not there, and what is sealed stays closed"
            return [Finding("key", "failed", said, restore)]
        return [Finding("key", "ok", f"{path} is made at the first start: keep a copy elsewhere")]
    try:
        sealer = Sealer.open(storage)
        if sealed:
            sealer.unseal(sealed)
    except StorageKeyError as error:
        return [Finding("key", "failed", str(error), restore)]
    opens = ", and opens what is sealed" if sealed else ""
    if given:
        return [Finding("key", "ok", f"STORAGE_KEY is set{opens}")]
    return [_key_file(path, opens)]


def _key_file(path: Path, opens: str) -> Finding:
    if path.stat().st_mode & 0o077:
        said = f"{path} can be read by others on this machine"
        return Finding("key", "note", said, f"chmod 600 {path}")
    said = f"{path} is its owner's alone{opens}; keep a copy elsewhere than the database's"
    return Finding("key", "ok", said)

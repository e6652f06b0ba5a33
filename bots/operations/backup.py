"""Backups: the database, and on request the sealing key, in one file that says what it is.

The file is a zip archive of `manifest.json`, `database` and perhaps `key`; it holds what people
said, and is readable by its owner alone.
"""

import asyncio
import hashlib
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from bots.core.common.services import utc_now
from migrations import runner
from storage import backup as copies
from storage.database import Database
from storage.errors import BackupError
from storage.sealing import Sealer
from storage.settings import StorageSettings

_MANIFEST: Final = "manifest.json"
_DATABASE: Final = "database"
_KEY: Final = "key"


class Manifest(BaseModel):
    """What a backup is.

    Attributes:
        format: Of the file.
        version: The stylebot that made it.
        made_at: When.
        kind: Of the database.
        revision: Of the migrations; empty for a database none was run on.
        sha256: Of the database.
        with_key: Whether the sealing key is in it.
        key_sign: What tells the key that belongs to it from another, and nothing else of it; empty
            where there was none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["stylebot-backup-1"] = "stylebot-backup-1"
    version: str
    made_at: datetime
    kind: copies.Kind
    revision: str
    sha256: str
    with_key: bool
    key_sign: str


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back.

    Attributes:
        manifest: What the backup said of itself.
        key: What is to be known of the sealing key; empty for nothing.
        migrate: Whether the database is of an earlier version.
    """

    manifest: Manifest
    key: str
    migrate: bool


def backup(storage: StorageSettings, file: Path, *, with_key: bool) -> Manifest:
    """Write a backup, also while bots are running.

    Args:
        storage: Which store.
        file: Where to; there must be none yet.
        with_key: Put the sealing key in, too: anyone who has the file can then open everything.

    Raises:
        BackupError: it could not be written; then there is none.
        StorageError: the database cannot be reached.
    """
    if file.exists():
        raise BackupError(f"{file} is there already: choose another name.")
    key = _key_of(storage)
    if with_key and not key:
        raise BackupError("There is no sealing key yet to put into a backup.")
    with _folder_beside(file) as folder:
        copied = folder / _DATABASE
        copies.copy(storage.database_url, copied)
        manifest = Manifest(
            version=version("stylebot"),
            made_at=utc_now(),
            kind=copies.kind_of(storage.database_url),
            revision=asyncio.run(_revision(storage.database_url)),
            sha256=_sha256(copied),
            with_key=with_key,
            key_sign=_sign(key),
        )
        archive = folder / "archive"
        archive.touch(mode=0o600)
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr(_MANIFEST, manifest.model_dump_json(indent=2))
            packed.write(copied, _DATABASE)
            if with_key:
                packed.writestr(_KEY, key)
        _put_on_disk(archive)
        archive.rename(file)
    return manifest


def restore(storage: StorageSettings, file: Path, *, force: bool) -> Restored:
    """Put a backup back, once everything about it was found good.

    Args:
        storage: Which store to fill.
        file: The backup.
        force: Overwrite a store that is not empty.

    Raises:
        BackupError: the file is damaged, is for another kind or a later version, or the store is
            not empty; nothing was touched.
        StorageError: the database cannot be reached.
    """
    with tempfile.TemporaryDirectory(prefix="stylebot-restore-") as name:
        folder = Path(name)
        manifest, key = _unpack(file, folder)
        copied = folder / _DATABASE
        copies.check(copied, manifest.kind)
        if manifest.kind != copies.kind_of(storage.database_url):
            raise BackupError(f"The backup is {manifest.kind}'s, and DATABASE_URL another kind's.")
        if manifest.revision and manifest.revision not in runner.revisions():
            raise BackupError(
                f"The backup is of stylebot {manifest.version} and a later form of the database "
                f"({manifest.revision}): upgrade stylebot first."
            )
        if not force and not copies.is_empty(storage.database_url):
            raise BackupError(
                "The database is not empty; --force lets the backup take its place, "
                "and all that is in it is lost."
            )
        copies.put_back(copied, storage.database_url)
        about_key = _restore_key(storage, manifest, key)
    return Restored(manifest, about_key, manifest.revision != runner.newest())


def _unpack(file: Path, folder: Path) -> tuple[Manifest, bytes]:
    """Take a backup apart into a folder; the second of what is returned is the key or empty."""
    try:
        with zipfile.ZipFile(file) as packed:
            manifest = Manifest.model_validate_json(packed.read(_MANIFEST))
            packed.extract(_DATABASE, folder)
            key = packed.read(_KEY) if manifest.with_key else b""
    except ValidationError as error:
        raise BackupError(f"{file} is a backup that this version cannot read.") from error
    except OSError as error:
        raise BackupError(f"{file} cannot be read: {error.strerror or error}.") from error
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, ValueError) as error:
        raise BackupError(f"{file} is damaged, or no backup of stylebot's.") from error
    if _sha256(folder / _DATABASE) != manifest.sha256 or (key and _sign(key) != manifest.key_sign):
        raise BackupError(f"{file} is damaged: it is not what its manifest says.")
    return manifest, key


def _restore_key(storage: StorageSettings, manifest: Manifest, key: bytes) -> str:
    """Put the key back where it can be; returns what the operator has to know."""
    present, path = _key_of(storage), storage.storage_key_file
    if not manifest.key_sign or _sign(present) == manifest.key_sign:
        return ""
    if storage.storage_key.get_secret_value():
        return (
            "STORAGE_KEY is another key than the backup's: set that one, or pictures stay sealed."
        )
    if not key:
        return f"The backup's sealing key is not at {path}: put it there before the bots start."
    if present:
        path.rename(path.with_name(f"{path.name}.before"))
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(key)
    return f"The sealing key is at {path}."


def _key_of(storage: StorageSettings) -> bytes:
    """The sealing key, without making one; empty for none."""
    given = storage.storage_key.get_secret_value().encode()
    if given or not storage.storage_key_file.exists():
        return given
    try:
        return storage.storage_key_file.read_bytes().strip()
    except OSError as error:
        raise BackupError(
            f"The key file {storage.storage_key_file} cannot be read: {error.strerror}."
        ) from error


def _sign(key: bytes) -> str:
    return Sealer(key).pseudonym("the key of a backup")[:16] if key else ""


async def _revision(url: str) -> str:
    database = Database(url)
    try:
        return await database.revision() or ""
    finally:
        await database.close()


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


@contextmanager
def _folder_beside(file: Path) -> Iterator[Path]:
    """A folder on the same disk, which a rename does not leave."""
    try:
        name = tempfile.mkdtemp(prefix=f".{file.name}-", dir=file.parent)
    except OSError as error:
        raise BackupError(f"{file.parent} cannot be written: {error.strerror}.") from error
    try:
        yield Path(name)
    except OSError as error:
        raise BackupError(f"{file} cannot be written: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(name, ignore_errors=True)


def _put_on_disk(file: Path) -> None:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())

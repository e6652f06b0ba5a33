"""Backups: the database, and on request the encryption key, in one file with a manifest.

The file is a zip archive of `manifest.json`, `database` and, if included, `key`; it contains
personal data, and is readable only by its owner.
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
    """Description of a backup.

    Attributes:
        format: Format of the file.
        version: Version of stylebot that made it.
        made_at: Time it was made.
        kind: Kind of the database.
        revision: Migration revision; empty for a database that was never migrated.
        sha256: Checksum of the database.
        with_key: Whether the encryption key is included.
        key_sign: Identifies the key without revealing anything else about it; empty
            if there was none.
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
    """The result of a restore.

    Attributes:
        manifest: The backup's manifest.
        key: A sentence about the encryption key; empty for none.
        migrate: Whether the database is from an earlier version.
    """

    manifest: Manifest
    key: str
    migrate: bool


def backup(storage: StorageSettings, file: Path, *, with_key: bool) -> Manifest:
    """Write a backup; bots may be running.

    Args:
        storage: The store's settings.
        file: The backup's path; must not exist.
        with_key: Include the encryption key: then the file alone is enough to read everything.

    Raises:
        BackupError: it could not be written; no file is left.
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
    """Restore a backup, after checking all of it.

    Args:
        storage: Settings of the store to fill.
        file: The backup.
        force: Overwrite a store that is not empty.

    Raises:
        BackupError: the file is damaged, or for another kind of database or a later version, or
            the store is not empty; nothing was changed.
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
    """Unpack a backup into a folder; returns its manifest and key, which may be empty."""
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
    """Restore the key if possible; returns a sentence for the operator."""
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
    """The encryption key, without creating one; empty if there is none."""
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
    """A temporary folder on the same disk, so that files can be moved by renaming."""
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

"""Errors of the store.

StorageError
├── StorageKeyError          storage_key          the encryption key is missing or wrong
├── StorageUnavailableError  storage_unavailable  the database is locked, full or unreachable
├── MigrationNeededError     migration_needed     the database has another schema than expected
├── BackupError              backup               a backup cannot be made, or is damaged
└── LostLeaseError           lost_lease           another worker has taken over the job
"""

from typing import ClassVar


class StorageError(Exception):
    """Base of the store's errors; `code` identifies the kind."""

    code: ClassVar[str]


class StorageKeyError(StorageError):
    """The encryption key is missing or wrong."""

    code = "storage_key"


class StorageUnavailableError(StorageError):
    """The database is locked, full or unreachable, or the URL is not a database's."""

    code = "storage_unavailable"


class MigrationNeededError(StorageError):
    """The database's schema is not the one the code expects."""

    code = "migration_needed"


class BackupError(StorageError):
    """A backup cannot be made or restored, or is damaged."""

    code = "backup"


class LostLeaseError(StorageError):
    """Another worker has taken over the job, or it was cancelled; drop its result."""

    code = "lost_lease"

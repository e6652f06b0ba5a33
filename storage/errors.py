"""What can go wrong with the store.

StorageError
├── StorageKeyError          storage_key          the key of what is sealed is missing or another
├── StorageUnavailableError  storage_unavailable  the database is locked, full or away, or none
├── MigrationNeededError     migration_needed     the database has another form than expected
├── BackupError              backup               a copy cannot be made, or is damaged
└── LostLeaseError           lost_lease           a job is another worker's by now
"""

from typing import ClassVar


class StorageError(Exception):
    """Base of all errors the store raises on purpose; `code` names the kind for other programs."""

    code: ClassVar[str]


class StorageKeyError(StorageError):
    """The key for what is kept sealed is missing or another one."""

    code = "storage_key"


class StorageUnavailableError(StorageError):
    """The database is locked, full or cannot be reached, or the URL is no database's."""

    code = "storage_unavailable"


class MigrationNeededError(StorageError):
    """The database has another form than the code expects."""

    code = "migration_needed"


class BackupError(StorageError):
    """A copy of the database cannot be made or put back, or is damaged."""

    code = "backup"


class LostLeaseError(StorageError):
    """The job is another worker's by now, or was cancelled; whatever was done for it is void."""

    code = "lost_lease"

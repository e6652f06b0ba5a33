"""Encryption at rest, with a key that is stored outside the database."""

import hashlib
import hmac
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from storage.errors import StorageKeyError
from storage.settings import StorageSettings


class Sealer:
    """Encrypts bytes (Fernet: AES-128-CBC with HMAC-SHA256), and makes pseudonyms."""

    def __init__(self, key: bytes) -> None:
        """Take a key.

        Raises:
            StorageKeyError: it is not a Fernet key.
        """
        try:
            self._fernet = Fernet(key)
        except ValueError as error:
            raise StorageKeyError(
                "The storage key is damaged; restore it from a backup."
            ) from error
        self._key = key

    @classmethod
    def open(cls, settings: StorageSettings) -> "Sealer":
        """Load the key from the settings or its file; creates the file at the first start.

        Raises:
            StorageKeyError: the key is damaged, or its file cannot be read or created.
        """
        key = settings.storage_key.get_secret_value().encode()
        return cls(key or _read_or_make(settings.storage_key_file))

    def seal(self, body: bytes) -> bytes:
        """Encrypt."""
        return self._fernet.encrypt(body)

    def unseal(self, sealed: bytes) -> bytes:
        """Decrypt what `seal` made.

        Raises:
            StorageKeyError: it was encrypted with another key, or was changed.
        """
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken as error:
            raise StorageKeyError(
                "What is stored was sealed with another key; restore that key from a backup."
            ) from error

    def pseudonym(self, name: str) -> str:
        """A keyed hash of a name, 64 hexadecimal digits."""
        return hmac.new(self._key, name.encode(), hashlib.sha256).hexdigest()


def _read_or_make(path: Path) -> bytes:
    try:
        # The first process creates it, readable only by its owner; the others read it.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    except OSError as error:
        raise StorageKeyError(f"The key file {path} cannot be made: {error.strerror}.") from error
    with os.fdopen(descriptor, "wb") as file:
        key = Fernet.generate_key()
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    return key


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes().strip()
    except OSError as error:
        raise StorageKeyError(f"The key file {path} cannot be read: {error.strerror}.") from error

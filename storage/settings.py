"""The store's settings: from the environment or the file `.env`, validated, immutable."""

from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class StorageSettings(BaseSettings):
    """Address and encryption key of the store.

    Attributes:
        database_url: SQLAlchemy's URL of an SQLite file or of a PostgreSQL database.
        storage_key: Key that stored pictures are encrypted with, from `Fernet.generate_key`;
            empty to use the key file.
        storage_key_file: Path of the key file, created at the first start.
    """

    model_config = SettingsConfigDict(
        frozen=True, env_ignore_empty=True, env_file=".env", extra="ignore"
    )

    database_url: str = "sqlite+aiosqlite:///stylebot.db"
    storage_key: SecretStr = SecretStr("")
    storage_key_file: Path = Path("stylebot.key")

"""The store's settings: read once from the environment or the file `.env`, checked, and frozen."""

from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class StorageSettings(BaseSettings):
    """Where the store is.

    Attributes:
        database_url: SQLAlchemy's URL of an SQLite file or of a PostgreSQL database.
        storage_key: What stored reference pictures are sealed with, as `Fernet.generate_key` makes
            it; empty to use the key file.
        storage_key_file: Where the key lies, and is put at the first start.
    """

    model_config = SettingsConfigDict(
        frozen=True, env_ignore_empty=True, env_file=".env", extra="ignore"
    )

    database_url: str = "sqlite+aiosqlite:///stylebot.db"
    storage_key: SecretStr = SecretStr("")
    storage_key_file: Path = Path("stylebot.key")

"""The key-value store: small values that adapters need after a restart."""

from bots.core.common.services import Services
from storage.values.json import Json


async def recall(services: Services, key: str) -> Json | None:
    """The value of a key; None if there is none."""
    async with services.database.reading() as transaction:
        return await transaction.key_value.get(key)


async def keep(services: Services, key: str, value: Json) -> None:
    """Set the value of a key."""
    async with services.database.writing() as transaction:
        await transaction.key_value.put(key, value)

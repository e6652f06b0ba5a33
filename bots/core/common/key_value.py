"""Small facts a platform's adapter must know again after it was started anew."""

from bots.core.common.services import Services
from storage.values.json import Json


async def recall(services: Services, key: str) -> Json | None:
    """A fact; None where there is none."""
    async with services.database.reading() as transaction:
        return await transaction.key_value.get(key)


async def keep(services: Services, key: str, value: Json) -> None:
    """Keep a fact in place of the one of that key."""
    async with services.database.writing() as transaction:
        await transaction.key_value.put(key, value)

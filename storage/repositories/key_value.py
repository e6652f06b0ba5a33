"""Small values that outlive a process, by key."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.models import KeyValueRow
from storage.values.json import Json


class KeyValueStore:
    """Values that a process needs after a restart, or at a later time."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def put(self, key: str, value: Json, due: datetime | None = None) -> None:
        """Store a value, replacing one of the same key; `due` is when it has to be acted on."""
        await self.remove(key)
        await self._connection.execute(insert(KeyValueRow).values(key=key, value=value, due=due))

    async def get(self, key: str) -> Json | None:
        """The value of a key; None if there is none."""
        found = await self._connection.execute(
            select(KeyValueRow.value).where(KeyValueRow.key == key)
        )
        value: dict[str, Any] | None = found.scalar_one_or_none()
        return value

    async def due(self, prefix: str, now: datetime) -> list[str]:
        """Keys with this prefix that are due."""
        found = await self._connection.execute(
            select(KeyValueRow.key)
            .where(KeyValueRow.key.startswith(prefix, autoescape=True), KeyValueRow.due <= now)
            .order_by(KeyValueRow.due)
        )
        return list(found.scalars())

    async def remove(self, key: str) -> bool:
        """Delete a value; False if there was none."""
        done = await self._connection.execute(delete(KeyValueRow).where(KeyValueRow.key == key))
        return done.rowcount > 0

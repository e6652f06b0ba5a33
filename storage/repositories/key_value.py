"""Small facts that outlive a process, each under its key."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.models import KeyValueRow
from storage.values.json import Json


class KeyValueStore:
    """What a process must know again after it was started anew, or do at a later day."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def put(self, key: str, value: Json, due: datetime | None = None) -> None:
        """Keep a fact in place of the one of that key; `due` is when something is to be done."""
        await self.remove(key)
        await self._connection.execute(insert(KeyValueRow).values(key=key, value=value, due=due))

    async def get(self, key: str) -> Json | None:
        """A fact; None where there is none."""
        found = await self._connection.execute(
            select(KeyValueRow.value).where(KeyValueRow.key == key)
        )
        value: dict[str, Any] | None = found.scalar_one_or_none()
        return value

    async def due(self, prefix: str, now: datetime) -> list[str]:
        """Keys that begin like that and are due."""
        found = await self._connection.execute(
            select(KeyValueRow.key)
            .where(KeyValueRow.key.startswith(prefix, autoescape=True), KeyValueRow.due <= now)
            .order_by(KeyValueRow.due)
        )
        return list(found.scalars())

    async def remove(self, key: str) -> bool:
        """Forget a fact; False where there was none."""
        done = await self._connection.execute(delete(KeyValueRow).where(KeyValueRow.key == key))
        return done.rowcount > 0

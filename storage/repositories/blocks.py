"""Blocked people."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.models import BlockRow
from storage.values.audit import Block


class Blocks:
    """Blocks, by pseudonym."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, pseudonym: str, reason: str, now: datetime) -> None:
        """Block a person; if they are blocked already, change the reason."""
        await self.remove(pseudonym)
        await self._connection.execute(
            insert(BlockRow).values(pseudonym=pseudonym, reason=reason, created_at=now)
        )

    async def remove(self, pseudonym: str) -> bool:
        """Unblock a person; False if they were not blocked."""
        done = await self._connection.execute(
            delete(BlockRow).where(BlockRow.pseudonym == pseudonym)
        )
        return done.rowcount > 0

    async def has_any(self, pseudonyms: Sequence[str]) -> bool:
        """Whether any of these is blocked."""
        found = await self._connection.execute(
            select(BlockRow.pseudonym).where(BlockRow.pseudonym.in_(pseudonyms)).limit(1)
        )
        return found.first() is not None

    async def all(self) -> list[Block]:
        """All blocks, the newest first."""
        rows = await self._connection.execute(
            select(BlockRow.pseudonym, BlockRow.reason, BlockRow.created_at).order_by(
                BlockRow.created_at.desc(), BlockRow.pseudonym
            )
        )
        return [Block(**row) for row in rows.mappings()]

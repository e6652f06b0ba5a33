"""Blocks and the audit log."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.models import AuditRow, BlockRow
from storage.values.audit import AuditEntry, Block


class Records:
    """What is kept of admins' acts, and of whom they shut out."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def block(self, pseudonym: str, reason: str, now: datetime) -> None:
        """Shut someone out; a second time changes the reason."""
        await self.unblock(pseudonym)
        await self._connection.execute(
            insert(BlockRow).values(pseudonym=pseudonym, reason=reason, created_at=now)
        )

    async def unblock(self, pseudonym: str) -> bool:
        """Let someone in again; False when he was not shut out."""
        done = await self._connection.execute(
            delete(BlockRow).where(BlockRow.pseudonym == pseudonym)
        )
        return done.rowcount > 0

    async def blocked(self, pseudonyms: Sequence[str]) -> bool:
        """Whether any of these is shut out."""
        found = await self._connection.execute(
            select(BlockRow.pseudonym).where(BlockRow.pseudonym.in_(pseudonyms)).limit(1)
        )
        return found.first() is not None

    async def blocks(self) -> list[Block]:
        """Who is shut out, the newest first."""
        rows = await self._connection.execute(
            select(BlockRow.pseudonym, BlockRow.reason, BlockRow.created_at).order_by(
                BlockRow.created_at.desc(), BlockRow.pseudonym
            )
        )
        return [Block(**row) for row in rows.mappings()]

    async def note(self, entry: AuditEntry) -> None:
        """Add to the audit log."""
        await self._connection.execute(
            insert(AuditRow).values(
                actor=entry.actor,
                act=entry.act,
                subject=entry.subject,
                details=entry.details,
                created_at=entry.created_at,
            )
        )

    async def audit(self, limit: int = 50) -> list[AuditEntry]:
        """The newest acts first."""
        rows = await self._connection.execute(
            select(
                AuditRow.actor,
                AuditRow.act,
                AuditRow.subject,
                AuditRow.details,
                AuditRow.created_at,
            )
            .order_by(AuditRow.id.desc())
            .limit(limit)
        )
        return [AuditEntry(**row) for row in rows.mappings()]

    async def last_act(self, actor: str, act: str) -> datetime | None:
        """When someone did such a thing last; None for never."""
        found = await self._connection.execute(
            select(func.max(AuditRow.created_at)).where(
                AuditRow.actor == actor, AuditRow.act == act
            )
        )
        return found.scalar_one()

    async def rename_actor(self, actor: str, pseudonym: str) -> None:
        """Keep the acts of someone who wants to be forgotten, and forget that they were his."""
        await self._connection.execute(
            update(AuditRow).where(AuditRow.actor == actor).values(actor=pseudonym)
        )

    async def sweep(self, before: datetime) -> int:
        """Delete older acts; returns how many."""
        done = await self._connection.execute(delete(AuditRow).where(AuditRow.created_at < before))
        return done.rowcount

"""The audit log."""

from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.models import AuditRow
from storage.values.audit import AuditEntry


class Audit:
    """Admins' actions."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, entry: AuditEntry) -> None:
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

    async def latest(self, limit: int = 50) -> list[AuditEntry]:
        """The newest entries first."""
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
        """When a person last did this; None if never."""
        found = await self._connection.execute(
            select(func.max(AuditRow.created_at)).where(
                AuditRow.actor == actor, AuditRow.act == act
            )
        )
        return found.scalar_one()

    async def rename_actor(self, actor: str, pseudonym: str) -> None:
        """Replace a person's name by a pseudonym in all entries."""
        await self._connection.execute(
            update(AuditRow).where(AuditRow.actor == actor).values(actor=pseudonym)
        )

    async def sweep(self, before: datetime) -> int:
        """Delete older entries; returns the number."""
        done = await self._connection.execute(delete(AuditRow).where(AuditRow.created_at < before))
        return done.rowcount

"""Checks admins' rights, and writes admins' actions and refused attempts to the audit log.

Admins are those of `ADMIN_IDS`. Hiding commands and buttons is not access control: every action
is checked here.
"""

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, Final

from bots.core.common.services import Services
from bots.core.errors import BotAdminsOnlyError
from bots.core.policy import control
from storage.transaction import Transaction
from storage.values.audit import AuditEntry
from storage.values.people import UserKey

REFUSED: Final = "refused"
# Limits the audit entries of refused attempts.
_ONE_REFUSAL_EVERY: Final = timedelta(minutes=1)


def is_admin(services: Services, user: UserKey) -> bool:
    """Whether someone administers the bot."""
    return user in services.admins


async def check(services: Services, actor: UserKey, act: str) -> None:
    """Check that the actor is an admin; audit the attempt if not.

    Args:
        services: The bot's services.
        actor: The person who acts.
        act: The action's id in the audit log.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
    """
    if is_admin(services, actor):
        return
    async with services.database.writing() as transaction:
        now = services.now()
        last = await transaction.audit.last_act(str(actor), REFUSED)
        if last is None or now - last >= _ONE_REFUSAL_EVERY:
            await transaction.audit.add(AuditEntry(str(actor), REFUSED, act, {}, now))
    raise BotAdminsOnlyError


@contextlib.asynccontextmanager
async def acting(
    services: Services,
    actor: UserKey,
    act: str,
    subject: str = "",
    **details: Any,  # noqa: ANN401
) -> AsyncIterator[Transaction]:
    """A transaction for an admin's action, with its audit entry.

    Args:
        services: The bot's services.
        actor: The person who acts.
        act: The action's id, such as "style.enable".
        subject: The person or thing it is about.
        details: Further data for the entry; JSON.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
    """
    await check(services, actor, act)
    async with services.database.writing() as transaction:
        yield transaction
        entry = AuditEntry(str(actor), act, subject, details, services.now())
        await transaction.audit.add(entry)
        await control.touch(transaction)


async def audit(services: Services, actor: UserKey, limit: int = 50) -> list[AuditEntry]:
    """The audit log's entries, newest first.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
    """
    await check(services, actor, "audit.read")
    async with services.database.reading() as transaction:
        return await transaction.audit.latest(limit)

"""Who administers the bot; whatever admins do is noted, and whatever others try.

Admins are those of `ADMIN_IDS`. That a command is not shown to others, or a button not sent to
them, protects nothing: every act begins here.
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
# Anyone who tries again and again fills no log.
_ONE_REFUSAL_EVERY: Final = timedelta(minutes=1)


def is_admin(services: Services, user: UserKey) -> bool:
    """Whether someone administers the bot."""
    return user in services.admins


async def check(services: Services, actor: UserKey, act: str) -> None:
    """See that someone may, or note that he tried.

    Args:
        services: What it needs.
        actor: Who.
        act: What, as in the audit log.

    Raises:
        BotAdminsOnlyError: he is no admin.
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
    """A transaction in which an admin does something: that he did it stands or falls with it.

    Args:
        services: What it needs.
        actor: Who.
        act: What, as a verb and its object: "style.enable".
        subject: To whom or what.
        details: What else there is to know; JSON.

    Raises:
        BotAdminsOnlyError: he is no admin.
    """
    await check(services, actor, act)
    async with services.database.writing() as transaction:
        yield transaction
        entry = AuditEntry(str(actor), act, subject, details, services.now())
        await transaction.audit.add(entry)
        await control.touch(transaction)


async def audit(services: Services, actor: UserKey, limit: int = 50) -> list[AuditEntry]:
    """What admins did, and what others tried; the newest first.

    Raises:
        BotAdminsOnlyError: he is no admin.
    """
    await check(services, actor, "audit.read")
    async with services.database.reading() as transaction:
        return await transaction.audit.latest(limit)

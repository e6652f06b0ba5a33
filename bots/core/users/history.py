"""A person's history of results, newest first."""

from bots.core.common.services import Services
from bots.core.errors import EntryGoneError
from storage.values.history import HistoryEntry
from storage.values.people import ChatKey, UserKey


async def page(
    services: Services, user: UserKey, limit: int = 10, before: int | None = None
) -> list[HistoryEntry]:
    """A page of results; `before` is the id of the previous page's last one."""
    async with services.database.reading() as transaction:
        return await transaction.history.of(user, limit, before)


async def last(services: Services, user: UserKey, chat: ChatKey) -> HistoryEntry | None:
    """A person's newest result in a chat."""
    async with services.database.reading() as transaction:
        found = await transaction.history.of(user, 1, chat=chat)
    return found[0] if found else None


async def entry(services: Services, user: UserKey, entry_id: int) -> HistoryEntry:
    """One result.

    Raises:
        EntryGoneError: it is not in the person's history.
    """
    async with services.database.reading() as transaction:
        found = await transaction.history.entry(user, entry_id)
    if found is None:
        raise EntryGoneError
    return found


async def of_job(services: Services, user: UserKey, job_id: int) -> HistoryEntry:
    """The result of one of a person's own jobs, for the buttons below it.

    Raises:
        EntryGoneError: it is not in the person's history.
    """
    async with services.database.reading() as transaction:
        entry = await transaction.history.of_job(job_id)
    if entry is None or entry.user != user:
        raise EntryGoneError
    return entry


async def remove(services: Services, user: UserKey, entry_id: int) -> None:
    """Delete one result from the history.

    Raises:
        EntryGoneError: it is not in the person's history.
    """
    async with services.database.writing() as transaction:
        if not await transaction.history.remove(user, entry_id):
            raise EntryGoneError

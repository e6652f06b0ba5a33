"""Access checks: blocks and opt-outs."""

from bots.core.common.services import Services
from bots.core.errors import BlockedError, OptedOutError
from storage.transaction import Transaction
from storage.values.people import ChatKey, UserKey


async def check_person(
    services: Services, transaction: Transaction, user: UserKey, chat: ChatKey | None = None
) -> None:
    """Check that neither the person nor the chat is blocked.

    Raises:
        BlockedError: one is.
    """
    names = [services.pseudonym(whose) for whose in (user, chat) if whose]
    if await transaction.blocks.has_any(names):
        raise BlockedError


async def check_author(transaction: Transaction, user: UserKey, author: UserKey | None) -> None:
    """Check that the person who posted a picture allows others to have it painted.

    Args:
        transaction: An open transaction.
        user: The person who wants it painted.
        author: The person who posted it; None if unknown or the same person.

    Raises:
        OptedOutError: the author has opted out.
    """
    if author is None or author == user:
        return
    if not (await transaction.people.preference(author)).repaintable:
        raise OptedOutError

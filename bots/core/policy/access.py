"""Who may have what painted."""

from bots.core.common.services import Services
from bots.core.errors import BlockedError, OptedOutError
from storage.transaction import Transaction
from storage.values.people import ChatKey, UserKey


async def check_person(
    services: Services, transaction: Transaction, user: UserKey, chat: ChatKey | None = None
) -> None:
    """See that a person is not shut out, nor the chat he is in.

    Raises:
        BlockedError: one is.
    """
    names = [services.pseudonym(whose) for whose in (user, chat) if whose]
    if await transaction.blocks.has_any(names):
        raise BlockedError


async def check_author(transaction: Transaction, user: UserKey, author: UserKey | None) -> None:
    """See that the person who posted a picture lets others have it painted.

    Args:
        transaction: Where.
        user: Who wants it painted.
        author: Who posted it; None where the platform does not say, or it is his own.

    Raises:
        OptedOutError: he does not.
    """
    if author is None or author == user:
        return
    if not (await transaction.people.preference(author)).repaintable:
        raise OptedOutError

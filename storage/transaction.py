"""One transaction, with the repositories to use in it."""

from sqlalchemy.ext.asyncio import AsyncConnection

from storage.repositories.audit import Audit
from storage.repositories.blocks import Blocks
from storage.repositories.history import History
from storage.repositories.jobs import Jobs
from storage.repositories.key_value import KeyValueStore
from storage.repositories.people import People
from storage.repositories.pictures import Pictures
from storage.repositories.styles import Styles


class Transaction:
    """The repositories, all on one connection.

    Attributes:
        styles: Styles.
        people: Preferences and chats' settings.
        jobs: The queue.
        history: Delivered results.
        pictures: Photos and results, for platforms that store none.
        audit: Admins' actions.
        blocks: Blocked people.
        key_value: Small values by key.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self.styles = Styles(connection)
        self.people = People(connection)
        self.jobs = Jobs(connection)
        self.history = History(connection)
        self.pictures = Pictures(connection)
        self.audit = Audit(connection)
        self.blocks = Blocks(connection)
        self.key_value = KeyValueStore(connection)

"""One transaction, by what can be done in it."""

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
        styles: What can be chosen.
        people: Preferences and chats' settings.
        jobs: The queue.
        history: What people had.
        pictures: Photos and results, where the platform keeps none.
        audit: What admins did.
        blocks: Who is blocked.
        key_value: Small facts by key.
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

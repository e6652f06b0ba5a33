"""One transaction, by what can be done in it."""

from sqlalchemy.ext.asyncio import AsyncConnection

from storage.history import History
from storage.jobs import Jobs
from storage.notes import Notes
from storage.people import People
from storage.pictures import Pictures
from storage.records import Records
from storage.styles import Styles


class Transaction:
    """The repositories, all on one connection.

    Attributes:
        styles: What can be chosen.
        people: Preferences and chats' settings.
        jobs: The queue.
        history: What people had.
        pictures: Photos and results, where the platform keeps none.
        records: Blocks and the audit log.
        notes: Small facts by key.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self.styles = Styles(connection)
        self.people = People(connection)
        self.jobs = Jobs(connection)
        self.history = History(connection)
        self.pictures = Pictures(connection)
        self.records = Records(connection)
        self.notes = Notes(connection)

"""The jobs in the SQLite file of a bot in another process."""

import contextlib
import sqlite3
from pathlib import Path

from storage.values.jobs import ENDED


def end_leases(path: Path) -> None:
    """End the leases of a killed process now, instead of after half a minute."""
    with contextlib.closing(sqlite3.connect(path)) as store, store:
        past = "2000-01-01 00:00:00.000000"
        store.execute("UPDATE jobs SET lease_until = ? WHERE lease_until NOT NULL", (past,))


def all_ended(path: Path) -> bool:
    """Whether no job is waiting or in work."""
    with contextlib.closing(sqlite3.connect(path)) as store:
        states = {state for (state,) in store.execute("SELECT DISTINCT state FROM jobs")}
    return states <= {*ENDED}

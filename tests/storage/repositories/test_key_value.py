"""Small facts by key."""

from datetime import UTC, datetime, timedelta

from storage.database import Database
from tests.databases import play

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def test_a_fact_is_kept_replaced_and_forgotten(database_url: str):
    async def scene(database: Database) -> None:
        async with database.writing() as transaction:
            notes = transaction.notes
            assert await notes.get("tree") is None
            await notes.put("tree", {"hash": "1"})
            await notes.put("tree", {"hash": "2"})
            assert await notes.get("tree") == {"hash": "2"}
            assert [await notes.remove("tree"), await notes.remove("tree")] == [True, False]
            assert await notes.get("tree") is None

    play(database_url, scene)


def test_what_is_due_is_found_by_how_its_key_begins(database_url: str):
    async def scene(database: Database) -> None:
        async with database.writing() as transaction:
            notes = transaction.notes
            await notes.put("left a", {}, NOW + timedelta(days=2))
            await notes.put("left b", {}, NOW + timedelta(days=1))
            await notes.put("left_c", {}, NOW)
            await notes.put("left d", {})
            assert await notes.due("left ", NOW) == []
            assert await notes.due("left ", NOW + timedelta(days=2)) == ["left b", "left a"]
            assert await notes.due("left_", NOW) == ["left_c"]

    play(database_url, scene)

"""Small facts by key."""

from datetime import UTC, datetime, timedelta

from storage.database import Database
from tests.databases import play

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def test_a_fact_is_kept_replaced_and_forgotten(database_url: str):
    async def scene(database: Database) -> None:
        async with database.writing() as transaction:
            key_value = transaction.key_value
            assert await key_value.get("tree") is None
            await key_value.put("tree", {"hash": "1"})
            await key_value.put("tree", {"hash": "2"})
            assert await key_value.get("tree") == {"hash": "2"}
            assert [await key_value.remove("tree"), await key_value.remove("tree")] == [True, False]
            assert await key_value.get("tree") is None

    play(database_url, scene)


def test_what_is_due_is_found_by_how_its_key_begins(database_url: str):
    async def scene(database: Database) -> None:
        async with database.writing() as transaction:
            key_value = transaction.key_value
            await key_value.put("left a", {}, NOW + timedelta(days=2))
            await key_value.put("left b", {}, NOW + timedelta(days=1))
            await key_value.put("left_c", {}, NOW)
            await key_value.put("left d", {})
            assert await key_value.due("left ", NOW) == []
            assert await key_value.due("left ", NOW + timedelta(days=2)) == ["left b", "left a"]
            assert await key_value.due("left_", NOW) == ["left_c"]

    play(database_url, scene)

"""Small facts by key."""

from datetime import UTC, datetime, timedelta

import pytest

from storage.database import Database

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 25, tzinfo=UTC)


async def test_a_fact_is_kept_replaced_and_forgotten(database: Database):
    async with database.writing() as transaction:
        key_value = transaction.key_value
        assert await key_value.get("tree") is None
        await key_value.put("tree", {"hash": "1"})
        await key_value.put("tree", {"hash": "2"})
        assert await key_value.get("tree") == {"hash": "2"}
        assert [await key_value.remove("tree"), await key_value.remove("tree")] == [True, False]
        assert await key_value.get("tree") is None


async def test_what_is_due_is_found_by_how_its_key_begins(database: Database):
    async with database.writing() as transaction:
        key_value = transaction.key_value
        await key_value.put("left a", {}, NOW + timedelta(days=2))
        await key_value.put("left b", {}, NOW + timedelta(days=1))
        await key_value.put("left_c", {}, NOW)
        await key_value.put("left d", {})
        assert await key_value.due("left ", NOW) == []
        assert await key_value.due("left ", NOW + timedelta(days=2)) == ["left b", "left a"]
        assert await key_value.due("left_", NOW) == ["left_c"]

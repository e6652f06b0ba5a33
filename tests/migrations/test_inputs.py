"""Inputs of effects: a column and a kind more, and back, on both databases."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from migrations import runner
from storage.database import Database, open_engine
from storage.values.people import UserKey
from storage.values.pictures import StoredPicture

pytestmark = pytest.mark.anyio

ANN = UserKey("web", "1")
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
ADD = sa.text(
    "INSERT INTO pictures (id, platform, user_id, kind, body, size_bytes, kept_at)"
    " VALUES (:id, 'web', '1', :kind, :body, 1, CURRENT_TIMESTAMP)"
)


async def add(url: str, name: str, kind: str) -> None:
    """Add a picture as a process of the earlier revision does."""
    engine = open_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.execute(ADD, {"id": name, "kind": kind, "body": b"x"})
    finally:
        await engine.dispose()


async def test_photos_stay_and_inputs_go_on_the_way_back(empty_database_url: str):
    url = empty_database_url

    await runner.upgrade(url, "0008")
    await add(url, "p", "photo")
    with pytest.raises(IntegrityError):
        await add(url, "m", "input")
    await runner.upgrade(url)
    await runner.check(url)
    database = Database(url)
    async with database.writing() as transaction:
        (photo,) = await transaction.pictures.of(ANN)
        assert photo.photo_id is None
        mask = StoredPicture("m", ANN, "input", 1, NOW, "p")
        await transaction.pictures.put(mask, b"m")
        assert await transaction.pictures.of(ANN, "input") == [mask]
    await database.close()
    await runner.downgrade(url, "0008")
    with pytest.raises(IntegrityError):
        await add(url, "m", "input")
    await runner.upgrade(url)
    database = Database(url)
    async with database.reading() as transaction:
        assert [each.id for each in await transaction.pictures.of(ANN)] == ["p"]
    await database.close()

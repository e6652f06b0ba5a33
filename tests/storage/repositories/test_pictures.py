"""Pictures by person, for a while."""

from datetime import UTC, datetime, timedelta

import pytest

from storage.database import Database
from storage.values.people import UserKey
from storage.values.pictures import StoredPicture

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 25, tzinfo=UTC)
ANN, BEN = UserKey("web", "1"), UserKey("web", "2")


async def test_a_picture_is_its_owners_alone(database: Database):
    async with database.writing() as transaction:
        pictures = transaction.pictures
        photo = StoredPicture("p", ANN, "photo", 6, NOW)
        await pictures.put(photo, b"sealed")
        await pictures.put(StoredPicture("r", ANN, "result", 1, NOW + timedelta(hours=1)), b"2")
        assert await pictures.body(ANN, "p") == b"sealed"
        assert await pictures.body(BEN, "p") is None
        assert await pictures.known(ANN, ["p", "r", "x"]) == {"p", "r"}
        assert await pictures.known(BEN, ["p", "r"]) == set()
        assert await pictures.known(ANN, []) == set()
        assert [each.id for each in await pictures.of(ANN)] == ["r", "p"]
        assert await pictures.of(ANN, "photo") == [photo]
        assert [await pictures.count(user) for user in (ANN, BEN)] == [2, 0]
        assert await pictures.remove(BEN, ["p"]) == 0
        assert await pictures.remove(ANN, ["p", "x"]) == 1
        assert await pictures.remove(ANN) == 1


async def test_a_picture_that_is_sent_again_is_kept_longer(database: Database):
    async with database.writing() as transaction:
        pictures = transaction.pictures
        for hours in (0, 2):
            kept_at = NOW + timedelta(hours=hours)
            await pictures.put(StoredPicture("p", ANN, "photo", 1, kept_at), b"%d" % hours)
        await pictures.put(StoredPicture("q", BEN, "photo", 6, NOW), b"q")
        assert await pictures.sweep(NOW + timedelta(hours=1)) == 1
        assert await pictures.body(ANN, "p") == b"2"
        assert await pictures.sweep(NOW + timedelta(hours=3)) == 1
        assert await pictures.count(ANN) == 0


async def test_an_input_goes_with_its_photo(database: Database):
    async with database.writing() as transaction:
        pictures = transaction.pictures
        photo = StoredPicture("p", ANN, "photo", 1, NOW)
        mask = StoredPicture("m", ANN, "input", 1, NOW, "p")
        await pictures.put(photo, b"p")
        await pictures.put(mask, b"m")
        await pictures.put(StoredPicture("r", ANN, "result", 1, NOW), b"r")
        assert await pictures.of(ANN, "input") == [mask]
        # The photo is sent again, and so both are kept longer.
        await pictures.put(StoredPicture("p", ANN, "photo", 1, NOW + timedelta(hours=2)), b"p")
        assert await pictures.sweep(NOW + timedelta(hours=1)) == 1
        assert await pictures.known(ANN, ["p", "m", "r"]) == {"p", "m"}
        assert await pictures.sweep(NOW + timedelta(hours=3)) == 2
        await pictures.put(photo, b"p")
        await pictures.put(mask, b"m")
        assert await pictures.remove(ANN, ["p"]) == 2
        assert await pictures.count(ANN) == 0

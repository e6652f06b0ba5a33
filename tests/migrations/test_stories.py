"""Stories: a column more in two tables, and back, on both databases."""

from datetime import UTC, datetime

import pytest

from migrations import runner
from storage.database import Database
from storage.values.jobs import NewJob, Story
from storage.values.people import ChatKey, UserKey

pytestmark = pytest.mark.anyio

ANN, HERE = UserKey("web", "1"), ChatKey("web", "2")
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


async def test_pictures_stay_and_stories_go_on_the_way_back(empty_database_url: str):
    url = empty_database_url

    await runner.upgrade(url)
    await runner.check(url)
    database = Database(url)
    async with database.writing() as transaction:
        for name, story in (("picture", None), ("film", Story("1:1", 6.0, "夏"))):
            wanted = NewJob(name, ANN, HERE, ({"picture": "p"},), story=story)
            job, _ = await transaction.jobs.add(wanted, NOW)
            assert job.wanted.story == story
            await transaction.history.add(job, name, {}, NOW)
    await database.close()
    await runner.downgrade(url, "0009")
    await runner.upgrade(url)
    database = Database(url)
    async with database.reading() as transaction:
        entries = await transaction.history.of(ANN)
        jobs = await transaction.jobs.all_of(ANN)
        assert [(each.title, each.story) for each in entries] == [("picture", None)]
        assert [(each.wanted.dedupe, each.wanted.story) for each in jobs] == [("picture", None)]
    await database.close()

"""History, blocks and the audit log."""

from datetime import UTC, datetime, timedelta

import pytest

from storage.database import Database
from storage.values.audit import AuditEntry
from storage.values.jobs import NewJob
from storage.values.people import ChatKey, UserKey
from storage.values.recipes import Choice, Recipe, Step

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
RECIPE = Recipe((Step("paint", {"styles": (Choice(7),), "strength": 0.6}),))
ANN, BEN = UserKey("telegram", "1"), UserKey("discord", "1")


def wish(name: str, user: UserKey) -> NewJob:
    chat = ChatKey(user.platform, "-10")
    return NewJob(name, user, chat, ({"file": name},), RECIPE)


async def test_results_are_their_owners_newest_first(database: Database):
    async with database.writing() as transaction:
        ids, jobs = [], []
        for number, user in enumerate((ANN, ANN, BEN, ANN)):
            job, _ = await transaction.jobs.add(wish(str(number), user), NOW)
            jobs.append(job.id)
            then = NOW - timedelta(days=number)
            ids.append(await transaction.history.add(job, "Wave", {"message": number}, then))
        history = transaction.history
        assert [entry.id for entry in await history.of(ANN)] == [ids[3], ids[1], ids[0]]
        assert [entry.id for entry in await history.of(ANN, 1, ids[3])] == [ids[1]]
        entry = await history.entry(ANN, ids[1])
        assert entry
        assert (entry.user, entry.chat) == (ANN, ChatKey("telegram", "-10"))
        assert (entry.photos, entry.recipe) == (({"file": "1"},), RECIPE)
        assert (entry.title, entry.result) == ("Wave", {"message": 1})
        assert entry.created_at == NOW - timedelta(days=1)
        assert await history.entry(BEN, ids[1]) is None
        found = await history.of_job(jobs[-1])
        assert found
        assert found.id == ids[3]
        assert await history.of_job(jobs[-1] + 1) is None
        assert await history.remove(BEN, ids[1]) == 0
        assert await history.remove(ANN, ids[1]) == 1
        assert await history.sweep(NOW - timedelta(days=2)) == 1
        assert await history.remove(ANN) == 1
        assert [entry.id for entry in await history.of(BEN)] == [ids[2]]


async def test_blocks_go_by_pseudonym(database: Database):
    async with database.writing() as transaction:
        blocks = transaction.blocks
        assert not await blocks.has_any(["a", "b"])
        await blocks.add("a", "spam", NOW)
        await blocks.add("a", "worse", NOW)
        assert await blocks.has_any(["b", "a"])
        assert await blocks.remove("a")
        assert not await blocks.remove("a")


async def test_acts_are_noted_and_their_actor_can_be_forgotten(database: Database):
    async with database.writing() as transaction:
        audit = transaction.audit
        old = AuditEntry("telegram:1", "style.off", "wave", {"why": "ugly"}, NOW)
        new = AuditEntry("discord:1", "user.block", "x", {}, NOW + timedelta(days=1))
        await audit.add(old)
        await audit.add(new)
        assert await audit.latest() == [new, old]
        assert await audit.latest(1) == [new]
        await audit.rename_actor("telegram:1", "someone")
        assert (await audit.latest())[1].actor == "someone"
        assert await audit.sweep(NOW + timedelta(hours=1)) == 1

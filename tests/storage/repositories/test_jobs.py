"""The queue: fair turns, leases, retries, and that no job is two workers'."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage.database import Database
from storage.errors import LostLeaseError
from storage.models import UtcDateTime
from storage.transaction import Transaction
from storage.values.jobs import Job, NewJob, Place, cost_of
from storage.values.people import ChatKey, UserKey
from storage.values.recipes import Choice, Recipe, Step

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
LEASE = timedelta(seconds=30)
ANN, BEN = UserKey("telegram", "1"), UserKey("telegram", "2")
HERE = ChatKey("telegram", "-10")
BLEND = Recipe((Step("paint", {"styles": (Choice(7), Choice(8, 2.5)), "strength": 0.4}),))


def wish(name: str, user: UserKey = ANN, photos: int = 1, **more: Any) -> NewJob:
    return NewJob(
        dedupe=name,
        user=user,
        chat=HERE,
        photos=tuple({"file": f"{name}-{n}"} for n in range(photos)),
        **{"recipe": BLEND} | more,
    )


async def add(transaction: Transaction, *wishes: NewJob, now: datetime = NOW) -> list[Job]:
    return [(await transaction.jobs.add(wanted, now))[0] for wanted in wishes]


async def claim(
    transaction: Transaction, worker: str = "w", after_s: float = 0, per_user: int = 99
) -> Job | None:
    now = NOW + timedelta(seconds=after_s)
    return await transaction.jobs.claim(worker, now, LEASE, per_user)


async def served(transaction: Transaction, count: int) -> list[str]:
    """Names of the jobs in the order they are taken."""
    taken = [await claim(transaction) for _ in range(count)]
    return [job.wanted.dedupe for job in taken if job]


async def test_a_request_is_kept_whole_and_once(database: Database):
    wanted = wish(
        "a", photos=2, output="file", private=True, language="zh",
        reply_target={"message": 9, "topic": None},
    )  # fmt: skip

    async with database.writing() as transaction:
        job, added = await transaction.jobs.add(wanted, NOW)
        assert added
        assert (job.wanted, job.state, job.tries) == (wanted, "queued", 0)
        assert (job.created_at, job.lease_until, job.progress) == (NOW, None, 0)
    async with database.writing() as transaction:
        await transaction.jobs.lock(ANN)
        again, added = await transaction.jobs.add(replace(wanted, recipe=Recipe()), NOW)
        assert (again, added) == (job, False)
        assert await transaction.jobs.get(job.id) == job
        assert await transaction.jobs.get(job.id + 1) is None


async def test_a_flood_delays_only_its_sender(database: Database):
    async with database.writing() as transaction:
        await add(transaction, *(wish(f"a{n}") for n in range(5)))
        assert await served(transaction, 2) == ["a0", "a1"]
        await add(transaction, wish("b0", BEN), wish("b1", BEN))
        assert await served(transaction, 9) == ["a2", "b0", "a3", "b1", "a4"]


async def test_an_album_counts_as_many_photos(database: Database):
    async with database.writing() as transaction:
        await add(transaction, wish("album", photos=3), wish("a"))
        await add(transaction, wish("b0", BEN), wish("b1", BEN), wish("b2", BEN))
        assert await served(transaction, 9) == ["album", "b0", "b1", "b2", "a"]


async def test_so_many_of_a_person_run_at_once(database: Database):
    async with database.writing() as transaction:
        await add(transaction, wish("a0"), wish("a1"), wish("a2"))
        first = await claim(transaction, per_user=2)
        assert await claim(transaction, per_user=2)
        assert await claim(transaction, per_user=2) is None
        assert first
        await transaction.jobs.painted(first.id, "w", NOW)
        assert await claim(transaction, per_user=2) is None
        await transaction.jobs.delivered(first.id, "w", {"message": 1})
        assert await claim(transaction, per_user=2)
        await add(transaction, wish("b", BEN))
        taken = await claim(transaction, per_user=2)
        assert taken
        assert taken.wanted.dedupe == "b"


async def test_a_worker_that_shows_no_life_loses_its_job(database: Database):
    async with database.writing() as transaction:
        await add(transaction, wish("a"))
        first = await claim(transaction, "one")
        assert first
        assert (first.state, first.tries, first.lease_until) == ("running", 1, NOW + LEASE)
        assert await claim(transaction, "two", after_s=29) is None
        await transaction.jobs.renew_lease(first.id, "one", NOW + 2 * LEASE, progress=1)
        assert await claim(transaction, "two", after_s=59) is None
        second = await claim(transaction, "two", after_s=61)
        assert second
        assert (second.id, second.state, second.tries) == (first.id, "running", 2)
        for late in (
            transaction.jobs.renew_lease(first.id, "one", NOW),
            transaction.jobs.painted(first.id, "one", NOW),
            transaction.jobs.delivered(first.id, "one", {}),
            transaction.jobs.failed(first.id, "one", "x", NOW),
            transaction.jobs.told(first.id, "one"),
            transaction.jobs.again(first.id, "one", NOW, innocent=True),
        ):
            with pytest.raises(LostLeaseError):
                await late


@pytest.mark.parametrize("state", ["done", "failed"])
async def test_what_was_left_between_store_and_platform_is_taken_up(database: Database, state: str):
    async with database.writing() as transaction:
        jobs = transaction.jobs
        (job,) = await add(transaction, wish("a"))
        await claim(transaction, "one")
        if state == "done":
            await jobs.painted(job.id, "one", NOW)
        else:
            await jobs.failed(job.id, "one", "broken_image", NOW)
        assert await claim(transaction, "two", after_s=29) is None
        left = await claim(transaction, "two", after_s=31)
        assert left
        assert (left.state, left.tries) == (state, 2)
        if state == "done":
            await jobs.delivered(job.id, "two", {"message": 5})
        else:
            await jobs.told(job.id, "two")
        assert await claim(transaction, "three", after_s=999) is None
        over = await jobs.get(job.id)
        assert over
        assert over.state == ("delivered" if state == "done" else "failed")
        assert over.result == ({"message": 5} if state == "done" else None)
        assert over.error == (None if state == "done" else "broken_image")


async def test_a_job_put_back_keeps_its_turn_and_waits(database: Database):
    async with database.writing() as transaction:
        await add(transaction, wish("a"), wish("b", BEN))
        first = await claim(transaction)
        assert first
        later = NOW + timedelta(seconds=10)
        await transaction.jobs.again(first.id, "w", later, innocent=True)
        assert await served(transaction, 1) == ["b"]
        assert await claim(transaction) is None
        back = await claim(transaction, after_s=11)
        assert back
        assert (back.id, back.tries, back.turn) == (first.id, 1, first.turn)
        await transaction.jobs.again(first.id, "w", NOW, innocent=False)
        back = await claim(transaction)
        assert back
        assert back.tries == 2


async def test_a_worker_takes_only_what_it_can_deliver(database: Database):
    async with database.writing() as transaction:
        await add(transaction, wish("a"))
        assert await transaction.jobs.claim("w", NOW, LEASE, 9, ["discord"]) is None
        assert await transaction.jobs.claim("w", NOW, LEASE, 9, ["discord", "telegram"])


async def test_cancelling(database: Database):
    async with database.writing() as transaction:
        jobs = transaction.jobs
        one, two, three, four = await add(transaction, *(wish(n) for n in "abcd"))
        assert not await jobs.cancel(one.id, NOW, BEN)
        assert await jobs.cancel(one.id, NOW, ANN)
        assert not await jobs.cancel(one.id, NOW, ANN)
        running = await claim(transaction)
        assert running
        assert running.id == two.id
        assert await jobs.cancel(two.id, NOW)
        with pytest.raises(LostLeaseError):
            await jobs.painted(two.id, "w", NOW)
        leaving = await claim(transaction)
        assert leaving
        await jobs.painted(three.id, "w", NOW)
        assert not await jobs.cancel(three.id, NOW, ANN)
        assert await jobs.cancel_all(ANN, NOW) == 1
        assert [job.id for job in await jobs.waiting_of(ANN)] == [three.id]
        assert {job.id: job.state for job in await jobs.all_of(ANN)} == {
            one.id: "cancelled", two.id: "cancelled", three.id: "done", four.id: "cancelled",
        }  # fmt: skip


async def test_the_place_in_the_queue_and_how_long_it_takes(database: Database):
    async with database.writing() as transaction:
        jobs = transaction.jobs
        (old, job, mine) = await add(
            transaction, wish("old"), wish("a", BEN, photos=2), wish("mine", photos=2)
        )
        assert await jobs.place(mine) == Place(3, None)
        await claim(transaction)
        await jobs.painted(old.id, "w", NOW + timedelta(seconds=4))
        await jobs.delivered(old.id, "w", {})
        assert await jobs.place(mine) == Place(2, 4.0 * (2 + 2))
        await claim(transaction)
        assert await jobs.place(mine) == Place(2, 4.0 * (2 + 2))
        assert await jobs.place(job) == Place(0, 4.0 * 2)


async def test_a_clip_is_one_photo_and_takes_as_long_as_many(database: Database):
    film = {"file": "film", "clip": "mp4", "seconds": 2.5}
    still = film | {"first_frame": True}

    async with database.writing() as transaction:
        jobs = transaction.jobs
        before, clip, mine = await add(
            transaction,
            wish("before"),
            replace(wish("clip"), photos=(film,)),
            wish("mine", BEN),
        )
        assert await claim(transaction)
        await jobs.painted(before.id, "w", NOW + timedelta(seconds=2))
        await jobs.delivered(before.id, "w", {})
        # Ten photos' work; the other's photo need not wait for more than was before.
        assert await jobs.place(clip) == Place(1, 2.0 * (1 + 10))
        assert await jobs.count_waiting(ANN) == 1
        late = (await jobs.add(wish("late"), NOW))[0]
        assert late.turn == clip.turn + 10
        assert mine.turn <= clip.turn
        assert await jobs.place(late) == Place(2, 2.0 * (11 + 1))
        grown = await jobs.grow(clip, [film, still, {"file": "photo"}])
        assert await jobs.place(grown) == Place(1, 2.0 * (1 + 12))
        assert await jobs.count_waiting() == 5


@pytest.mark.parametrize(
    ("photo", "cost"),
    [
        ({}, 1),
        ({"clip": "gif", "seconds": 0.1}, 1),
        ({"clip": "gif", "seconds": 15}, 60),
        # Its length is not known.
        ({"clip": "webm"}, 20),
        ({"clip": "webm", "seconds": 3, "first_frame": True}, 1),
    ],
)
def test_the_cost_of_a_clip(photo: dict[str, Any], cost: int):
    assert cost_of([photo]) == cost
    assert cost_of([photo, {}, {}]) == cost + 2


async def test_counting_and_sweeping(database: Database):
    there = ChatKey("telegram", "-20")

    async with database.writing() as transaction:
        jobs = transaction.jobs
        await add(transaction, wish("a", photos=3), replace(wish("b"), chat=there))
        await add(transaction, wish("c", BEN), now=NOW - timedelta(minutes=5))
        assert await jobs.count_waiting() == 5
        assert await jobs.count_waiting(ANN) == 4
        assert await jobs.count_waiting(ANN, there) == 1
        assert await jobs.count_waiting(chat=HERE) == 4
        minute_ago = NOW - timedelta(minutes=1)
        assert await jobs.count_since(minute_ago, ANN) == 4
        assert await jobs.count_since(minute_ago, ANN, HERE) == 3
        assert await jobs.count_since(minute_ago, BEN) == 0
        assert await jobs.cancel_all(BEN, NOW) == 1
        assert await jobs.sweep(NOW - timedelta(minutes=6)) == 0
        assert await jobs.sweep(NOW) == 1
        assert await jobs.forget(ANN) == 2
        assert await jobs.count_waiting() == 0


async def test_workers_side_by_side_take_every_job_once(database: Database):
    async with database.writing() as transaction:
        await add(transaction, *(wish(str(n), UserKey("t", str(n % 9))) for n in range(60)))
    taken: list[int] = []

    async def work(name: str) -> None:
        while True:
            async with database.writing() as transaction:
                job = await transaction.jobs.claim(name, NOW, LEASE, 99)
            if job is None:
                return
            taken.append(job.id)

    await asyncio.gather(*(work(f"w{n}") for n in range(6)))
    assert len(taken) == len(set(taken)) == 60


async def test_the_same_request_twice_at_once_is_one_job(database: Database):
    async def ask() -> bool:
        async with database.writing() as transaction:
            await transaction.jobs.lock(ANN)
            return (await transaction.jobs.add(wish("same"), NOW))[1]

    assert sorted(await asyncio.gather(*(ask() for _ in range(5)))) == [False] * 4 + [True]


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), None)  # type: ignore[arg-type] # noqa: DTZ001


async def test_of_one_chat_so_many_are_in_work_and_others_go_on(database: Database):
    there = ChatKey("telegram", "-20")
    people = [UserKey("telegram", str(number)) for number in range(5)]
    async with database.writing() as transaction:
        await add(transaction, *(wish(f"here {user.id}", user) for user in people))
        await add(transaction, replace(wish("there", BEN), chat=there))

    async def take(*but: int) -> Job | None:
        async with database.writing() as transaction:
            return await transaction.jobs.claim("w", NOW, LEASE, 99, running_per_chat=2, but=but)

    first, second, other = [await take() for _ in range(3)]
    assert first
    assert second
    assert other
    assert [job.wanted.chat for job in (first, second, other)] == [HERE, HERE, there]
    assert await take() is None
    async with database.writing() as transaction:
        await transaction.jobs.painted(first.id, "w", NOW)
    # What waits to be delivered is in work, too.
    assert await take() is None
    async with database.writing() as transaction:
        await transaction.jobs.delivered(first.id, "w", {})
    waiting = await take()
    assert waiting
    # Whose lease ended is another's to take, unless it is still worked on here.
    async with database.writing() as transaction:
        later = NOW + 2 * LEASE
        left = await transaction.jobs.claim("v", later, LEASE, 99, but=[second.id, waiting.id])
    assert left
    assert left.id not in (second.id, waiting.id)


async def test_a_job_grows_as_long_as_nobody_works_on_it(database: Database):
    async with database.writing() as transaction:
        (job,) = await add(transaction, wish("a"))
        more = wish("a", photos=3).photos
        grown = await transaction.jobs.grow(job, more)
        assert grown.wanted.photos == more
        assert await transaction.jobs.count_waiting() == 3
        await claim(transaction)
        assert (await transaction.jobs.grow(job, more[:1])).wanted.photos == more

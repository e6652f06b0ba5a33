"""The queue on a fake device: what runs together, in which order, and that no one is lost."""

import asyncio
import math
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.api.contract import Priority
from engine.api.errors import (
    DeadlineError,
    EngineBusyError,
    QueueError,
    ShuttingDownError,
    TooManyRequestsError,
)
from engine.serving.batcher import Batcher, BatchLimits
from tests.waiting import until

pytestmark = pytest.mark.anyio

PIXELS = 1_000_000


class Device:
    """Notes its batches; waits at a gate before each, so that a test decides what is running."""

    def __init__(self, *, open_: bool = True) -> None:
        self.batches: list[list[Any]] = []
        self.gate = threading.Semaphore(1_000_000 if open_ else 0)
        self.started = threading.Semaphore(0)
        self.fail: Callable[[Sequence[Any]], None] = lambda items: None

    def __call__(self, items: Sequence[Any]) -> list[Any]:
        self.batches.append(list(items))
        self.started.release()
        assert self.gate.acquire(timeout=10)
        self.fail(items)
        return [(item, "done") for item in items]

    async def running(self) -> None:
        """Until the next batch has begun."""
        assert await asyncio.to_thread(self.started.acquire, timeout=10)

    async def has_begun(self, batches: int) -> None:
        """Until so many more batches have begun."""
        for _ in range(batches):
            await self.running()

    def let(self, batches: int = 1_000_000) -> None:
        self.gate.release(batches)


def put(
    batcher: Batcher[Any, Any], *items: Any, key: object = 0, cost_px: int = PIXELS, **more: Any
) -> list["asyncio.Task[Any]"]:
    return [
        asyncio.create_task(batcher.submit(item, key=key, cost_px=cost_px, **more))
        for item in items
    ]


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def outcome(waiting: Awaitable[Any]) -> Any:
    try:
        return await waiting
    except QueueError as error:
        return error


async def test_an_idle_device_starts_at_once_and_what_gathers_meanwhile_runs_together():
    device = Device(open_=False)
    batcher = Batcher(device, BatchLimits(batch_items=3, window_s=5))
    first = put(batcher, "a")
    await device.running()
    rest = put(batcher, "b", "c", "d", "e")
    await settle()
    assert batcher.state().waiting == 4
    assert batcher.state().running == 1
    device.let()
    await asyncio.gather(*first, *rest[:3])
    assert device.batches == [["a"], ["b", "c", "d"]]
    await batcher.close()
    assert await rest[3] == ("e", "done")


async def test_right_after_a_batch_the_window_waits_for_company():
    device = Device()
    batcher = Batcher(device, BatchLimits(batch_items=2, window_s=5))
    await asyncio.gather(*put(batcher, "a"))
    await asyncio.gather(*put(batcher, "b"), *put(batcher, "c"))
    assert device.batches == [["a"], ["b", "c"]]
    await batcher.close()


async def test_keys_never_mix_and_the_oldest_deadline_chooses():
    device = Device(open_=False)
    batcher = Batcher(device)
    waiting = put(batcher, "first")
    await device.running()
    for user, key, timeout_s in (
        ("x", "L", 60),
        ("y", "S", 20),
        ("z", "L", 50),
        ("w", "S", 90),
    ):
        waiting += put(batcher, key + user, key=key, user=user, timeout_s=timeout_s)
    await settle()
    device.let()
    await asyncio.gather(*waiting)
    assert device.batches == [["first"], ["Sy", "Sw"], ["Lx", "Lz"]]
    await batcher.close()


async def test_a_batch_has_room_for_so_many_pixels_and_a_giant_runs_alone():
    device = Device(open_=False)
    batcher = Batcher(device, BatchLimits(batch_px=2 * PIXELS))
    waiting = put(batcher, "first")
    await device.running()
    waiting += put(batcher, "giant", cost_px=9 * PIXELS, user="g", timeout_s=100)
    waiting += put(batcher, "a", "b", "c", user="u")
    await settle()
    device.let()
    await asyncio.gather(*waiting)
    assert device.batches == [["first"], ["giant"], ["a", "b"], ["c"]]
    await batcher.close()


async def closed_loop(
    batcher: Batcher[Any, Any], user: str, cost_px: int, served: Counter[str]
) -> None:
    """Have one item in the queue at a time, for as long as it takes."""
    while True:
        await batcher.submit(user, key=0, cost_px=cost_px, user=user)
        served[user] += cost_px


@pytest.mark.parametrize("large_px", [3 * PIXELS, 51 * PIXELS])
@pytest.mark.parametrize("batch_items", [1, 4])
async def test_one_large_item_at_a_time_is_no_way_past_the_others(large_px: int, batch_items: int):
    """Who keeps one large item inside gets no more than who keeps many small ones waiting."""

    limits = BatchLimits(batch_items=batch_items, quantum_px=PIXELS // 2)
    device = Device()
    batcher = Batcher(device, limits, clock=lambda: 0.0)
    served: Counter[str] = Counter()
    callers = [asyncio.create_task(closed_loop(batcher, "large", large_px, served))]
    # Enough of them that some wait whenever a batch is formed.
    callers += [
        asyncio.create_task(closed_loop(batcher, "small", PIXELS, served))
        for _ in range(4 * batch_items)
    ]
    await device.has_begun(400)
    # One item that was begun before its turn was used up, and one that runs.
    assert served["large"] <= served["small"] + 2 * large_px
    # And they come in their turn: at most every other batch has one.
    assert served["large"] >= served["small"] / 3 - 2 * large_px
    assert served["large"] > 0
    for caller in callers:
        caller.cancel()
    await asyncio.gather(*callers, return_exceptions=True)
    await batcher.close()


@pytest.mark.parametrize(("later_s", "first"), [(1.0, "small"), (61.0, "large")])
async def test_a_debt_is_forgotten_after_a_minute(later_s: float, first: str):
    now_s = 0.0
    device = Device()
    batcher = Batcher(device, BatchLimits(batch_items=1), clock=lambda: now_s)
    await asyncio.gather(*put(batcher, "before", cost_px=51 * PIXELS, user="large"))
    await device.running()
    now_s = later_s
    device.gate = threading.Semaphore(0)
    waiting = put(batcher, "other", user="other")
    await device.running()
    waiting += put(batcher, "large", user="large", timeout_s=100)
    waiting += put(batcher, "small", user="small", timeout_s=200)
    await settle()
    device.let()
    await asyncio.gather(*waiting)
    assert device.batches[2] == [first]
    await batcher.close()


@pytest.mark.parametrize("key", ["same", "other"])
async def test_who_floods_the_queue_keeps_no_one_waiting(key: str):
    device = Device(open_=False)
    limits = BatchLimits(batch_items=4, queued_items_per_user=200)
    batcher = Batcher(device, limits)
    flood = put(batcher, *range(200), key="same", user="flooder")
    await device.running()
    (second,) = put(batcher, "one", key=key, user="guest")
    await settle()
    device.let()
    await second
    place = next(i for i, batch in enumerate(device.batches) if "one" in batch)
    assert place <= 2
    await asyncio.gather(*flood)
    await batcher.close()


async def test_bulk_work_gets_its_turn_but_rarely():
    device = Device(open_=False)
    batcher = Batcher(device, BatchLimits(batch_items=1))
    waiting = put(batcher, "first")
    await device.running()
    priorities: tuple[Priority, ...] = ("interactive", "bulk")
    for priority in priorities:
        waiting += put(batcher, *[priority] * 18, user="u" + priority, priority=priority)
    await settle()
    device.let()
    await asyncio.gather(*waiting)
    order = [batch[0] for batch in device.batches[1:]]
    assert order[:18].count("bulk") in (1, 2, 3)
    await batcher.close()


async def test_the_bounds_are_told_at_once_with_a_time_to_come_back():
    device = Device(open_=False)
    limits = BatchLimits(queued_items=5, queued_items_per_user=3, speed_px_per_s=PIXELS / 2)
    batcher = Batcher(device, limits)
    waiting = put(batcher, "runs", user="a")
    await device.running()
    waiting += put(batcher, 1, 2, 3, user="a")
    await settle()
    refused = await outcome(batcher.submit(4, key=0, cost_px=PIXELS, user="a"))
    assert isinstance(refused, TooManyRequestsError)
    assert refused.retry_after_s == pytest.approx(8)  # four pictures, two seconds each
    in_a_hurry = batcher.submit(5, key=0, cost_px=PIXELS, user="b", timeout_s=7.5)
    assert isinstance(await outcome(in_a_hurry), EngineBusyError)
    waiting += put(batcher, 6, 7, user="b", timeout_s=100)
    await settle()
    refused = await outcome(batcher.submit(8, key=0, cost_px=PIXELS, user="c"))
    assert isinstance(refused, EngineBusyError)
    device.let()
    assert [item for item, _ in await asyncio.gather(*waiting)] == ["runs", 1, 2, 3, 6, 7]
    await batcher.close()


async def test_a_deadline_does_not_wait_for_the_running_batch():
    device = Device(open_=False)
    batcher = Batcher(device, BatchLimits(speed_px_per_s=1e12))
    waiting = put(batcher, "runs")
    await device.running()
    (late,) = put(batcher, "late", timeout_s=0.02)
    assert isinstance(await outcome(late), DeadlineError)
    assert batcher.state().waiting == 0
    device.let()
    await asyncio.gather(*waiting)
    await batcher.close()
    assert device.batches == [["runs"]]


async def test_a_caller_who_is_gone_costs_no_work():
    device = Device(open_=False)
    batcher = Batcher(device)
    waiting = put(batcher, "runs", "gone", "stays", user="u")
    await device.running()
    running, gone, stays = waiting
    # All three came before the device could begin, so they may run as one or two batches.
    (later,) = put(batcher, "later")
    await settle()
    later.cancel()
    gone.cancel()
    await settle()
    device.let()
    assert await running == ("runs", "done")
    assert await stays == ("stays", "done")
    await batcher.close()
    assert "later" not in [item for batch in device.batches for item in batch]


async def test_a_bad_item_fails_alone():
    device = Device(open_=False)

    def fail(items: Sequence[Any]) -> None:
        if "bad" in items:
            raise ValueError("bad picture")

    device.fail = fail
    batcher = Batcher(device)
    waiting = put(batcher, "first")
    await device.running()
    waiting += put(batcher, "a", "bad", "b")
    await settle()
    device.let()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [r if isinstance(r, tuple) else str(r) for r in results] == [
        ("first", "done"), ("a", "done"), "bad picture", ("b", "done"),
    ]  # fmt: skip
    await batcher.close()


async def test_too_large_a_batch_is_halved():
    device = Device(open_=False)

    def fail(items: Sequence[Any]) -> None:
        if len(items) > 2:
            raise MemoryError

    device.fail = fail
    batcher = Batcher(device)
    waiting = put(batcher, "first")
    await device.running()
    waiting += put(batcher, *"abcd")
    await settle()
    device.let()
    await asyncio.gather(*waiting)
    assert device.batches[1:] == [["a", "b", "c", "d"], ["a", "b"], ["c", "d"]]
    await batcher.close()


async def test_a_device_that_answers_with_too_few_results_loses_no_one():
    batcher: Batcher[str, str] = Batcher(lambda items: [])
    (waiting,) = put(batcher, "a")
    with pytest.raises(ValueError, match="zip"):
        await waiting
    await batcher.close()


async def test_closing_finishes_what_waits_and_takes_nothing_new():
    device = Device(open_=False)
    batcher = Batcher(device)
    waiting = put(batcher, "runs")
    await device.running()
    waiting += put(batcher, "waits")
    await settle()
    closing = asyncio.create_task(batcher.close())
    await settle()
    refused = await outcome(batcher.submit("new", key=0, cost_px=1))
    assert isinstance(refused, ShuttingDownError)
    device.let()
    assert len(await asyncio.gather(*waiting)) == 2
    await closing


async def test_an_unused_batcher_closes():
    await Batcher(Device()).close()


async def test_the_speed_is_learnt():
    device = Device()
    batcher = Batcher(device, BatchLimits(speed_px_per_s=1.0))
    for _ in range(20):
        await asyncio.gather(*put(batcher, "a"))
    assert batcher._speed_px_per_s > PIXELS
    await batcher.close()


async def test_workers_run_side_by_side_and_no_more_than_there_are():
    device = Device(open_=False)
    limits = BatchLimits(workers=2, batch_items=1, speed_px_per_s=1.0)
    batcher = Batcher(device, limits)
    waiting = put(batcher, "a", "b", "c", user="u")
    await device.running()
    await device.running()
    assert batcher.state().running == 2
    assert not await asyncio.to_thread(device.started.acquire, timeout=0.05)
    device.let(1)
    await device.running()
    device.let()
    assert sorted(await asyncio.gather(*waiting)) == [(item, "done") for item in "abc"]
    await batcher.close()
    assert device.batches[2:] == [["c"]]
    assert batcher.state().running == 0


async def test_two_workers_are_twice_as_fast():
    """Each of two batches side by side takes as long as one alone: twice the pixels a second."""

    async def speed(workers: int) -> float:
        barrier = threading.Barrier(workers)
        now_s = 0

        def run(items: Sequence[str]) -> Sequence[str]:
            nonlocal now_s
            if barrier.wait(timeout=10) == 0:
                now_s += 1
            barrier.wait(timeout=10)
            return items

        limits = BatchLimits(workers=workers, batch_items=1, speed_px_per_s=1.0)
        batcher = Batcher(run, limits, clock=lambda: now_s)
        for _ in range(20):
            await asyncio.gather(*put(batcher, *range(workers)))
        await batcher.close()
        return batcher._speed_px_per_s

    assert await speed(2) > 1.3 * await speed(1)


@st.composite
def requests(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Callers of all kinds: in a hurry, soon gone, flooding, each with its own number."""
    kinds = st.fixed_dictionaries(
        {
            "user": st.sampled_from("abc"),
            "priority": st.sampled_from(["interactive", "bulk"]),
            "key": st.integers(0, 2),
            "cost_px": st.integers(1, 4),
            "timeout_s": st.sampled_from([math.inf, 0.001]),
        }
    )
    return draw(st.lists(kinds, min_size=1, max_size=40))


class Journal(Device):
    """Also notes when each item first ran, and cannot stand one of them."""

    def __init__(self, bad: int) -> None:
        super().__init__()
        self.began: dict[int, float] = {}
        self._bad = bad
        self.fail = self._note

    def _note(self, items: Sequence[Any]) -> None:
        for number, _ in items:
            self.began.setdefault(number, time.monotonic())
        if any(number == self._bad for number, _ in items):
            raise ValueError("bad")


async def crowd(
    callers: list[dict[str, Any]], gone: set[int], device: Journal, window_s: float, workers: int
) -> tuple[list[Any], dict[int, float]]:
    """Let everyone call; returns what each heard and when."""
    limits = BatchLimits(
        batch_px=4, batch_items=3, window_s=window_s, quantum_px=2, queued_items=30,
        queued_items_per_user=20, speed_px_per_s=1e12, workers=workers,
    )  # fmt: skip
    batcher = Batcher(device, limits)
    heard: dict[int, float] = {}

    async def call(number: int, caller: dict[str, Any]) -> Any:
        try:
            return await batcher.submit((number, caller["key"]), **caller)
        finally:
            heard[number] = time.monotonic()

    calls = []
    for number, caller in enumerate(callers):
        calls.append(asyncio.create_task(call(number, caller)))
        if number % 5 == 0:
            await asyncio.sleep(0)
    for number in gone & set(range(len(calls))):
        calls[number].cancel()
    results = await asyncio.gather(*calls, return_exceptions=True)
    await batcher.close()
    assert batcher.state().waiting == batcher.state().running == 0
    return results, heard


def check_answer(number: int, caller: dict[str, Any], answer: Any, bad: int) -> None:
    if isinstance(answer, tuple):
        assert answer == ((number, caller["key"]), "done")
    elif isinstance(answer, ValueError):
        assert number == bad
    else:
        assert isinstance(answer, QueueError | asyncio.CancelledError)


@settings(max_examples=60, deadline=None)
@given(
    callers=requests(),
    gone=st.sets(st.integers(0, 39), max_size=8),
    bad=st.integers(0, 60),
    window_s=st.sampled_from([0.0, 0.002]),
    workers=st.integers(1, 3),
)
def test_no_result_is_lost_doubled_or_anothers(
    callers: list[dict[str, Any]], gone: set[int], bad: int, window_s: float, workers: int
):
    """In any order: each caller gets one answer, to its own item, and no expired item starts."""
    device = Journal(bad)
    answers, heard = asyncio.run(crowd(callers, gone, device, window_s, workers))
    for number, (caller, answer) in enumerate(zip(callers, answers, strict=True)):
        check_answer(number, caller, answer, bad)
    for number, began in device.began.items():
        # Cancelling and expiring are heard of in the event loop's next turn.
        assert began <= heard[number] + 0.05
    ran = [number for batch in device.batches for number, _ in batch]
    assert len(ran) == len(set(ran)) or bad in ran
    for batch in device.batches:
        assert len({key for _, key in batch}) == 1
        assert len(batch) <= 3


async def test_bulk_work_leaves_a_worker_free_for_who_waits():
    """Of two workers bulk work has one; an interactive item need not wait until it is done."""

    gates = {name: threading.Event() for name in ("bulk", "person")}
    begun: list[str] = []

    def run(items: Sequence[str]) -> list[str]:
        begun.extend(items)
        gates[items[0]].wait(20)
        return list(items)

    batcher: Batcher[str, str] = Batcher(run, BatchLimits(batch_items=1, workers=2))
    bulk = [
        asyncio.create_task(batcher.submit("bulk", key=0, cost_px=1, user="a", priority="bulk"))
        for _ in range(3)
    ]
    await until(lambda: begun)
    await settle()
    assert begun == ["bulk"]
    person = asyncio.create_task(batcher.submit("person", key=0, cost_px=1, user="b"))
    await until(lambda: len(begun) == 2)
    assert begun == ["bulk", "person"]
    gates["person"].set()
    assert await person == "person"
    assert not any(task.done() for task in bulk)
    gates["bulk"].set()
    assert await asyncio.gather(*bulk) == ["bulk"] * 3
    await batcher.close()
    assert batcher.state().running == 0


@pytest.mark.skipif(sys.platform != "linux", reason="threads have priorities of their own on Linux")
async def test_bulk_work_alone_leaves_the_processor_to_others():
    niceness: dict[str, int] = {}

    def run(items: Sequence[str]) -> list[str]:
        own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
        niceness["+".join(items)] = own
        return list(items)

    batcher: Batcher[str, str] = Batcher(run, BatchLimits(workers=2))

    def ask(name: str, priority: Priority) -> asyncio.Task[str]:
        return asyncio.create_task(
            batcher.submit(name, key=0, cost_px=1, user=name, priority=priority)
        )

    await ask("bulk", "bulk")
    await ask("person", "interactive")
    # Who shares a batch with a person is as fast as the person.
    await asyncio.gather(ask("a", "interactive"), ask("b", "bulk"))
    await batcher.close()

    usual = os.getpriority(os.PRIO_PROCESS, 0)
    assert niceness == {"bulk": max(usual, 10), "person": usual, "a+b": usual}

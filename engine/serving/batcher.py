"""A bounded, fair queue in front of one device.

Independent of torch and pictures: it gathers items of one key into batches, runs these on one or
more threads, and gives each caller its own result.

- Items of one `key` may share a batch. The key served next is that of the oldest deadline among
  those whose turn it is, never the fullest bucket.
- Turns are given by deficit round robin (Shreedhar and Varghese 1996, doi:10.1109/90.502236) over
  users, in pixels: a flood delays only its own sender. Room left in a batch is filled with
  anyone's items of its key; these count, too.
- A user's debt is kept when the user has no waiting items, until others have had as much or some
  time has passed. Otherwise one large item at a time would be served before everything else.
- With several workers, bulk work never takes the last one: an interactive item finds one free,
  and shares the device instead of waiting for a batch to end. A batch of only bulk work runs on a
  low-priority thread, where the system has them.
- The queue is limited in total and per user. An item that cannot be done before its deadline is
  refused at once, with the time after which to retry.
- A deadline expires on its own timer, not when the running batch ends. If a caller leaves, its
  item is removed from the queue; if it already runs, its result is dropped.
"""

import asyncio
import contextlib
import math
import os
import sys
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from cachetools import TTLCache

from engine.api.contract import Priority, QueueState
from engine.api.errors import (
    DeadlineError,
    EngineBusyError,
    ShuttingDownError,
    TooManyRequestsError,
)

Item = TypeVar("Item")
Result = TypeVar("Result")
Answer = TypeVar("Answer")

# How much faster an interactive user's turn comes round than one of bulk work.
_PRIORITY_WEIGHTS: Final[dict[Priority, float]] = {"interactive": 8.0, "bulk": 1.0}
# How much bulk work leaves to others, on threads here and in worker processes elsewhere, 0 to 19.
BULK_NICENESS: Final = 10
# How long, and of how many users, it is remembered that they had more than their share.
_DEBT_S: Final = 60.0
_DEBTORS: Final = 4096
# Weight of the newest batch in the measured speed.
_SPEED_SMOOTHING: Final = 0.2


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """Limits of the queue and of batches.

    Attributes:
        batch_px: Pixels in one batch; a single larger item runs alone.
        batch_items: Items in one batch.
        workers: Batches that run at once.
        queued_items: Items that may wait in all.
        queued_items_per_user: Items of one user that may wait.
        window_s: How long a batch that is not full waits for more items, only right after another
            batch; an idle device never waits.
        quantum_px: Pixels a user may have served per turn.
        speed_px_per_s: Speed assumed until the first batch is measured.
    """

    batch_px: int = 8_000_000
    batch_items: int = 16
    workers: int = 1
    queued_items: int = 256
    queued_items_per_user: int = 32
    window_s: float = 0.0
    quantum_px: int = 1_000_000
    speed_px_per_s: float = 1_000_000.0


@dataclass(eq=False, slots=True)
class _Entry(Generic[Item, Result]):
    item: Item
    key: object
    cost_px: int
    priority: Priority
    deadline: float
    result: asyncio.Future[Result]
    timer: asyncio.TimerHandle | None = None


@dataclass(eq=False, slots=True)
class _Flow(Generic[Item, Result]):
    """One user's waiting items of one priority, in order of arrival, and the user's deficit.

    Attributes:
        priority: As the engine's requests have it.
        quantum_px: Pixels per turn.
        deficit_px: Pixels left of the turn; negative when the user has had more.
        entries: The waiting items.
    """

    priority: Priority
    quantum_px: float
    deficit_px: float
    entries: list[_Entry[Item, Result]] = field(default_factory=list)


class Batcher(Generic[Item, Result]):
    """Runs items in batches on one device. All methods are for one event loop's thread.

    Attributes:
        limits: The bounds.
        batches_run: Batches finished with results so far.
        items_run: Items in them.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Item]], Sequence[Result]],
        limits: BatchLimits | None = None,
        *,
        out_of_memory: tuple[type[Exception], ...] = (MemoryError,),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start with an empty queue.

        Args:
            run: Turns items of one key into as many results, in order. Called on a separate
                thread, at most `limits.workers` times at once.
            limits: The bounds.
            out_of_memory: Exception that `run` raises if a batch is too large for the device.
            clock: Returns seconds, for measuring speed and ageing debts.
        """
        self._run = run
        self._clock = clock
        self.limits = limits or BatchLimits()
        self._out_of_memory = out_of_memory
        self._flows: OrderedDict[tuple[Priority, str], _Flow[Item, Result]] = OrderedDict()
        # Rounds so far. A user without waiting items pays off a debt as if present.
        self._rounds: Counter[Priority] = Counter()
        # The negative deficit, and the round at which it was stored.
        self._debts: TTLCache[tuple[Priority, str], tuple[float, int]] = TTLCache(
            _DEBTORS, _DEBT_S, timer=clock
        )
        self._running: list[_Entry[Item, Result]] = []
        self._busy_workers = 0
        self.batches_run = self.items_run = 0
        self._speed_px_per_s = self.limits.speed_px_per_s
        self._threads: dict[Priority, ThreadPoolExecutor] = {
            "interactive": ThreadPoolExecutor(self.limits.workers, "device"),
            "bulk": ThreadPoolExecutor(self.limits.workers, "device-bulk", _lower_priority),
        }
        self._arrived = asyncio.Event()
        self._closing = False
        self._serving: list[asyncio.Task[None]] = []

    async def submit(
        self,
        item: Item,
        *,
        key: object,
        cost_px: int,
        user: str = "",
        priority: Priority = "interactive",
        timeout_s: float = math.inf,
    ) -> Result:
        """Queue an item and wait for its result.

        Args:
            item: Passed to `run`.
            key: Items of equal keys may share a batch.
            cost_px: Cost of the item, in pixels.
            user: The user to count it for.
            priority: "bulk" has an eighth of the turns.
            timeout_s: Seconds from now until the item is dropped with DeadlineError.

        Raises:
            ShuttingDownError: the batcher is closing.
            TooManyRequestsError: too many of this user's items are waiting.
            EngineBusyError: the queue is full, or too long for `timeout_s`.
            DeadlineError: `timeout_s` has passed.
            Exception: what `run` raised for this item.
        """
        self._refuse_early(user, timeout_s)
        loop = asyncio.get_running_loop()
        entry = _Entry(item, key, cost_px, priority, loop.time() + timeout_s, loop.create_future())
        if timeout_s < math.inf:
            entry.timer = loop.call_at(entry.deadline, self._expire, entry)
        self._flow(priority, user).entries.append(entry)
        self._arrived.set()
        if not self._serving:
            self._serving = [loop.create_task(self._serve()) for _ in range(self.limits.workers)]
        try:
            result: Result = await entry.result
        finally:
            self._forget(entry)
        return result

    def state(self) -> QueueState:
        """The number of waiting and running items, and the predicted wait in seconds."""
        waiting = sum(len(flow.entries) for flow in self._flows.values())
        return QueueState(waiting, len(self._running), self.wait_s())

    def wait_s(self, more_px: int = 0) -> float:
        """Predicted seconds until everything queued, plus `more_px`, is done."""
        waiting = (entry for flow in self._flows.values() for entry in flow.entries)
        pixels = more_px + sum(entry.cost_px for entry in (*waiting, *self._running))
        return pixels / self._speed_px_per_s

    async def run_alone(self, work: Callable[[], Answer]) -> Answer:
        """Run something else on a worker's thread, between two batches."""
        return await asyncio.get_running_loop().run_in_executor(self._threads["interactive"], work)

    async def close(self) -> None:
        """Refuse new items, finish the waiting ones, and stop."""
        self._closing = True
        self._arrived.set()
        await asyncio.gather(*self._serving)
        for threads in self._threads.values():
            threads.shutdown()

    def _refuse_early(self, user: str, timeout_s: float) -> None:
        if self._closing:
            raise ShuttingDownError("The engine is shutting down; try again shortly.")
        state = self.state()
        own = sum(len(flow.entries) for (_, name), flow in self._flows.items() if name == user)
        if own >= self.limits.queued_items_per_user:
            raise TooManyRequestsError(
                f"{own} of your pictures are waiting already; try again when some are done.",
                retry_after_s=state.wait_s,
            )
        if state.waiting >= self.limits.queued_items or state.wait_s > timeout_s:
            raise EngineBusyError(
                f"{state.waiting} pictures are waiting; try again in a moment.",
                retry_after_s=state.wait_s,
            )

    def _flow(self, priority: Priority, user: str) -> _Flow[Item, Result]:
        """A user's flow; a user without debt has the next turn."""
        if (priority, user) not in self._flows:
            weight = _PRIORITY_WEIGHTS[priority] / _PRIORITY_WEIGHTS["interactive"]
            quantum_px = weight * self.limits.quantum_px
            debt_px, then = self._debts.pop((priority, user), (quantum_px, 0))
            deficit_px = debt_px + (self._rounds[priority] - then) * quantum_px
            self._flows[priority, user] = _Flow(priority, quantum_px, min(quantum_px, deficit_px))
        return self._flows[priority, user]

    def _expire(self, entry: _Entry[Item, Result]) -> None:
        if not entry.result.done():
            entry.result.set_exception(DeadlineError("The picture was not ready in time."))

    def _forget(self, entry: _Entry[Item, Result]) -> None:
        """Remove an entry from the queue if it still waits; running ones continue."""
        if entry.timer:
            entry.timer.cancel()
        for flow in self._flows.values():
            with contextlib.suppress(ValueError):
                flow.entries.remove(entry)

    async def _serve(self) -> None:
        """One worker's loop."""
        while True:
            batch = self._next_batch()
            if not batch:
                if self._closing and not self._flows:
                    return
                self._arrived.clear()
                await self._arrived.wait()
                continue
            self._busy_workers += 1
            self._running += batch
            await self._run_batch(batch)
            self._running = [entry for entry in self._running if entry not in batch]
            self._busy_workers -= 1
            # Another worker may have left bulk work alone because of this one.
            self._arrived.set()
            if self.limits.window_s:
                await self._wait_for_company()

    async def _wait_for_company(self) -> None:
        """After a batch, wait up to `window_s` for answered callers to send their next item."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self.limits.window_s
        while self.state().waiting < self.limits.batch_items and not self._closing:
            self._arrived.clear()
            try:
                async with asyncio.timeout_at(end):
                    await self._arrived.wait()
            except TimeoutError:
                return

    def _next_batch(self) -> list[_Entry[Item, Result]]:
        """Choose the next batch and remove it from the queue."""
        self._drop_finished()
        flows = self._open_flows()
        if not flows:
            return []
        turn = self._deal_turns(flows)
        first = min((flow.entries[0] for flow in turn), key=lambda entry: entry.deadline)
        batch: list[_Entry[Item, Result]] = []
        # Users whose turn it is come first; then others, charged to their next turns.
        self._fill(batch, first, turn, on_account=False)
        self._fill(batch, first, flows, on_account=True)
        for name, flow in list(self._flows.items()):
            if flow in turn:
                self._flows.move_to_end(name)
        return batch

    def _open_flows(self) -> list[_Flow[Item, Result]]:
        """The flows that may be served now: no bulk work on the last free worker of several."""
        last = 0 < self._busy_workers == self.limits.workers - 1
        flows = self._flows.values()
        return [flow for flow in flows if not last or flow.priority == "interactive"]

    def _deal_turns(self, flows: Sequence[_Flow[Item, Result]]) -> list[_Flow[Item, Result]]:
        """The flows with deficit left in this round, or else all in the next one."""
        while True:
            turn = [flow for flow in flows if flow.deficit_px > 0]
            if turn:
                return turn
            self._rounds.update({flow.priority for flow in flows})
            for flow in flows:
                flow.deficit_px += flow.quantum_px

    def _fill(
        self,
        batch: list[_Entry[Item, Result]],
        first: _Entry[Item, Result],
        flows: Sequence[_Flow[Item, Result]],
        *,
        on_account: bool,
    ) -> None:
        """Add one entry of each flow in turn, while the batch has room."""
        taken = True
        while taken:
            taken = False
            for flow in flows:
                entry = self._fitting(flow, first, batch)
                if entry is None or not (on_account or flow.deficit_px > 0):
                    continue
                flow.entries.remove(entry)
                # A debt is at most one batch, or the user might never have a turn again.
                least_px = min(flow.deficit_px, -self.limits.batch_px) if on_account else -math.inf
                flow.deficit_px = max(flow.deficit_px - entry.cost_px, least_px)
                batch.append(entry)
                taken = True

    def _fitting(
        self,
        flow: _Flow[Item, Result],
        first: _Entry[Item, Result],
        batch: list[_Entry[Item, Result]],
    ) -> _Entry[Item, Result] | None:
        """A flow's next entry with the batch's key, if the batch has room for it."""
        entry = next((entry for entry in flow.entries if entry.key == first.key), None)
        if entry is None or len(batch) == self.limits.batch_items:
            return None
        cost_px = sum(taken.cost_px for taken in batch) + entry.cost_px
        return entry if cost_px <= self.limits.batch_px or not batch else None

    def _drop_finished(self) -> None:
        """Remove expired and abandoned entries, and flows without entries."""
        now = asyncio.get_running_loop().time()
        for name, flow in list(self._flows.items()):
            for entry in flow.entries:
                # A busy event loop may be late with the timer.
                if entry.deadline <= now:
                    self._expire(entry)
            flow.entries = [entry for entry in flow.entries if not entry.result.done()]
            if not flow.entries:
                del self._flows[name]
                if flow.deficit_px < 0:
                    self._debts[name] = flow.deficit_px, self._rounds[flow.priority]

    async def _run_batch(self, batch: list[_Entry[Item, Result]]) -> None:
        """Give every entry its result or error; a failed batch of several is split."""
        loop = asyncio.get_running_loop()
        started = self._clock()
        bulk = all(entry.priority == "bulk" for entry in batch)
        threads = self._threads["bulk" if bulk else "interactive"]
        try:
            results = await loop.run_in_executor(
                threads, self._run, [entry.item for entry in batch]
            )
            answered = list(zip(batch, results, strict=True))
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to a caller
            await self._run_apart(batch, error)
            return
        self.batches_run += 1
        self.items_run += len(batch)
        self._learn_speed(batch, (self._clock() - started) / self._busy_workers)
        for entry, result in answered:
            if not entry.result.done():
                entry.result.set_result(result)

    async def _run_apart(self, batch: list[_Entry[Item, Result]], error: Exception) -> None:
        if len(batch) == 1:
            (entry,) = batch
            if not entry.result.done():
                entry.result.set_exception(error)
            return
        # After running out of memory, run halves; after other errors, items one by one.
        halves = isinstance(error, self._out_of_memory)
        size = (len(batch) + 1) // 2 if halves else 1
        for start in range(0, len(batch), size):
            await self._run_batch(batch[start : start + size])

    def _learn_speed(self, batch: Sequence[_Entry[Item, Result]], seconds: float) -> None:
        pixels = sum(entry.cost_px for entry in batch)
        measured = pixels / max(seconds, 1e-6)
        self._speed_px_per_s += _SPEED_SMOOTHING * (measured - self._speed_px_per_s)


def _lower_priority() -> None:
    """Lower the priority of this thread and those it starts; works on Linux only."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BULK_NICENESS)

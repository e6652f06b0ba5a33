"""Rounds: again after a failure, and an end when cancelled, whatever the work makes of that."""

import asyncio
from datetime import timedelta

import pytest

from bots.core.common.periodic import repeat

pytestmark = pytest.mark.anyio


async def test_what_fails_is_tried_again(caplog: pytest.LogCaptureFixture):
    rounds, enough = [], asyncio.Event()

    async def work() -> None:
        rounds.append(1)
        if len(rounds) == 1:
            raise OSError("away")
        enough.set()

    task = asyncio.create_task(repeat(work, timedelta(0), "it failed", at_once=True))
    await asyncio.wait_for(enough.wait(), 5)
    task.cancel()
    await asyncio.wait_for(asyncio.wait([task]), 5)
    assert task.cancelled()
    assert "it failed" in caplog.text


async def test_a_cancellation_that_the_work_makes_an_error_of_is_one():
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            raise ValueError("no active connection") from None

    task = asyncio.create_task(repeat(work, timedelta(0), "it failed"))
    await asyncio.wait_for(begun.wait(), 5)
    task.cancel()
    await asyncio.wait([task], timeout=5)
    assert task.cancelled()

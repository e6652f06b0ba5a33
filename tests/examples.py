"""Property tests in a scene that is being played."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

T = TypeVar("T")


async def examples(
    strategy: SearchStrategy[T], check: Callable[[T], Awaitable[None]], count: int
) -> None:
    """Let hypothesis look for an example that fails; all of them run in this event loop.

    Args:
        strategy: What examples are drawn from.
        check: Raises for one that fails.
        count: How many are tried; they are the same in every run.
    """
    loop = asyncio.get_running_loop()

    async def checked(drawn: T) -> None:
        await check(drawn)

    @settings(
        max_examples=count, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate],
    )  # fmt: skip
    @given(strategy)
    def search(drawn: T) -> None:
        asyncio.run_coroutine_threadsafe(checked(drawn), loop).result(120)

    await asyncio.to_thread(search)

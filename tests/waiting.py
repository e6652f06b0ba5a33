"""Waiting for what nothing tells."""

import asyncio
import time
from collections.abc import Callable
from typing import Any


async def until(
    condition: Callable[[], Any], timeout_s: float = 20.0, what: Callable[[], object] = str
) -> Any:
    """What a condition gives once it gives something."""
    ends = time.monotonic() + timeout_s
    while not (found := condition()):
        if time.monotonic() > ends:
            raise AssertionError(f"it did not come to that: {what()}")
        await asyncio.sleep(0.05)
    return found

"""Periodic work."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

logger = logging.getLogger(__name__)


async def repeat(
    work: Callable[[], Awaitable[object]],
    every: timedelta,
    complaint: str,
    *,
    at_once: bool = False,
) -> None:
    """Call something periodically until cancelled; failures are logged and retried next time.

    Args:
        work: The function.
        every: The pause between two calls.
        complaint: Log message for a failure.
        at_once: Whether to call it before the first pause.
    """
    if not at_once:
        await asyncio.sleep(every.total_seconds())
    while True:
        try:
            await work()
        except Exception as error:
            # If cancelled during a transaction, a closing store raises an error of its own.
            task = asyncio.current_task()
            if task and task.cancelling():
                raise asyncio.CancelledError from error
            logger.exception(complaint)
        await asyncio.sleep(every.total_seconds())

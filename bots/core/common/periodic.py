"""What is done periodically, beside everything else."""

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
    """Do something every so often, until cancelled; what fails is tried next time.

    Args:
        work: What.
        every: How long to wait in between.
        complaint: What the log says of a failure.
        at_once: Whether to begin with the work rather than with the wait.
    """
    if not at_once:
        await asyncio.sleep(every.total_seconds())
    while True:
        try:
            await work()
        except Exception as error:
            # Cancelled in the midst of a transaction, a store that is closing raises its own error.
            task = asyncio.current_task()
            if task and task.cancelling():
                raise asyncio.CancelledError from error
            logger.exception(complaint)
        await asyncio.sleep(every.total_seconds())

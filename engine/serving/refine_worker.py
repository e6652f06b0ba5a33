"""Refines a style in a separate low-priority process, beside an engine that paints.

A refinement takes minutes, and photos must not wait for it. So the process has its own networks,
uses the CPU even if photos are painted on a GPU, and has high niceness. It is cancelled by being
killed.
"""

import asyncio
import contextlib
import multiprocessing
import os
import signal
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from engine.api.contract import Refinement, StyleCode
from engine.api.errors import AlreadyRefiningError, DeadlineError, EngineError, TrainingError
from engine.media.files import read_picture
from engine.media.full_size import Pixels
from engine.media.images import Picture
from engine.painting.manifest import SAMPLE_PHOTOS, SHIPPED_CHECKPOINT

_NICENESS: Final = 10
_THREADS_MAX: Final = 2
# Seconds between two progress reports.
_SIGN_OF_LIFE_S: Final = 1.0
# Seconds for loading and measuring on a busy machine.
_GRACE_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class Search:
    """A style to refine.

    Attributes:
        code: The code to start from.
        references: Pictures in the style, each (h, w, 3) uint8.
        seconds: Duration of the search.
    """

    code: StyleCode
    references: Sequence[Pixels]
    seconds: float


class RefineWorker:
    """Refines one style at a time. Belongs to one event loop."""

    def __init__(
        self,
        weights: Path | None,
        checkpoint: Path = SHIPPED_CHECKPOINT,
        side_px: int = 0,
    ) -> None:
        """Start nothing yet; each search runs in a new process.

        Args:
            weights: Another perceptual network than the shipped one.
            checkpoint: The checkpoint whose codes are refined.
            side_px: Long side that paintings are measured at; 0 for the default.
        """
        self._side_px = side_px
        self._weights = weights
        self._checkpoint = checkpoint
        self._ends_at = 0.0
        self._closing = False
        self._free = asyncio.Event()
        self._free.set()

    @contextlib.contextmanager
    def turn(self, seconds: float) -> Iterator[None]:
        """Reserve the worker for the block.

        Raises:
            AlreadyRefiningError: another search is running; carries the seconds until its end.
        """
        if not self._free.is_set():
            left_s = max(1.0, self._ends_at - time.monotonic())
            raise AlreadyRefiningError(
                f"Another style is being refined; try again in {left_s:.0f} seconds.", left_s
            )
        self._free.clear()
        self._ends_at = time.monotonic() + seconds
        try:
            yield
        finally:
            self._free.set()

    async def run(self, search: Search) -> AsyncGenerator[float | Refinement, None]:
        """Yield the share of the time that has passed, at least once a second, and last the result.

        Closing the generator kills the process.

        Raises:
            DeadlineError: the search did not end in time because the machine is too busy.
            TrainingError: the process died.
            EngineError: as `engine.training.refine.Refiner` says.
        """
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=_work,
            name="refine",
            args=(theirs, self._weights, self._checkpoint, self._side_px),
            daemon=True,
        )
        process.start()
        # The child has its own copy; with this one open its death would go unnoticed.
        theirs.close()
        try:
            await asyncio.to_thread(ours.send, search)
            async for step in self._listen(ours, time.monotonic() + search.seconds + _GRACE_S):
                yield step
        except (EOFError, OSError) as error:
            raise TrainingError("The search for a better style broke off.") from error
        finally:
            process.kill()
            await asyncio.to_thread(process.join)

    async def _listen(
        self, ours: Connection, deadline: float
    ) -> AsyncGenerator[float | Refinement, None]:
        passed, told = 0.0, False
        while time.monotonic() < deadline:
            if self._closing and not told:
                ours.send("enough")
                told = True
            if await asyncio.to_thread(ours.poll, _SIGN_OF_LIFE_S):
                said = ours.recv()
                if isinstance(said, EngineError):
                    raise said
                if isinstance(said, Refinement):
                    yield said
                    return
                passed = said
            yield passed
        raise DeadlineError("The style could not be refined in time.")

    async def close(self) -> None:
        """Stop a running search early; it returns the best code so far."""
        self._closing = True
        await self._free.wait()


def _work(theirs: Connection, weights: Path | None, checkpoint: Path, side_px: int) -> None:
    """The process's main function: one search at high niceness."""
    # Ctrl-C is handled by the host, which then asks for the result.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_NICENESS)
    # Exit with the host.
    with contextlib.suppress(BrokenPipeError, EOFError):
        search: Search = theirs.recv()
        try:
            theirs.send(_refine(search, theirs, weights, checkpoint, side_px))
        except EngineError as error:
            theirs.send(error)


def _refine(
    search: Search, theirs: Connection, weights: Path | None, checkpoint: Path, side_px: int
) -> Refinement:
    # Imported here because the host itself does not train.
    import torch

    from engine.painting.perceptual import load_vgg16
    from engine.painting.stylizer import Stylizer
    from engine.training.quality import SIDE_PX
    from engine.training.refine import Refiner

    torch.set_num_threads(min(_THREADS_MAX, torch.get_num_threads()))
    stylizer = Stylizer.load(checkpoint, "cpu")
    vgg = load_vgg16(weights, stylizer.dtype)
    references = [Picture(pixels) for pixels in search.references]
    photos = [read_picture(path) for path in SAMPLE_PHOTOS]
    refiner = Refiner(stylizer, vgg, references, photos, side_px=side_px or SIDE_PX)
    refined = refiner.refine(
        search.code,
        seconds=search.seconds,
        report=lambda passed, loss: theirs.send(passed),
        # Readable means the host asks to stop, or has ended.
        cancelled=theirs.poll,
    )
    return Refinement(refined.code, refined.gram_before, refined.gram_after)

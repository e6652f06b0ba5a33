"""Runs slow effects in one separate low-priority process, beside an engine that paints.

A masterwork takes from a second on a GPU to half a minute on a CPU, and fast pictures must not wait
for it. So the process has high niceness and pauses between two steps while fast pictures are
painted. It is kept for the next job and can be killed at any time.
"""

import contextlib
import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final

from engine.api.errors import DeadlineError, EngineBusyError, EngineError
from engine.effects.effect import DeviceEffect, Sample
from engine.media.full_size import Pixels
from engine.painting.manifest import SHIPPED_CHECKPOINT
from engine.painting.masterwork_painter import SIDES_PX, MasterworkPainter
from engine.painting.runtime import Device, pick_device

logger = logging.getLogger(__name__)

_NICENESS: Final = 10
# Longest pause of a step for fast pictures, so that constant traffic does not stop the work.
_PATIENCE_S: Final = 5.0
_LOOK_S: Final = 0.1
# Seconds for one more step after a stop request, on a busy machine.
_GRACE_S: Final = 30.0
_BROKE_OFF: Final = "The masterwork broke off; try again in a moment."


@dataclass(frozen=True, slots=True)
class SlowOptions:
    """Options of slow effects.

    Attributes:
        checkpoint: Folder with the exemplars of named styles.
        device: torch device to paint on.
        weights: Perceptual network's file; None for the shipped one.
        side_px: Long side to paint at; 0 for the device's default.
        effort: Factor on the default number of steps.
    """

    checkpoint: Path = SHIPPED_CHECKPOINT
    device: Device = "auto"
    weights: Path | None = None
    side_px: int = 0
    effort: float = 1.0


@dataclass(frozen=True, slots=True)
class Done:
    """The picture, and whether it was cut short."""

    pixels: Pixels
    partial: bool


class SlowWorker:
    """Runs one slow job at a time; must be used from one thread at a time.

    Attributes:
        side_px: Long side of its pictures.
    """

    def __init__(self, options: SlowOptions | None = None) -> None:
        """Start nothing yet; the process starts with the first job."""
        self._options = options or SlowOptions()
        self.side_px = self._options.side_px or SIDES_PX[pick_device(self._options.device).type]
        self._context = multiprocessing.get_context("spawn")
        # Set while no fast picture is being painted.
        self._quiet = self._context.Event()
        self._quiet.set()
        self._process: BaseProcess | None = None
        self._ours: Connection | None = None

    def give_way(self, *, others: bool) -> None:
        """Tell the process whether fast pictures are being painted."""
        if others:
            self._quiet.clear()
        else:
            self._quiet.set()

    def run(
        self,
        effect: DeviceEffect,
        sample: Sample,
        *,
        report: Callable[[float, Pixels | None], None],
        stopped: threading.Event,
        seconds: float,
    ) -> Done:
        """Run a job and wait for it; if the process dies, it is replaced and the job run again.

        Args:
            effect: The effect.
            sample: The picture, with its params.
            report: Called with the share done (0 to 1), and the picture if there is a new one.
            stopped: Set to cancel the job.
            seconds: Time limit; the picture so far is then the result.

        Raises:
            DeadlineError: there was no picture yet at the time limit, or the job was stopped.
            EngineBusyError: the process died twice.
            EngineError: raised by the effect.
        """
        until = time.monotonic() + seconds
        for last in (False, True):
            try:
                return self._run(effect, sample, report, stopped, until)
            except (EOFError, OSError) as error:
                self.close()
                if last:
                    raise EngineBusyError(_BROKE_OFF, 1.0) from error
        raise AssertionError("the second try returns or raises")

    def _run(
        self,
        effect: DeviceEffect,
        sample: Sample,
        report: Callable[[float, Pixels | None], None],
        stopped: threading.Event,
        until: float,
    ) -> Done:
        ours = self._connected()
        ours.send((effect, sample))
        best: Pixels | None = None
        share = 0.0
        told_at: float | None = None
        while True:
            now = time.monotonic()
            if told_at is None and (stopped.is_set() or now > until):
                ours.send(("stop", None))
                told_at = now
            if told_at is not None and now - told_at > _GRACE_S:
                self.close()
                break
            if not ours.poll(_LOOK_S):
                continue
            said = ours.recv()
            if isinstance(said, EngineError):
                raise said
            if said is None:
                break
            share, pixels = said
            best = best if pixels is None else pixels
            report(share, pixels)
        if best is None or stopped.is_set():
            raise DeadlineError("The picture was not ready in time.")
        return Done(best, partial=share < 1)

    def _connected(self) -> Connection:
        if self._process is None or self._ours is None or not self._process.is_alive():
            self.close()
            self._ours, theirs = self._context.Pipe()
            self._process = self._context.Process(
                target=_work, name="slow", args=(theirs, self._quiet, self._options), daemon=True
            )
            self._process.start()
            # The child has its own copy; with this one open its death would go unnoticed.
            theirs.close()
        return self._ours

    def close(self) -> None:
        """Kill the process."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None
        if self._ours is not None:
            self._ours.close()
            self._ours = None


def _work(theirs: Connection, quiet: threading.Event, options: SlowOptions) -> None:
    """The process's main function: one job after the other, at high niceness."""
    # Ctrl-C is handled by the host.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_NICENESS)
    painter: MasterworkPainter | None = None
    # Exit with the host.
    with contextlib.suppress(BrokenPipeError, EOFError, ConnectionResetError):
        while True:
            effect, sample = theirs.recv()
            if effect == "stop":
                continue
            try:
                painter = painter or MasterworkPainter(
                    options.checkpoint, options.device, options.weights, options.side_px,
                    effort=options.effort,
                )  # fmt: skip
                for stage in effect.work(painter, sample):
                    theirs.send(stage)
                    if theirs.poll():
                        theirs.recv()
                        break
                    quiet.wait(_PATIENCE_S)
                theirs.send(None)
            except EngineError as error:
                theirs.send(error)
            except (BrokenPipeError, ConnectionResetError):
                raise
            except Exception:
                logger.exception("a slow effect failed")
                theirs.send(EngineBusyError(_BROKE_OFF, 1.0))

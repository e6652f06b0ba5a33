"""Decoding and encoding in worker processes that can be killed, away from the event loop.

The limits of `engine.media.images` refuse known attacks. Against unknown ones, the processes have
bounded memory and time: a process beyond them is killed and replaced, and the caller gets an
error. The workers import neither torch nor aiohttp.
"""

import multiprocessing
import os
import resource
import warnings
from collections.abc import Callable
from concurrent.futures import TimeoutError as LateError
from typing import Final, ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from engine.analyzers.registry import ANALYZERS
from engine.api.analyses import Analysis
from engine.api.errors import BrokenImageError, ImageTooLargeError
from engine.media.full_size import Pixels
from engine.media.images import DEFAULT_LIMITS, ImageLimits, decode, decode_image, encode

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")

# What 64 megapixels take of it in each format is told in docs/IMAGES.md.
_MEMORY_BYTES: Final = 3 * 1024**3
# Pictures after which a process is replaced, so that leaks in codecs do not add up.
_TASKS_PER_PROCESS: Final = 2000


def decode_reference(body: bytes, limits: ImageLimits = DEFAULT_LIMITS) -> Pixels:
    """Decode a reference picture to (h, w, 3) uint8; much larger ones are shrunk.

    Raises:
        ImageError: the file is no picture we accept.
    """
    return decode(body, limits=limits, max_side_px=1024).rgb


def normalise(body: bytes, limits: ImageLimits = DEFAULT_LIMITS) -> bytes:
    """A picture file upright, in sRGB and without metadata: a JPEG, or a PNG if it has alpha.

    Raises:
        ImageError: the file is no picture we accept.
    """
    picture = decode(body, limits=limits)
    return encode(picture, format="jpeg" if picture.alpha is None else "png")


def analyse(body: bytes, what: str, limits: ImageLimits = DEFAULT_LIMITS) -> Analysis:
    """What is in a picture file, upright.

    Raises:
        ImageError: the file is no picture we accept.
        AnalysisError: the analysis is unknown, not installed, or its model is damaged.
    """
    image, _ = decode_image(body, limits=limits)
    return ANALYZERS.run([what], image)[what]


class CodecPool:
    """Worker processes for the functions above."""

    def __init__(self, workers: int, timeout_s: float = 20.0, niceness: int = 0) -> None:
        """Start nothing yet; processes start with the first task.

        Args:
            workers: Pictures in work at once.
            timeout_s: Seconds after which a task fails and its process is killed.
            niceness: Niceness of the processes, 0 to 19.
        """
        self._timeout_s = timeout_s
        # Forking a process with threads, such as torch's, may leave locks held permanently.
        self._pool = ProcessPool(
            max_workers=workers,
            max_tasks=_TASKS_PER_PROCESS,
            initializer=_start_worker,
            initargs=(niceness,),
            context=multiprocessing.get_context("spawn"),
        )

    def run(
        self,
        work: Callable[Arguments, Answer],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Answer:
        """Run a function of a module on a worker, and wait for it.

        A worker that dies is replaced and the task run once more, because another picture may
        have used up the machine's memory.

        Raises:
            BrokenImageError: the picture took too long, or killed its process twice.
            ImageTooLargeError: it took more memory than a picture may.
            Exception: whatever the function raises.
        """
        for last in (False, True):
            task = self._pool.schedule(work, args=args, kwargs=kwargs, timeout=self._timeout_s)
            try:
                answer: Answer = task.result()
            except LateError as error:
                raise BrokenImageError("The picture could not be decoded in time.") from error
            except ProcessExpired as error:
                if last:
                    raise BrokenImageError("The picture could not be decoded.") from error
            except MemoryError as error:
                raise ImageTooLargeError("The picture takes too much memory to decode.") from error
            else:
                return answer
        raise AssertionError("the second try returns or raises")

    def close(self) -> None:
        """Kill the workers; running tasks are lost."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()


def _start_worker(niceness: int) -> None:
    """Limit the memory, and keep decoders' warnings out of the log."""
    os.setpriority(os.PRIO_PROCESS, 0, niceness)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    warnings.simplefilter("ignore")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)

"""Decoding and encoding in worker processes that can be killed, away from the event loop.

The limits of `engine.images` refuse what is known to be hostile. What is not known yet meets a
process of its own, with bounded memory and time: it is killed, its caller gets one sentence, and
another process takes its place. The workers import neither torch nor aiohttp.
"""

import asyncio
import multiprocessing
import resource
from collections.abc import Callable
from concurrent.futures import TimeoutError as LateError
from dataclasses import dataclass
from typing import Final, ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from engine.canvas import apply_filter, finish, fit_to_paint
from engine.catalogue import open_filter
from engine.contract import StylizeOptions
from engine.errors import BrokenImageError, ImageTooLargeError, StaleStyleError
from engine.full_size import Pixels
from engine.images import Picture, decode, encode

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")

# The largest accepted picture takes about 0.5 GB while it is decoded and two copies of itself more.
_MEMORY_BYTES: Final = 3 * 1024**3
# A fresh process after so many pictures, lest a leak in a codec add up.
_TASKS_PER_PROCESS: Final = 2000


@dataclass(frozen=True, slots=True)
class Decoded:
    """A photo on its way to be painted.

    Attributes:
        small: At the side it is painted at, (h, w, 3) uint8.
        whole: The photo itself where it is no larger than that. A larger one is decoded once more
            when the painting is there: many of them wait, and decoded they weigh tens of megabytes.
    """

    small: Pixels
    whole: Picture | None


def decode_to_paint(body: bytes, work_side_px: int, options: StylizeOptions) -> Decoded:
    """A picture file, ready to be painted.

    Raises:
        ImageError: the file is no picture we accept.
    """
    photo = decode(body)
    small = fit_to_paint(photo.rgb, work_side_px, options.brush)
    return Decoded(small, photo if photo.rgb.size <= small.size else None)


def decode_reference(body: bytes) -> Pixels:
    """A reference picture, (h, w, 3) uint8, shrunk where it is much larger than is looked at.

    Raises:
        ImageError: the file is no picture we accept.
    """
    return decode(body, max_side_px=1024).rgb


def finish_painting(photo: bytes | Picture, painted: Pixels, options: StylizeOptions) -> bytes:
    """The painting of a photo, a file or decoded, at the photo's size, encoded."""
    whole = photo if isinstance(photo, Picture) else decode(photo)
    full = finish(whole, painted, colours_kept=options.keep_colours)
    return encode(full, format=options.output)


def encode_photo(body: bytes, options: StylizeOptions) -> bytes:
    """A picture file as it is, encoded like a painting: what strength 0 asks for.

    Raises:
        ImageError: the file is no picture we accept.
    """
    return encode(decode(body), format=options.output)


def filter_picture(body: bytes, work_side_px: int, options: StylizeOptions) -> bytes:
    """A picture file under the filter that the options' style names, encoded.

    Raises:
        ImageError: the file is no picture we accept.
        StaleStyleError: there is no such filter.
    """
    chosen = open_filter(options.style)
    if chosen is None:
        raise StaleStyleError("The style is no filter.")
    filtered = apply_filter(
        decode(body),
        chosen,
        work_side_px,
        strength=options.strength,
        colours_kept=options.keep_colours,
        brush=options.brush,
    )
    return encode(filtered, format=options.output)


class CodecPool:
    """Worker processes for the functions above."""

    def __init__(self, workers: int, timeout_s: float = 20.0) -> None:
        """Start nothing yet; processes start with the first task.

        Args:
            workers: Pictures in work at once; the others wait.
            timeout_s: A picture that takes longer is given up, and its process killed.
        """
        self._timeout_s = timeout_s
        # Forking a process that runs threads, as torch does, may leave locks held for ever.
        self._pool = ProcessPool(
            max_workers=workers,
            max_tasks=_TASKS_PER_PROCESS,
            initializer=_limit_memory,
            context=multiprocessing.get_context("spawn"),
        )

    async def run(
        self,
        work: Callable[Arguments, Answer],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Answer:
        """Run one of this module's functions on a worker.

        Raises:
            BrokenImageError: the picture took too long or killed its process.
            ImageTooLargeError: it took more memory than a picture may.
            Exception: whatever the function raises.
        """
        task = self._pool.schedule(work, args=args, kwargs=kwargs, timeout=self._timeout_s)
        try:
            answer: Answer = await asyncio.wrap_future(task)
        except (LateError, ProcessExpired) as error:
            raise BrokenImageError("The picture could not be decoded in time.") from error
        except MemoryError as error:
            raise ImageTooLargeError("The picture takes too much memory to decode.") from error
        return answer

    def close(self) -> None:
        """Kill the workers; what they had in work is lost."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()


def _limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))

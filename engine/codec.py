"""Decoding and encoding in worker processes that can be killed, away from the event loop.

The limits of `engine.images` refuse what is known to be hostile. What is not known yet meets a
process of its own, with bounded memory and time: it is killed, its caller gets one sentence, and
another process takes its place. The workers import neither torch nor aiohttp.
"""

import multiprocessing
import os
import resource
import warnings
from collections.abc import Callable
from concurrent.futures import TimeoutError as LateError
from dataclasses import dataclass
from typing import Final, ParamSpec, TypeVar

import numpy as np
from pebble import ProcessExpired, ProcessPool
from PIL import Image

from engine.canvas import apply_filter, size_to_paint
from engine.catalogue import open_filter
from engine.contract import StylizeOptions
from engine.errors import BrokenImageError, ImageTooLargeError, StaleStyleError
from engine.full_size import Pixels, keep_colours, to_full_size
from engine.images import DEFAULT_LIMITS, ImageLimits, Picture, decode, decode_image, encode
from engine.sampling import resample

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")

# What 64 megapixels take of it in each format is told in docs/IMAGES.md.
_MEMORY_BYTES: Final = 3 * 1024**3
# A fresh process after so many pictures, lest a leak in a codec add up.
_TASKS_PER_PROCESS: Final = 2000


@dataclass(frozen=True, slots=True)
class Original:
    """What the painting of a photo needs of the photo, at its full size.

    Attributes:
        light: Its luma, (H, W) uint8: a third of its pixels' bytes.
        rgb: The photo itself where its colours are to be kept, else None.
        alpha: Its opacity, where it has any.
    """

    light: Pixels
    rgb: Pixels | None
    alpha: Pixels | None

    @property
    def size_bytes(self) -> int:
        """What it takes of memory."""
        return sum(part.nbytes for part in (self.light, self.rgb, self.alpha) if part is not None)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A photo on its way to be painted.

    Attributes:
        small: At the size it is painted at, (h, w, 3) uint8.
        original: What is needed of it afterwards.
    """

    small: Pixels
    original: Original


def decode_to_paint(
    body: bytes, work_side_px: int, options: StylizeOptions, limits: ImageLimits = DEFAULT_LIMITS
) -> Decoded:
    """A picture file, ready to be painted.

    Raises:
        ImageError: the file is no picture we accept.
    """
    image, alpha = decode_image(body, limits=limits)
    small = resample(image, size_to_paint(*image.size, work_side_px, options.brush))
    return Decoded(np.array(small), _original(image, alpha, options))


def decode_original(
    body: bytes, options: StylizeOptions, limits: ImageLimits = DEFAULT_LIMITS
) -> Original:
    """What is needed of a picture file once more, where there was no room to keep it.

    Raises:
        ImageError: the file is no picture we accept.
    """
    return _original(*decode_image(body, limits=limits), options)


def _original(image: Image.Image, alpha: Image.Image | None, options: StylizeOptions) -> Original:
    return Original(
        light=np.asarray(image.convert("L")),
        rgb=np.asarray(image) if options.keep_colours else None,
        alpha=None if alpha is None else np.asarray(alpha),
    )


def decode_reference(body: bytes, limits: ImageLimits = DEFAULT_LIMITS) -> Pixels:
    """A reference picture, (h, w, 3) uint8, shrunk where it is much larger than is looked at.

    Raises:
        ImageError: the file is no picture we accept.
    """
    return decode(body, limits=limits, max_side_px=1024).rgb


def finish_painting(
    original: Original, small: Pixels, painted: Pixels, options: StylizeOptions
) -> bytes:
    """The painting of a decoded photo, at the photo's size, encoded."""
    full = to_full_size(painted, original.light, small)
    if original.rgb is not None:
        full = keep_colours(full, original.rgb)
    return encode(Picture(full, original.alpha), format=options.output)


def encode_photo(
    body: bytes, options: StylizeOptions, limits: ImageLimits = DEFAULT_LIMITS
) -> bytes:
    """A picture file as it is, encoded like a painting: what strength 0 asks for.

    Raises:
        ImageError: the file is no picture we accept.
    """
    return encode(decode(body, limits=limits), format=options.output)


def filter_picture(
    body: bytes, work_side_px: int, options: StylizeOptions, limits: ImageLimits = DEFAULT_LIMITS
) -> bytes:
    """A picture file under the filter that the options' style names, encoded.

    Raises:
        ImageError: the file is no picture we accept.
        StaleStyleError: there is no such filter.
    """
    chosen = open_filter(options.style)
    if chosen is None:
        raise StaleStyleError("The style is no filter.")
    filtered = apply_filter(
        decode(body, limits=limits),
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
            workers: Pictures in work at once.
            timeout_s: A picture that takes longer is given up, and its process killed.
        """
        self._timeout_s = timeout_s
        # Forking a process that runs threads, as torch does, may leave locks held for ever.
        self._pool = ProcessPool(
            max_workers=workers,
            max_tasks=_TASKS_PER_PROCESS,
            initializer=_start_worker,
            context=multiprocessing.get_context("spawn"),
        )

    def run(
        self,
        work: Callable[Arguments, Answer],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Answer:
        """Run one of this module's functions on a worker, and wait for it.

        A worker that dies is replaced, and the picture tried once more: it may have been another
        one that brought the machine to its knees.

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
        """Kill the workers; what they had in work is lost."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()


def _start_worker() -> None:
    """Bound the memory, and keep what decoders say of odd files out of the log."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    warnings.simplefilter("ignore")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)

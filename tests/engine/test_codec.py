"""Workers that are killed; what they compute is tested through the engine."""

import asyncio
import os
import time
from collections.abc import Callable
from typing import Any

import pytest

from engine.codec import CodecPool, decode_reference, filter_picture
from engine.contract import StyleCode, StylizeOptions
from engine.errors import BrokenImageError, ImageTooLargeError, StaleStyleError
from engine.images import decode
from engine.manifest import SAMPLE_PHOTO


def test_who_takes_too_long_too_much_or_dies_takes_no_one_along():
    async def scene() -> list[Any]:
        pool = CodecPool(workers=1, timeout_s=5.0)
        # The first process needs a moment to import what it works with.
        first = await pool.run(decode_reference, SAMPLE_PHOTO.read_bytes())
        pool._timeout_s = 0.3
        with pytest.raises(BrokenImageError, match="in time"):
            await pool.run(time.sleep, 60)
        pool._timeout_s = 20.0
        with pytest.raises(BrokenImageError):
            await pool.run(os._exit, 9)
        with pytest.raises(ImageTooLargeError, match="memory"):
            await pool.run(bytearray, 4 * 1024**3)
        again = await pool.run(decode_reference, SAMPLE_PHOTO.read_bytes())
        pool.close()
        return [first, again]

    first, again = asyncio.run(scene())
    assert (first == again).all()
    assert (first == decode(SAMPLE_PHOTO.read_bytes()).rgb).all()


def test_a_reference_is_shrunk(photo: Callable[..., bytes]):
    assert decode_reference(photo(0, 2000, 1000)).shape == (512, 1024, 3)


def test_a_painted_style_is_no_filter(photo: Callable[..., bytes]):
    with pytest.raises(StaleStyleError):
        filter_picture(photo(), 64, StylizeOptions(StyleCode("abc", b"")))

"""Workers that are killed; what they compute is tested through the engine."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.api.errors import BrokenImageError, ImageTooLargeError
from engine.media.images import decode
from engine.painting.manifest import SAMPLE_PHOTO
from engine.serving.codec import CodecPool, decode_reference


def die_once(mark: str) -> str:
    """Kills its process the first time it is called."""
    if not Path(mark).exists():
        Path(mark).touch()
        os._exit(9)
    return "done"


def test_who_takes_too_long_too_much_or_dies_takes_no_one_along(tmp_path: Path):
    pool = CodecPool(workers=1, timeout_s=20.0)
    try:
        # The first process needs a moment to import what it works with.
        first = pool.run(decode_reference, SAMPLE_PHOTO.read_bytes())
        pool._timeout_s = 0.3
        with pytest.raises(BrokenImageError, match="in time"):
            pool.run(time.sleep, 60)
        pool._timeout_s = 20.0
        with pytest.raises(BrokenImageError):
            pool.run(os._exit, 9)
        assert pool.run(die_once, str(tmp_path / "mark")) == "done"
        with pytest.raises(ImageTooLargeError, match="memory"):
            pool.run(bytearray, 4 * 1024**3)
        again = pool.run(decode_reference, SAMPLE_PHOTO.read_bytes())
    finally:
        pool.close()
    assert (first == again).all()
    assert (first == decode(SAMPLE_PHOTO.read_bytes()).rgb).all()


def test_workers_for_bulk_work_have_low_priority():
    pool = CodecPool(workers=1, niceness=15)
    try:
        assert pool.run(os.getpriority, os.PRIO_PROCESS, 0) == 15
    finally:
        pool.close()


def test_a_reference_is_shrunk(photo: Callable[..., bytes]):
    assert decode_reference(photo(0, 2000, 1000)).shape == (512, 1024, 3)

"""The measures of painted clips."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.benchmarks import clips
from engine.painting.stylizer import Stylizer
from tests.engine.media.clips.clip_files import panned, video


def test_a_result_that_moves_with_the_input_flickers_no_more_than_it():
    source = [np.ascontiguousarray(frame) for frame in panned(6)]
    noise = np.random.default_rng(0)
    flickering = [
        np.clip(frame + noise.normal(0, 20, frame.shape), 0, 255).astype(np.uint8)
        for frame in source
    ]
    darker = [frame // 2 for frame in source]
    found = clips._warping_errors(source, {"input": source, "f": flickering, "d": darker})
    assert found["f"] > 2 * found["input"]
    assert found["d"] < found["input"]


def test_a_blurred_result_is_less_sharp():
    source = [np.ascontiguousarray(frame) for frame in panned(3)]
    blurred = [np.asarray(cv2.blur(frame, (5, 5)), np.uint8) for frame in source]
    assert clips._sharpness(blurred) < 0.9 * clips._sharpness(source)


def test_a_clip_is_measured(stylizer: Stylizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Stylizer, "load", lambda: stylizer)
    path = tmp_path / "a.mp4"
    path.write_bytes(video(panned(12)))
    (row,) = clips.measure([path], "calm", 96, 1.0, 1)
    assert (row.clip, row.frames) == ("a.mp4", 10)
    assert row.naive > 0
    assert row.ours > 0
    assert row.sharpness > 0
    assert row.fps > 0
    assert row.bare_fps > 0

"""Painted frames hold still: motion is followed, cuts begin anew, noise does not move."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.media.clips import calm
from engine.media.clips.clip import Clip
from engine.media.clips.motion import Motion, measure
from tests.engine.media.clips.clip_files import panned, texture

WIDTH, HEIGHT, STEP = 160, 96, 3


def clip_of(frames: list[np.ndarray], folder: Path) -> Clip:
    height, width = frames[0].shape[:2]
    clip = Clip(folder / "source", height, width, [100] * len(frames))
    clip.frames("w+")[:] = frames
    return clip


def motion_of(frames: list[np.ndarray], folder: Path) -> tuple[Motion, list[int]]:
    clip = clip_of(frames, folder)
    motion = Motion.of(clip, folder)
    return motion, measure(clip, motion, range(len(frames)))


def flickering(frames: list[np.ndarray]) -> list[np.ndarray]:
    """Each frame with strokes of its own, as painted alone."""
    painted = []
    for seed, frame in enumerate(frames):
        strokes = texture(frame.shape[1], frame.shape[0], 100 + seed).astype(int) - 128
        painted.append((frame * 0.6 + 50 + strokes * 0.4).clip(0, 255).astype(np.uint8))
    return painted


def still(motion: Motion, cuts: list[int], painted: list[np.ndarray], *, loops: bool = False):
    spans = calm.plan(motion, cuts, loops=loops)
    found = [pair for span in spans for pair in calm.between(motion, span, painted.__getitem__)]
    assert [number for number, _ in found] == list(range(motion.count))
    return [frame for _, frame in found], spans


def unrest(frames: Sequence[np.ndarray], step: int) -> float:
    """How much differs from the frame before, moved by what the clip moves by."""
    inner = slice(12, -12)
    moved = [
        np.abs(after[:, :-step].astype(int) - before[:, step:])[inner, inner].mean()
        for before, after in pairwise(frames)
    ]
    return float(np.mean(moved))


def sharpness(frames: list[np.ndarray]) -> float:
    return float(np.mean([cv2.Laplacian(frame, cv2.CV_32F).std() for frame in frames]))


def test_brushwork_moves_with_the_picture(tmp_path: Path):
    frames = panned(20, WIDTH, HEIGHT, STEP)
    motion, cuts = motion_of(frames, tmp_path)
    assert not [cut for cut in cuts if cut < 19]
    flow = motion.steps()[5, 0, 20:-20, 20:-20].astype(float)
    assert abs(np.median(flow[..., 0]) - STEP) < 0.3
    assert abs(np.median(flow[..., 1])) < 0.3
    painted = flickering(frames)
    result, spans = still(motion, cuts, painted)
    assert len(spans) < 6
    assert unrest(result, STEP) < 0.4 * unrest(painted, STEP)
    assert sharpness(result) > 0.85 * sharpness(painted)


def test_what_is_painted_differently_is_faded_not_cut(tmp_path: Path):
    """No frame differs from the last one by more than a share of what the keys differ by."""
    frames = panned(24, WIDTH, HEIGHT, STEP)
    motion, cuts = motion_of(frames, tmp_path)
    painted = flickering(frames)
    result, _ = still(motion, cuts, painted)
    worst = max(unrest(pair, STEP) for pair in pairwise(result))
    assert worst < 0.6 * unrest(painted, STEP)


def test_a_cut_begins_anew(tmp_path: Path):
    other = [np.ascontiguousarray(255 - frame[::-1]) for frame in panned(8, WIDTH, HEIGHT, STEP)]
    frames = panned(8, WIDTH, HEIGHT, STEP) + other
    motion, cuts = motion_of(frames, tmp_path)
    assert 7 in cuts
    painted = flickering(frames)
    result, spans = still(motion, cuts, painted)
    assert all(span.last <= 7 or span.first >= 8 for span in spans)
    assert np.array_equal(result[7], painted[7])
    assert np.array_equal(result[8], painted[8])


def test_noise_does_not_move(tmp_path: Path):
    random = np.random.default_rng(1)
    quiet = texture(WIDTH, HEIGHT)
    frames = [
        (quiet + random.normal(0, 4, quiet.shape)).clip(0, 255).astype(np.uint8) for _ in range(10)
    ]
    motion, cuts = motion_of(frames, tmp_path)
    assert np.abs(motion.steps()[:9, 1]).mean() < 0.1
    result, spans = still(motion, cuts, flickering(frames))
    assert [(span.first, span.last) for span in spans] == [(0, 9), (9, 9)]
    # Half way between the keys strokes change most, and still only fade.
    assert unrest(result, 0 + 1) < 20
    between = np.abs(result[4].astype(int) - result[5]).mean()
    assert between < 0.3 * np.abs(result[0].astype(int) - result[9]).mean()


def test_a_loop_closes(tmp_path: Path):
    """There and back: in a loop the last frames fade to the first painting."""
    there = panned(7, WIDTH, HEIGHT, STEP)
    frames = there + there[-2:0:-1]
    motion, cuts = motion_of(frames, tmp_path)
    painted = flickering(frames)

    def jump(result: list[np.ndarray]) -> float:
        return float(np.abs(result[-1][:, :-STEP].astype(int) - result[0][:, STEP:]).mean())

    looped, spans = still(motion, cuts, painted, loops=True)
    assert spans[-1].last == len(frames)
    assert jump(looped) < 0.7 * jump(painted)
    once, spans = still(motion, cuts, painted)
    assert spans[-1].last == len(frames) - 1
    assert np.array_equal(once[-1], painted[-1])


def test_what_appears_is_painted_fresh(tmp_path: Path):
    """Something that comes and goes between two keys is painted in its own frames."""
    quiet = texture(WIDTH, HEIGHT)
    frames = [quiet.copy() for _ in range(9)]
    for number in (3, 4, 5):
        frames[number][20:70, 40:110] = texture(72, 56, 7)[:50, :70]
    motion, cuts = motion_of(frames, tmp_path)
    spans = calm.plan(motion, cuts, loops=False)
    painted = {number for span in spans for number in (span.first, span.last, *span.fresh)}
    assert painted & {3, 4, 5}


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_shortest_clips(tmp_path: Path, count: int):
    frames = panned(count, WIDTH, HEIGHT, STEP)
    motion, cuts = motion_of(frames, tmp_path)
    for loops in (True, False):
        result, _ = still(motion, cuts, flickering(frames), loops=loops)
        assert len(result) == count

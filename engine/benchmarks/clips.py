"""Measures painted clips: how much they flicker, how sharp they are, and what they cost.

Flicker is the warping error (Lai 2018, arXiv:1808.00449, section 4.2, with absolute differences):
each frame is moved to the next by an optical flow of the input, and compared where the flow is
sure. The flow is Farneback's (2003), because the frames were made with another one, DIS. It is
given relative to the input's own error, which a perfect result has, too.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import cv2
import numpy as np
import torch

from engine.media.clips import stages
from engine.media.clips.clip import Clip, ClipLimits, Frame
from engine.media.clips.motion import Flow, shifted
from engine.media.images import Picture
from engine.painting.stylizer import Stylizer

# Farneback's parameters: scale of the pyramid, its levels, window, rounds, neighbourhood, spread.
_FARNEBACK: Final = (0.5, 4, 21, 3, 7, 1.5, 0)
# Flow there and back must end where it began, within so many pixels.
_SURE_PX: Final = 1.0


@dataclass(frozen=True, slots=True)
class ClipRow:
    """One clip in one style.

    Attributes:
        clip: Its file.
        frames: Number of frames.
        naive: Warping error of frames painted alone, divided by the input's.
        ours: The same of our frames.
        sharpness: Mean variance of the Laplacian of our frames, divided by that of frames painted
            alone.
        bare_fps: Frames per second of the network alone, for every frame.
        fps: Frames per second of the whole: decode, follow, paint, move, encode.
    """

    clip: str
    frames: int
    naive: float
    ours: float
    sharpness: float
    bare_fps: float
    fps: float


def measure(
    paths: Sequence[Path], slug: str, side_px: int, seconds: float, threads: int
) -> Iterator[ClipRow]:
    """Measure clips one after another.

    Args:
        paths: The files.
        slug: The style.
        side_px: Long side that frames are reduced to.
        seconds: How much of each is taken.
        threads: CPU threads.
    """
    torch.set_num_threads(threads)
    stylizer = Stylizer.load()
    limits = ClipLimits(max_seconds=3600, max_side_px=side_px)
    for path in paths:
        with TemporaryDirectory(prefix="stylebot-clip-") as folder:
            yield _measured(path, stylizer, slug, limits, seconds, Path(folder))


def _measured(
    path: Path, stylizer: Stylizer, slug: str, limits: ClipLimits, seconds: float, folder: Path
) -> ClipRow:
    code = stylizer.style_code(slug)
    started = time.perf_counter()
    clip = _shortened(stages.read(path.read_bytes(), folder / "source", limits), seconds)
    around_s = time.perf_counter() - started
    source = [np.array(frame[..., :3]) for frame in clip.frames()[: len(clip.durations_ms)]]
    alone: list[Frame] = []
    bare_s: list[float] = []
    for frame in source:
        alone.append(stylizer.repaint(Picture(frame), code).rgb)
        content = torch.from_numpy(frame).permute(2, 0, 1)[None].float() / 255
        before = time.perf_counter()
        stylizer.stylize(content, stylizer.open_code(code)[None], torch.ones(1))
        bare_s.append(time.perf_counter() - before)
    started = time.perf_counter()
    motion = stages.begin_motion(clip, folder)
    cuts = [at for piece in stages.pieces(clip) for at in stages.measure(clip, motion, piece)]
    still = stages.plan(clip, motion, cuts)
    painted = replace(clip, path=folder / "painted")
    keys = painted.frames("w+")
    for number in still.painted:
        keys[number] = stylizer.repaint(Picture(source[number]), code).rgb
    result = replace(clip, path=folder / "result")
    result.frames("w+")
    for span in still.spans:
        stages.steady_span(clip, motion, painted, result, span)
    stages.write(result, "mp4", "", b"")
    around_s += time.perf_counter() - started
    ours = [np.array(frame) for frame in result.frames()]
    errors = _warping_errors(source, {"input": source, "alone": alone, "ours": ours})
    return ClipRow(
        path.name,
        len(source),
        errors["alone"] / errors["input"],
        errors["ours"] / errors["input"],
        _sharpness(ours) / _sharpness(alone),
        len(source) / sum(bare_s),
        len(source) / around_s,
    )


def _shortened(clip: Clip, seconds: float) -> Clip:
    """The first seconds of a clip without opacity; the file of frames stays as it is."""
    ends = np.cumsum(clip.durations_ms) <= 1000 * seconds
    count = max(2, int(ends.sum()))
    return replace(clip, durations_ms=clip.durations_ms[:count], loops=False, has_sound=False)


def _warping_errors(
    source: Sequence[Frame], results: dict[str, Sequence[Frame]]
) -> dict[str, float]:
    """Mean absolute difference between each frame and the one before, moved, in levels of 255."""
    greys = [np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), np.uint8) for frame in source]
    found: dict[str, list[float]] = {name: [] for name in results}
    for number, (before, after) in enumerate(pairwise(greys)):
        back = _flow(after, before)
        sure = np.abs(shifted(_flow(before, after), back) + back).sum(axis=2) < _SURE_PX
        for name, frames in results.items():
            moved = shifted(frames[number].astype(np.float32), back)
            difference = np.abs(frames[number + 1] - moved).mean(axis=2)
            found[name].append(float(difference[sure].mean()))
    return {name: float(np.mean(values)) for name, values in found.items()}


def _flow(here: Frame, there: Frame) -> Flow:
    empty = np.zeros((*here.shape, 2), np.float32)
    return np.asarray(cv2.calcOpticalFlowFarneback(here, there, empty, *_FARNEBACK), np.float32)


def _sharpness(frames: Sequence[Frame]) -> float:
    """Mean variance of the Laplacian (Pech-Pacheco 2000)."""
    greys = (cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in frames)
    return float(np.mean([cv2.Laplacian(grey, cv2.CV_32F).var() for grey in greys]))

"""Follows what moves in a clip: cuts, and where each place of a frame was in another frame.

Optical flow is DIS (Kroeger 2016, arXiv:1603.03590) of OpenCV between neighbouring frames, made
smooth where there is nothing to follow. Flow over several frames is composed of these steps, so
that brushwork moves without trembling. Needs the extra `video`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.media.clips.clip import Clip, Frame, OnDisk

Grey = NDArray[np.uint8]
# (h, w, 2) float32: where a place is in another frame, relative to where it is here, in pixels.
Flow = NDArray[np.float32]
# (h, w) float32 in [0, 1].
Trust = NDArray[np.float32]
Value = TypeVar("Value", np.uint8, np.float32)

# Long sides that flow is searched at, and kept at.
_SEARCH_SIDE_PX: Final = 512
_KEPT_SIDE_PX: Final = 256
# A cut: places differ by so much of 255 on average, and flow finds but this share of them again.
_CUT_DIFFERENCE: Final = 10.0
_CUT_TRUSTED: Final = 0.4
# Trust above which a place counts as found.
SURE: Final = 0.5
# Differences in brightness, of 255, that noise and shading explain.
_NOISE: Final = 9.0
# Squared change in brightness per pixel at which flow is half trusted, and the radii in pixels from
# which it is filled elsewhere.
_STRUCTURE: Final = 4.0
_RADII: Final = (1.5, 4.0, 10.0)


@dataclass(frozen=True, slots=True)
class Motion:
    """Flow between neighbouring frames, in files.

    Attributes:
        folder: Folder of the files.
        count: Number of frames; the first one follows the last.
        height: Height in pixels.
        width: Width in pixels.
    """

    folder: Path
    count: int
    height: int
    width: int

    @classmethod
    def of(cls, clip: Clip, folder: Path) -> "Motion":
        """Empty files for a clip."""
        scale = min(1.0, _KEPT_SIDE_PX / max(clip.height, clip.width))
        height, width = (max(16, round(edge * scale)) for edge in (clip.height, clip.width))
        made = cls(folder, len(clip.durations_ms), height, width)
        made.greys("w+")
        made.steps("w+")
        return made

    def greys(self, mode: OnDisk = "r") -> NDArray[np.uint8]:
        """Grey frames, (count, height, width)."""
        shape = (self.count, self.height, self.width)
        return np.memmap(self.folder / "greys", np.uint8, mode, shape=shape)

    def steps(self, mode: OnDisk = "r") -> NDArray[np.float16]:
        """Flow to the frame before and to the one after, (count, 2, height, width, 2)."""
        shape = (self.count, 2, self.height, self.width, 2)
        return np.memmap(self.folder / "steps", np.float16, mode, shape=shape)


def measure(clip: Clip, motion: Motion, numbers: Sequence[int]) -> list[int]:
    """Measure the motion from some frames to the ones after them.

    Returns:
        Those of the frames after which another scene begins.
    """
    frames, greys, steps = clip.frames(), motion.greys("r+"), motion.steps("r+")
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    if max(clip.height, clip.width) <= _KEPT_SIDE_PX:
        search.setFinestScale(1)  # a quarter of little is too little
    cuts = []
    here = _grey(frames[numbers[0]])
    for number in numbers:
        after = (number + 1) % motion.count
        there = _grey(frames[after])
        small, smaller = _kept(here, motion), _kept(there, motion)
        greys[number] = small
        ahead = _step(search, here, there, small, smaller)
        back = _step(search, there, here, smaller, small)
        steps[number, 1], steps[after, 0] = ahead, back
        if _is_cut(small, smaller, ahead):
            cuts.append(number)
        here = there
    return cuts


def _grey(frame: Frame) -> Grey:
    code = cv2.COLOR_RGBA2GRAY if frame.shape[2] == 4 else cv2.COLOR_RGB2GRAY
    plain = cv2.cvtColor(frame, code)
    scale = min(1.0, _SEARCH_SIDE_PX / max(plain.shape))
    height, width = (max(16, round(edge * scale)) for edge in plain.shape)
    return np.asarray(cv2.resize(plain, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _kept(grey: Grey, motion: Motion) -> Grey:
    size = (motion.width, motion.height)
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def _step(
    search: "cv2.DISOpticalFlow", here: Grey, there: Grey, small: Grey, smaller: Grey
) -> Flow:
    found = search.calc(here, there, np.zeros((*here.shape, 2), np.float32))
    flow = resized(np.asarray(found, np.float32), small.shape)
    return _settled(small, smaller, _smoothed(small, flow))


def _is_cut(here: Grey, there: Grey, ahead: Flow) -> bool:
    """Whether much has changed, and motion does not explain it."""
    if float(cv2.absdiff(here, there).mean()) < _CUT_DIFFERENCE:
        return False
    return float((trust(here, there, ahead) > SURE).mean()) < _CUT_TRUSTED


def _smoothed(here: Grey, flow: Flow) -> Flow:
    """The flow, with places that have no structure moving along with those around them.

    There flow is arbitrary, which would tear brushwork apart. It is filled by weighted means over
    growing radii (normalised convolution, Knutsson 1993).
    """
    across = cv2.Sobel(here, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(here, cv2.CV_32F, 0, 1, scale=1 / 8)
    products = np.dstack([across * across, down * down, across * down])
    xx, yy, xy = cv2.split(cv2.GaussianBlur(products, (0, 0), 1.5))
    # The smaller eigenvalue of the structure tensor: an edge alone does not fix the flow along it.
    weakest = np.maximum((xx + yy) / 2 - np.sqrt(((xx - yy) / 2) ** 2 + xy**2), 0)
    weight = weakest / (weakest + _STRUCTURE) + 1e-3
    weighted = np.dstack([flow * weight[..., None], weight])
    filled = weighted
    for radius in _RADII:
        around = cv2.GaussianBlur(weighted, (0, 0), radius)
        filled = filled + np.clip(1 - filled[..., 2:], 0, 1) * around
    return np.asarray(filled[..., :2] / filled[..., 2:], np.float32)


def _settled(here: Grey, there: Grey, flow: Flow) -> Flow:
    """The flow, with places at rest where that explains the frames as well: noise must not move."""
    still = cv2.GaussianBlur(cv2.absdiff(here, there).astype(np.float32), (0, 0), 1.5)
    after = cv2.absdiff(here, shifted(there, flow)).astype(np.float32)
    moved = cv2.GaussianBlur(after, (0, 0), 1.5)
    gain = cv2.GaussianBlur(np.clip(still - moved, 0, 1), (0, 0), 1.0)
    return np.asarray(flow * gain[..., None], np.float32)


def followed(step: Flow, before: Flow) -> Flow:
    """The flow to an earlier frame, by the flow to the last one and that one's to the earlier."""
    return np.asarray(step + shifted(before, step), np.float32)


def shifted(values: NDArray[Value], flow: Flow, *, lanczos: bool = False) -> NDArray[Value]:
    """Values of another frame, (h, w) or (h, w, c), brought to where they are in this one."""
    how = cv2.INTER_LANCZOS4 if lanczos else cv2.INTER_LINEAR
    across, down = cv2.split(_places(*flow.shape[:2]) + flow)
    moved = cv2.remap(values, across, down, how, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, values.dtype)


def resized(flow: Flow, shape: tuple[int, ...]) -> Flow:
    """The same flow at another (h, w)."""
    height, width = shape[:2]
    scale = np.array([width / flow.shape[1], height / flow.shape[0]], np.float32)
    if flow.shape[:2] == (height, width):
        return flow
    return np.asarray(cv2.resize(flow, (width, height), interpolation=cv2.INTER_LINEAR) * scale)


def trust(here: Grey, there: Grey, flow: Flow) -> Trust:
    """How sure it is that places correspond: 1 where both look alike, 0 where they differ."""
    difference = cv2.absdiff(shifted(there, flow), here)
    soft = cv2.GaussianBlur(difference.astype(np.float32), (0, 0), 1.0)
    edges = cv2.GaussianBlur(np.abs(cv2.Laplacian(here, cv2.CV_32F)), (0, 0), 1.5)
    doubt = np.maximum(soft - _NOISE - 0.15 * edges, 0) / _NOISE
    where = _places(*here.shape) + flow
    height, width = here.shape
    inside = ((where >= 0) & (where <= np.array([width - 1, height - 1]))).all(axis=2)
    return np.asarray(cv2.GaussianBlur(np.exp(-doubt) * inside, (0, 0), 0.7), np.float32)


@lru_cache(maxsize=4)
def _places(height: int, width: int) -> Flow:
    """The (x, y) of every pixel."""
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    return np.dstack([columns, rows]).astype(np.float32)

"""Follows what moves in a clip: cuts, and where each place of a frame was in another frame.

Optical flow is DIS (Kroeger 2016, arXiv:1603.03590) of OpenCV, on grey frames of at most
`FLOW_SIDE_PX`. Needs the extra `video`.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
# (h, w, 2) float32: where a place was, relative to where it is, in pixels.
Flow = NDArray[np.float32]
# (h, w) float32 in [0, 1].
Trust = NDArray[np.float32]

FLOW_SIDE_PX: Final = 512
# A cut: places differ by so much of 255 on average, and flow finds but this share of them again.
_CUT_DIFFERENCE: Final = 10.0
_CUT_TRUSTED: Final = 0.4
# Squared change in brightness per pixel at which flow is half trusted.
_STRUCTURE: Final = 1.0
_RADII: Final = (3.0, 8.0, 20.0)
# Differences in brightness, of 255, that noise and shading explain.
_NOISE: Final = 6.0
# Motion in pixels below which a place may as well stand still.
_STILL_PX: Final = 0.35


def grey(frame: NDArray[np.uint8]) -> Grey:
    """A frame of (h, w, 3 or 4) reduced to what flow is computed on."""
    code = cv2.COLOR_RGBA2GRAY if frame.shape[2] == 4 else cv2.COLOR_RGB2GRAY
    plain = cv2.cvtColor(frame, code)
    scale = min(1.0, FLOW_SIDE_PX / max(plain.shape))
    size = (max(16, round(plain.shape[1] * scale)), max(16, round(plain.shape[0] * scale)))
    return np.asarray(cv2.resize(plain, size, interpolation=cv2.INTER_AREA))


class Tracker:
    """Computes flow between frames of one size."""

    def __init__(self) -> None:
        self._dis = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        self._dis.setUseSpatialPropagation(True)

    def flow(self, here: Grey, there: Grey, guess: Flow | None = None) -> Flow:
        """Where each place of `here` is in `there`; a guess is refined."""
        return np.asarray(self._dis.calc(here, there, None if guess is None else guess.copy()))


def followed(step: Flow, before: Flow) -> Flow:
    """The flow to an earlier frame, by the flow to the last one and its flow to the earlier."""
    return step + shifted(before, step)


def shifted(values: NDArray[np.float32], flow: Flow, *, cubic: bool = False) -> NDArray[np.float32]:
    """Values of another frame, (h, w) or (h, w, c), brought to where they are in this one."""
    height, width = flow.shape[:2]
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    how = cv2.INTER_CUBIC if cubic else cv2.INTER_LINEAR
    return np.asarray(
        cv2.remap(values, columns + flow[..., 0], rows + flow[..., 1], how, borderMode=cv2.BORDER_REPLICATE)
    )


def trust(here: Grey, there: Grey, flow: Flow) -> Trust:
    """How sure it is that places correspond: 1 where both frames look alike, 0 where they do not."""
    brought = shifted(there.astype(np.float32), flow)
    soft = cv2.GaussianBlur(np.abs(brought - here), (0, 0), 1.5)
    edges = cv2.GaussianBlur(np.abs(cv2.Laplacian(here, cv2.CV_32F)), (0, 0), 2.0)
    doubt = np.maximum(soft - _NOISE - 0.15 * edges, 0) / _NOISE
    height, width = here.shape
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    x, y = columns + flow[..., 0], rows + flow[..., 1]
    inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    sure = np.exp(-doubt) * inside
    return np.asarray(cv2.GaussianBlur(sure.astype(np.float32), (0, 0), 1.0))


def is_cut(before: Grey, after: Grey, tracker: Tracker) -> bool:
    """Whether another scene begins: much has changed, and motion does not explain it."""
    if float(cv2.absdiff(before, after).mean()) < _CUT_DIFFERENCE:
        return False
    sure = trust(after, before, tracker.flow(after, before))
    return float((sure > 0.5).mean()) < _CUT_TRUSTED


def smoothed(here: Grey, flow: Flow) -> Flow:
    """The flow with places without structure moved along with those around them.

    There flow is arbitrary, which would tear brushwork apart. Weighted means over growing squares
    fill them from what has structure (normalised convolution, Knutsson 1993).
    """
    across = cv2.Sobel(here, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(here, cv2.CV_32F, 0, 1, scale=1 / 8)
    xx, yy, xy = (cv2.GaussianBlur(each, (0, 0), 2.0) for each in (across**2, down**2, across * down))
    weakest = (xx + yy) / 2 - np.sqrt(((xx - yy) / 2) ** 2 + xy**2)
    weight = np.maximum(weakest, 0) / (np.maximum(weakest, 0) + _STRUCTURE) + 1e-3
    values, weights = flow * weight[..., None], weight
    filled, sums = values, weights
    for radius in _RADII:
        around = cv2.GaussianBlur(values, (0, 0), radius)
        total = cv2.GaussianBlur(weights, (0, 0), radius)
        share = np.clip(1 - sums, 0, 1)
        filled = filled + share[..., None] * around
        sums = sums + share * total
    return np.asarray(filled / sums[..., None])


def settled(here: Grey, there: Grey, flow: Flow) -> Flow:
    """The flow without motion where standing still explains the frames as well, as under noise."""
    still = cv2.GaussianBlur(cv2.absdiff(here, there).astype(np.float32), (0, 0), 3.0)
    brought = shifted(there.astype(np.float32), flow)
    moved = cv2.GaussianBlur(np.abs(brought - here), (0, 0), 3.0)
    gain = cv2.GaussianBlur(np.clip((still - moved) / 1.0, 0, 1), (0, 0), 2.0)
    return flow * gain[..., None]

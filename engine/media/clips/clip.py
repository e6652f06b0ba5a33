"""A clip: frames of equal size in a file outside of memory, and how long each is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Frames = np.memmap[tuple[int, int, int, int], np.dtype[np.uint8]]
Frame = NDArray[np.uint8]
OnDisk = Literal["r", "r+", "w+"]

_RGB, _RGBA = 3, 4


@dataclass(frozen=True, slots=True)
class ClipLimits:
    """Limits of a clip.

    Attributes:
        max_seconds: Longest clip that is accepted.
        max_fps: Frames per second that are kept; of a faster clip some are left out.
        max_side_px: Long side that frames are reduced to.
        max_source_frames: Frames that are decoded at most, with those left out.
        max_source_pixels: Largest frame in the file, width times height.
        min_side_px: Shortest side of a frame.
    """

    max_seconds: float = 15.0
    max_fps: float = 15.0
    max_side_px: int = 720
    max_source_frames: int = 3_000
    max_source_pixels: int = 9_000_000
    min_side_px: int = 32


# At 720 x 720 px, 15 s of 15 frames a second are 350 MB, and three such files are written.
DEFAULT_CLIP_LIMITS: Final = ClipLimits()


@dataclass(frozen=True, slots=True)
class Clip:
    """A decoded clip.

    Attributes:
        path: File of the frames: uint8, (count, height, width, 3 or 4), upright sRGB.
        height: Height in pixels, even.
        width: Width in pixels, even.
        durations_ms: How long each frame is shown.
        has_alpha: Whether frames have an opacity as fourth channel.
        loops: Whether it is shown again and again, so that the first frame follows the last.
        has_sound: Whether the file has a sound track.
    """

    path: Path
    height: int
    width: int
    durations_ms: Sequence[int]
    has_alpha: bool = False
    loops: bool = False
    has_sound: bool = False

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """The shape of all frames."""
        channels = _RGBA if self.has_alpha else _RGB
        return (len(self.durations_ms), self.height, self.width, channels)

    @property
    def seconds(self) -> float:
        """Length of the clip."""
        return sum(self.durations_ms) / 1000

    def frames(self, mode: OnDisk = "r") -> Frames:
        """Open the frames; "w+" makes an empty file for them."""
        return np.memmap(self.path, np.uint8, mode, shape=self.shape)


def on_white(frame: Frame) -> Frame:
    """(h, w, 3) of a frame with opacity, as on a white page."""
    if frame.shape[2] == _RGB:
        return frame
    alpha = frame[..., 3:].astype(np.uint16)
    mixed = frame[..., :3] * alpha + 255 * (255 - alpha)
    return ((mixed + 127) // 255).astype(np.uint8)

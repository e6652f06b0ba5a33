"""Composes stories: photos that turn into their paintings one after another, as a film.

Each scene moves slowly over its picture (pan and zoom); the painting grows over the photo, and the
scene fades into the next. Pictures are laid out once, a little larger than the film, and kept in
files, so that codec workers can make the film in pieces of a second.

Needs the extra `video`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final, TypeVar, cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

from engine.api.contract import STORY_SECONDS_MAX, STORY_SECONDS_MIN, Reveal, StoryShape
from engine.media.clips.caption import caption_of
from engine.media.clips.clip import Frame, on_white
from engine.media.full_size import Pixels
from engine.media.images import DEFAULT_LIMITS, ImageLimits, decode

Plane = NDArray[np.float32]
Number = TypeVar("Number", np.uint8, np.float32)

FPS: Final = 30
# Width and height, px.
SIZES: Final[dict[StoryShape, tuple[int, int]]] = {
    "9:16": (720, 1280),
    "1:1": (720, 720),
    "16:9": (1280, 720),
}
_FADE_S: Final = 0.8
# Shares of a scene's time: before the first there is the photo, after the second the painting.
_TURNS_FROM, _TURNS_UNTIL = 0.2, 0.62
# How much closer the view comes, or withdraws, during a scene.
_ZOOM: Final = 0.12
# Directions in which the views move, in shares of the room there is.
_DIRECTIONS: Final = ((0.7, -0.4), (-0.6, 0.5), (0.5, 0.6), (-0.7, -0.5))
# A picture of which less would be seen is shown whole, on a blurred copy of itself.
_SEEN_MIN: Final = 0.55
_BACKDROP_REDUCED: Final = 16
_BACKDROP_LIGHT: Final = 0.6
# Where a cut picture is cut, from the left and the top: faces are above the middle more often.
_CROP_AT: Final = (0.5, 0.4)
# Width of the changing zone, as a share of the whole change.
_SOFT: Final = 0.12
_STROKES: Final = 130
# How far bristles are ahead of or behind their stroke, as a share of the whole change.
_BRISTLES: Final = 0.04
# Slope of a wipe: how far it is ahead at the top.
_SLANT: Final = 0.25


@dataclass(frozen=True, slots=True)
class Timeline:
    """When each scene is seen.

    Attributes:
        scenes: Number of scenes.
        seconds: Length of the film.
    """

    scenes: int
    seconds: float

    @property
    def frames(self) -> int:
        """Number of frames."""
        return round(self.seconds * FPS)

    @property
    def fade_s(self) -> float:
        """Length of a fade from one scene to the next, seconds."""
        return min(_FADE_S, self.seconds / self.scenes / 4)

    def at(self, number: int) -> Iterator[tuple[int, float, float]]:
        """The scenes of a frame: number, share of its time that has passed, and opacity."""
        now, fade_s = number / FPS, self.fade_s
        scene_s = (self.seconds + (self.scenes - 1) * fade_s) / self.scenes
        for scene in range(self.scenes):
            passed = now - scene * (scene_s - fade_s)
            if 0 <= passed < scene_s or (scene == self.scenes - 1 and passed >= scene_s):
                opacity = 1.0 if scene == 0 or fade_s == 0 else min(1.0, passed / fade_s)
                yield scene, min(1.0, passed / scene_s), opacity


def length(scenes: int, seconds: float = 0.0) -> float:
    """The length of a story: as asked for, or by default long enough to look at each scene."""
    wanted = seconds or 2.0 + 3.6 * scenes
    return min(STORY_SECONDS_MAX, max(STORY_SECONDS_MIN, wanted))


@dataclass(frozen=True, slots=True)
class Story:
    """A story whose pictures have been laid out in a folder.

    Attributes:
        folder: The folder of the pictures.
        size: Width and height of the film, px.
        timeline: When each scene is seen.
        reveal: How a painting appears over its photo.
        caption: Text at the bottom; empty for none.
    """

    folder: Path
    size: tuple[int, int]
    timeline: Timeline
    reveal: Reveal
    caption: str = ""

    def lay_out(
        self, scene: int, photo: bytes, painting: bytes, limits: ImageLimits = DEFAULT_LIMITS
    ) -> None:
        """Decode a scene's photo and painting and store them at the film's size.

        Raises:
            ImageError: a file is no picture we accept.
        """
        for name, body in (("photo", photo), ("painting", painting)):
            picture = on_white(decode(body, limits=limits).as_frame(with_alpha=True))
            np.save(self._path(name, scene), _on_canvas(picture, self._canvas))

    def frames(self, numbers: Sequence[int]) -> Iterator[Frame]:
        """Draw some frames, (height, width, 3) each."""
        seen = sorted({scene for n in numbers for scene, _, _ in self.timeline.at(n)})
        views = {scene: self._view(scene) for scene in seen}
        caption = caption_of(self.caption, self.size) if self.caption else None
        for number in numbers:
            shown = [
                (views[scene].at(part), opacity)
                for scene, part, opacity in self.timeline.at(number)
            ]
            frame = shown[0][0]
            for above, opacity in shown[1:]:
                frame = _blended(above, frame, np.full(frame.shape[:2], opacity, np.float32))
            yield frame if caption is None else caption.over(frame)

    def _view(self, scene: int) -> "_View":
        photo, painting = (np.load(self._path(n, scene)) for n in ("photo", "painting"))
        return _View(scene, self.size, photo, painting, _arrival(self.reveal, self._canvas, scene))

    @property
    def _canvas(self) -> tuple[int, int]:
        width, height = self.size
        return round(width * (1 + _ZOOM)), round(height * (1 + _ZOOM))

    def _path(self, name: str, scene: int) -> Path:
        return self.folder / f"{name}-{scene}.npy"


class _View:
    """A scene: a slow movement over a picture that turns from photo to painting."""

    def __init__(
        self, scene: int, size: tuple[int, int], photo: Pixels, painting: Pixels, arrival: Plane
    ) -> None:
        self._size, self._photo, self._painting, self._arrival = size, photo, painting, arrival
        self._direction = _DIRECTIONS[scene % len(_DIRECTIONS)]
        self._withdraws = scene % 2 == 1

    def at(self, passed: float) -> Frame:
        """The scene when a share of its time has passed."""
        turned = _eased((passed - _TURNS_FROM) / (_TURNS_UNTIL - _TURNS_FROM))
        window = self._window(1 - passed if self._withdraws else passed)
        if turned <= 0:
            return self._seen(self._photo, window)
        painting = self._seen(self._painting, window)
        if turned >= 1:
            return painting
        behind = turned * (1 + _SOFT) - self._seen(self._arrival, window)
        share = np.clip(behind / _SOFT, 0, 1).astype(np.float32)
        return _blended(painting, self._seen(self._photo, window), share)

    def _window(self, near: float) -> NDArray[np.float64]:
        """The map from the film's pixels to the canvas's, from farthest (0) to nearest (1)."""
        zoom = 1 + _ZOOM * near
        window = np.zeros((2, 3))
        for axis, edge in enumerate(self._size):
            whole = self._photo.shape[1 - axis]
            scale = whole / zoom / edge
            start = whole * (1 - 1 / zoom) / 2 * (1 + self._direction[axis])
            # The middle of a pixel is mapped to the middle of another.
            window[axis, axis], window[axis, 2] = scale, start + scale / 2 - 0.5
        return window

    def _seen(self, canvas: NDArray[Number], window: NDArray[np.float64]) -> NDArray[Number]:
        flags, border = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, cv2.BORDER_REPLICATE
        seen = cv2.warpAffine(canvas, window, self._size, flags=flags, borderMode=border)
        return cast("NDArray[Number]", seen)


def _blended(above: Frame, below: Frame, share: Plane) -> Frame:
    """A frame over another, as far as `share` (0 to 1) says at each place."""
    return cast("Frame", cv2.blendLinear(above, below, share, 1 - share))


def _eased(share: float) -> float:
    """A movement that begins and ends softly: the smoothstep polynomial."""
    share = min(1.0, max(0.0, share))
    return share * share * (3 - 2 * share)


def _on_canvas(picture: Pixels, canvas: tuple[int, int]) -> Pixels:
    """A picture cut to the canvas, or whole on a blurred copy if too much would be cut off."""
    image = Image.fromarray(picture)
    cut = ImageOps.fit(image, canvas, Image.Resampling.LANCZOS, centering=_CROP_AT)
    shape, wanted = image.width / image.height, canvas[0] / canvas[1]
    if min(shape, wanted) / max(shape, wanted) >= _SEEN_MIN:
        return np.asarray(cut)
    small = cut.reduce(_BACKDROP_REDUCED).filter(ImageFilter.GaussianBlur(2))
    backdrop = small.resize(canvas, Image.Resampling.BICUBIC)
    backdrop = backdrop.point(lambda level: level * _BACKDROP_LIGHT)
    whole = ImageOps.contain(image, canvas, Image.Resampling.LANCZOS)
    backdrop.paste(whole, ((canvas[0] - whole.width) // 2, (canvas[1] - whole.height) // 2))
    return np.asarray(backdrop)


def _arrival(reveal: Reveal, canvas: tuple[int, int], seed: int) -> Plane:
    """When the painting arrives at each place, 0 (first) to 1 (last)."""
    width, height = canvas
    if reveal == "wipe":
        across, down = np.linspace(0, 1, width), np.linspace(0, 1, height)
        slanted = (across[None] + _SLANT * down[:, None]) / (1 + _SLANT)
        return slanted.astype(np.float32)
    return _brushed(width, height, np.random.default_rng(seed))


def _brushed(width: int, height: int, rng: np.random.Generator) -> Plane:
    """Arrival by brush strokes that begin in the middle; what none covers arrives last."""
    arrival = np.ones((height, width), np.float32)
    thickness = round(min(width, height) / 6)
    places = rng.uniform(-0.05, 1.05, (_STROKES, 2)) * (width, height)
    distance = np.hypot(*((places - (width / 2, height / 2)) / (width, height)).T)
    order = np.argsort(distance + rng.uniform(0, 0.25, _STROKES))
    # Later strokes are drawn first, so that at each place the earliest remains.
    for turn in range(_STROKES - 1, -1, -1):
        place = places[order[turn]]
        angle, reach = rng.normal(-0.5, 0.35), rng.uniform(0.15, 0.35) * width
        along = np.array([np.cos(angle), np.sin(angle)]) * reach
        bend = np.array([-along[1], along[0]]) * rng.uniform(-0.25, 0.25)
        steps = np.linspace(-1, 1, 12)[:, None]
        curve = place + along * steps + bend * (1 - steps**2)
        for step, (start, end) in enumerate(pairwise(curve.round().astype(int).tolist())):
            when = (turn + step / len(steps)) / (_STROKES + 1)
            cv2.line(arrival, start, end, when, thickness, cv2.LINE_8)
    # Bristles: streaks along the usual direction of the strokes.
    grain = rng.normal(0, 1, (height, width)).astype(np.float32)
    streaks = cv2.GaussianBlur(grain, (0, 0), sigmaX=width / 30, sigmaY=1.2)
    soft = cv2.GaussianBlur(arrival, (0, 0), sigmaX=width / 200)
    brushed = np.clip(soft + streaks * (_BRISTLES / streaks.std()), 0, 1)
    arrivals: Plane = brushed.astype(np.float32)
    return arrivals

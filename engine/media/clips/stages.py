"""The stages of rendering a clip, as codec workers run them.

OpenCV and PyAV, which need the extra `video`, are imported in the functions: the process that
plans the stages loads neither.
"""

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from engine.api.contract import ClipFormat, Scene, StoryOptions
from engine.media.clips.clip import Clip, ClipLimits, Frame
from engine.media.images import ImageLimits

if TYPE_CHECKING:
    from engine.media.clips.calm import Span
    from engine.media.clips.motion import Motion
    from engine.media.clips.story import Story

_LIBRARIES: Final = ("av", "cv2")
# Frames followed at a time.
_FOLLOWED: Final = 30
# What Telegram accepts as a video sticker: one side of 512 px, 3 s, 256 KB, no sound
# (core.telegram.org/stickers/webm-vp9-encoding).
_STICKER_SIDE_PX: Final = 512
_STICKER_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class Stillness:
    """How a clip's frames are held still.

    Attributes:
        motion: The motion of its frames.
        spans: Keys, and the frames between them.
        painted: Numbers of the frames that are painted.
    """

    motion: "Motion"
    spans: "Sequence[Span]"
    painted: Sequence[int]


def can_render_clips() -> bool:
    """Whether the extra `video` is installed."""
    return all(importlib.util.find_spec(name) for name in _LIBRARIES)


def limits_for(form: ClipFormat, limits: ClipLimits) -> ClipLimits:
    """The limits of a clip that becomes a file of a format; stickers are small and short."""
    if form != "sticker":
        return limits
    return replace(limits, max_side_px=_STICKER_SIDE_PX, max_seconds=_STICKER_SECONDS)


def is_clip(body: bytes) -> bool:
    """Whether a file moves."""
    from engine.media.clips import reading

    return reading.is_clip(body)


def read(body: bytes, path: Path, limits: ClipLimits) -> Clip:
    """Decode a clip into a file of frames; see `reading.read_clip`."""
    from engine.media.clips.reading import read_clip

    return read_clip(body, path, limits)


def pieces(clip: Clip) -> list[range]:
    """Frames that are followed at a time."""
    count = len(clip.durations_ms)
    return [range(at, min(count, at + _FOLLOWED)) for at in range(0, count, _FOLLOWED)]


def begin_motion(clip: Clip, folder: Path) -> "Motion":
    """Empty files for the motion of a clip."""
    from engine.media.clips.motion import Motion

    return Motion.of(clip, folder)


def measure(clip: Clip, motion: "Motion", numbers: Sequence[int]) -> list[int]:
    """Measure the motion of some frames; returns those after which another scene begins."""
    from engine.media.clips import motion as motions

    return motions.measure(clip, motion, numbers)


def plan(clip: Clip, motion: "Motion", cuts: Sequence[int]) -> Stillness:
    """Choose the frames that are painted."""
    from engine.media.clips import calm

    spans = calm.plan(motion, cuts, loops=clip.loops)
    ends = {number % motion.count for span in spans for number in (span.first, span.last)}
    fresh = {number for span in spans for number in span.fresh}
    return Stillness(motion, spans, sorted(ends | fresh))


def steady_span(clip: Clip, motion: "Motion", painted: Clip, result: Clip, span: "Span") -> None:
    """Make the frames of a span from the painted ones."""
    from engine.media.clips.calm import between

    source, keys, target = clip.frames(), painted.frames(), result.frames("r+")

    def painting(number: int) -> Frame:
        return np.ascontiguousarray(keys[number, ..., :3])

    for number, frame in between(motion, span, painting):
        target[number, ..., :3] = frame
        if clip.has_alpha:
            target[number, ..., 3] = source[number, ..., 3]


def write(clip: Clip, form: ClipFormat, encoder: str, source: bytes) -> bytes:
    """Encode a clip with the sound of its source; see `writing.write_clip`."""
    from engine.media.clips.writing import write_clip

    return write_clip(clip, form, encoder=encoder, source=source)


@dataclass(frozen=True, slots=True)
class StoryPlan:
    """A story in work.

    Attributes:
        story: The story.
        encoder: Name of the encoder.
        pieces: Number of pieces that it is made in.
        piece_px: Pixels of a piece, all its frames together.
    """

    story: "Story"
    encoder: str
    pieces: int
    piece_px: int

    def path(self, number: int) -> Path:
        """The file of a piece."""
        return self.story.folder / f"piece-{number}.mp4"


def begin_story(folder: Path, scenes: int, options: StoryOptions, encoder: str = "") -> StoryPlan:
    """Plan a story whose files are kept in a folder.

    Args:
        folder: The folder.
        scenes: Number of scenes.
        options: How they are shown.
        encoder: Encoder for H.264; empty for the best there is.

    Raises:
        InvalidOptionError: the caption cannot be shown.
        UnsupportedClipError: there is no encoder for the codec.
    """
    from engine.media.clips import story as stories
    from engine.media.clips.caption import caption_of
    from engine.media.clips.writing import find_encoder

    size = stories.SIZES[options.shape]
    if options.caption:
        caption_of(options.caption, size)
    timeline = stories.Timeline(scenes, stories.length(scenes, options.seconds))
    return StoryPlan(
        stories.Story(folder, size, timeline, options.reveal, options.caption),
        find_encoder(encoder if options.codec == "h264" else "", options.codec),
        -(-timeline.frames // stories.FPS),
        size[0] * size[1] * stories.FPS,
    )


def lay_out(plan: StoryPlan, number: int, scene: Scene, limits: ImageLimits) -> None:
    """Decode the pictures of a scene; see `Story.lay_out`."""
    plan.story.lay_out(number, scene.photo, scene.painting, limits)


def make_piece(plan: StoryPlan, number: int) -> None:
    """Draw and encode one second of a story."""
    from engine.media.clips.story import FPS
    from engine.media.clips.writing import write_piece

    story = plan.story
    numbers = range(number * FPS, min((number + 1) * FPS, story.timeline.frames))
    write_piece(plan.path(number), story.frames(numbers), story.size, FPS, plan.encoder)


def join_story(plan: StoryPlan) -> bytes:
    """The film of all pieces, an MP4."""
    from engine.media.clips.writing import join_pieces

    film = plan.story.folder / "film.mp4"
    join_pieces(list(map(plan.path, range(plan.pieces))), film)
    return film.read_bytes()


def check_encoder(name: str) -> None:
    """Check that there is an encoder for MP4.

    Raises:
        UnsupportedClipError: this build of FFmpeg has not.
    """
    from engine.media.clips.writing import find_encoder

    find_encoder(name)

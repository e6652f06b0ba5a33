"""Clips that a test's engine answers with, as the real one would."""

import io
from functools import cache
from typing import Any

import av
from PIL import Image

from engine.api.contract import ClipFormat
from tests.engine.media.clips.clip_files import animation, panned, quadrants, video


@cache
def rendered(form: ClipFormat) -> bytes:
    """A clip in a format that the engine writes."""
    frames = panned(4)
    if form == "gif":
        return animation([Image.fromarray(frame) for frame in frames], "GIF", duration=100, loop=0)
    if form == "mp4":
        return video(frames)
    # A sticker has one side of 512 px; see core.telegram.org/stickers/webm-vp9-encoding.
    frames = [quadrants(512, 256)] * 3 if form == "sticker" else frames
    return video(frames, format="webm", codec="libvpx-vp9")


def gif() -> bytes:
    """A GIF as people send it."""
    frames = [Image.new("RGB", (96, 64), colour) for colour in ("red", "green", "blue")]
    return animation(frames, "GIF", duration=100, loop=0)


def film(*, sound: bool = False) -> bytes:
    """A video as people send it."""
    return video([quadrants()] * 3, sound=sound)


def frames_and_sound(body: bytes) -> tuple[int, bool]:
    """How many frames a clip has, and whether there is sound."""
    opened: Any
    with av.open(io.BytesIO(body)) as opened:
        return len(list(opened.decode(video=0))), bool(opened.streams.audio)

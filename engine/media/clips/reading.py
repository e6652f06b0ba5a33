"""Reads clips: animated GIF, WebP, PNG and AVIF with Pillow, videos with PyAV.

Needs the extra `video`. Runs in codec workers.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from functools import partial
from io import BytesIO
from itertools import chain, count, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, cast

import numpy as np
from PIL import Image
from PIL.AvifImagePlugin import AvifImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from engine.api.errors import (
    BrokenImageError,
    ClipTooLongError,
    EngineError,
    ImageTooLargeError,
    ImageTooSmallError,
    UnsupportedClipError,
)
from engine.media import colour
from engine.media.clips.clip import DEFAULT_CLIP_LIMITS, Clip, ClipLimits, Frame
from engine.media.formats import recognise, video_kind
from engine.media.images import Picture
from engine.media.sampling import resample
from engine.media.transparency import fill_hidden

if TYPE_CHECKING:
    from av import Packet, VideoFrame, VideoStream
    from av.container import InputContainer
    from av.video.codeccontext import VideoCodecContext

_ANIMATED: Final[Mapping[str, Callable[[BytesIO], ImageFile]]] = {
    "GIF": GifImageFile,
    "WebP": WebPImageFile,
    "PNG": PngImageFile,
    "AVIF": AvifImageFile,
}
# The demuxer is named: some that FFmpeg would find by itself (playlists) open other files.
_DEMUXERS: Final = {"MP4": "mov", "WebM": "matroska", "AVI": "avi"}
_CODECS: Final = frozenset(
    {"h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "mpeg2video", "mjpeg", "h263", "prores"}
)
# The decoder of libvpx also reads the opacity of VP8 and VP9, which the usual one ignores.
_WITH_ALPHA: Final = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
# A sample entry of ISO/IEC 23001-7: the pictures are encrypted.
_ENCRYPTED: Final = re.compile(rb"stsd.{12}encv", re.DOTALL)
# Browsers show frames of less than 20 ms for 100 ms.
_SHORTEST_MS: Final = 20
_DEFAULT_MS: Final = 100
# A header's duration is rounded, and sound may be a little longer than the picture.
_TOLERANCE_S: Final = 0.5
# Times of frames are rounded to milliseconds, and sometimes to less.
_ROUNDED_S: Final = 0.002
# Players assume the colour matrix of a video that does not name it by the number of rows.
_HD_ROWS: Final = 576
_BT601, _BT709 = 5, 1
_UNSPECIFIED: Final = 2
_THREADS: Final = 2
# Wrong pieces of a damaged video that are skipped, as players do.
_SKIPPED_PACKETS: Final = 100


class _Shown(NamedTuple):
    """A frame: when it is shown and how long, in seconds, and a function for its pixels."""

    at_s: float
    lasts_s: float
    pixels: Callable[[], Frame]


def read_clip(body: bytes, path: Path, limits: ClipLimits = DEFAULT_CLIP_LIMITS) -> Clip:
    """Decode a clip file into a file of frames.

    Args:
        body: The file.
        path: Where the frames are written.
        limits: The limits.

    Raises:
        ClipTooLongError: it is longer than the limits allow.
        UnsupportedClipError: it is of no known format, encrypted, or has no pictures.
        ImageTooLargeError: a frame is too large.
        ImageTooSmallError: a frame is too small.
        BrokenImageError: it cannot be decoded.
    """
    video = video_kind(body)
    try:
        if video:
            return _read_video(video, body, path, limits)
        return _read_animation(recognise(body), body, path, limits)
    except EngineError:
        raise
    except (MemoryError, Image.DecompressionBombError) as error:
        raise ImageTooLargeError("The clip takes more memory than a decoder may use.") from error
    except Exception as error:
        # Decoders raise errors of many kinds, and a list of them would not stay complete.
        raise _broken() from error


def is_clip(body: bytes) -> bool:
    """Whether a file moves: a video, or a picture of several frames."""
    if video_kind(body):
        return True
    # Decoders raise errors of many kinds; what is broken is reported when it is decoded.
    with suppress(Exception), _ANIMATED[recognise(body)](BytesIO(body)) as image:
        return bool(getattr(image, "is_animated", False))
    return False


def _read_animation(kind: str, body: bytes, path: Path, limits: ClipLimits) -> Clip:
    if kind not in _ANIMATED:
        raise UnsupportedClipError(
            "This is a single picture, not a clip: write .jpg, .png or .webp."
        )
    with _ANIMATED[kind](BytesIO(body)) as image:
        _check_source(image.size, limits)
        size = _kept_size(image.size, limits)
        # An AVIF has no number of repetitions; viewers repeat it.
        loops = kind == "AVIF" or image.info.get("loop") == 0
        return _write(_animation_frames(image, size), path, size, limits, loops=loops)


def _animation_frames(image: ImageFile, size: tuple[int, int]) -> Iterator[_Shown]:
    at_s = 0.0
    for number in count():
        try:
            image.seek(number)
            image.load()
        except EOFError:
            return
        except (OSError, SyntaxError, ValueError):
            if number == 0:
                raise
            return  # viewers show what comes before the damage
        taken_ms = float(image.info.get("duration", 0))
        lasts_s = (taken_ms if taken_ms >= _SHORTEST_MS else _DEFAULT_MS) / 1000
        yield _Shown(at_s, lasts_s, partial(_shown_pixels, image, size))
        at_s += lasts_s


def _shown_pixels(image: Image.Image, size: tuple[int, int]) -> Frame:
    """An animation's current frame, (h, w, 4); hidden pixels have the colours of visible ones."""
    shown = image.convert("RGBA")
    if shown.getchannel("A").getextrema() == (255, 255):
        shown = resample(shown.convert("RGB"), size)
        shown.putalpha(255)
        return np.asarray(shown)
    if shown.size != size:
        # Premultiplied, so that the colours of hidden pixels do not bleed into visible ones.
        weighted = shown.convert("RGBa").resize(size, Image.Resampling.LANCZOS)
        shown = weighted.convert("RGBA")
    pixels = np.array(shown)
    fill_hidden(pixels[..., :3], pixels[..., 3])
    return pixels


def _read_video(kind: str, body: bytes, path: Path, limits: ClipLimits) -> Clip:
    import av

    av.logging.set_level(None)
    if _ENCRYPTED.search(body):
        raise UnsupportedClipError("This video is encrypted; only its own player can show it.")
    with av.open(
        BytesIO(body), "r", format=_DEMUXERS[kind], metadata_errors="replace"
    ) as container:
        covers = av.stream.Disposition.attached_pic
        streams = [s for s in container.streams.video if not s.disposition & covers]
        if not streams:
            raise UnsupportedClipError("There are no pictures in this file, only sound.")
        stream = streams[0]
        _check_stream(container, stream, limits)
        frames = _decoded(container, stream)
        first = next(frames, None)
        if first is None:
            raise _broken()
        turns = round(first.rotation / 90) % 4
        stored = _kept_size(_displayed(stream, turns), limits)
        size = stored[::-1] if turns % 2 else stored
        rate = float(stream.average_rate or 25)
        shown = _video_frames(chain([first], frames), stored, turns, 1 / rate)
        return _write(shown, path, size, limits, sound=bool(container.streams.audio))


def _check_stream(container: "InputContainer", stream: "VideoStream", limits: ClipLimits) -> None:
    """Refuse by the header what is too long or too large, or cannot be decoded."""
    codec = stream.codec_context.name
    if codec not in _CODECS:
        raise UnsupportedClipError(
            f"The video is coded as {codec or 'something unknown'}, which is not supported."
        )
    lengths = [container.duration / 1e6 if container.duration else 0.0]
    if stream.duration and stream.time_base:
        lengths = [float(stream.duration * stream.time_base)]
    if lengths[0] > limits.max_seconds + _TOLERANCE_S:
        raise _too_long(lengths[0], limits)
    _check_source((stream.width, stream.height), limits)


def _displayed(stream: "VideoStream", turns: int) -> tuple[int, int]:
    """The (width, height) that a video is shown at before it is turned, with square pixels."""
    aspect = stream.sample_aspect_ratio
    if not aspect or not 1 / 8 <= aspect <= 8:
        aspect = Fraction(1)
    # The longer way round, so that no pixel is lost.
    if aspect >= 1:
        return round(stream.width * aspect), stream.height
    return stream.width, round(stream.height / aspect)


def _decoded(container: "InputContainer", stream: "VideoStream") -> Iterator["VideoFrame"]:
    """The frames of a video; damaged pieces are left out, as players do."""
    import av

    decode: Callable[[Packet[VideoStream]], Sequence[VideoFrame]] = av.Packet.decode
    name = _WITH_ALPHA.get(stream.codec_context.name)
    if name and stream.metadata.get("alpha_mode", stream.metadata.get("ALPHA_MODE")) == "1":
        decode = cast("VideoCodecContext", av.CodecContext.create(name, "r")).decode
    else:
        stream.codec_context.thread_type = "AUTO"
        stream.codec_context.thread_count = _THREADS
    skipped = 0
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                return
            yield from decode(packet)
        except av.error.InvalidDataError:
            skipped += 1
            if skipped > _SKIPPED_PACKETS:
                return


def _video_frames(
    frames: Iterable["VideoFrame"], size: tuple[int, int], turns: int, typical_s: float
) -> Iterator[_Shown]:
    start: float | None = None
    next_s = 0.0
    for frame in frames:
        at_s = next_s if frame.pts is None else frame.time
        start = at_s if start is None else start
        base = frame.time_base
        lasts_s = float(frame.duration * base) if frame.duration and base else typical_s
        if start - at_s <= 0:  # frames before the first one belong to what was cut off
            yield _Shown(at_s - start, lasts_s, partial(_video_pixels, frame, size, turns))
        next_s = at_s + lasts_s


def _video_pixels(frame: "VideoFrame", size: tuple[int, int], turns: int) -> Frame:
    """A frame as upright sRGB, (h, w, 3 or 4)."""
    with_alpha = frame.format.name.startswith("yuva")
    matrix: int = frame.colorspace
    if matrix == _UNSPECIFIED:
        matrix = _BT709 if frame.height > _HD_ROWS or frame.width >= 2 * _HD_ROWS else _BT601
    shown = frame.reformat(
        *size, "rgba" if with_alpha else "rgb24", src_colorspace=matrix,
        interpolation=_interpolation(frame, size), threads=1,
    )  # fmt: skip
    pixels = np.array(shown.to_ndarray(), np.uint8)
    meaning = colour.from_numbers(frame.color_primaries, frame.color_trc)
    if meaning is not None:
        rgb = colour.to_srgb(Image.fromarray(pixels[..., :3]), meaning)
        pixels[..., :3] = np.asarray(rgb)
    return np.rot90(pixels, turns)


def _interpolation(frame: "VideoFrame", size: tuple[int, int]) -> str:
    return "AREA" if frame.width > size[0] else "BICUBIC"


def _write(
    frames: Iterator[_Shown],
    path: Path,
    size: tuple[int, int],
    limits: ClipLimits,
    *,
    loops: bool = False,
    sound: bool = False,
) -> Clip:
    """Write the frames that are kept, all with three channels or all with four."""
    times: list[float] = []
    clear: list[bool] = []
    end_s = 0.0
    with path.open("wb") as file:
        for number, shown in enumerate(frames):
            if number >= limits.max_source_frames:
                raise ClipTooLongError(
                    f"The clip has more than {limits.max_source_frames} frames, which is the most "
                    "that is accepted."
                )
            end_s = shown.at_s + shown.lasts_s
            if shown.at_s > limits.max_seconds + _TOLERANCE_S:
                raise _too_long(end_s, limits)
            if times and shown.at_s - times[-1] < 1 / limits.max_fps - _ROUNDED_S:
                continue
            pixels = Picture.of_frame(shown.pixels()).as_frame(with_alpha=True)
            clear.append(bool((pixels[..., 3] < 255).any()))
            times.append(shown.at_s)
            file.write(pixels.tobytes())
    if not times:
        raise _broken()
    starts = [round(1000 * at_s) for at_s in [*times, end_s]]
    durations = [max(1, after - before) for before, after in pairwise(starts)]
    clip = Clip(path, size[1], size[0], durations, has_alpha=True, loops=loops, has_sound=sound)
    return clip if any(clear) else _without_alpha(clip)


def _without_alpha(clip: Clip) -> Clip:
    """The same clip with three channels; the file is rewritten."""
    source = clip.frames()
    opaque = replace(clip, path=clip.path.with_suffix(".rgb"), has_alpha=False)
    target = opaque.frames("w+")
    for number, frame in enumerate(source):
        target[number] = frame[..., :3]
    clip.path.unlink()
    return opaque


def _check_source(size: tuple[int, int], limits: ClipLimits) -> None:
    width, height = size
    if width * height > limits.max_source_pixels:
        raise ImageTooLargeError(
            f"The clip is {width} x {height} pixels; "
            f"at most {limits.max_source_pixels / 1e6:g} megapixels a frame are accepted."
        )


def _kept_size(size: tuple[int, int], limits: ClipLimits) -> tuple[int, int]:
    """The (width, height) that a clip is worked on at; both are even, as video codecs want."""
    scale = min(1.0, limits.max_side_px / max(size))
    width, height = (round(edge * scale / 2) * 2 for edge in size)
    if min(width, height) < limits.min_side_px:
        raise ImageTooSmallError(
            f"The clip is {size[0]} x {size[1]} pixels, too small or too narrow to work on: "
            f"each side needs {limits.min_side_px} once the longer one has at most "
            f"{limits.max_side_px}."
        )
    return width, height


def _too_long(seconds: float, limits: ClipLimits) -> ClipTooLongError:
    lasts = f"lasts {seconds:.0f} seconds" if seconds < 120 else f"lasts {seconds / 60:.0f} minutes"
    return ClipTooLongError(
        f"The clip {lasts}; at most {limits.max_seconds:g} seconds are accepted."
    )


def _broken() -> BrokenImageError:
    return BrokenImageError("The clip is incomplete or damaged and cannot be read.")

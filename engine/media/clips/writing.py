"""Writes clips: GIF, MP4 (H.264 or what there is) and WebM (VP9, with opacity), by PyAV.

Needs the extra `video`. Runs in codec workers.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from io import BytesIO
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import av
import numpy as np
from av.codec import codecs_available
from av.filter import Graph

from engine.api.contract import ClipFormat, StoryCodec
from engine.api.errors import UnsupportedClipError
from engine.media.clips.clip import Clip, Frame, on_white
from engine.media.images import Picture

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.filter.context import FilterContext
    from av.video.stream import VideoStream

# In the order they are preferred: x264 is better and GPL, the others stand in for it.
_ENCODERS: Final[Mapping[StoryCodec, Sequence[str]]] = {
    "h264": ("libx264", "libopenh264", "h264_nvenc", "mpeg4"),
    "h265": ("libx265", "hevc_nvenc"),
}
_MILLISECONDS: Final = Fraction(1, 1000)
_INDEX_FIRST: Final = {"movflags": "+faststart"}
# GIF counts in hundredths of a second, and viewers slow down frames of less than two.
_CENTISECONDS: Final = Fraction(1, 100)
_PALETTE_SIZE: Final = (16, 16)
_PALETTE_FRAMES: Final = 40
# Code points of ITU-T H.273, and the range of television.
_BT709, _LIMITED = 1, 1
_KEYFRAME_S: Final = 1
_SOUND_BITS_PER_S: Final = 128_000
_SOUND_RATE_HZ: Final = 48_000
# Encoder to the codecs that the same file may contain as they are.
_COPIED: Final = {"aac": frozenset({"aac", "mp3"}), "libopus": frozenset({"opus", "vorbis"})}
_WEBM_QUALITY: Final = 30
_STICKER_QUALITIES: Final = (28, 38, 48, 56, 63)

# Largest video sticker that Telegram accepts.
_STICKER_BYTES: Final = 256 * 1024


def find_encoder(wanted: str = "", codec: StoryCodec = "h264") -> str:
    """The encoder for MP4: the wanted one, or the best there is for a codec.

    Raises:
        UnsupportedClipError: it is not in this build of FFmpeg.
    """
    names = [wanted] if wanted else _ENCODERS[codec]
    found = next((name for name in names if name in codecs_available), None)
    if found is None:
        raise UnsupportedClipError(f"This engine has no encoder {wanted or codec!r}.")
    return found


def write_clip(
    clip: Clip, form: ClipFormat, *, encoder: str = "", source: bytes | None = None
) -> bytes:
    """Encode a clip.

    Args:
        clip: The frames.
        form: The file's format.
        encoder: Encoder of an MP4; empty for the first of `_ENCODERS` that there is.
        source: The file whose sound is kept, in MP4 and WebM; None for no sound.
    """
    sound = source if clip.has_sound else None
    if form == "gif":
        return _write_gif(clip)
    if form == "mp4":
        return _write_mp4(clip, find_encoder(encoder), sound)
    if form == "webm":
        return _write_webm(clip, _WEBM_QUALITY, sound)
    return _write_sticker(clip)


def write_piece(
    path: Path, frames: Iterable[Frame], size: tuple[int, int], fps: int, encoder: str
) -> None:
    """Encode a part of a film that `join_pieces` can append to others.

    Args:
        path: The file, an MP4.
        frames: Its frames, (height, width, 3).
        size: Their width and height, px; even.
        fps: Frames per second.
        encoder: Name of the encoder.
    """
    with av.open(path, "w", format="mp4") as container:
        stream = _add_video(container, encoder, Fraction(fps), size, "yuv420p")
        stream.codec_context.time_base = unit = Fraction(1, fps)
        stream.codec_context.gop_size = fps * _KEYFRAME_S
        if encoder in _ENCODERS["h265"]:
            # Apple's players take no other name of H.265.
            stream.codec_context.codec_tag = "hvc1"
        # Frames that refer to later ones would make pieces overlap.
        stream.codec_context.max_b_frames = 0
        _encode(container, stream, ((frame, n, 1) for n, frame in enumerate(frames)), unit)


def join_pieces(paths: Sequence[Path], target: Path) -> None:
    """Append pieces, without coding them again, into an MP4 whose index comes first."""
    with av.open(target, "w", format="mp4", options=_INDEX_FIRST) as container:
        out: VideoStream | None = None
        start = 0
        for path in paths:
            with av.open(path, "r") as piece:
                track = piece.streams.video[0]
                if out is None:
                    out = container.add_stream_from_template(track)
                    out.codec_context.codec_tag = track.codec_context.codec_tag
                for packet in piece.demux(track):
                    if packet.pts is None or packet.dts is None:
                        continue
                    packet.pts, packet.dts = packet.pts + start, packet.dts + start
                    packet.stream = out
                    container.mux(packet)
                start += track.duration or 0


def _write_mp4(clip: Clip, name: str, source: bytes | None) -> bytes:
    # Moving the index to the front, for players that begin early, needs a file with a name.
    path = clip.path.with_suffix(".written")
    with av.open(path, "w", format="mp4", options=_INDEX_FIRST) as container:
        stream = _add_video(container, name, _rate(clip), (clip.width, clip.height), "yuv420p")
        stream.codec_context.gop_size = max(1, round(_rate(clip) * _KEYFRAME_S))
        sound = _Sound(container, source, "aac") if source else None
        _encode(container, stream, ((on_white(frame), at, ms) for frame, at, ms in _frames(clip)))
        if sound:
            sound.write(clip.seconds)
    return path.read_bytes()


def _frames(clip: Clip) -> Iterator[tuple[Frame, int, int]]:
    """Every frame, when it is shown and for how long, in ms."""
    starts = accumulate(clip.durations_ms, initial=0)
    yield from zip(clip.frames(), starts, clip.durations_ms, strict=False)


def _add_video(
    container: "OutputContainer",
    encoder: str,
    rate: Fraction,
    size: tuple[int, int],
    layout: str,
    options: dict[str, str] | None = None,
) -> "VideoStream":
    """A stream for pictures of a size (width, height)."""
    found = container.add_stream(encoder, rate=rate, options=options or _quality(encoder))
    stream = cast("VideoStream", found)
    stream.width, stream.height = size
    stream.pix_fmt = layout
    context = stream.codec_context
    context.time_base = _MILLISECONDS
    # The colours are named so that no player has to guess them.
    context.colorspace, context.color_range = _BT709, _LIMITED
    context.color_primaries, context.color_trc = _BT709, _BT709
    return stream


def _encode(
    container: "OutputContainer",
    stream: "VideoStream",
    frames: Iterable[tuple[Frame, int, int]],
    unit: Fraction = _MILLISECONDS,
) -> None:
    """Encode frames with the times, in a unit of seconds, that they are shown at and for."""
    durations: dict[int, int] = {}

    def mux(packets: "Iterable[av.Packet[VideoStream]]") -> None:
        for packet in packets:
            # Not every encoder passes it on, and a file's end depends on the last one.
            packet.duration = durations.get(packet.pts or 0, 0)
            container.mux(packet)

    for frame, start, duration in frames:
        kind = "rgba" if frame.shape[2] == 4 else "rgb24"
        shown = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), kind).reformat(
            format=stream.pix_fmt, dst_colorspace=_BT709, dst_color_range=_LIMITED
        )
        shown.pts, shown.time_base, shown.duration = start, unit, duration
        durations[start] = duration
        mux(stream.encode(shown))
    mux(stream.encode(None))


def _quality(encoder: str) -> dict[str, str]:
    """Visually clean at a moderate speed; one thread, as other workers have the other cores."""
    if encoder == "libx264":
        return {"crf": "20", "preset": "veryfast", "threads": "1", "profile": "high"}
    if encoder == "libx265":
        return {"crf": "22", "preset": "fast", "x265-params": "log-level=error:pools=1"}
    return {"qscale": "3"} if encoder == "mpeg4" else {"b": "6M"}


def _rate(clip: Clip) -> Fraction:
    """Mean frames per second."""
    total = max(1, sum(clip.durations_ms))
    return Fraction(1000 * len(clip.durations_ms), total).limit_denominator(1001)


class _Sound:
    """Takes the sound of a file into another: copied if possible, else coded again."""

    def __init__(self, target: "OutputContainer", source: bytes, codec: str) -> None:
        self._target = target
        self._source = av.open(BytesIO(source), "r", metadata_errors="replace")
        self._track = self._source.streams.audio[0]
        self._copied = self._track.codec_context.name in _COPIED[codec]
        if self._copied:
            self._out = target.add_stream_from_template(self._track)
        else:
            self._out = cast("AudioStream", target.add_stream(codec, rate=_SOUND_RATE_HZ))
            self._out.codec_context.bit_rate = _SOUND_BITS_PER_S

    def write(self, seconds: float) -> None:
        """Write the sound of the first seconds; damaged pieces are left out."""
        start: float | None = None
        with self._source:
            for packet in self._source.demux(self._track):
                if packet.pts is None:
                    continue
                at_s = float(packet.pts * packet.time_base)
                start = at_s if start is None else start
                if at_s - start >= seconds:
                    break
                try:
                    self._take(packet)
                except av.error.InvalidDataError:
                    continue
            if not self._copied:
                self._target.mux(self._out.encode(None))

    def _take(self, packet: "av.Packet[AudioStream]") -> None:
        if self._copied:
            packet.stream = self._out
            self._target.mux(packet)
            return
        for frame in packet.decode():
            frame.pts = None
            self._target.mux(self._out.encode(frame))


def _write_sticker(clip: Clip) -> bytes:
    """A WebM as small as a sticker must be; more coarsely coded until it fits."""
    body = b""
    for quality in _STICKER_QUALITIES:
        body = _write_webm(clip, quality, None)
        if len(body) <= _STICKER_BYTES:
            break
    return body


def _write_webm(clip: Clip, quality: int, source: bytes | None) -> bytes:
    file = BytesIO()
    layout = "yuva420p" if clip.has_alpha else "yuv420p"
    options = {
        "crf": str(quality),
        "b": "0",
        "deadline": "realtime",
        "cpu-used": "6",
        "auto-alt-ref": "0",
    }
    with av.open(file, "w", format="webm") as container:
        size = clip.width, clip.height
        stream = _add_video(container, "libvpx-vp9", _rate(clip), size, layout, options)
        if clip.has_alpha:
            stream.metadata["alpha_mode"] = "1"
        sound = _Sound(container, source, "libopus") if source else None
        _encode(container, stream, _frames(clip))
        if sound:
            sound.write(clip.seconds)
    return file.getvalue()


def _write_gif(clip: Clip) -> bytes:
    """One palette for all frames, and an ordered dither: both keep still places still."""
    palette = _palette(clip)
    graph = Graph()
    frames, colours = _buffer(graph, clip.width, clip.height), _buffer(graph, *_PALETTE_SIZE)
    use = graph.add("paletteuse", "dither=bayer:bayer_scale=4:diff_mode=rectangle")
    sink = graph.add("buffersink")
    frames.link_to(use, 0, 0)
    colours.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    colours.push(palette)
    colours.push(None)
    file = BytesIO()
    last_cs = max(2, round(clip.durations_ms[-1] / 10))
    options = {"loop": "0" if clip.loops else "-1", "final_delay": str(last_cs)}
    with av.open(file, "w", format="gif", options=options) as container:
        stream = container.add_stream("gif", rate=_rate(clip))
        stream.width, stream.height, stream.pix_fmt = clip.width, clip.height, "pal8"
        stream.codec_context.time_base = _CENTISECONDS
        last = -1
        for frame, at_ms, _ in _frames(clip):
            shown = _rgba(frame)
            last = max(last + 1, round(at_ms / 10))
            shown.pts, shown.time_base = last, _CENTISECONDS
            frames.push(shown)
            container.mux(stream.encode(_pulled(sink, last)))
        container.mux(stream.encode(None))
    return file.getvalue()


def _pulled(sink: "FilterContext", at: int) -> "av.VideoFrame":
    frame = cast("av.VideoFrame", sink.pull())
    frame.pts, frame.time_base = at, _CENTISECONDS
    return frame


def _palette(clip: Clip) -> "av.VideoFrame":
    """The 256 colours of some frames, one of them transparent, as FFmpeg's filters pass them on."""
    graph = Graph()
    frames = _buffer(graph, clip.width, clip.height)
    collect = graph.add("palettegen", f"reserve_transparent={int(clip.has_alpha)}:stats_mode=full")
    sink = graph.add("buffersink")
    frames.link_to(collect)
    collect.link_to(sink)
    graph.configure()
    every = -(-len(clip.durations_ms) // _PALETTE_FRAMES)
    for number, frame in enumerate(clip.frames()[::every]):
        shown = _rgba(frame)
        shown.pts, shown.time_base = number, _CENTISECONDS
        frames.push(shown)
    frames.push(None)
    return cast("av.VideoFrame", sink.pull())


def _buffer(graph: Graph, width: int, height: int) -> "FilterContext":
    return graph.add_buffer(
        width=width, height=height, format=av.VideoFormat("rgba"), time_base=_CENTISECONDS
    )


def _rgba(frame: Frame) -> "av.VideoFrame":
    pixels = Picture.of_frame(frame).as_frame(with_alpha=True)
    return av.VideoFrame.from_ndarray(pixels, "rgba")

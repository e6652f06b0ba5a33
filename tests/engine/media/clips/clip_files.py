"""Makes clip files with PyAV and Pillow."""

import struct
from fractions import Fraction
from io import BytesIO
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
QUADRANTS: Final = ((200, 40, 40), (40, 160, 40), (40, 40, 200), (200, 180, 40))
FPS: Final = 10


def quadrants(width: int = 96, height: int = 64) -> Pixels:
    """Red and green above blue and yellow."""
    frame = np.zeros((height, width, 3), np.uint8)
    for number, colour in enumerate(QUADRANTS):
        rows = slice(height // 2 * (number // 2), height // 2 * (number // 2 + 1))
        frame[rows, width // 2 * (number % 2) : width // 2 * (number % 2 + 1)] = colour
    return frame


def texture(width: int, height: int, seed: int = 0) -> Pixels:
    """Soft blobs that flow can follow."""
    random = np.random.default_rng(seed)
    small = random.integers(0, 256, (height // 8, width // 8, 3), np.uint8)
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))


def panned(count: int = 12, width: int = 160, height: int = 96, step: int = 3) -> list[Pixels]:
    """A texture that moves to the left by `step` pixels a frame."""
    wide = texture(width + count * step + 8, height)
    return [np.ascontiguousarray(wide[:, at * step : at * step + width]) for at in range(count)]


def video(  # noqa: PLR0913 - a video has many properties
    frames: list[Pixels],
    *,
    format: str = "mp4",  # noqa: A002 - PyAV's word
    codec: str = "libx264",
    layout: str = "yuv420p",
    times_ms: list[int] | None = None,
    sound: bool = False,
    options: dict[str, str] | None = None,
    **described: Any,
) -> bytes:
    """A video of (h, w, 3 or 4) frames; `described` sets fields of the codec's context."""
    file = BytesIO()
    with av.open(file, "w", format=format) as container:
        stream: Any = container.add_stream(codec, rate=FPS, options=options or {})
        height, width = frames[0].shape[:2] if frames else (64, 96)
        stream.width, stream.height, stream.pix_fmt = width, height, layout
        stream.codec_context.time_base = Fraction(1, 1000)
        for name, value in described.items():
            setattr(stream.codec_context, name, value)
        if layout.startswith("yuva"):
            stream.metadata["alpha_mode"] = "1"
        heard: Any = container.add_stream("aac", rate=44_100) if sound else None
        times = times_ms or [1000 // FPS * number for number in range(len(frames))]
        for at, pixels in zip(times, frames, strict=True):
            kind = "rgba" if pixels.shape[2] == 4 else "rgb24"
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), kind)
            frame = frame.reformat(format=layout, dst_colorspace=described.get("colorspace"))
            frame.pts, frame.time_base = at, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if heard is not None:
            _hum(container, heard, len(frames) / FPS)
    return file.getvalue()


def _hum(container: Any, stream: Any, seconds: float) -> None:
    count = int(44_100 * seconds)
    wave = (np.sin(np.arange(count) / 20) * 8000).astype(np.int16)[None]
    for start in range(0, count, 1024):
        frame = av.AudioFrame.from_ndarray(wave[:, start : start + 1024], "s16", "mono")
        frame.sample_rate = 44_100
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def sound_only() -> bytes:
    """An MP4 without pictures."""
    file = BytesIO()
    with av.open(file, "w", format="mp4") as container:
        _hum(container, container.add_stream("aac", rate=44_100), 1.0)
    return file.getvalue()


def turned(body: bytes, matrix: tuple[int, int, int, int]) -> bytes:
    """An MP4 whose track header says that it is to be turned (ISO/IEC 14496-12, 8.3.2)."""
    at = body.index(b"tkhd") + 4 + 4 + 20 + 8 + 8
    a, b, c, d = (value * 0x10000 for value in matrix)
    written = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 0x40000000)
    return body[:at] + written + body[at + 36 :]


def lasting(body: bytes, seconds: int) -> bytes:
    """An MP4 whose headers claim another length."""
    for name, scale_at, length_at in ((b"mvhd", 12, 16), (b"mdhd", 12, 16)):
        at = body.index(name) + 4
        (scale,) = struct.unpack_from(">I", body, at + scale_at)
        body = (
            body[: at + length_at] + struct.pack(">I", seconds * scale) + body[at + length_at + 4 :]
        )
    at = body.index(b"elst") + 4 + 8
    (scale,) = struct.unpack_from(">I", body, body.index(b"mvhd") + 4 + 12)
    return body[:at] + struct.pack(">I", seconds * scale) + body[at + 4 :]


def animation(frames: list[Image.Image], format: str, **options: Any) -> bytes:  # noqa: A002
    """An animated picture by Pillow."""
    file = BytesIO()
    several = {"save_all": True, "append_images": frames[1:]} if len(frames) > 1 else {}
    frames[0].save(file, format, **several, **options)
    return file.getvalue()

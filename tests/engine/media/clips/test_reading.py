"""Clips of many kinds: each right, or refused with a sentence."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.api.errors import (
    BrokenImageError,
    ClipTooLongError,
    EngineError,
    ImageTooLargeError,
    ImageTooSmallError,
    UnsupportedClipError,
)
from engine.media.clips.clip import Clip, ClipLimits
from engine.media.clips.reading import is_clip, read_clip
from tests.engine.media.clips.clip_files import (
    QUADRANTS,
    animation,
    lasting,
    quadrants,
    sound_only,
    turned,
    video,
)

Read = Callable[..., Clip]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def reading(body: bytes, limits: ClipLimits | None = None) -> Clip:
        return read_clip(body, tmp_path / "frames", limits or ClipLimits())

    return reading


def corners(frame: np.ndarray) -> list[tuple[int, ...]]:
    """The colours in the middle of the four quarters."""
    height, width = frame.shape[:2]
    return [
        tuple(int(value) for value in frame[height * y // 4, width * x // 4])
        for y in (1, 3)
        for x in (1, 3)
    ]


def near(found: list[tuple[int, ...]], wanted: list[tuple[int, ...]], by: int = 12) -> bool:
    pairs = zip(found, wanted, strict=True)
    return all(abs(a - b) <= by for one, two in pairs for a, b in zip(one[:3], two, strict=True))


MOVIES = {
    "mp4": video([quadrants()] * 5),
    "h265": video([quadrants()] * 5, codec="libx265", options={"x265-params": "log-level=none"}),
    "mov": video([quadrants()] * 5, format="mov"),
    "webm": video([quadrants()] * 5, format="webm", codec="libvpx-vp9"),
    "mkv": video([quadrants()] * 5, format="matroska"),
    "avi": video([quadrants()] * 5, format="avi", codec="mpeg4"),
}


@pytest.mark.parametrize("kind", MOVIES)
def test_videos_of_every_kind(read: Read, kind: str):
    clip = read(MOVIES[kind])
    assert is_clip(MOVIES[kind])
    assert clip.shape == (5, 64, 96, 3)
    assert abs(clip.seconds - 0.5) < 0.11
    assert near(corners(clip.frames()[3]), list(QUADRANTS))


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG", "AVIF"])
def test_animations_of_every_kind(read: Read, format: str):  # noqa: A002
    frames = [Image.fromarray(np.roll(quadrants(), 8 * n, axis=1)) for n in range(4)]
    body = animation(frames, format, duration=120, loop=0)
    assert is_clip(body)
    clip = read(body)
    assert clip.shape == (4, 64, 96, 3)
    assert list(clip.durations_ms) == [120] * 4
    assert clip.loops
    assert near(corners(clip.frames()[0]), list(QUADRANTS), 24)


def test_a_single_picture_is_none(read: Read):
    for format in ("JPEG", "PNG", "GIF", "WEBP"):  # noqa: A001
        body = animation([Image.fromarray(quadrants())], format)
        assert not is_clip(body)
    with pytest.raises(UnsupportedClipError, match="single picture"):
        read(animation([Image.fromarray(quadrants())], "JPEG"))


@pytest.mark.parametrize(
    ("matrix", "order"),
    [((0, 1, -1, 0), (2, 0, 3, 1)), ((-1, 0, 0, -1), (3, 2, 1, 0)), ((0, -1, 1, 0), (1, 3, 0, 2))],
)
def test_a_turned_phone(read: Read, matrix: tuple[int, int, int, int], order: tuple[int, ...]):
    clip = read(turned(MOVIES["mp4"], matrix))
    assert (clip.height > clip.width) == (matrix[0] == 0)
    assert near(corners(clip.frames()[2]), [QUADRANTS[index] for index in order])


def test_uneven_times_are_kept_and_fast_clips_thinned(read: Read):
    frames = [quadrants()] * 4
    uneven = read(video(frames, times_ms=[0, 100, 700, 800]))
    assert list(uneven.durations_ms)[:3] == [100, 600, 100]
    fast = read(video([quadrants()] * 30, times_ms=[20 * n for n in range(30)]))
    assert len(fast.durations_ms) == 8
    assert abs(fast.seconds - 0.6) < 0.1


def test_large_frames_are_reduced_and_odd_sides_made_even(read: Read):
    clip = read(video([quadrants(1280, 720)] * 2, colorspace=1))
    assert (clip.width, clip.height) == (720, 404)
    assert near(corners(clip.frames()[0]), list(QUADRANTS))
    odd = read(
        animation(
            [Image.fromarray(quadrants(98, 66)).crop((0, 0, 97, 65))] * 1
            + [Image.fromarray(quadrants(97 + 1, 66)).crop((1, 1, 98, 66))],
            "GIF",
        )
    )
    assert odd.width % 2 == odd.height % 2 == 0


def test_transparency_is_kept(read: Read):
    seen = np.zeros((64, 96, 4), np.uint8)
    seen[16:48, 24:72] = (200, 40, 40, 255)
    moved = [np.roll(seen, 4 * n, axis=1) for n in range(3)]
    stickers = {
        "gif": animation([Image.fromarray(f) for f in moved], "GIF", disposal=2, duration=100),
        "webm": video(moved, format="webm", codec="libvpx-vp9", layout="yuva420p"),
    }
    for body in stickers.values():
        clip = read(body)
        assert clip.has_alpha
        frame = clip.frames()[1]
        assert frame[32, 50, 3] == 255
        assert frame[4, 4, 3] == 0
        assert near([tuple(frame[32, 50].tolist())], [(200, 40, 40)])


def test_what_a_frame_of_a_gif_leaves_behind(read: Read):
    """The second frame covers a part only; the rest of the first one stays."""
    first = Image.fromarray(quadrants())
    second = first.copy()
    second.paste((255, 255, 255), (0, 0, 48, 32))
    clip = read(animation([first, second], "GIF", duration=100, disposal=1))
    assert near(corners(clip.frames()[1]), [(255, 255, 255), *QUADRANTS[1:]], 24)


def test_frames_of_no_time_are_shown_as_browsers_do(read: Read):
    frames = [Image.fromarray(np.roll(quadrants(), 8 * n, axis=1)) for n in range(3)]
    assert list(read(animation(frames, "GIF", duration=0)).durations_ms) == [100] * 3


def test_sound_is_noticed(read: Read):
    assert read(video([quadrants()] * 5, sound=True)).has_sound
    assert not read(MOVIES["mp4"]).has_sound


def test_what_is_cut_off_is_left_out(read: Read):
    whole = video([quadrants()] * 40, options={"movflags": "faststart"}, format="matroska")
    clip = read(whole[: len(whole) * 3 // 4])
    assert 10 < clip.shape[0] < 40


REFUSED: dict[str, tuple[bytes, type[EngineError], str]] = {
    "sound only": (sound_only(), UnsupportedClipError, "only sound"),
    "twenty seconds": (
        video([quadrants()] * 200, times_ms=[100 * n for n in range(200)]),
        ClipTooLongError,
        "20 seconds",
    ),
    "a long animation": (
        animation(
            [Image.fromarray(np.roll(quadrants(), n, axis=1)) for n in range(20)],
            "GIF",
            duration=1000,
        ),
        ClipTooLongError,
        "seconds",
    ),
    "cut in its header": (MOVIES["mp4"][:300], BrokenImageError, "damaged"),
    "no frames": (
        MOVIES["webm"][: MOVIES["webm"].index(b"\x1f\x43\xb6\x75")],
        BrokenImageError,
        "damaged",
    ),
    "tiny": (video([quadrants(16, 16)] * 2), ImageTooSmallError, "16 x 16"),
    "a thread": (video([quadrants(1280, 32)] * 2), ImageTooSmallError, "1280 x 32"),
    "too many pixels": (video([quadrants(4096, 2304)]), ImageTooLargeError, "megapixels"),
    "an unknown codec": (
        video([quadrants()] * 2, format="avi", codec="huffyuv", layout="rgb24"),
        UnsupportedClipError,
        "huffyuv",
    ),
    "encrypted": (
        MOVIES["mp4"].replace(b"avc1", b"encv"),
        UnsupportedClipError,
        "encrypted",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_read_says_why(read: Read, kind: str):
    body, error, words = REFUSED[kind]
    with pytest.raises(error, match=words):
        read(body)


def test_a_header_that_claims_two_hours(read: Read):
    """What counts is how long the frames are shown."""
    assert read(lasting(MOVIES["mp4"], 7200)).shape[0] == 5


def test_a_clip_of_one_frame(read: Read):
    assert read(video([quadrants()])).shape[0] == 1


def test_hdr_becomes_srgb(read: Read):
    """White of 203 nits in PQ is code 58 % (ITU-R BT.2408), and is white again."""
    grey = np.full((64, 96, 3), round(0.58 * 255), np.uint8)
    body = video(
        [grey] * 3, codec="libx265", layout="yuv420p10le",
        options={"x265-params": "log-level=none:colorprim=9:transfer=16:colormatrix=9"},
        color_primaries=9, color_trc=16, colorspace=9,
    )  # fmt: skip
    shown = read(body).frames()[1][32, 48]
    assert min(shown) > 215

"""Clips written and read again."""

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from engine.api.contract import ClipFormat
from engine.api.errors import UnsupportedClipError
from engine.media.clips.clip import Clip, ClipLimits
from engine.media.clips.reading import read_clip
from engine.media.clips.writing import find_encoder, write_clip
from tests.engine.media.clips.clip_files import panned, quadrants, video


def clip_of(frames: list[np.ndarray], folder: Path, durations: list[int] | None = None) -> Clip:
    height, width, channels = frames[0].shape
    clip = Clip(
        folder / "source", height, width, durations or [100] * len(frames), has_alpha=channels == 4
    )
    clip.frames("w+")[:] = frames
    return clip


@pytest.mark.parametrize("form", ["gif", "mp4", "webm", "sticker"])
def test_frames_and_their_times_come_back(form: ClipFormat, tmp_path: Path):
    clip = clip_of(panned(6), tmp_path, [100, 200, 100, 100, 300, 500])
    again = read_clip(write_clip(clip, form), tmp_path / "again")
    assert again.shape == clip.shape
    # FFmpeg's WebM has no duration of the last frame.
    known = slice(-1) if form in ("webm", "sticker") else slice(None)
    assert list(again.durations_ms)[known] == list(clip.durations_ms)[known]
    difference = np.abs(again.frames()[2].astype(int) - clip.frames()[2]).mean()
    assert difference < 12  # a GIF has 256 colours for all frames


@pytest.mark.parametrize("form", ["gif", "webm", "sticker"])
def test_opacity_comes_back(form: ClipFormat, tmp_path: Path):
    seen = np.zeros((64, 96, 4), np.uint8)
    seen[16:48, 24:72] = (200, 40, 40, 255)
    again = read_clip(write_clip(clip_of([seen] * 3, tmp_path), form), tmp_path / "again")
    assert again.has_alpha
    assert again.frames()[1][32, 48, 3] == 255
    assert again.frames()[1][2, 2, 3] == 0


def test_a_video_has_no_opacity_and_a_white_ground(tmp_path: Path):
    hidden = np.zeros((64, 96, 4), np.uint8)
    again = read_clip(write_clip(clip_of([hidden] * 2, tmp_path), "mp4"), tmp_path / "again")
    assert min(again.frames()[0][32, 48]) > 250


def test_a_loop_stays_one(tmp_path: Path):
    clip = clip_of(panned(4), tmp_path)
    for loops in (True, False):
        body = write_clip(replace(clip, loops=loops), "gif")
        assert read_clip(body, tmp_path / "again").loops is loops


@pytest.mark.parametrize(("form", "codec"), [("mp4", "aac"), ("webm", "opus")])
def test_sound_is_kept(form: ClipFormat, codec: str, tmp_path: Path):
    source = video([quadrants()] * 20, sound=True)
    clip = read_clip(source, tmp_path / "source")
    body = write_clip(clip, form, source=source)
    path = tmp_path / "written.bin"
    path.write_bytes(body)
    with av.open(str(path)) as container:
        (track,) = container.streams.audio
        assert track.codec_context.name == codec
        heard = sum(frame.samples / frame.sample_rate for frame in container.decode(track))
    assert 1.8 < heard < 2.3


def test_a_sticker_is_small(tmp_path: Path):
    random = np.random.default_rng(0)
    noise = [random.integers(0, 256, (256, 512, 3), np.uint8) for _ in range(30)]
    assert len(write_clip(clip_of(noise, tmp_path), "sticker")) <= 256 * 1024


def test_an_encoder_that_is_missing(tmp_path: Path):
    assert find_encoder("mpeg4") == "mpeg4"
    with pytest.raises(UnsupportedClipError, match="nonesuch"):
        find_encoder("nonesuch")
    body = write_clip(clip_of(panned(3), tmp_path), "mp4", encoder="mpeg4")
    assert read_clip(body, tmp_path / "again", ClipLimits()).shape[0] == 3

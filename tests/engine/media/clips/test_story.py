"""Stories: what is seen when, and the film."""

import io
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from engine.api.contract import Scene, StoryOptions
from engine.api.errors import CaptionError, UnsupportedClipError, UnsupportedImageError
from engine.media.clips import stages
from engine.media.clips.caption import caption_of
from engine.media.clips.clip import Frame
from engine.media.clips.story import FPS, SIZES, Story, Timeline, length
from engine.media.images import DEFAULT_LIMITS

RED, BLUE, GREEN = (210, 40, 40), (40, 60, 210), (40, 170, 60)


def plain(colour: tuple[int, ...], size: tuple[int, int] = (180, 320), mode: str = "RGB") -> bytes:
    file = io.BytesIO()
    Image.new(mode, size, colour).save(file, "PNG")
    return file.getvalue()


def story_of(folder: Path, *pairs: tuple[bytes, bytes], **options: object) -> Story:
    given = {"timeline": Timeline(len(pairs), 6.0), "reveal": "wipe"} | options
    story = Story(folder, SIZES["9:16"], **given)  # type: ignore[arg-type]
    for number, pair in enumerate(pairs):
        story.lay_out(number, *pair)
    return story


def frame_of(story: Story, number: int) -> Frame:
    (frame,) = story.frames([number])
    return frame


def looks(frame: Frame, colour: tuple[int, ...], tolerance: int = 3) -> bool:
    return bool((np.abs(frame.astype(int) - colour) <= tolerance).all())


@pytest.mark.parametrize(("scenes", "seconds"), [(1, 6.0), (3, 12.8), (10, 30.0)])
def test_a_story_is_as_long_as_its_photos_need(scenes: int, seconds: float):
    assert length(scenes) == pytest.approx(seconds)
    assert length(scenes, 9.0) == 9.0


def test_scenes_follow_each_other_and_fade_over():
    timeline = Timeline(3, 12.0)
    seen = [list(timeline.at(number)) for number in range(timeline.frames)]
    assert timeline.frames == 12 * FPS
    assert [scene for scene, _, _ in seen[0]] == [0]
    assert [scene for scene, _, _ in seen[-1]] == [2]
    assert all(1 <= len(scenes) <= 2 for scenes in seen)
    # Each scene is there as long as the others.
    counts = [sum(scene in {n for n, _, _ in each} for each in seen) for scene in range(3)]
    assert max(counts) - min(counts) <= 1
    for scene in range(3):
        shares = [share for each in seen for n, share, _ in each if n == scene]
        assert shares == sorted(shares)
        assert shares[0] < 0.02
        assert shares[-1] > 0.98
    fades = [each[1][2] for each in seen if len(each) == 2]
    assert all(after > before for before, after in pairwise(fades[: len(fades) // 2]))


@pytest.mark.parametrize("reveal", ["brush", "wipe"])
def test_a_photo_turns_into_its_painting(tmp_path: Path, reveal: str):
    story = story_of(tmp_path, (plain(RED), plain(BLUE)), reveal=reveal)
    assert looks(frame_of(story, 0), RED)
    assert looks(frame_of(story, story.timeline.frames - 1), BLUE)
    middle = frame_of(story, round(0.4 * story.timeline.frames))
    painted = np.abs(middle.astype(int) - BLUE).max(axis=2) < 30
    assert 0.1 < painted.mean() < 0.9
    if reveal == "wipe":
        assert painted[:, :100].mean() > painted[:, -100:].mean()


def test_the_next_scene_fades_in(tmp_path: Path):
    story = story_of(tmp_path, (plain(RED), plain(RED)), (plain(BLUE), plain(BLUE)))
    numbers = range(story.timeline.frames)
    fading = next(number for number in numbers if len(list(story.timeline.at(number))) > 1)
    between = frame_of(story, fading + FPS // 3)
    assert looks(frame_of(story, fading - 1), RED)
    assert not looks(between, RED, 20)
    assert not looks(between, BLUE, 20)
    assert looks(frame_of(story, story.timeline.frames - 1), BLUE)


def test_the_view_moves_slowly(tmp_path: Path):
    noise = np.random.default_rng(0).integers(0, 255, (40, 24, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).resize((720, 1280), Image.Resampling.BICUBIC).save(file, "PNG")
    story = story_of(tmp_path, (file.getvalue(), file.getvalue()))
    first, second, last = story.frames([0, 1, story.timeline.frames - 1])
    assert np.abs(first.astype(int) - second).mean() < 3
    assert np.abs(first.astype(int) - last).mean() > 10


def test_a_photo_of_another_shape_is_shown_whole_on_a_blurred_copy(tmp_path: Path):
    halves = Image.new("RGB", (640, 320), RED)
    halves.paste(GREEN, (320, 0, 640, 320))
    file = io.BytesIO()
    halves.save(file, "PNG")
    story = story_of(tmp_path, (file.getvalue(), file.getvalue()))
    frame = frame_of(story, 0)
    middle = frame[frame.shape[0] // 2]
    assert looks(middle[5], RED)
    assert looks(middle[-5], GREEN)
    # Above the photo it is darker.
    assert frame[20].mean() < 0.8 * middle.mean()


def test_what_is_transparent_is_white(tmp_path: Path):
    clear = plain((0, 0, 0, 0), mode="RGBA")
    assert looks(frame_of(story_of(tmp_path, (plain(RED), clear)), 6 * FPS - 1), (255, 255, 255))


def test_a_caption_is_written_at_the_bottom(tmp_path: Path):
    story = story_of(tmp_path, (plain(RED), plain(RED)), caption="Summer in the hills")
    frame = frame_of(story, 0)
    changed = np.flatnonzero((np.abs(frame.astype(int) - RED) > 8).any(axis=(1, 2)))
    assert changed[0] > 0.75 * frame.shape[0]
    assert changed[-1] < 0.97 * frame.shape[0]
    assert (frame[changed[0] : changed[-1]] > 240).all(axis=2).any()


def test_a_caption_is_broken_into_lines_that_fit():
    size = (720, 1280)
    long, short = caption_of("one two three four five six " * 3, size), caption_of("one", size)
    assert len(long.light) > 2 * len(short.light)
    lit = np.flatnonzero((long.light > 0).any(axis=(0, 2)))
    assert lit[0] > 20
    assert lit[-1] < 700


@pytest.mark.parametrize(
    ("text", "said"), [("long " * 60, "at most 4 lines"), ("\U000f0000", "No font")]
)
def test_a_caption_that_cannot_be_shown_says_why(text: str, said: str):
    with pytest.raises(CaptionError, match=said):
        caption_of(text, (720, 1280))


@pytest.mark.parametrize(("codec", "name"), [("h264", "h264"), ("h265", "hevc")])
def test_a_film_has_every_frame_and_a_keyframe_each_second(tmp_path: Path, codec: str, name: str):
    options = StoryOptions("1:1", 6.5, codec=codec)  # type: ignore[arg-type]
    plan = stages.begin_story(tmp_path, 2, options)
    for number, colours in enumerate([(RED, BLUE), (GREEN, RED)]):
        stages.lay_out(plan, number, Scene(*map(plain, colours)), DEFAULT_LIMITS)
    for number in range(plan.pieces):
        stages.make_piece(plan, number)
    with av.open(io.BytesIO(stages.join_story(plan)), "r") as film:
        track = film.streams.video[0]
        frames = list(film.decode(track))
        assert track.codec_context.name == name
        assert track.codec_context.codec_tag == {"h264": "avc1", "h265": "hvc1"}[codec]
        assert (track.width, track.height) == (720, 720)
    times = [frame.time for frame in frames]
    assert times == pytest.approx([number / FPS for number in range(195)])
    keys = {number for number, frame in enumerate(frames) if frame.key_frame}
    assert keys.issuperset(range(0, 195, FPS))
    for frame in (frames[0], frames[-1]):
        assert looks(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8), RED, 8)


def test_what_a_story_cannot_have_is_refused_before_any_work(tmp_path: Path):
    with pytest.raises(UnsupportedClipError, match="nonesuch"):
        stages.begin_story(tmp_path, 1, StoryOptions(), "nonesuch")
    with pytest.raises(CaptionError, match="No font"):
        stages.begin_story(tmp_path, 1, StoryOptions(caption="\U000f0000"))
    with pytest.raises(UnsupportedImageError):
        story_of(tmp_path, (b"no picture", plain(RED)))

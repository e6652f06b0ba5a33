"""Clips through the engine: in process, over HTTP and by the command."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.api.contract import Progress, RenderRequest, Step
from engine.api.errors import (
    BrokenImageError,
    ClipTooLongError,
    InvalidOptionError,
    UnsupportedClipError,
)
from engine.media.clips.clip import ClipLimits
from engine.media.clips.reading import read_clip
from engine.painting.stylizer import Stylizer
from engine.serving.clips import ClipOptions
from engine.serving.service import Engine
from tests.engine.media.clips.clip_files import animation, panned, quadrants, video
from tests.waiting import until

pytestmark = pytest.mark.anyio
PAINT = Step("paint", {"styles": [{"slug": "calm"}]})
MONO = Step("black-and-white")
MOVIE = video(panned(8), sound=True)


@asynccontextmanager
async def engine_for(stylizer: Stylizer, clips: ClipOptions | None) -> AsyncIterator[Engine]:
    engine = Engine(stylizer, clips=clips)
    try:
        yield engine
    finally:
        await engine.close()


@pytest.fixture
async def engine(stylizer: Stylizer) -> AsyncIterator[Engine]:
    async with engine_for(stylizer, ClipOptions(ClipLimits(max_seconds=3.0))) as engine:
        yield engine


def asking(body: bytes, *steps: Step, clip: str = "mp4", **options: object) -> RenderRequest:
    return RenderRequest(body, steps, clip=clip, timeout_s=100, **options)  # type: ignore[arg-type]


async def test_a_video_is_painted_whole_and_keeps_its_sound(engine: Engine, tmp_path: Path):
    told: list[Progress] = []
    painted = await engine.render(asking(MOVIE, PAINT), told.append, previews=True)
    assert painted.content_type == "video/mp4"
    clip = read_clip(painted.image, tmp_path / "frames")
    assert clip.shape == (8, 96, 160, 3)
    assert clip.has_sound
    source = read_clip(MOVIE, tmp_path / "source")
    assert np.abs(clip.frames()[4].astype(int) - source.frames()[4]).mean() > 10
    shares = [progress.share for progress in told]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert shares[-1] == 1
    (preview,) = [progress.preview for progress in told if progress.preview]
    assert Image.open(io.BytesIO(preview)).size == (160, 96)


@pytest.mark.parametrize(("clip", "kind"), [("gif", "image/gif"), ("webm", "video/webm")])
async def test_a_filter_is_applied_to_every_frame(
    engine: Engine, tmp_path: Path, clip: str, kind: str
):
    body = animation([Image.fromarray(frame) for frame in panned(4)], "GIF", duration=100, loop=0)
    painted = await engine.render(asking(body, MONO, clip=clip))
    assert painted.content_type == kind
    for frame in read_clip(painted.image, tmp_path / "frames").frames():
        assert np.abs(frame[..., 0].astype(int) - frame[..., 1]).mean() < 6


async def test_no_steps_give_the_clip_itself(engine: Engine, tmp_path: Path):
    painted = await engine.render(asking(video([quadrants()] * 3)))
    frame = read_clip(painted.image, tmp_path / "frames").frames()[1]
    assert np.abs(frame.astype(int) - quadrants()).mean() < 8


async def test_a_still_picture_stays_one(engine: Engine):
    file = io.BytesIO()
    Image.fromarray(quadrants()).save(file, "PNG")
    assert (await engine.render(asking(file.getvalue(), MONO))).content_type == "image/jpeg"
    moving = animation([Image.fromarray(frame) for frame in panned(3)], "GIF")
    assert (await engine.render(asking(moving, MONO, clip=""))).content_type == "image/jpeg"


async def test_what_cannot_be_rendered_says_why(engine: Engine):
    with pytest.raises(ClipTooLongError, match="at most 3 seconds"):
        await engine.render(asking(video([quadrants()] * 50), MONO))
    with pytest.raises(BrokenImageError):
        await engine.render(asking(MOVIE[:400], MONO))
    with pytest.raises(UnsupportedClipError):
        await engine.render(asking(video([quadrants()] * 3, format="avi", codec="huffyuv",
                                         layout="rgb24"), MONO))  # fmt: skip


async def test_an_engine_without_clips(stylizer: Stylizer):
    async with engine_for(stylizer, None) as engine:
        assert (await engine.capabilities()).clips == ()
        with pytest.raises(UnsupportedClipError, match="takes no clips"):
            await engine.render(asking(MOVIE, MONO))
        moving = animation([Image.fromarray(frame) for frame in panned(3)], "GIF")
        assert (await engine.render(asking(moving, MONO))).content_type == "image/jpeg"


async def test_a_clip_that_is_given_up_leaves_nothing(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """It stops within a frame, its files go, and the engine paints on."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    begun = asyncio.Event()

    def left() -> list[Path]:
        return list(tmp_path.iterdir())

    def report(progress: Progress) -> None:
        if progress.preview:
            begun.set()

    task = asyncio.ensure_future(engine.render(asking(MOVIE, PAINT), report, previews=True))
    await begun.wait()
    assert left()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: not left())
    assert (await engine.render(asking(MOVIE, MONO))).content_type == "video/mp4"


async def test_photos_come_through_between_the_frames_of_a_clip(
    engine: Engine, photo: Callable[..., bytes]
):
    order: list[str] = []

    def report(progress: Progress) -> None:
        if progress.share < 0.8:
            order.append("frame")

    async def one_photo() -> None:
        while "frame" not in order:  # noqa: ASYNC110 - the report is called on this loop
            await asyncio.sleep(0.01)
        await engine.render(RenderRequest(photo(1), (PAINT,), user="another"))
        order.append("photo")

    clip = engine.render(asking(video(panned(24), times_ms=[100 * n for n in range(24)]), PAINT,
                                user="one"), report)  # fmt: skip
    await asyncio.gather(clip, one_photo())
    assert order[-1] == "frame"


async def test_a_masterwork_is_not_a_clip(engine: Engine):
    slow = Step("paint", {"styles": [{"slug": "calm"}], "quality": "masterwork"})
    with pytest.raises(InvalidOptionError):
        await engine.render(asking(MOVIE, slow))

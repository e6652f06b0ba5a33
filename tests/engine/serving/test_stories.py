"""Stories through the engine: in process and over HTTP."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from engine.api.client import EngineClient
from engine.api.contract import Progress, Scene, StoryOptions, StoryRequest
from engine.api.errors import (
    DeadlineError,
    InvalidOptionError,
    UnsupportedClipError,
    UnsupportedImageError,
)
from engine.media.clips.reading import read_clip
from engine.painting.stylizer import Stylizer
from engine.serving.clips import ClipOptions
from engine.serving.server import build_app
from engine.serving.service import Engine
from tests.engine.media.clips.test_story import BLUE, GREEN, RED, plain
from tests.waiting import until

pytestmark = pytest.mark.anyio
SCENES = (Scene(plain(RED), plain(BLUE)), Scene(plain(GREEN), plain(RED)))
SMALL = StoryOptions("1:1", 6.0)


@pytest.fixture
async def engine(stylizer: Stylizer) -> AsyncIterator[Engine]:
    engine = Engine(stylizer, clips=ClipOptions())
    yield engine
    await engine.close()


@pytest.fixture
async def server(engine: Engine) -> AsyncIterator[TestServer]:
    server = TestServer(build_app(engine))
    await server.start_server()
    yield server
    await server.close()


async def test_a_story_is_made_with_progress(engine: Engine, tmp_path: Path):
    told: list[Progress] = []
    made = await engine.make_story(StoryRequest(SCENES, SMALL), told.append)
    assert made.content_type == "video/mp4"
    clip = read_clip(made.image, tmp_path / "film")
    assert (clip.width, clip.height) == (720, 720)
    assert clip.seconds == pytest.approx(6, abs=0.1)
    shares = [progress.share for progress in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)
    assert len(shares) >= 6


async def test_the_same_over_http(server: TestServer, tmp_path: Path):
    client = EngineClient(str(server.make_url("/")))
    told: list[Progress] = []
    made = await client.make_story(StoryRequest(SCENES, SMALL), told.append)
    await client.close()
    assert read_clip(made.image, tmp_path / "film").seconds == pytest.approx(6, abs=0.1)
    assert told[-1].share == 1


async def test_a_form_without_progress_is_answered_with_the_film(server: TestServer):
    form = aiohttp.FormData()
    for name, body in (("photo-0", plain(RED)), ("painting-0", plain(BLUE))):
        form.add_field(name, io.BytesIO(body), filename=name)
    form.add_field("shape", "1:1")
    url = server.make_url("/v1/stories")
    async with aiohttp.ClientSession() as session, session.post(url, data=form) as answer:
        assert answer.content_type == "video/mp4"
        assert b"ftyp" in (await answer.read())[:16]


@pytest.mark.parametrize(
    ("names", "query"),
    [
        (["photo-0"], ""),
        (["photo-0", "painting-1"], ""),
        (["image"], ""),
        ([], ""),
        (["photo-0", "painting-0"], "?seconds=3"),
        (["photo-0", "painting-0"], "?shape=2:1"),
        (["photo-0", "painting-0"], "?caption=" + "a" * 121),
        ([f"{part}-{n}" for n in range(11) for part in ("photo", "painting")], ""),
    ],
)
async def test_a_form_that_is_no_story_is_refused(server: TestServer, names: list[str], query: str):
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("user", "ann")
    for name in names:
        form.add_field(name, io.BytesIO(plain(RED)), filename=name)
    url = f"{server.make_url('/v1/stories')}{query}"
    async with aiohttp.ClientSession() as session, session.post(url, data=form) as answer:
        assert answer.status == 400
        assert json.loads(await answer.read())["code"] == "invalid_option"


async def test_what_is_no_picture_is_said(engine: Engine):
    with pytest.raises(UnsupportedImageError):
        await engine.make_story(StoryRequest((Scene(b"nothing", plain(RED)),), SMALL))


@pytest.mark.parametrize("scenes", [(), SCENES * 6])
def test_a_story_has_one_to_ten_photos(scenes: tuple[Scene, ...]):
    with pytest.raises(InvalidOptionError, match="1 to 10"):
        StoryRequest(scenes)


async def test_an_engine_without_clips_makes_none(stylizer: Stylizer):
    engine = Engine(stylizer)
    with pytest.raises(UnsupportedClipError, match="takes no clips"):
        await engine.make_story(StoryRequest(SCENES, SMALL))
    await engine.close()


async def test_a_story_that_is_cancelled_leaves_nothing(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    begun = asyncio.Event()

    def left() -> list[Path]:
        return list(tmp_path.iterdir())

    def note(progress: Progress) -> None:
        if progress.share > 0.2:
            begun.set()

    making = asyncio.create_task(engine.make_story(StoryRequest(SCENES, SMALL), note))
    await begun.wait()
    assert left()
    making.cancel()
    await asyncio.wait([making])
    assert making.cancelled()
    await until(lambda: not left())
    assert (await engine.queue()).waiting == 0


async def test_a_deadline_ends_it(engine: Engine):
    with pytest.raises(DeadlineError):
        await engine.make_story(StoryRequest(SCENES, SMALL, timeout_s=0.3))

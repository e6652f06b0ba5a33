"""Small pictures in memory."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from PIL import Image

from bots.core.errors import SourceGoneError
from bots.core.requests import pictures
from bots.core.styles import catalogue, seeding
from bots.web_adapter.render import thumbnails
from bots.web_adapter.render.thumbnails import Thumbnails
from engine.api.errors import EngineUnavailableError
from storage.database import Database
from storage.values.styles import Style
from tests.bots.core.conftest import ANN, Stage
from tests.databases import play, sqlite_store
from tests.waiting import until

Scene = Callable[[Stage, Thumbnails, str, Style], Awaitable[None]]


@pytest.fixture
def gallery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Scene], None]:
    """Play a scene with a photo of Ann's and a style; the engine's files are no pictures here."""
    monkeypatch.setattr(thumbnails, "_fitted", lambda image, side_px: b"%d " % side_px + image)

    def run(scene: Scene) -> None:
        async def on(database: Database) -> None:
            stage = Stage(database)
            await seeding.seed(stage.services)
            photo = await pictures.take(stage.services, ANN, b"A")
            style = (await catalogue.listed(stage.services))[0]
            stage.engine.asked.clear()
            await scene(stage, Thumbnails(stage.services), photo, style)

        play(sqlite_store(tmp_path / "bot.db"), on)

    return run


def test_however_many_ask_it_is_painted_once(gallery: Callable[[Scene], None]):
    async def scene(stage: Stage, small: Thumbnails, photo: str, style: Style) -> None:
        shown = await asyncio.gather(*(small.painted(ANN, photo, style) for _ in range(9)))
        assert len(set(shown)) == 1
        assert shown[0].startswith(b"320 A bare as ")
        assert await small.painted(ANN, photo, style) == shown[0]
        assert len(stage.engine.asked) == 1

    gallery(scene)


def test_what_failed_is_tried_again(gallery: Callable[[Scene], None]):
    async def scene(stage: Stage, small: Thumbnails, photo: str, style: Style) -> None:
        stage.engine.away = True
        with pytest.raises(EngineUnavailableError):
            await small.painted(ANN, photo, style)
        stage.engine.away = False
        assert await small.painted(ANN, photo, style)

    gallery(scene)


def test_there_is_an_end_to_what_is_kept(gallery: Callable[[Scene], None]):
    async def scene(stage: Stage, _: Thumbnails, photo: str, style: Style) -> None:
        small = Thumbnails(stage.services, kept_bytes=100)
        for each in await catalogue.listed(stage.services):
            await small.painted(ANN, photo, each)
            assert 0 < sum(map(len, small._kept.values())) <= 100
        await small.painted(ANN, photo, style)
        small.forget(ANN)
        assert not small._kept
        brief = Thumbnails(stage.services, kept_s=0.0)
        await brief.painted(ANN, photo, style)
        await until(lambda: not brief._kept)
        tiny = Thumbnails(stage.services, kept_bytes=1)
        assert await tiny.painted(ANN, photo, style)
        assert not tiny._kept

    gallery(scene)


def test_what_is_deleted_in_the_store_is_not_shown_from_memory(gallery: Callable[[Scene], None]):
    async def scene(stage: Stage, small: Thumbnails, photo: str, style: Style) -> None:
        await small.painted(ANN, photo, style)
        await pictures.remove(stage.services, ANN, [photo])
        with pytest.raises(SourceGoneError):
            await small.painted(ANN, photo, style)

    gallery(scene)


def test_a_picture_is_never_made_larger(tmp_path: Path):
    file = tmp_path / "a.jpg"
    Image.new("RGB", (200, 100)).save(file)
    assert thumbnails._fitted(file.read_bytes(), thumbnails.SMALL_PX) == file.read_bytes()

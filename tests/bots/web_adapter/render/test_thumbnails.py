"""Small pictures in memory."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from bots.core.errors import SourceGoneError
from bots.core.requests import pictures
from bots.core.styles import catalogue, seeding
from bots.web_adapter.render import thumbnails
from bots.web_adapter.render.thumbnails import Thumbnails
from engine.api.errors import EngineUnavailableError
from storage.values.styles import Style
from tests.bots.core.conftest import ANN, Stage
from tests.databases import opened, sqlite_store
from tests.waiting import until

pytestmark = pytest.mark.anyio


@dataclass
class Gallery:
    """A photo of Ann's and a style."""

    stage: Stage
    small: Thumbnails
    photo: str
    style: Style


@pytest.fixture
async def gallery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Gallery]:
    """The engine's files are no pictures here."""
    monkeypatch.setattr(thumbnails, "_fitted", lambda image, side_px: b"%d " % side_px + image)
    async with opened(sqlite_store(tmp_path / "bot.db")) as database:
        stage = Stage(database)
        await seeding.seed(stage.services)
        photo = await pictures.take(stage.services, ANN, b"A")
        style = (await catalogue.listed(stage.services))[0]
        stage.engine.asked.clear()
        yield Gallery(stage, Thumbnails(stage.services), photo, style)


async def test_however_many_ask_it_is_painted_once(gallery: Gallery):
    shown = await asyncio.gather(
        *(gallery.small.painted(ANN, gallery.photo, gallery.style) for _ in range(9))
    )
    assert len(set(shown)) == 1
    assert shown[0].startswith(b"320 A bare as ")
    assert await gallery.small.painted(ANN, gallery.photo, gallery.style) == shown[0]
    assert len(gallery.stage.engine.asked) == 1


async def test_what_failed_is_tried_again(gallery: Gallery):
    gallery.stage.engine.away = True
    with pytest.raises(EngineUnavailableError):
        await gallery.small.painted(ANN, gallery.photo, gallery.style)
    gallery.stage.engine.away = False
    assert await gallery.small.painted(ANN, gallery.photo, gallery.style)


async def test_there_is_an_end_to_what_is_kept(gallery: Gallery):
    small = Thumbnails(gallery.stage.services, kept_bytes=100)
    for each in await catalogue.listed(gallery.stage.services):
        await small.painted(ANN, gallery.photo, each)
        assert 0 < sum(map(len, small._kept.values())) <= 100
    await small.painted(ANN, gallery.photo, gallery.style)
    small.forget(ANN)
    assert not small._kept
    brief = Thumbnails(gallery.stage.services, kept_s=0.0)
    await brief.painted(ANN, gallery.photo, gallery.style)
    await until(lambda: not brief._kept)
    tiny = Thumbnails(gallery.stage.services, kept_bytes=1)
    assert await tiny.painted(ANN, gallery.photo, gallery.style)
    assert not tiny._kept


async def test_what_is_deleted_in_the_store_is_not_shown_from_memory(gallery: Gallery):
    await gallery.small.painted(ANN, gallery.photo, gallery.style)
    await pictures.remove(gallery.stage.services, ANN, [gallery.photo])
    with pytest.raises(SourceGoneError):
        await gallery.small.painted(ANN, gallery.photo, gallery.style)


def test_a_picture_is_never_made_larger(tmp_path: Path):
    file = tmp_path / "a.jpg"
    Image.new("RGB", (200, 100)).save(file)
    assert thumbnails._fitted(file.read_bytes(), thumbnails.SMALL_PX) == file.read_bytes()

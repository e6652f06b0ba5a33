"""Sheets: what is on them, what is not cropped, and when there is none."""

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from PIL import Image

from bots.core.common.services import Services
from bots.core.errors import SourceGoneError
from bots.core.jobs.platform import DeliverLaterError
from bots.core.policy import control
from bots.core.styles import catalogue, seeding
from bots.core.users import preferences
from bots.images.sheets import Sheets, sheet
from engine.api.errors import BrokenImageError
from storage.sealing import Sealer
from storage.values.people import ChatKey, UserKey
from storage.values.styles import Style
from tests.bots.discord_adapter.conftest import ColourEngine, picture
from tests.databases import opened, sqlite_store

pytestmark = pytest.mark.anyio

ANN, HERE = UserKey("telegram", "1"), ChatKey("telegram", "-5")


def framed(width: int, height: int) -> bytes:
    """A white picture with a red edge, which is gone where it is cropped."""
    page = Image.new("RGB", (width, height), "red")
    page.paste("white", (20, 20, width - 20, height - 20))
    file = io.BytesIO()
    page.save(file, "JPEG", quality=95)
    return file.getvalue()


def red(sheet_file: bytes) -> int:
    """How many pixels of a sheet are red."""
    with Image.open(io.BytesIO(sheet_file)) as opened:
        pixels = opened.convert("RGB").get_flattened_data()
    return sum(1 for r, g, b in pixels if r > 180 and g < 80 and b < 80)  # type: ignore[misc]


@pytest.mark.parametrize("size", [(256, 256), (300, 400), (400, 300), (640, 160), (160, 640)])
@pytest.mark.parametrize("count", [1, 3, 8])
def test_nothing_is_cropped_and_a_phone_shows_it_all(size: tuple[int, int], count: int):
    one = framed(*size)
    made = sheet([one] * count, [f"S{n}" for n in range(count)])
    with Image.open(io.BytesIO(made)) as opened:
        assert opened.width + opened.height < 10_000
        assert 1 / 5 < opened.width / opened.height < 5
    # All four edges of every picture are there, but for what its label covers.
    width, height = size
    scale = 360 / max(size)
    edge = 2 * 20 * scale * (width + height - 40) * scale
    assert red(made) > 0.6 * count * edge


def test_names_without_pictures_and_letters_without_a_font_are_left_out():
    made = sheet([None, framed(100, 100)], ["星夜", "The Great Wave of a very long title indeed"])
    assert Image.open(io.BytesIO(made)).format == "JPEG"


class Shy:
    """A check that finds what is dark."""

    async def unsuitable(self, photo: bytes) -> bool:
        with Image.open(io.BytesIO(photo)) as opened:
            return opened.convert("L").resize((1, 1)).getpixel((0, 0)) < 60  # type: ignore[operator]


@dataclass
class Stage:
    """Sheets on a store and an engine of arithmetic."""

    services: Services
    engine: ColourEngine
    sheets: Sheets
    shown: list[Style]
    asked: int = 0

    async def make(self, photo: bytes | Exception, number: int | None = None) -> bytes | None:
        """A sheet of a photo, or of what cannot be fetched."""
        self.asked += 1

        async def fetch() -> bytes:
            if isinstance(photo, Exception):
                raise photo
            return photo

        key = ("telegram", self.asked if number is None else number)
        return await self.sheets.of((ANN, HERE), key, fetch, self.shown, "en")


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with opened(sqlite_store(tmp_path / "store.db")) as database:
        engine = ColourEngine()
        services = Services(database, engine, Sealer(Fernet.generate_key()), content_check=Shy())
        await seeding.seed(services)
        shown = await catalogue.offered(services, ANN, HERE)
        yield Stage(services, engine, Sheets(services), shown)


async def test_a_photo_is_painted_small_in_each_style_and_fetched_once(stage: Stage):
    assert await stage.make(picture(side=2000), number=1) is not None
    # The next page needs the photo no more.
    assert await stage.make(SourceGoneError(), number=1) is not None
    (large,) = [Image.open(io.BytesIO(one)).size for one in stage.engine.normalised]
    small = [Image.open(io.BytesIO(one.image)).size for one in stage.engine.asked]
    assert max(large) == 2000
    assert {max(size) for size in small} == {360}
    assert len(small) == 2 * len(stage.shown)
    stage.sheets.forget(("telegram", 1))
    with pytest.raises(SourceGoneError):
        await stage.make(SourceGoneError(), number=1)


async def test_what_can_never_be_painted_is_told_apart_from_what_cannot_be_now(stage: Stage):
    with pytest.raises(BrokenImageError):
        await stage.make(b"nothing")
    with pytest.raises(SourceGoneError):
        await stage.make(SourceGoneError())
    assert await stage.make(DeliverLaterError(3)) is None
    stage.engine.away = True
    assert await stage.make(picture()) is None
    stage.engine.away = False
    async with stage.services.database.writing() as transaction:
        await control.write(transaction, control.Control("paused"))
    assert await stage.make(picture()) is None


async def test_what_a_chat_would_have_covered_is_not_shown_in_it(stage: Stage):
    dark, light = picture((5, 5, 5)), picture((200, 200, 200))
    assert await stage.make(dark) is not None
    await preferences.settle(stage.services, HERE, ANN, admin=True, photo_check="spoiler")
    assert await stage.make(dark) is None
    assert await stage.make(light) is not None

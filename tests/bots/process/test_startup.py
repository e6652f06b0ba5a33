"""Before a bot speaks: the database has its form, and the styles are the engine's."""

import asyncio
from pathlib import Path

import pytest
from typing_extensions import override

from bots.core.styles import catalogue
from bots.process.startup import open_database, open_services
from engine.api.contract import StyleInfo
from engine.api.errors import EngineUnavailableError
from migrations import runner
from storage.errors import MigrationNeededError, StorageUnavailableError
from storage.settings import StorageSettings
from storage.values.people import UserKey
from tests.bots.core.conftest import ArithmeticEngine

pytestmark = pytest.mark.anyio


async def test_an_sqlite_file_is_made_and_postgresql_is_asked_for(empty_database_url: str):
    if empty_database_url.startswith("postgresql"):
        with pytest.raises(MigrationNeededError, match="stylebot migrate"):
            await open_database(empty_database_url)
        await runner.upgrade(empty_database_url)
    database = await open_database(empty_database_url)
    async with database.reading() as transaction:
        assert await transaction.styles.all() == []
    await database.close()


def test_a_folder_that_is_not_there_is_told(tmp_path: Path):
    with pytest.raises(StorageUnavailableError, match="unable to open"):
        asyncio.run(open_database(f"sqlite+aiosqlite:///{tmp_path / 'none' / 'bot.db'}"))


async def test_styles_are_seeded_at_the_start_and_kept_while_the_engine_is_away(tmp_path: Path):
    settings = StorageSettings(
        database_url=f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}",
        storage_key_file=tmp_path / "bot.key",
    )

    class Away(ArithmeticEngine):
        @override
        async def styles(self) -> list[StyleInfo]:
            raise EngineUnavailableError("The engine cannot be reached.")

    counts = []
    for engine in (Away(), ArithmeticEngine(), Away()):
        services = await open_services(settings, engine)
        counts.append(len(await catalogue.listed(services, UserKey("t", "1"))))
        await services.database.close()
    assert counts == [0, 4, 4]
    assert (tmp_path / "bot.key").exists()

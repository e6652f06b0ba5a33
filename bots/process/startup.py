"""Creates services from settings, before any platform is used."""

import logging
from collections.abc import Collection

from bots.core.common.services import ContentCheck, Limits, Services
from bots.core.styles import seeding
from engine.api.contract import EngineApi
from engine.api.errors import EngineError
from engine.painting.manifest import SAMPLE_PHOTOS
from migrations import runner
from storage.database import Database
from storage.sealing import Sealer
from storage.settings import StorageSettings
from storage.values.people import UserKey

logger = logging.getLogger(__name__)


async def open_database(url: str) -> Database:
    """Open the database and check its schema.

    An SQLite file is created and migrated automatically; a PostgreSQL database, which several bots
    may share, must be migrated by the operator.

    Raises:
        MigrationNeededError: a PostgreSQL database has another schema.
    """
    if url.startswith("sqlite"):
        await runner.upgrade(url)
    database = Database(url)
    try:
        await database.check(runner.newest())
    except BaseException:
        await database.close()
        raise
    return database


async def open_services(
    settings: StorageSettings,
    engine: EngineApi,
    *,
    admins: Collection[UserKey] = (),
    content_check: ContentCheck | None = None,
    limits: Limits | None = None,
) -> Services:
    """The services that use cases need, with styles synchronised with the engine's checkpoint.

    Args:
        settings: The store's settings.
        engine: The engine.
        admins: The bot's admins.
        content_check: Checks pictures; None for no check.
        limits: The limits; None for the defaults.

    Raises:
        StorageKeyError: the key is damaged or its file cannot be read or created.
        MigrationNeededError: as `open_database`.
    """
    sealer = Sealer.open(settings)
    services = Services(
        database=await open_database(settings.database_url),
        engine=engine,
        sealer=sealer,
        admins=frozenset(admins),
        samples=[path.read_bytes() for path in SAMPLE_PHOTOS],
        content_check=content_check,
        limits=limits or Limits(),
    )
    try:
        changed = await seeding.seed(services)
        logger.info("styles are synchronised", extra={"changed": changed})
    except EngineError as error:
        # It may start later; until then the styles stored last time are used.
        logger.warning("styles were not synchronised: %s", error)
        await seeding.recall(services)
    return services

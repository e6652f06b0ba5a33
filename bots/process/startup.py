"""From settings to services: what every bot process does before it speaks to a platform."""

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
    """A database that has the form this version expects.

    An SQLite file, which has no operator, is made and brought to it; of PostgreSQL, which several
    bots may share, that is the operator's to say.

    Raises:
        MigrationNeededError: a PostgreSQL database has another form.
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
    """Everything use cases need, with styles in step with the engine's checkpoint.

    Args:
        settings: Which store.
        engine: What paints.
        admins: Who administers the bot.
        content_check: What looks at pictures; None for nothing.
        limits: How much of everything; None for what is usual.

    Raises:
        StorageKeyError: the key is damaged or its file cannot be read or made.
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
        logger.info("styles are in step", extra={"changed": changed})
    except EngineError as error:
        # It may come up later; until then there are the styles of last time.
        logger.warning("styles stay as they were: %s", error)
        await seeding.recall(services)
    return services

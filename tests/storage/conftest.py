"""A database for the repositories' tests."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from storage.database import Database
from tests.databases import opened


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A migrated database of either kind."""
    async with asyncio.timeout(60), opened(database_url) as database:
        yield database

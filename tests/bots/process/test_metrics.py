"""What the bot process says of itself over HTTP, as real jobs change it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bots.core.errors import OperatorError
from bots.core.jobs.platform import DeliverLaterError, UncertainDeliveryError, UndeliverableError
from bots.core.jobs.workers import Workers
from bots.core.policy import control
from bots.core.policy.control import Control
from bots.core.requests.queueing import accept
from bots.core.styles import seeding
from bots.process.metrics import Figures, Life, serve_metrics
from storage.database import Database
from tests.bots.core.conftest import Stage
from tests.databases import opened

pytestmark = pytest.mark.anyio

Sample = tuple[str, frozenset[tuple[str, str]]]


class Watched(Stage):
    """A stage whose workers are counted, and what an onlooker sees of it."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.figures = Figures(workers=4)
        self.services = replace(self.services, meter=self.figures)
        self.workers = Workers(self.services, [self.platform])
        self.life = Life()
        self.address = ""

    async def get(self, path: str) -> tuple[int, str]:
        async with (
            aiohttp.ClientSession() as session,
            session.get(self.address.replace("/metrics", path)) as answer,
        ):
            return answer.status, await answer.text()

    async def value(self, name: str, **labels: str) -> float | None:
        _, text = await self.get("/metrics")
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name == f"stylebot_bots_{name}" and sample.labels == labels:
                    return sample.value
        return None


@asynccontextmanager
async def watched(database: Database) -> AsyncIterator[Watched]:
    stage = Watched(database)
    await seeding.seed(stage.services)
    async with serve_metrics(
        stage.services, stage.figures, stage.life, "127.0.0.1", 0
    ) as stage.address:
        yield stage


@pytest.fixture
async def stage(database_url: str) -> AsyncIterator[Watched]:
    async with asyncio.timeout(60), opened(database_url) as database, watched(database) as stage:
        yield stage


async def test_a_job_from_the_queue_to_its_delivery(stage: Watched):
    assert await stage.value("jobs", state="queued") == 0
    assert await stage.value("oldest_waiting_seconds") == 0
    for _ in range(2):
        await accept(stage.services, stage.asked("wave"))
    stage.clock.pass_(seconds=7)
    assert await stage.value("jobs", state="queued") == 2
    assert await stage.value("oldest_waiting_seconds") == 7
    busy = []

    async def look() -> None:
        busy.append(await stage.value("workers_busy"))

    stage.engine.before = look
    assert await stage.work() == 2
    assert busy == [1, 1]
    assert await stage.value("workers_busy") == 0
    assert await stage.value("workers") == 4
    assert await stage.value("jobs", state="delivered") == 2
    assert await stage.value("deliveries_total", platform="test") == 2
    assert await stage.value("wait_seconds_sum", platform="test") == 14
    assert await stage.value("run_seconds_count", platform="test") == 2


async def test_how_it_goes_wrong_is_counted_by_reason(stage: Watched):
    for failure in (UncertainDeliveryError(), UndeliverableError(), DeliverLaterError(5)):
        stage.platform.failures = [None, failure]
        await accept(stage.services, stage.asked("wave"))
        await stage.work()
    await accept(stage.services, stage.asked("wave", "bad"))
    await stage.work()
    codes = ("uncertain", "undeliverable", "broken_image")
    counted = [
        await stage.value("delivery_failures_total", platform="test", code=code) for code in codes
    ]
    assert counted == [1, 1, 1]
    assert await stage.value("postponed_total", platform="test") == 1
    assert await stage.value("deliveries_total", platform="test") is None
    stage.clock.pass_(seconds=6)
    await stage.work()
    assert await stage.value("deliveries_total", platform="test") == 1
    assert await stage.value("wait_seconds_count", platform="test") == 1
    assert await stage.value("wait_seconds_sum", platform="test") == 6


async def test_what_is_up_and_ready(stage: Watched):
    assert (await stage.get("/healthz"))[0] == 200
    assert await stage.get("/readyz") == (503, '{"status": "starting"}')
    stage.life.ready.set()
    assert (await stage.get("/readyz"))[0] == 200
    assert await stage.value("styles_enabled") == 4
    assert await stage.value("paused") == 0
    await _pause_and_rest_a_style(stage)
    assert await stage.value("paused") == 1
    assert await stage.value("styles_enabled") == 3
    assert await stage.value("engine_up") == 1
    stage.engine.away = True
    assert await stage.value("engine_up") == 0
    # Jobs keep their places meanwhile, so people are served.
    assert (await stage.get("/readyz"))[0] == 200
    stage.life.stopping.set()
    assert await stage.get("/readyz") == (503, '{"status": "draining"}')
    assert (await stage.get("/healthz"))[0] == 200


async def _pause_and_rest_a_style(stage: Watched) -> None:
    ids = await stage.ids()
    async with stage.services.database.writing() as transaction:
        await control.write(transaction, Control(mode="paused"))
        await transaction.styles.put_state(ids["scream"], "resting")


async def test_a_store_that_is_away_is_told_and_its_old_figures_are_not():
    database = Database("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    stage = Watched(database)
    stage.life.ready.set()
    async with serve_metrics(
        stage.services, stage.figures, stage.life, "127.0.0.1", 0
    ) as stage.address:
        assert await stage.value("database_up") == 0
        assert await stage.value("engine_up") == 1
        assert await stage.value("jobs", state="queued") is None
        assert await stage.get("/readyz") == (503, '{"status": "database unavailable"}')
        port = int(stage.address.split(":")[2].split("/")[0])
        with pytest.raises(OperatorError, match=f"BOT_METRICS_PORT: 127.0.0.1:{port}"):
            async with serve_metrics(stage.services, Figures(1), stage.life, "127.0.0.1", port):
                pass
    await database.close()

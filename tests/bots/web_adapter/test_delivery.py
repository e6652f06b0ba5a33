"""The studio as the workers see it."""

import json
from pathlib import Path

import pytest

from bots.core.jobs.workers import Workers
from bots.core.requests import pictures, queueing
from bots.core.requests.values import RequestInput
from bots.core.styles import seeding
from bots.web_adapter.context import Runtime
from bots.web_adapter.delivery import Delivery
from bots.web_adapter.handlers.paintings import _standing
from bots.web_adapter.render.thumbnails import Thumbnails
from storage.database import Database
from storage.values.people import ChatKey, UserKey
from tests.bots.core.conftest import Stage
from tests.databases import opened, sqlite_store

pytestmark = pytest.mark.anyio

CAT = UserKey("web", "1" * 19)


async def asked_for(database: Database) -> tuple[Stage, Delivery, str, int]:
    """Someone has asked for a photo in a style; the photo's id and the request's."""
    stage = Stage(database)
    services = stage.services
    await seeding.seed(services)
    photo = await pictures.take(services, CAT, b"A")
    asked = RequestInput("once", CAT, ChatKey("web", CAT.id), ({"picture": photo},), "scream")
    job_id = (await queueing.accept(services, asked)).job.id
    return stage, Delivery(Runtime(services, Thumbnails(services))), photo, job_id


async def test_a_person_waiting_for_the_engine_is_told_and_gets_their_picture(tmp_path: Path):
    async with opened(sqlite_store(tmp_path / "bot.db")) as database:
        stage, studio, _, job_id = await asked_for(database)
        services = stage.services
        workers = Workers(services, [studio])

        stage.engine.away = True
        assert await workers.work_once("w")
        news = json.loads(await _standing(studio.runtime, job_id, "The Scream"))
        assert news == {"ended": False, "words": services.texts.say("queue-waits-for-engine", "en")}

        stage.engine.away = False
        stage.clock.pass_(seconds=10)
        assert await workers.work_once("w")
        assert json.loads(await _standing(studio.runtime, job_id, ""))["ended"]
        assert studio.runtime.waiting_for_engine == set()
        job = await queueing.job(services, job_id)
        assert job
        assert job.result
        (result,) = job.result["pictures"]
        assert (await pictures.read(services, CAT, result)).endswith(b"scream")
        assert await studio.delivered(job) == job.result


async def test_a_photo_that_is_gone_is_said_to_be(tmp_path: Path):
    async with opened(sqlite_store(tmp_path / "bot.db")) as database:
        stage, studio, photo, job_id = await asked_for(database)
        services = stage.services
        await pictures.remove(services, CAT, [photo])
        await Workers(services, [studio]).work_once("w")
        job = await queueing.job(services, job_id)
        assert job
        assert (job.state, job.error) == ("failed", "source_gone")
        assert await studio.delivered(job) is None

"""All of it for the asking, none of it for the asking, and old things go by themselves."""

import asyncio
import base64
import json
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import pytest

from bots.core.requests.queueing import accept
from bots.core.styles import custom_styles
from bots.core.users import history, preferences, privacy
from bots.core.users.privacy import Forgotten
from storage.values.audit import AuditEntry
from storage.values.people import Preference
from tests.bots.core.conftest import ANN, BEN, HERE, Stage

pytestmark = pytest.mark.anyio


async def lived_in(stage: Stage) -> None:
    """Ann has done everything one can do; Ben a little."""
    services = stage.services
    await preferences.prefer_values(services, ANN, {"strength": 0.3})
    await custom_styles.add_own(services, ANN, "Grandma", b"picture")
    await preferences.settle(services, HERE, ANN, admin=True, quiet=True)
    for user in (ANN, BEN):
        await accept(services, stage.asked("wave", user=user))
    await stage.work()
    await accept(services, stage.asked("scream"))


async def test_the_export_has_everything_and_is_json(stage: Stage):
    await lived_in(stage)
    exported = json.loads(json.dumps(await privacy.export(stage.services, ANN)))
    assert exported["user"] == str(ANN)
    assert exported["preference"]["recipe"][0]["params"]["strength"] == 0.3
    (style,) = exported["styles"]
    assert (style["name"], base64.b64decode(style["picture"])) == ("Grandma", b"picture")
    assert [entry["title"] for entry in exported["history"]] == ["The Great Wave"]
    assert sorted(job["state"] for job in exported["jobs"]) == ["delivered", "queued"]
    assert str(BEN) not in json.dumps(exported)
    nobody = await privacy.export(stage.services, BEN)
    assert (nobody["styles"], len(nobody["history"])) == ([], 1)


async def test_who_wants_to_be_forgotten_is(stage: Stage):
    services = stage.services
    await lived_in(stage)
    assert await privacy.forget(services, ANN) == Forgotten(history=1, styles=1, jobs=2)
    empty = await privacy.export(services, ANN)
    assert empty["preference"] == asdict(Preference()) | {"recipe": []}
    assert (empty["styles"], empty["history"], empty["jobs"]) == ([], [], [])
    assert await stage.work() == 0
    async with services.database.reading() as transaction:
        (act,) = await transaction.audit.latest()
    assert act.actor == services.sealer.pseudonym(f"user {ANN}")
    assert len(await history.page(services, BEN)) == 1
    assert await privacy.forget(services, ANN) == Forgotten(0, 0, 0)


async def test_being_shut_out_outlives_being_forgotten(stage: Stage):
    services = stage.services
    pseudonym = services.sealer.pseudonym(f"user {ANN}")
    async with services.database.writing() as transaction:
        await transaction.blocks.add(pseudonym, "spam", services.now())
    await privacy.forget(services, ANN)
    async with services.database.reading() as transaction:
        assert await transaction.blocks.has_any([pseudonym])


async def test_the_sweeper_goes_on_whatever_happens(stage: Stage, caplog: pytest.LogCaptureFixture):
    await lived_in(stage)
    stage.clock.pass_(days=8)

    class Flaky:
        tries = 0

        def writing(self) -> Any:
            self.tries += 1
            if self.tries == 1:
                raise OSError("away")
            return stage.services.database.writing()

    flaky = Flaky()
    services = replace(stage.services, database=flaky)  # type: ignore[arg-type]
    sweeping = asyncio.create_task(privacy.keep_sweeping(services, timedelta(0)))
    async with asyncio.timeout(20):
        while flaky.tries < 3:  # noqa: ASYNC110 - nothing tells it
            await asyncio.sleep(0.01)
    sweeping.cancel()
    assert "sweeping failed" in caplog.text
    assert len((await privacy.export(stage.services, ANN))["jobs"]) == 1


async def test_old_things_go_and_jobs_in_the_queue_stay(stage: Stage):
    services = stage.services
    await lived_in(stage)
    assert await privacy.sweep(services) == 0
    stage.clock.pass_(days=8)
    assert await privacy.sweep(services) == 2
    assert len((await privacy.export(services, ANN))["jobs"]) == 1
    stage.clock.pass_(days=83)
    assert await privacy.sweep(services) == 2
    stage.clock.pass_(days=300)
    async with services.database.writing() as transaction:
        await transaction.audit.add(AuditEntry("a", "b", "c", {}, services.now()))
    assert await privacy.sweep(services) == 1
    assert await stage.work() == 1


async def test_a_chat_that_was_left_loses_its_settings_after_a_week(stage: Stage):
    services = stage.services
    there = replace(HERE, id="-20")
    for chat in (HERE, there):
        await preferences.settle(services, chat, ANN, admin=True, quiet=True)
        await preferences.left(services, chat)
    stage.clock.pass_(days=6)
    # Said again, as after a restart, it is not put off; asked back, it is off.
    await preferences.left(services, HERE)
    await preferences.joined(services, there)
    assert await privacy.sweep(services) == 0
    stage.clock.pass_(days=2)
    assert await privacy.sweep(services) == 1
    assert (await preferences.chat_settings(services, HERE)).quiet is False
    assert (await preferences.chat_settings(services, there)).quiet is True
    await preferences.left(services, HERE)
    assert await privacy.sweep(services) == 0


async def test_chats_that_were_left_while_the_bot_was_away_are_noted(stage: Stage):
    services = stage.services
    for chat_id in ("-10", "-20"):
        chat = replace(HERE, id=chat_id)
        await preferences.settle(services, chat, ANN, admin=True, quiet=True)
    await preferences.meet(services, "test", {"-20"})
    stage.clock.pass_(days=6)
    # It is back in one, and out of the other.
    await preferences.meet(services, "test", {"-10"})
    stage.clock.pass_(days=2)
    assert await privacy.sweep(services) == 0
    stage.clock.pass_(days=6)
    assert await privacy.sweep(services) == 1
    assert sorted(await preferences.chats(services, "test")) == ["-10"]

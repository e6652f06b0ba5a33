"""What is known without a wait."""

import asyncio
from datetime import timedelta

import pytest

from bots.core.styles import catalogue as style_cases
from bots.core.users import preferences
from bots.discord_adapter.transport.cache import Memory
from tests.bots.discord_adapter.conftest import Play, Stage, key, picture


def test_what_others_changed_is_known_after_a_while(
    play: Play, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    async def scene(stage: Stage) -> None:
        memory = Memory(stage.services, "discord")
        assert memory.styles(None, stage.here) == []
        renew, rounds = memory.renew, []

        async def flaky() -> None:
            rounds.append(1)
            if len(rounds) == 1:
                raise OSError("away")
            await renew()

        monkeypatch.setattr(memory, "renew", flaky)
        await preferences.prefer(stage.services, key(stage.ann), private=True, language="zh")
        await preferences.settle(
            stage.services, stage.here, key(stage.max), admin=True, language="en"
        )
        renewing = asyncio.create_task(memory.keep_renewing(timedelta(0)))
        async with asyncio.timeout(10):
            while len(rounds) < 3:  # noqa: ASYNC110 - nothing tells it
                await asyncio.sleep(0.01)
        renewing.cancel()
        await asyncio.wait([renewing])
        assert memory.preference(key(stage.ann)).private
        assert memory.language(key(stage.ann), stage.here, "en-GB") == "zh"
        assert memory.language(key(stage.ben), stage.here, "zh-CN") == "en"
        assert len(memory.styles(None, stage.here)) == 4
        assert "could not be renewed" in caplog.text

    play(scene)


def test_own_styles_of_those_who_came_last_are_known(play: Play, monkeypatch: pytest.MonkeyPatch):
    async def scene(stage: Stage) -> None:
        monkeypatch.setattr("bots.discord_adapter.transport.cache._PEOPLE_WITH_OWN_STYLES", 1)
        await style_cases.add_own(stage.services, key(stage.ann), "Own", picture())
        memory = stage.client.memory
        for who in (stage.ann, stage.ben):
            await memory.renew_person(key(who))
        assert not memory.knows_own_styles(key(stage.ann))
        assert memory.knows_own_styles(key(stage.ben))
        await memory.renew_person(key(stage.ann))
        assert len(memory.styles(key(stage.ann), stage.here)) == 5
        memory.forget(key(stage.ann))
        assert len(memory.styles(key(stage.ann), stage.here)) == 4

    play(scene)

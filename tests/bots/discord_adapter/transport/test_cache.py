"""What is known without a wait."""

import asyncio
from datetime import timedelta

import pytest

from bots.core.styles import custom_styles
from bots.core.users import preferences
from bots.discord_adapter.transport.cache import Cache
from tests.bots.discord_adapter.conftest import Stage, key, picture

pytestmark = pytest.mark.anyio


async def test_what_others_changed_is_known_after_a_while(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    cache = Cache(stage.services, "discord")
    assert cache.styles(None, stage.here) == []
    renew, rounds = cache.renew, []

    async def flaky() -> None:
        rounds.append(1)
        if len(rounds) == 1:
            raise OSError("away")
        await renew()

    monkeypatch.setattr(cache, "renew", flaky)
    await preferences.prefer(stage.services, key(stage.ann), private=True, language="zh")
    await preferences.settle(stage.services, stage.here, key(stage.max), admin=True, language="en")
    renewing = asyncio.create_task(cache.keep_renewing(timedelta(0)))
    async with asyncio.timeout(10):
        while len(rounds) < 3:  # noqa: ASYNC110 - nothing tells it
            await asyncio.sleep(0.01)
    renewing.cancel()
    await asyncio.wait([renewing])
    assert cache.preference(key(stage.ann)).private
    assert cache.language(key(stage.ann), stage.here, "en-GB") == "zh"
    assert cache.language(key(stage.ben), stage.here, "zh-CN") == "en"
    assert len(cache.styles(None, stage.here)) == 4
    assert "the cache was not renewed" in caplog.text


async def test_own_styles_of_those_who_came_last_are_known(stage: Stage):
    await custom_styles.add_own(stage.services, key(stage.ann), "Own", picture())
    cache = Cache(stage.services, "discord", own_of_people=1)
    await cache.renew()
    for who in (stage.ann, stage.ben):
        await cache.renew_person(key(who))
    assert not cache.knows_own_styles(key(stage.ann))
    assert cache.knows_own_styles(key(stage.ben))
    await cache.renew_person(key(stage.ann))
    assert len(cache.styles(key(stage.ann), stage.here)) == 5
    cache.forget(key(stage.ann))
    assert len(cache.styles(key(stage.ann), stage.here)) == 4

"""Results that meet obstacles: each comes once, or is kept for later."""

import asyncio
import io
from typing import Any

import discord
import pytest
import simcord
from PIL import Image

from bots.core.jobs.platform import DeliverLaterError, UndeliverableError
from bots.core.requests import queueing
from bots.core.users import history
from bots.discord_adapter.app import DiscordAdapter
from bots.discord_adapter.delivery.results import Delivery
from bots.discord_adapter.delivery.statuses import Statuses
from bots.discord_adapter.transport import posting
from bots.discord_adapter.transport.reply_target import ReplyTarget
from bots.settings import BotSettings
from engine.api.contract import Painted
from tests.bots.discord_adapter.conftest import (
    Stage,
    answer_of,
    gallery,
    key,
    noise,
    picture,
    said,
)

pytestmark = pytest.mark.anyio


async def asked(stage: Stage, **options: Any) -> simcord.InteractionResult:
    return await stage.ann.slash(
        stage.channel, "style", image=("photo.jpg", picture()), style="wave", **options
    )


def paths(stage: Stage, method: str) -> list[str]:
    return [request.path for request in stage.env.http_requests if request.method == method]


async def test_after_a_quarter_of_an_hour_the_bot_writes_as_itself(stage: Stage):
    result = await asked(stage)
    stage.clock.pass_(minutes=14, seconds=1)
    await stage.work()
    assert "**The Great Wave**" in said(result.response)
    assert result.response is not None
    last = paths(stage, "PATCH")[-1]
    assert last == f"/channels/{stage.channel.id}/messages/{result.response.id}"
    assert len(stage.channel.history()) == 1


@pytest.mark.parametrize(("status", "code"), [(401, 50027), (404, 10015)])
async def test_a_token_that_is_refused_before_its_time_is_not_missed(
    stage: Stage, status: int, code: int
):
    result = await asked(stage)
    stage.env.inject_error("PATCH", "/webhooks/*", status=status, code=code)
    await stage.work()
    assert "**The Great Wave**" in said(result.response)
    assert paths(stage, "PATCH")[-1].startswith("/channels/")
    assert not stage.client.refused.is_set()


async def test_what_no_way_is_open_for_is_in_the_history(stage: Stage):
    # Private, and too late: only the token could have shown it.
    result = await asked(stage, private=True)
    stage.clock.pass_(minutes=15)
    assert await stage.work() == 1
    assert "you are next" in said(result.response)
    (job,) = await stage.jobs(stage.ann)
    assert (job.state, job.error) == ("failed", "undeliverable")
    (entry,) = await history.page(stage.services, key(stage.ann))
    assert (entry.title, entry.result) == ("The Great Wave", {"undelivered": True})
    assert await stage.work() == 0
    shown = await stage.ann.slash(stage.channel, "history")
    assert "**The Great Wave**" in said(shown.response)


async def test_where_only_the_person_has_installed_it_the_bot_does_not_write_by_itself(
    stage: Stage,
):
    await asked(stage)
    (job,) = await stage.jobs(stage.ann)
    await queueing.extend_reply_target(stage.services, job.id, bot=False)
    stage.clock.pass_(minutes=15)
    before = len(stage.env.http_requests)
    await stage.work()
    assert (await stage.job(job.id)).error == "undeliverable"
    assert [r.path for r in stage.env.http_requests[before:]] == []


@pytest.mark.parametrize(
    ("code", "error", "times"), [(50001, "undeliverable", 1), (50013, "no_pictures_here", 2)]
)
async def test_a_bot_that_was_shut_out_of_the_channel_does_not_go_on(
    stage: Stage, code: int, error: str, times: int
):
    """Where it may be that words alone are allowed, it tries to say so, once."""

    await asked(stage)
    stage.clock.pass_(minutes=15)
    stage.env.inject_error("*", "/channels/*", status=403, code=code)
    before = len(stage.env.http_requests)
    await stage.work()
    (job,) = await stage.jobs(stage.ann)
    assert (job.error, job.lease_until) == (error, None)
    tried = [r.path for r in stage.env.http_requests[before:]]
    assert len([path for path in tried if path.startswith("/channels/")]) == times


async def test_a_message_that_was_deleted_meanwhile_is_sent_anew(stage: Stage):
    for minutes in (0, 15):
        result = await asked(stage)
        assert result.response is not None
        stage.env.backend.delete_message(stage.channel.id, result.response.id)
        stage.clock.pass_(minutes=minutes)
        await stage.work()
        assert answer_of(result) is None
        assert "**The Great Wave**" in said(stage.channel.last_message)
    assert len(stage.channel.history()) == 2


@pytest.mark.parametrize("fault", [(500, 0), (429, 0)])
async def test_what_discord_cannot_take_now_comes_later_and_once(
    stage: Stage, fault: tuple[int, int], monkeypatch: pytest.MonkeyPatch
):
    result = await asked(stage)
    put = posting.put
    tries = []

    async def flaky(*args: Any, **more: Any) -> discord.Message:
        tries.append(1)
        if len(tries) == 1:
            response: Any = simcord.http.client._FakeResponse(fault[0])
            kind = discord.DiscordServerError if fault[0] == 500 else discord.HTTPException
            raise kind(response, "away")
        return await put(*args, **more)

    monkeypatch.setattr(posting, "put", flaky)
    await stage.work()
    (job,) = await stage.jobs(stage.ann)
    assert job.state == "queued"
    assert await stage.work() == 0
    stage.clock.pass_(seconds=61)
    await stage.work()
    assert "**The Great Wave**" in said(result.response)
    assert len(stage.channel.history()) == 1


def test_what_errors_mean_to_the_queue():
    response: Any = simcord.http.client._FakeResponse(403)
    assert isinstance(posting.translated(discord.Forbidden(response, ""), 5), UndeliverableError)
    later = posting.translated(discord.RateLimited(90.0), 5)
    assert isinstance(later, DeliverLaterError)
    assert later.retry_after_s == 90.0
    assert isinstance(posting.translated(TimeoutError(), 5), DeliverLaterError)
    response.status = 401
    shut_out = posting.translated(discord.HTTPException(response, ""), 5)
    assert isinstance(shut_out, DeliverLaterError)
    assert shut_out.retry_after_s >= 60
    odd = ValueError("odd")
    assert posting.translated(odd, 5) is odd


async def test_a_bot_whose_token_is_refused_stops(stage: Stage):
    await asked(stage)
    stage.clock.pass_(minutes=15)
    stage.env.inject_error("*", "/channels/*", status=401, code=0)
    await stage.work()
    assert stage.client.refused.is_set()


async def test_large_results_are_made_to_fit_and_it_is_said(stage: Stage):
    stage.engine.large = noise(1500)
    await asked(stage)
    (job,) = await stage.jobs(stage.ann)
    limit = 300_000
    assert len(stage.engine.large) > 10 * limit
    await queueing.extend_reply_target(stage.services, job.id, limit=limit)
    await stage.work()
    message = stage.channel.last_message
    assert message is not None
    (file,) = message.attachments
    assert file.size <= limit
    with Image.open(io.BytesIO(stage.file(file))) as opened:
        width, height = opened.size
    assert f"{width} × {height} pixels" in said(message)  # noqa: RUF001 - as it is written
    assert file.filename.endswith(".webp")


@pytest.mark.parametrize(("status", "code"), [(413, 0), (400, 40005)])
async def test_a_limit_discord_did_not_tell_of_is_found(stage: Stage, status: int, code: int):
    stage.engine.large = noise(700)
    result = await asked(stage)
    stage.env.inject_error("PATCH", "/webhooks/*", status=status, code=code, times=2)
    await stage.work()
    assert result.response is not None
    (file,) = result.response.attachments
    assert file.size <= len(stage.engine.large) / 4
    assert "Resized to" in said(result.response)


async def test_a_server_s_own_limit_holds_where_no_interaction_said_one(stage: Stage):
    guild = stage.client.get_guild(stage.guild.id)
    assert guild is not None
    reply_target = ReplyTarget(channel=1, guild=guild.id)
    assert stage.delivery._limit(reply_target) == guild.filesize_limit
    assert stage.delivery._limit(ReplyTarget(channel=1, token="t", limit=5)) == 5  # noqa: S106


async def test_delivered_once_more_it_is_the_same_message(stage: Stage):
    result = await asked(stage)
    (job,) = await stage.jobs(stage.ann)
    assert await stage.delivery.delivered(job) is None
    painted = [Painted(picture(), "image/jpeg")]
    first = await stage.delivery.deliver(job, painted, [])
    # Its worker died here; its successor asks first, and could even send it again.
    assert await stage.delivery.delivered(job) == first
    assert await stage.delivery.deliver(job, painted, []) == first
    assert len(stage.channel.history()) == 1
    assert len(gallery(result.response)) == 1


async def test_nothing_that_is_said_of_a_request_overwrites_its_result(stage: Stage):
    result = await asked(stage)
    (job,) = await stage.jobs(stage.ann)
    await stage.work()
    assert stage.client.said == {}
    # A worker that is late with its news.
    stage.client.said[job.id] = (3, 0, None, None, None)
    await stage.delivery.started(job)
    await stage.delivery.paused(job)
    await Statuses(stage.client).update_all()
    assert "**The Great Wave**" in said(result.response)


async def test_places_in_the_queue_are_followed(stage: Stage):
    results = [await asked(stage) for _ in range(3)]
    assert "2 photos before yours" in said(results[2].response)
    await stage.workers.work_once("w")
    edits = len(paths(stage, "PATCH"))
    await Statuses(stage.client).update_all()
    assert "1 photo before yours" in said(results[2].response)
    assert "you are next" in said(results[1].response)
    assert len(paths(stage, "PATCH")) == edits + 2
    # What did not change is not said again.
    await Statuses(stage.client).update_all()
    assert len(paths(stage, "PATCH")) == edits + 2


async def test_while_the_engine_is_away_it_says_so_once(stage: Stage):
    result = await asked(stage)
    stage.engine.away = True
    for _ in range(2):
        await stage.workers.work_once("w")
        stage.clock.pass_(seconds=6)
    assert "Painting is interrupted for a moment" in said(result.response)
    edits = len(paths(stage, "PATCH"))
    await stage.workers.work_once("w")
    assert len(paths(stage, "PATCH")) == edits
    stage.engine.away = False
    stage.clock.pass_(seconds=6)
    await stage.work()
    assert "**The Great Wave**" in said(result.response)


async def test_a_fast_worker_waits_until_the_place_was_said(stage: Stage):
    put = posting.put
    order: list[str] = []

    async def slow(
        client: Any, reply_target: ReplyTarget, view: Any, *args: Any, **more: Any
    ) -> Any:
        order.append(f"begin {len(order)}")
        await asyncio.sleep(0.05)
        done = await put(client, reply_target, view, *args, **more)
        order.append("end")
        return done

    stage.client.nudge = lambda: None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(posting, "put", slow)
        working = asyncio.create_task(_until_delivered(stage))
        result = await asked(stage)
        await working
    assert "**The Great Wave**" in said(result.response)
    assert order == ["begin 0", "end", "begin 2", "end"]


async def _until_delivered(stage: Stage) -> None:
    async with asyncio.timeout(10):
        while not await stage.workers.work_once("w"):  # noqa: ASYNC110 - nothing tells it
            await asyncio.sleep(0.005)


def test_the_adapter_is_what_the_process_runs():
    """Whatever the workers need of a platform, the adapter has."""
    assert issubclass(DiscordAdapter, Delivery)
    settings = BotSettings(discord_token="t")  # noqa: S106
    assert settings.discord_api_url == "https://discord.com/api/v10"

"""Channels that take no more for a while, no pictures, or nothing: nobody is left waiting."""

import asyncio
import time
from pathlib import Path

import discord as library
import pytest
from discord.http import Route

from engine.api.contract import Painted, RenderRequest, Report
from tests.bots.discord_adapter.conftest import Stage, picture, said
from tests.bots.discord_adapter.stand_in import Discord, Interaction, RefusalError
from tests.bots.discord_adapter.test_lost_answers import World, world
from tests.waiting import until

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("code", "words"),
    [(50013, "I am not allowed to send pictures here"), (50083, "This topic is closed")],
)
async def test_where_the_bot_may_send_no_pictures_that_is_said(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, code: int, words: str
):
    assert stage.client.user is not None
    edit = stage.client.http.edit_message

    async def refuse(channel: int, message: int, *, params: library.http.MultipartParameters):
        if params.files:
            answer = type("Answer", (), {"status": 403, "reason": "Forbidden"})()
            raise library.Forbidden(answer, {"code": code, "message": "Missing Permissions"})
        return await edit(channel, message, params=params)

    monkeypatch.setattr(stage.client.http, "edit_message", refuse)
    asked = f"<@{stage.client.user.id}> scream"
    await stage.ann.send(stage.channel, asked, attachments=[("p.jpg", picture())])
    assert "you are next" in said(stage.channel.last_message)
    await stage.work()
    assert words in said(stage.channel.last_message)
    (job,) = await stage.jobs(stage.ann)
    assert (job.state, job.lease_until) == ("failed", None)


async def in_private(there: World, name: str) -> tuple[Interaction, float]:
    """A command in a direct message, painted; how long it takes."""
    discord = there.discord
    who, began = discord.person(name), time.monotonic()
    photo = discord.attachment("photo.jpg", picture((len(discord.interactions), 9, 9)))
    options = [
        {"name": "image", "type": 11, "value": photo["id"]},
        {"name": "style", "type": 3, "value": "scream"},
    ]
    data = {
        "id": "1", "name": "style", "type": 1, "options": options,
        "resolved": {"attachments": {photo["id"]: photo}},
    }  # fmt: skip
    channel = {"id": discord.snowflake(), "type": 1, "recipients": [who], "last_message_id": None}
    asked = await discord.interact(
        who, 2, data, guild_id=None, member=None, user=who, channel=channel,
        channel_id=channel["id"], context=1,
    )  # fmt: skip
    await until(lambda: is_painted(discord, asked), 60)
    return asked, time.monotonic() - began


def is_painted(discord: Discord, asked: Interaction) -> bool:
    found = discord.messages.get(asked.message or "")
    return bool(found and found["attachments"])


async def test_a_flood_in_one_server_keeps_no_private_chat_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """60 photos in a channel that takes no more for a while; a photo in private is painted."""
    monkeypatch.setattr(Route, "BASE", Route.BASE)

    async with asyncio.timeout(200):
        async with world(tmp_path) as there:
            discord, engine = there.discord, there.services.engine
            render, busy, painted = engine.render, asyncio.Lock(), list[str]()

            async def one_at_a_time(
                request: RenderRequest, report: Report | None = None, *, previews: bool = False
            ) -> Painted:
                async with busy:
                    await asyncio.sleep(0.2)
                    painted.append(request.user)
                    return await render(request, report, previews=previews)

            monkeypatch.setattr(engine, "render", one_at_a_time)
            alone_s = min([(await in_private(there, f"first{n}"))[1] for n in range(3)])
            limit = RefusalError(429, 0, "You are being rate limited.", **{"Retry-After": "8"})
            discord.fail("PATCH", "/channels/.*", limit, times=99)
            for number in range(60):
                photo = discord.attachment("photo.jpg", picture((number, 80, 9)))
                who = discord.person(f"guest{number}")
                await discord.say(who, f"<@{discord.me['id']}> scream", photo)
            await until(lambda: len(painted) >= 6, 60)
            waited_s = [(await in_private(there, f"guest{n}"))[1] for n in range(5)]
            print(f"alone {alone_s:.2f} s, in a flood {[round(s, 2) for s in waited_s]}")  # noqa: T201
            # The channel's results wait for themselves; there are no more in work than may be.
            assert len(painted) <= 3 + 5 + 3
            assert len(discord.results()) == 3 + 5
            discord.faults.clear()

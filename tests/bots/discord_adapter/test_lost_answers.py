"""Answers of Discord's that get lost, before or after it did what was asked: one result each."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
import pytest
from discord.http import Route
from pydantic import SecretStr

from bots.core.common.services import Services
from bots.discord_adapter.app import DiscordAdapter
from bots.process.run import _run_adapters
from bots.process.startup import open_services
from bots.settings import BotSettings
from storage.settings import StorageSettings
from tests.bots.core.conftest import HURRIED
from tests.bots.discord_adapter.conftest import ColourEngine, picture
from tests.bots.discord_adapter.stand_in import TOKEN, Discord, Interaction, Json
from tests.databases import sqlite_store
from tests.waiting import until

pytestmark = pytest.mark.anyio

LOSSES = [(how, after) for how in ("502", "cut", "silent") for after in (False, True)]
# Whether the request is a mention, and the answer that gets lost.
BY_COMMAND = [(False, "PATCH", "/webhooks/", *loss) for loss in LOSSES]
BY_MENTION = [
    (True, method, path, *loss)
    for method, path in (("PATCH", "/channels/.*/messages/"), ("POST", "/channels/.*/messages"))
    for loss in LOSSES
]


@dataclass
class World:
    """A Discord, and the bot in this process."""

    discord: Discord
    services: Services
    adapter: DiscordAdapter

    async def noted(self, dedupe: str) -> None:
        """Until the bot knows that a request was delivered."""
        while True:
            async with self.services.database.reading() as transaction:
                job = await transaction.jobs.find(dedupe)
            if job and job.state == "delivered":
                return
            await asyncio.sleep(0.05)

    async def idle(self) -> None:
        """Until nothing is under way any more."""

        while True:
            async with self.services.database.reading() as transaction:
                if not await transaction.jobs.count_waiting():
                    return
            await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def world(folder: Path, running_per_chat: int = 3) -> AsyncIterator[World]:
    """The bot on a stand-in Discord, from its start to its end."""
    async with Discord().serve() as discord:
        settings = BotSettings(
            discord_token=SecretStr(TOKEN), discord_api_url=f"{discord.url}/api/v10",
            discord_gateway_url=discord.url.replace("http", "ws") + "/gateway", bot_workers=8,
        )  # fmt: skip
        storage = StorageSettings(
            database_url=sqlite_store(folder / "bot.db"), storage_key_file=folder / "key"
        )
        services = await open_services(storage, ColourEngine())
        services = replace(services, limits=replace(HURRIED, running_per_chat=running_per_chat))
        adapter = DiscordAdapter(services, settings, again_s=0.1)
        stop, ready = asyncio.Event(), asyncio.Event()
        running = asyncio.create_task(
            _run_adapters(services, [adapter], settings, lambda _: ready.set(), stop)
        )
        try:
            await asyncio.wait_for(ready.wait(), 30)
            yield World(discord, services, adapter)
        finally:
            stop.set()
            await running
            await services.database.close()
        assert discord.complaints == []


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    # The library's own is five minutes.
    monkeypatch.setattr(aiohttp.client, "DEFAULT_TIMEOUT", aiohttp.ClientTimeout(total=2))
    monkeypatch.setattr(Route, "BASE", Route.BASE)


def card(discord: Discord, found: list[Json]) -> Json:
    """The only result among the bot's messages; nothing else is left."""
    (message,) = found
    assert message["attachments"], discord.said(message["id"])
    return message


def answers_to(discord: Discord, message: Json) -> list[Json]:
    """The bot's messages that answer one."""
    return [
        m
        for m in discord.messages.values()
        if str(m.get("message_reference", {}).get("message_id")) == message["id"]
    ]


async def by_command(there: World, number: int) -> None:
    """A command, and afterwards another style by its menu."""
    discord = there.discord
    who = discord.person(f"guest{number}")
    asked = await discord.command(who, "style", picture((number, 9, 9)), style="scream")
    await painted(there, asked, "The Scream")
    if number % 4 == 0:
        await there.noted(f"discord interaction {asked.id}")
        await discord.press(who, str(asked.message), id="sb:style", values=["2"])
        await painted(there, asked, "The Great Wave")


async def painted(there: World, asked: Interaction, title: str) -> None:
    discord = there.discord

    def is_there() -> bool:
        found = discord.messages.get(asked.message or "")
        return bool(found and found["attachments"]) and f"**{title}**" in discord.said(
            asked.message
        )

    await until(is_there, 120)


async def by_mention(there: World, number: int) -> Json:
    discord = there.discord
    photo = discord.attachment("photo.jpg", picture((number, 80, 9)))
    who = discord.person(f"guest{number}")
    message = await discord.say(who, f"<@{discord.me['id']}> scream", photo)

    def said() -> list[str]:
        return [discord.said(answer["id"]) for answer in answers_to(discord, message)]

    await until(lambda: [m for m in answers_to(discord, message) if m["attachments"]], 60, said)
    return message


async def test_whatever_answer_gets_lost_there_is_one_result(tmp_path: Path):
    """Every kind of answer gets lost five times or more, in a mixed order."""
    kinds = 5 * (2 * BY_COMMAND + BY_MENTION)
    random.Random(1).shuffle(kinds)  # noqa: S311 - no secret

    async with asyncio.timeout(500):
        async with world(tmp_path, running_per_chat=50) as there:
            discord, at_once = there.discord, asyncio.Semaphore(12)

            async def one(number: int) -> Json | None:
                async with at_once:
                    mentions, method, path, how, after = kinds[number]
                    discord.lose(method, path, how, after=after)
                    return await (by_mention if mentions else by_command)(there, number)

            mentions = await asyncio.gather(*map(one, range(len(kinds))))
            await there.idle()
            for message in filter(None, mentions):
                card(discord, answers_to(discord, message))
            assert len(discord.results()) == len(kinds)
            mine = [m for m in discord.messages.values() if m["author"]["id"] == discord.me["id"]]
            assert len(mine) == len(kinds)


@pytest.mark.parametrize(("how", "after"), [x for x in LOSSES if x != ("silent", False)])
async def test_a_sign_of_life_whose_answer_gets_lost_is_one(
    tmp_path: Path, how: str, *, after: bool
):
    async with asyncio.timeout(100):
        async with world(tmp_path) as there:
            discord = there.discord
            who = discord.person("ann")
            discord.lose("POST", "/callback", how, after=after)
            asked = await discord.command(who, "style", picture(), style="scream")
            await painted(there, asked, "The Scream")
            discord.lose("POST", "/callback", how, after=after)
            await discord.press(who, str(asked.message), id="sb:style", values=["2"])
            await painted(there, asked, "The Great Wave")
            assert len(discord.results()) == 1

"""Commands as Discord lists them, and servers that come and go."""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import discord
import pytest
from cryptography.fernet import Fernet
from discord.gateway import DiscordWebSocket
from discord.http import Route
from pydantic import SecretStr

from bots.core.common import key_value
from bots.core.common.services import Services
from bots.core.errors import OperatorError
from bots.core.i18n.texts import Texts
from bots.core.users import preferences, privacy
from bots.discord_adapter.app import DiscordAdapter
from bots.discord_adapter.command_sync import sync_commands
from bots.discord_adapter.transport.translations import FluentTranslator, text
from bots.settings import BotSettings
from storage.database import Database
from storage.sealing import Sealer
from tests.bots.discord_adapter.conftest import ColourEngine, Stage, key
from tests.bots.discord_adapter.stand_in import TOKEN, Discord
from tests.databases import sqlite_store

pytestmark = pytest.mark.anyio

Connected = tuple[Discord, DiscordAdapter]


async def test_commands_are_told_once_and_again_when_they_change(stage: Stage):
    def told() -> int:
        return len([r for r in stage.env.http_requests if r.method == "PUT"])

    assert told() == 1
    assert not await sync_commands(stage.client)
    assert told() == 1
    stage.client.tree.remove_command("help")
    assert await sync_commands(stage.client)
    assert told() == 2


async def test_commands_are_for_servers_messages_and_people_and_speak_chinese(stage: Stage):
    (put,) = [r for r in stage.env.http_requests if r.method == "PUT"]
    commands = {command["name"]: command for command in put.json}  # type: ignore[union-attr]
    assert set(commands) == {
        "style", "story", "Stylize", "styles", "mystyles", "history", "settings", "server",
        "privacy", "export", "forget", "cancel", "help",
    }  # fmt: skip
    for name, command in commands.items():
        assert command["contexts"] == ([0] if name == "server" else [0, 1, 2]), name
        assert command["integration_types"] == ([0] if name == "server" else [0, 1]), name
        assert command.get("nsfw") in (False, None)
    style = commands["style"]
    assert style["description_localizations"]["zh-CN"] == "把图片变成名画风格"
    options = {option["name"]: option for option in style["options"]}
    assert list(options) == ["image", "style", "how", "private"]
    assert options["style"]["autocomplete"]
    assert options["style"]["name_localizations"] == {"zh-CN": "风格", "zh-TW": "风格"}
    assert options["how"]["autocomplete"]
    assert commands["Stylize"]["name_localizations"]["zh-TW"] == "转换风格"
    assert commands["server"]["default_member_permissions"] == 1 << 5


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        (discord.Locale.chinese, "选项"),
        (discord.Locale.taiwan_chinese, "选项"),
        (discord.Locale.american_english, None),
        (discord.Locale.german, None),
    ],
)
async def test_the_translator_knows_what_the_texts_know(
    stage: Stage, locale: discord.Locale, said: str
):
    translator, texts = FluentTranslator(stage.services.texts), Texts()
    string = text(texts, "discord-option-how")
    assert str(string) == "how"
    context: discord.app_commands.TranslationContext = discord.app_commands.TranslationContext(  # type: ignore[type-arg]
        discord.app_commands.TranslationContextLocation.other, data=None
    )
    assert await translator.translate(string, locale, context) == said
    other = discord.app_commands.locale_str("not ours")
    assert await translator.translate(other, locale, context) is None


async def happens(stage: Stage, event: str, guild: discord.Guild, *, noted: bool) -> None:
    stage.client.dispatch(event, guild)
    async with asyncio.timeout(10):
        key = f"left {stage.here}"
        while (await key_value.recall(stage.services, key) is not None) is not noted:  # noqa: ASYNC110 - nothing tells it
            await asyncio.sleep(0.01)


async def test_a_server_that_puts_the_bot_out_is_forgotten_after_a_week(stage: Stage):
    services = stage.services
    await preferences.settle(services, stage.here, key(stage.max), admin=True, quiet=True)
    guild = stage.client.get_guild(stage.guild.id)
    assert guild is not None
    await happens(stage, "guild_remove", guild, noted=True)
    stage.clock.pass_(days=6)
    assert await privacy.sweep(services) == 0
    await happens(stage, "guild_join", guild, noted=False)
    stage.clock.pass_(days=2)
    assert await privacy.sweep(services) == 0
    await happens(stage, "guild_remove", guild, noted=True)
    stage.clock.pass_(days=8)
    assert await privacy.sweep(services) == 1
    assert not (await preferences.chat_settings(services, stage.here)).quiet


async def test_the_client_asks_for_nothing_privileged_and_remembers_no_one(stage: Stage):
    intents = stage.client.intents
    assert not any((intents.message_content, intents.members, intents.presences))
    assert list(stage.client.cached_messages) == []
    allowed = stage.client.allowed_mentions
    assert allowed is not None
    assert dict(allowed.to_dict()) == {"parse": []}


@contextlib.asynccontextmanager
async def connected(folder: Path, patch: pytest.MonkeyPatch) -> AsyncIterator[Connected]:
    """An adapter in this process, connected to a Discord of our own."""
    # The library keeps both for a whole process.
    patch.setattr(Route, "BASE", Route.BASE)
    patch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    database = Database(sqlite_store(folder / "store.db"))
    services = Services(database, ColourEngine(), Sealer(Fernet.generate_key()))
    async with Discord().serve() as discord:
        settings = BotSettings(
            discord_token=SecretStr(TOKEN), discord_api_url=f"{discord.url}/api/v10"
        )
        adapter = DiscordAdapter(services, settings)
        try:
            yield discord, adapter
        finally:
            await adapter.close()
            await database.close()


@pytest.fixture
async def connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Connected]:
    async with asyncio.timeout(30), connected(tmp_path, monkeypatch) as connection:
        yield connection


async def test_it_is_ready_once_the_commands_are_in_place_and_stops_when_told(
    connection: Connected,
):
    discord, adapter = connection
    # Where no gateway is set, the API is asked for it.
    assert await adapter.start(lambda: None) == "stylebot"
    assert discord.identified == 1
    assert len(discord.commands) == 13
    receiving = asyncio.create_task(adapter.receive())
    adapter.stop()
    await asyncio.wait_for(receiving, 5)
    assert discord.complaints == []


async def test_a_token_that_is_taken_back_ends_it_with_a_sentence(connection: Connected):
    discord, adapter = connection
    await adapter.start(lambda: None)
    receiving = asyncio.create_task(adapter.receive())
    await discord.close_all(4004)
    with pytest.raises(OperatorError, match="does not accept DISCORD_TOKEN"):
        await asyncio.wait_for(receiving, 20)


async def test_so_does_one_that_rest_refuses(connection: Connected):
    _discord, adapter = connection
    await adapter.start(lambda: None)
    adapter.client.refused.set()
    with pytest.raises(OperatorError, match="does not accept DISCORD_TOKEN"):
        await asyncio.wait_for(adapter.receive(), 20)


async def test_a_discord_that_cannot_be_reached_is_said_in_a_sentence(connection: Connected):
    _discord, adapter = connection
    settings = BotSettings(
        discord_token=SecretStr(TOKEN), discord_api_url="http://127.0.0.1:9/api/v10"
    )
    lost = DiscordAdapter(adapter.client.services, settings)
    with pytest.raises(OperatorError, match=r"^Discord cannot be reached: .*\.$"):
        await lost.start(lambda: None)
    await lost.close()


def test_the_bot_brings_no_torch():
    program = (
        "import sys, bots.process.run, bots.discord_adapter.app\nassert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)  # noqa: S603

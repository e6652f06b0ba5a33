"""Commands as Discord lists them, and servers that come and go."""

import asyncio

import discord
import pytest

from bots.core import notes, people, privacy
from bots.core.texts import Texts
from bots.discord_adapter.app import place_commands
from bots.discord_adapter.translations import FluentTranslator, text
from tests.bots.discord_adapter.conftest import Play, Stage, key


def test_commands_are_told_once_and_again_when_they_change(play: Play):
    async def scene(stage: Stage) -> None:
        def told() -> int:
            return len([r for r in stage.env.http_requests if r.method == "PUT"])

        assert told() == 1
        assert not await place_commands(stage.client)
        assert told() == 1
        stage.client.tree.remove_command("help")
        assert await place_commands(stage.client)
        assert told() == 2

    play(scene)


def test_commands_are_for_servers_messages_and_people_and_speak_chinese(play: Play):
    async def scene(stage: Stage) -> None:
        (put,) = [r for r in stage.env.http_requests if r.method == "PUT"]
        commands = {command["name"]: command for command in put.json}  # type: ignore[union-attr]
        assert set(commands) == {
            "style", "Stylize", "styles", "mystyles", "history", "settings", "server", "privacy",
            "export", "forget", "cancel", "help",
        }  # fmt: skip
        for name, command in commands.items():
            assert command["contexts"] == ([0] if name == "server" else [0, 1, 2]), name
            assert command["integration_types"] == ([0] if name == "server" else [0, 1]), name
            assert command.get("nsfw") in (False, None)
        style = commands["style"]
        assert style["description_localizations"]["zh-CN"] == "把图片重画成名画的风格"
        options = {option["name"]: option for option in style["options"]}
        assert list(options) == ["image", "style", "strength", "private"]
        assert options["style"]["autocomplete"]
        assert options["style"]["name_localizations"] == {"zh-CN": "风格", "zh-TW": "风格"}
        assert (options["strength"]["min_value"], options["strength"]["max_value"]) == (0, 100)
        assert commands["Stylize"]["name_localizations"]["zh-TW"] == "绘画风格"
        assert commands["server"]["default_member_permissions"] == 1 << 5

    play(scene)


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        (discord.Locale.chinese, "强度"),
        (discord.Locale.taiwan_chinese, "强度"),
        (discord.Locale.american_english, None),
        (discord.Locale.german, None),
    ],
)
def test_the_translator_knows_what_the_texts_know(play: Play, locale: discord.Locale, said: str):
    async def scene(stage: Stage) -> None:
        translator, texts = FluentTranslator(stage.services.texts), Texts()
        string = text(texts, "discord-option-strength")
        assert str(string) == "strength"
        context: discord.app_commands.TranslationContext = discord.app_commands.TranslationContext(  # type: ignore[type-arg]
            discord.app_commands.TranslationContextLocation.other, data=None
        )
        assert await translator.translate(string, locale, context) == said
        other = discord.app_commands.locale_str("not ours")
        assert await translator.translate(other, locale, context) is None

    play(scene)


async def happens(stage: Stage, event: str, guild: discord.Guild, *, noted: bool) -> None:
    stage.client.dispatch(event, guild)
    async with asyncio.timeout(10):
        while (await notes.recall(stage.services, f"left {stage.here}") is not None) is not noted:  # noqa: ASYNC110 - nothing tells it
            await asyncio.sleep(0.01)


def test_a_server_that_puts_the_bot_out_is_forgotten_after_a_week(play: Play):
    async def scene(stage: Stage) -> None:
        services = stage.services
        await people.settle(services, stage.here, key(stage.max), admin=True, quiet=True)
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
        assert not (await people.chat_settings(services, stage.here)).quiet

    play(scene)


def test_the_client_asks_for_nothing_privileged_and_remembers_no_one(play: Play):
    async def scene(stage: Stage) -> None:
        intents = stage.client.intents
        assert not any((intents.message_content, intents.members, intents.presences))
        assert list(stage.client.cached_messages) == []
        allowed = stage.client.allowed_mentions
        assert allowed is not None
        assert dict(allowed.to_dict()) == {"parse": []}

    play(scene)

"""One process, two platforms, one engine and one store."""

import asyncio
from pathlib import Path

from tests.bots.discord_adapter.bot_process import Bot
from tests.bots.discord_adapter.stand_in import Discord
from tests.bots.telegram_adapter.conftest import picture
from tests.e2e.test_discord_story import Story, photo
from tests.telegram_server import ANN, TOKEN, TelegramServer


async def serves_both(bot: Bot, discord: Discord, telegram: TelegramServer) -> None:
    assert await bot.start() == "ready: telegram @StyleBot"
    assert bot.process
    assert bot.process.stdout
    line = await asyncio.wait_for(bot.process.stdout.readline(), 60)
    assert line.startswith(b"ready: discord ")
    story = Story(discord, bot, discord.person("root"))
    asked = await discord.command(story.ann, "style", photo(), style="scream")
    chat = telegram.private(ANN)
    await telegram.say(chat, ANN, "/style scream", **telegram.photo(picture()))
    await telegram.result(chat)
    await story.shows(asked, "**The Scream**", 1)
    assert await bot.end() == 0


def test_telegram_and_discord_side_by_side(engine_url: str, tmp_path: Path):
    async def scene() -> None:
        async with Discord().serve() as discord, TelegramServer() as telegram:
            settings = {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_URL": telegram.url}
            bot = Bot(discord, engine_url, tmp_path, **settings)
            try:
                await serves_both(bot, discord, telegram)
            finally:
                if bot.process and bot.process.returncode is None:
                    await bot.kill()

    asyncio.run(asyncio.wait_for(scene(), 120))

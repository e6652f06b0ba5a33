"""One process, two platforms, one engine and one store."""

import asyncio
from pathlib import Path

import pytest

from tests.bots.discord_adapter.bot_process import Bot
from tests.bots.discord_adapter.stand_in import Discord
from tests.bots.telegram_adapter.conftest import picture
from tests.e2e.test_discord_story import Story, photo
from tests.telegram_server import ANN, BEN, TOKEN, Json, TelegramServer

pytestmark = pytest.mark.anyio


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
    await adds_on_one_for_both(story, telegram)
    assert await bot.end() == 0


async def adds_on_one_for_both(story: Story, telegram: TelegramServer) -> None:
    """A style an admin makes on Telegram is Discord's within a second, and rests there as soon."""
    room = telegram.private(BEN)

    async def sent(words: str) -> Json:
        found = await telegram.until(
            lambda: [m for m in telegram.sent(room) if words in str(m.get("text"))]
        )
        return dict(found[-1])

    await telegram.say(room, BEN, "/addstyle Paper Boats", **telegram.photo(picture(2)))
    desk = await sent("Paper Boats\n✎ draft")
    assert await story.suggested("paper") == []
    for label, state, suggested in (
        ("Enable", "Paper Boats\n● enabled", ["Paper Boats"]),
        ("Disable", "Paper Boats\n◌ disabled", []),
    ):
        await telegram.press(room, desk["message_id"], BEN, label)
        await sent(state)
        while await story.suggested("paper") != suggested:  # noqa: ASYNC110 - nothing tells it
            await asyncio.sleep(0.05)


async def test_telegram_and_discord_side_by_side(engine_url: str, tmp_path: Path):
    async with asyncio.timeout(120):
        async with Discord().serve() as discord, TelegramServer() as telegram:
            settings = {
                "TELEGRAM_TOKEN": TOKEN,
                "TELEGRAM_API_URL": telegram.url,
                "ADMIN_IDS": f"telegram:{BEN['id']}",
            }
            bot = Bot(discord, engine_url, tmp_path, **settings)
            try:
                await serves_both(bot, discord, telegram)
            finally:
                if bot.process and bot.process.returncode is None:
                    await bot.kill()

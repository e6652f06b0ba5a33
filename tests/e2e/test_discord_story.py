"""The first five minutes on Discord, of a member and of an admin, on the real engine."""

import asyncio
import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.media.images import decode
from engine.painting.manifest import SAMPLE_PHOTOS
from tests.bots.discord_adapter.bot_process import Bot
from tests.bots.discord_adapter.stand_in import TOKEN, Discord, Interaction, Json, parts
from tests.waiting import until

pytestmark = pytest.mark.anyio

SIDE_PX = 320


def photo(number: int = 0) -> bytes:
    """A sample photo, small."""
    file = io.BytesIO()
    with Image.open(SAMPLE_PHOTOS[number]) as opened:
        opened.thumbnail((SIDE_PX, SIDE_PX))
        opened.save(file, "JPEG", quality=90)
    return file.getvalue()


def differs(painted: bytes, before: bytes) -> float:
    """Mean absolute difference of a painting from its photo, 0..255; they are of one size."""
    after, original = decode(painted).rgb, decode(before).rgb
    assert after.shape == original.shape
    return float(np.abs(after.astype(int) - original).mean())


class Story:
    """Ann, Ben, who administers the bot, and the bot."""

    def __init__(self, discord: Discord, bot: Bot, root: Json) -> None:
        self.discord, self.bot, self.root = discord, bot, root
        self.ann, self.ben = discord.person("ann"), discord.person("ben")

    async def shows(self, asked: Interaction, words: str, files: int | None = None) -> Json:
        """The answer, once it says something, and shows so many pictures."""

        def ready() -> Json | None:
            message = self.discord.messages.get(asked.message or "")
            if message is None or words not in self.discord.said(message["id"]):
                return None
            return message if files is None or len(message["attachments"]) == files else None

        def state() -> str:
            known = asked.message in self.discord.messages if asked.message else False
            said = self.discord.said(asked.message) if known else None
            return f"{words!r}, but {said!r}\n{self.bot.logged()[-3000:]}"

        found: Json = await until(ready, 60, state)
        return found

    def labels(self, message: Json) -> set[str]:
        return {part["label"] for part in parts(message["components"]) if part["type"] == 2}

    async def suggested(self, typed: str) -> list[str]:
        option = {"name": "style", "type": 3, "value": typed, "focused": True}
        asked = await self.discord.interact(
            self.ann, 4, {"id": "1", "name": "style", "type": 1, "options": [option]}
        )
        await until(lambda: asked.choices is not None)
        return [choice["name"] for choice in asked.choices or []]


async def menu_and_default(story: Story) -> Interaction:
    """0:00 right-click, choose, make it the usual one; 0:10 the card."""
    discord = story.discord
    posted = await discord.say(story.ben, "my cat", discord.attachment("cat.jpg", photo(1)))
    asked = await discord.menu(story.ann, "Stylize", posted)
    await story.shows(asked, "Which style?", 1)
    assert asked.private
    await discord.press(story.ann, str(asked.message), "Make it my default style")
    await until(lambda: _is_on(discord, str(asked.message), "Make it my default style"))
    wave = _option(discord, str(asked.message), "The Great Wave")
    chosen = await discord.press(story.ann, str(asked.message), id="sb:choose", values=[wave])
    card = await story.shows(chosen, "**The Great Wave**", 1)
    assert not chosen.private
    assert differs(discord.file(card), photo(1)) > 5
    wanted = {"Keep colours", "HD file", "Compare", "Delete"}
    assert wanted <= story.labels(card)
    await until(lambda: asked.message in discord.deleted)
    # The next time nothing is asked.
    again = await discord.menu(story.ann, "Stylize", posted)
    await story.shows(again, "**The Great Wave**", 1)
    return again


async def command_and_share(story: Story) -> None:
    """1:00 suggestions, a private result, shared."""
    discord = story.discord
    assert {"The Great Wave", "Water Lilies"} <= set(await story.suggested("wa"))
    asked = await discord.command(
        story.ann, "style", photo(2), style="water-lilies", how="70", private=True
    )
    card = await story.shows(asked, "**Water Lilies** · 70 %", 1)
    assert asked.private
    shared = await discord.press(story.ann, card["id"], "Share to channel")
    public = await story.shows(shared, "**Water Lilies** · 70 %", 1)
    assert not shared.private
    assert discord.file(public) == discord.file(card)
    refused = await discord.press(story.ben, public["id"], "Keep colours")
    await story.shows(refused, "belongs to someone else")
    assert refused.private


async def own_style(story: Story) -> None:
    """2:00 a picture and a name become a style."""
    discord = story.discord
    form = await discord.command(story.ann, "mystyles add")
    await until(lambda: form.modal)
    added = await discord.fill_in(story.ann, form, name="My coffee", picture=("c.jpg", photo(2)))
    await story.shows(added, "“My coffee” is one of your styles now.", 1)
    asked = await discord.command(story.ann, "style", photo(1), style="my coffee", private=True)
    card = await story.shows(asked, "**My coffee**", 1)
    assert differs(discord.file(card), photo(1)) > 5


async def user_install(story: Story) -> None:
    """3:00 in a server without the bot: by the interaction, and by nothing else."""
    discord = story.discord
    before = len(discord.requests)
    attachment = discord.attachment("photo.jpg", photo(1))
    options = [
        {"name": "image", "type": 11, "value": attachment["id"]},
        {"name": "style", "type": 3, "value": "kiss"},
    ]
    data = {
        "id": "1", "name": "style", "type": 1, "options": options,
        "resolved": {"attachments": {attachment["id"]: attachment}},
    }  # fmt: skip
    elsewhere = discord.snowflake()
    asked = await discord.interact(
        story.ann, 2, data, guild_id=elsewhere,
        authorizing_integration_owners={"1": story.ann["id"]},
        channel=discord._channel() | {"id": discord.snowflake(), "guild_id": elsewhere},
    )  # fmt: skip
    await story.shows(asked, "**The Kiss**", 1)
    used = {path.split("/")[1] for _, path in discord.requests[before:]}
    assert used == {"interactions", "webhooks"}
    assert asked.followups == []


async def records(story: Story, yesterday: Interaction) -> None:
    """4:00 history, settings, privacy; buttons of yesterday; a source that is gone; forgotten."""
    discord = story.discord
    async with asyncio.timeout(20):
        while True:  # what was delivered is remembered a moment later
            history = await discord.command(story.ann, "history")
            await story.shows(history, "Your last results")
            if "1. **The Kiss**" in discord.said(history.message):
                break
    settings = await discord.command(story.ann, "settings")
    await story.shows(settings, "**Default style** · The Great Wave")
    await story.bot.end()
    await story.bot.start()
    await discord.press(story.ann, str(yesterday.message), "Keep colours")
    await story.shows(yesterday, " · Keep colours", 1)
    # The cat's author has deleted it.
    for name in [name for name in discord.files if name.endswith("cat.jpg")]:
        del discord.files[name]
    await discord.press(story.ann, str(yesterday.message), "Keep colours")
    await story.shows(yesterday, "The original photo is no longer available", 1)
    privacy = await discord.command(story.ann, "privacy")
    shown = await story.shows(privacy, "results for 90 days")
    exported = await discord.press(story.ann, shown["id"], "Export")
    file = await story.shows(exported, "Only you can see this", 1)
    known = json.loads(discord.file(file))
    assert len(known["history"]) == 6
    asked = await discord.press(story.ann, shown["id"], "Delete all my data")
    question = await story.shows(asked, "Delete 6 results, 1 own styles")
    await discord.press(story.ann, question["id"], "Yes, delete")
    await story.shows(asked, "Deleted: 6 results")


async def administration(story: Story) -> None:
    """A style from a picture, seen at once; the queue, stopped and told why; nobody else in it."""
    discord, root = story.discord, story.root
    assert [command["name"] for command in discord.guild_commands[discord.guild]] == ["admin"]
    assert "admin" not in {command["name"] for command in discord.commands}
    desk = await discord.command(root, "admin addstyle", name="Floating World", picture=photo(2))
    shown = await story.shows(desk, "✎ draft", 3)
    assert desk.private
    assert (desk.acknowledged_after_s or 9) < 3
    # Someone else presses a button that was never shown to them.
    forged = await discord.press(story.ann, shown["id"], "Enable")
    await story.shows(forged, "Only admins of this bot can do that.")
    assert forged.private
    form = await discord.press(root, shown["id"], "Rename")
    await until(lambda: form.modal)
    await discord.fill_in(root, form, en="Floating World", zh="浮世绘")
    await story.shows(desk, "Floating World / 浮世绘", 3)
    assert await story.suggested("float") == []
    await discord.press(root, shown["id"], "Enable")
    await story.shows(desk, "● enabled", 3)
    # Those that have the word among their tags come after it.
    assert (await story.suggested("浮世"))[0] == "Floating World"
    asked = await discord.command(story.ann, "style", photo(1), style="floating world")
    card = await story.shows(asked, "**Floating World**", 1)
    assert differs(discord.file(card), photo(1)) > 5
    await discord.press(root, shown["id"], "Disable")
    await story.shows(desk, "◌ disabled")
    refused = await discord.command(
        story.ann, "style", photo(1), style="floating world", private=True
    )
    await story.shows(refused, "“Floating World” is disabled at the moment.")
    await maintenance(story)
    await panels(story)
    log = await discord.command(root, "admin audit")
    await story.shows(log, " · style.enable")


async def panels(story: Story) -> None:
    """What else there is to see and to set."""
    discord, root = story.discord, story.root
    listed = await discord.command(root, "admin styles")
    await story.shows(listed, "46 styles")
    await discord.press(root, str(listed.message), "◀")
    await story.shows(listed, "◌ **Floating World** · disabled")
    stats = await discord.command(root, "admin stats")
    await story.shows(stats, "24 h: ")
    limits = await discord.command(root, "admin limits")
    await story.shows(limits, "album · 10")
    form = await discord.press(
        root, str(limits.message), id="adm:pick", values=["limits.put/album"]
    )
    await until(lambda: form.modal)
    await discord.fill_in(root, form, value="5")
    await story.shows(limits, "album · 5 (10)")
    told = await discord.command(root, "admin block", whom="telegram:123", reason="spam")
    await story.shows(told, "spam")


async def maintenance(story: Story) -> None:
    """4:00 paused: people are told, and keep their places."""
    discord, root = story.discord, story.root
    room = await discord.command(root, "admin pause", words="back at 18:00")
    await story.shows(room, "Paused")
    waiting = await discord.command(story.ann, "style", photo(1), style="starry-night")
    await story.shows(waiting, "back at 18:00 Your photo keeps its place")
    given_up = await discord.command(story.ben, "style", photo(1), style="kiss")
    message = await story.shows(given_up, "keeps its place, with 1 before it")
    cancel = next(p for p in parts(message["components"]) if p.get("label") == "Cancel")
    number = int(cancel["custom_id"].split(":")[2])
    await discord.command(root, "admin cancel", job=number)
    await story.shows(given_up, "An admin cancelled your request.")
    await discord.press(root, str(room.message), "▶ Open")
    await story.shows(waiting, "**Starry Night**", 1)


async def rush(story: Story) -> None:
    """Twenty people at once, while the engine has all hands full."""
    discord = story.discord
    crowd = [discord.person(f"guest{number}") for number in range(20)]
    asked = await asyncio.gather(
        *(
            discord.command(who, "style", photo(n % 3), style="scream")
            for n, who in enumerate(crowd)
        )
    )
    await until(lambda: all(each.acknowledged_after_s is not None for each in asked))
    helped = [await discord.command(who, "help") for who in crowd[:3]]
    assert await story.suggested("sc")
    for each in asked:
        await story.shows(each, "**The Scream**", 1)
    cards = {each.message for each in asked}
    assert len(cards) == 20
    mine = [m for m in discord.results() if "**The Scream**" in discord.said(m["id"])]
    assert len(mine) == 20
    slowest = max(each.acknowledged_after_s or 99 for each in [*asked, *helped])
    sys.stdout.write(f"slowest acknowledgement: {slowest:.2f} s\n")
    assert slowest < 3


def _is_on(discord: Discord, message_id: str, label: str) -> bool:
    components = discord.messages[message_id]["components"]
    return any(p.get("label") == label and p.get("style") == 1 for p in parts(components))


def _option(discord: Discord, message_id: str, label: str) -> str:
    options: list[Any] = [
        option
        for part in parts(discord.messages[message_id]["components"])
        if part["type"] == 3
        for option in part["options"]
    ]
    return next(str(option["value"]) for option in options if option["label"] == label)


async def test_a_members_first_five_minutes_and_an_admins(tmp_path: Path):
    async with Discord().serve() as discord:
        root = discord.person("root")
        admin = {"ADMIN_IDS": f"discord:{root['id']}", "DISCORD_ADMIN_SERVERS": discord.guild}
        bot = Bot(discord, "", tmp_path, ENGINE_THREADS="2", **admin)
        try:
            assert (await bot.start()).startswith("ready: discord stylebot"), bot.logged()
            story = Story(discord, bot, root)
            yesterday = await menu_and_default(story)
            await command_and_share(story)
            await own_style(story)
            await user_install(story)
            await records(story, yesterday)
            await administration(story)
            await rush(story)
            assert await bot.end() == 0
        finally:
            if bot.process and bot.process.returncode is None:
                await bot.kill()
        assert discord.complaints == []
        assert TOKEN not in bot.logged()

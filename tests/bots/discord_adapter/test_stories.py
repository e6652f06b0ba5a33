"""Stories on Discord: a result or several pictures become one film, once."""

import asyncio
import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from bots.core.requests import queueing
from bots.core.users import history
from engine.api.contract import Painted, Progress, Report, StoryOptions, StoryRequest
from tests.bots.clip_files import film, rendered
from tests.bots.core.conftest import ClipEngine
from tests.bots.discord_adapter.conftest import (
    ColourEngine,
    Play,
    Stage,
    buttons,
    gallery,
    key,
    picture,
    said,
)
from tests.bots.discord_adapter.test_clips import processes
from tests.bots.discord_adapter.test_masterworks import until
from tests.bots.discord_adapter.test_wire import serve_engine
from tests.waiting import until as until_seen

pytestmark = pytest.mark.anyio

PHOTOS = [picture((200, 40 * number, 250 - 50 * number)) for number in range(5)]


class Engine(ClipEngine, ColourEngine):
    """Paints photos in one colour, and has a film of its own for every story."""

    @override
    async def make_story(self, request: StoryRequest, report: Report | None = None) -> Painted:
        await super().make_story(request, report)
        return Painted(rendered("mp4"), "video/mp4")


def uploads(count: int) -> dict[str, Any]:
    """Options of the command."""
    names = ["image", *(f"image{number}" for number in range(2, count + 1))]
    return {name: (f"{name}.jpg", photo) for name, photo in zip(names, PHOTOS[:count], strict=True)}


async def test_a_result_and_its_photo_become_a_film(play: Play):
    engine = Engine(finished=True)

    async with play(engine=engine) as stage:
        result = await stage.paint("scream")
        assert result.response is not None
        (painting,) = result.response.attachments
        made = await stage.ann.click(result.response, label="Film")
        await stage.work()
        # The result stays, and the film is a message of its own.
        assert result.response.attachments == [painting]
        assert made.response is not None
        assert made.response.id != result.response.id
        (attachment,) = made.response.attachments
        assert stage.file(attachment) == rendered("mp4")
        assert gallery(made.response)[0]["media"]["url"].endswith(".mp4")
        assert buttons(made.response)["Film"]["disabled"]
        (told,) = engine.stories
        (each,) = told.scenes
        assert (each.photo, each.painting) == (picture(), stage.file(painting))
        assert len([asked for asked in engine.asked if asked.steps]) == 1
        entry, _ = await history.page(stage.services, key(stage.ann))
        assert entry.result["type"] == "video/mp4"
        listed = await stage.ann.slash(stage.channel, "history")
        assert "🎬" in said(listed.response)


async def test_only_its_owner_may_press(play: Play):
    engine = Engine(finished=True)

    async with play(engine=engine) as stage:
        result = await stage.paint("scream")
        assert result.response is not None
        pressed = await stage.ben.click(result.response, label="Film")
        await stage.work()
        assert pressed.ephemeral
        assert "belongs to someone else" in said(pressed.response)
        assert engine.stories == []


async def test_five_pictures_become_one_film(play: Play):
    engine = Engine(finished=True)

    async with play(engine=engine) as stage:
        made = await stage.ann.slash(
            stage.channel, "story", style="wave", shape="16:9", seconds=12, caption="Summer",
            **uploads(5),
        )  # fmt: skip
        await stage.work()
        assert made.response is not None
        (attachment,) = made.response.attachments
        assert stage.file(attachment) == rendered("mp4")
        assert "**The Great Wave**" in said(made.response)
        (told,) = engine.stories
        assert [each.photo for each in told.scenes] == PHOTOS
        assert told.options == StoryOptions("16:9", 12.0, caption="Summer")
        assert {asked.priority for asked in engine.asked if asked.steps} == {"bulk"}


async def test_without_a_style_it_is_asked_for(play: Play):
    engine = Engine(finished=True)

    async with play(engine=engine) as stage:
        asked = await stage.ann.slash(stage.channel, "story", **uploads(2))
        assert "Which style for these 2 photos?" in said(asked.response)
        assert asked.response is not None
        (label,) = [label for label in buttons(asked.response) if "The Scream" in label]
        chosen = await stage.ann.click(asked.response, label=label)
        await stage.work()
        assert chosen.response is not None
        (attachment,) = chosen.response.attachments
        assert stage.file(attachment) == rendered("mp4")
        assert len(engine.stories[0].scenes) == 2


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"seconds": 31}, "A story takes 6 to 30 seconds."),
        ({"caption": "a" * 121}, "A caption has at most 120 characters."),
        ({"image": ("film.mp4", film())}, "Clips are not painted here."),
        ({"image": ("photo.jpg", b"\0" * (20 * 1024 * 1024 + 1))}, "The picture is too large"),
    ],
)
async def test_what_cannot_be_made_is_said_before_any_work(
    play: Play, options: dict[str, Any], sentence: str
):
    async with play(engine=Engine(finished=True)) as stage:
        asked = await stage.ann.slash(
            stage.channel, "story", style="wave", private=True, **uploads(1) | options
        )
        assert said(asked.response).startswith(sentence)
        assert await stage.jobs(stage.ann) == []


async def test_an_engine_without_films_says_so(stage: Stage):
    asked = await stage.ann.slash(stage.channel, "story", style="wave", private=True, **uploads(2))
    assert said(asked.response).startswith("Clips are not painted here.")
    result = await stage.paint("scream")
    assert buttons(result.response)["Film"]["disabled"]


async def test_one_larger_than_the_limit_is_said(play: Play):
    async with play(engine=Engine(finished=True)) as stage:
        asked = await stage.ann.slash(stage.channel, "story", style="wave", **uploads(2))
        (job,) = await stage.jobs(stage.ann)
        limit = len(rendered("mp4")) - 1
        await queueing.extend_reply_target(stage.services, job.id, limit=limit)
        await stage.work()
        assert "too large to be sent here" in said(asked.response)


async def test_its_status_counts_up_and_it_can_be_cancelled(play: Play):
    engine = Engine()

    async with play(engine=engine) as stage:
        answer = await stage.ann.slash(
            stage.channel, "story", style="wave", seconds=6, **uploads(2)
        )
        working = asyncio.create_task(stage.work())
        await until(lambda: engine.begun, stage)
        # Two photos and six seconds: a quarter is done.
        assert said(answer.response).startswith("The Great Wave · 25 %")
        assert answer.response is not None
        await stage.ann.click(answer.response, label="Cancel")
        engine.steps.put_nowait(Progress(0.1))
        await working
        assert (engine.begun, engine.given_up) == (1, 1)
        assert "ancelled" in said(answer.response)
        assert answer.response.attachments == []


async def test_a_killed_process_is_followed_by_one_that_delivers_once(tmp_path: Path):
    engine = Engine()

    async with serve_engine(engine) as url, processes(url, tmp_path) as (discord, bot):
        ann = discord.person("ann")
        asked = await discord.command(ann, "story", PHOTOS[0], image2=PHOTOS[1], style="wave")
        await until_seen(lambda: engine.begun == 1, 30, bot.logged)
        await bot.kill()
        with contextlib.closing(sqlite3.connect(bot.folder / "bot.db")) as store, store:
            past = "2000-01-01 00:00:00.000000"
            store.execute("UPDATE jobs SET lease_until = ? WHERE lease_until NOT NULL", (past,))
        assert (await bot.start()).startswith("ready: discord stylebot")
        engine.steps.put_nowait(None)
        await until_seen(discord.results, 30, bot.logged)
        (result,) = discord.results()
        assert result["id"] == asked.message
        assert discord.file(result) == rendered("mp4")
        assert engine.begun == 2

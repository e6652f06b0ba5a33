"""Moving pictures on Discord: each comes back as what it is, once, and shows its progress."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from typing_extensions import override

from bots.core.requests import queueing
from bots.core.users import history, preferences
from engine.api.contract import CLIP_TYPES, Painted, Progress, RenderRequest, Report
from tests.bots.clip_files import film, frames_and_sound, gif, rendered
from tests.bots.core.conftest import ClipEngine
from tests.bots.discord_adapter.bot_process import Bot
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
from tests.bots.discord_adapter.handlers.test_messages import mention
from tests.bots.discord_adapter.stand_in import Discord
from tests.bots.discord_adapter.test_masterworks import until
from tests.bots.discord_adapter.test_wire import serve_engine
from tests.waiting import until as until_seen

pytestmark = pytest.mark.anyio

FILES = {
    "moves.gif": ("gif", gif()),
    "film.mp4": ("mp4", film()),
    "film.mov": ("mp4", film()),
    "film.webm": ("webm", b"\x1aE\xdf\xa3"),
}


class Engine(ClipEngine, ColourEngine):
    """Paints photos in one colour, and has a clip of its own for every clip."""

    @override
    async def render(
        self, request: RenderRequest, report: Report | None = None, *, previews: bool = False
    ) -> Painted:
        if not request.clip:
            return await super().render(request, report, previews=previews)
        await super().render(replace(request, image=picture()), report, previews=previews)
        return Painted(rendered(request.clip), CLIP_TYPES[request.clip])


async def _asked(stage: Stage, way: str, upload: tuple[str, bytes]) -> None:
    """Ann asks for a clip in a style."""
    if way == "command":
        await stage.ann.slash(stage.channel, "style", image=upload, style="wave")
    elif way == "mention":
        await stage.ann.send(stage.channel, f"{mention(stage)} wave", attachments=[upload])
    elif way == "direct":
        user = stage.ann.user
        stored = stage.env.backend.store_attachments(user.dm_channel.id, [upload])
        await user.send_dm("wave", attachments=stored)
    else:
        wave = (await stage.ids())["great-wave"]
        liked = await preferences.prefer_style(stage.services, key(stage.ann), wave)
        stage.client.cache.note(key(stage.ann), liked)
        shown = await stage.ben.send(stage.channel, "", attachments=[upload])
        if way == "forward":
            shown = await stage.ben.forward(shown, stage.channel)
        await stage.ann.context_menu(stage.channel, "Stylize", shown)


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("way", ["command", "mention", "menu", "forward", "direct"])
async def test_a_clip_is_answered_by_one_of_the_same_kind(play: Play, file: str, way: str):
    form, body = FILES[file]

    async with play(engine=Engine(finished=True)) as stage:
        await _asked(stage, way, (file, body))
        await stage.work()
        channel = stage.ann.user.dm_channel if way == "direct" else stage.channel
        answer = channel.last_message
        assert answer is not None
        assert "**The Great Wave**" in said(answer)
        (attachment,) = answer.attachments
        assert attachment.filename.endswith(f"-1.{form}")
        assert stage.file(attachment) == rendered(form)
        assert gallery(answer)[0]["media"]["url"].endswith(attachment.filename)
        assert buttons(answer)["HD file"]["disabled"]
        assert stage.engine.asked[-1].clip == form
        assert stage.engine.asked[-1].priority == "bulk"
        (entry,) = await history.page(stage.services, key(stage.ann))
        assert entry.result["type"] == CLIP_TYPES[form]  # type: ignore[index]


async def test_another_style_takes_its_place(play: Play):
    async with play(engine=Engine(finished=True)) as stage:
        made = await stage.ann.slash(
            stage.channel, "style", image=("moves.gif", gif()), style="wave"
        )
        await stage.work()
        assert made.response is not None
        await stage.ann.click(made.response, label="Keep colours")
        await stage.work()
        assert "Keep colours" in said(made.response).splitlines()[0]
        (attachment,) = made.response.attachments
        assert stage.file(attachment) == rendered("gif")
        assert [asked.clip for asked in stage.engine.asked] == ["gif", "gif"]


async def test_without_a_style_it_is_asked_for(play: Play):
    async with play(engine=Engine(finished=True)) as stage:
        for file, sheets in (("moves.gif", 1), ("film.mp4", 0)):
            upload = (file, FILES[file][1])
            asked = await stage.ann.slash(stage.channel, "style", image=upload)
            assert "Which style?" in said(asked.response)
            assert len(gallery(asked.response)) == sheets
            assert asked.response is not None
            (label,) = [label for label in buttons(asked.response) if "The Scream" in label]
            chosen = await stage.ann.click(asked.response, label=label)
            await stage.work()
            assert chosen.response is not None
            (attachment,) = chosen.response.attachments
            assert stage.file(attachment) == rendered(FILES[file][0])


async def test_what_is_too_large_is_refused_before_it_is_fetched(play: Play):
    async with play(engine=Engine(finished=True)) as stage:
        large = ("film.mp4", b"\0" * (20 * 1024 * 1024 + 1))
        asked = await stage.ann.slash(
            stage.channel, "style", image=large, style="wave", private=True
        )
        assert said(asked.response) == "The clip is too large: at most 20 MB."
        assert await stage.jobs(stage.ann) == []


@pytest.mark.parametrize("known", [True, False])
async def test_a_result_larger_than_the_limit_is_said(play: Play, *, known: bool):
    engine = Engine(finished=True)

    async with play(engine=engine) as stage:
        asked = await stage.ann.slash(
            stage.channel, "style", image=("film.mp4", film()), style="wave"
        )
        if known:
            (job,) = await stage.jobs(stage.ann)
            limit = len(rendered("mp4")) - 1
            await queueing.extend_reply_target(stage.services, job.id, limit=limit)
        else:
            stage.env.inject_error("PATCH", "/webhooks/*", status=413, code=40005)
        await stage.work()
        assert "too large to be sent here" in said(asked.response)
        assert asked.response is not None
        assert asked.response.attachments == []


async def test_an_engine_without_clips_paints_a_gif_s_first_frame_and_no_video(stage: Stage):
    painted = await stage.ann.slash(
        stage.channel, "style", image=("moves.gif", gif()), style="wave"
    )
    await stage.work()
    assert "first frame only" in said(painted.response)
    assert painted.response is not None
    assert painted.response.attachments[0].filename.endswith(".jpg")
    refused = await stage.ann.slash(
        stage.channel, "style", image=("film.mp4", film()), style="wave", private=True
    )
    assert said(refused.response).startswith("Clips are not painted here.")


async def test_its_status_counts_up_and_becomes_the_result(play: Play):
    engine = Engine()

    async with play(engine=engine) as stage:
        answer = await stage.ann.slash(
            stage.channel, "style", image=("film.mp4", film()), style="wave"
        )
        working = asyncio.create_task(stage.work())
        await until(lambda: engine.begun, stage)
        assert said(answer.response) == "The Great Wave · 0 %"
        stage.clock.pass_(seconds=30)
        engine.steps.put_nowait(Progress(0.25, picture()))
        await until(lambda: 0.25 in stage.services.shares.values(), stage)
        assert said(answer.response) == "The Great Wave · 25 % · about 90 s left"
        assert "Cancel" in " ".join(buttons(answer.response))
        engine.steps.put_nowait(None)
        await working
        assert answer.response is not None
        (attachment,) = answer.response.attachments
        assert stage.file(attachment) == rendered("mp4")


async def test_one_that_is_cancelled_ends_within_a_frame(play: Play):
    engine = Engine()

    async with play(engine=engine) as stage:
        answer = await stage.ann.slash(
            stage.channel, "style", image=("film.mp4", film()), style="wave"
        )
        working = asyncio.create_task(stage.work())
        await until(lambda: engine.begun, stage)
        assert answer.response is not None
        await stage.ann.click(answer.response, label="Cancel")
        engine.steps.put_nowait(Progress(0.1))
        await working
        assert (engine.begun, engine.given_up) == (1, 1)
        assert "ancelled" in said(answer.response)
        assert answer.response.attachments == []


@contextlib.asynccontextmanager
async def processes(engine_url: str, folder: Path) -> AsyncIterator[tuple[Discord, Bot]]:
    """A Discord, and the bot's process beside it."""
    async with asyncio.timeout(150), Discord().serve() as discord:
        bot = Bot(discord, engine_url, folder)
        try:
            assert (await bot.start()).startswith("ready: discord stylebot")
            yield discord, bot
            assert await bot.end() == 0, bot.logged()
        finally:
            if bot.process and bot.process.returncode is None:
                await bot.kill()
        assert discord.complaints == []


async def test_a_killed_process_is_followed_by_one_that_delivers_once(tmp_path: Path):
    engine = Engine()

    async with serve_engine(engine) as url, processes(url, tmp_path) as (discord, bot):
        ann = discord.person("ann")
        asked = await discord.command(ann, "style", gif(), "moves.gif", style="wave")
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
        assert discord.file(result) == rendered("gif")
        assert engine.begun == 2


@pytest.mark.parametrize("file", ["moves.gif", "film.mp4"])
async def test_with_the_real_engine(tmp_path: Path, engine_url: str, file: str):
    async with processes(engine_url, tmp_path) as (discord, bot):
        upload = FILES[file][1]
        await discord.command(discord.person("ann"), "style", upload, file, style="wave")
        await until_seen(discord.results, 60, bot.logged)
        (result,) = discord.results()
        assert frames_and_sound(discord.file(result)) == (3, False)
        assert result["attachments"][0]["filename"].endswith(file.rpartition(".")[2])

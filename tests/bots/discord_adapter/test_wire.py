"""The real process on a real wire, against a Discord of our own that fails now and then."""

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import BodyPartReader, web

from engine.api.contract import (
    CAPABILITIES_PATH,
    EFFECTS_PATH,
    NDJSON,
    NORMALISE_PATH,
    PREVIEW_PATH,
    RENDER_PATH,
    STORIES_PATH,
    STYLES_PATH,
    Painted,
    Progress,
    RenderRequest,
    Report,
    Scene,
    Step,
    StoryRequest,
)
from tests.bots.core.conftest import GrowingEngine
from tests.bots.discord_adapter.bot_process import Bot
from tests.bots.discord_adapter.conftest import COLOURS, ColourEngine, alike, colour_of, picture
from tests.bots.discord_adapter.stand_in import (
    TOKEN,
    Discord,
    Interaction,
    Json,
    RefusalError,
)
from tests.stored_jobs import all_ended, end_leases
from tests.waiting import until

pytestmark = pytest.mark.anyio


async def answered(work: Awaitable[Painted]) -> web.Response:
    try:
        painted = await work
    except Exception as error:  # noqa: BLE001 - as an engine says it
        code = getattr(error, "code", "internal")
        status = 503 if code == "engine_unavailable" else 422
        return web.json_response({"code": code, "message": str(error)}, status=status)
    return web.Response(body=painted.image, content_type=painted.content_type)


async def answered_aloud(
    request: web.Request, rendering: Callable[[Report], Coroutine[Any, Any, Painted]]
) -> web.StreamResponse:
    """Line by line, as an engine says what takes long."""
    answer = web.StreamResponse(headers={"Content-Type": NDJSON})
    await answer.prepare(request)

    async def say(**record: Any) -> None:
        await answer.write(json.dumps(record).encode() + b"\n")

    told: asyncio.Queue[Progress | None] = asyncio.Queue()
    task = asyncio.ensure_future(rendering(told.put_nowait))
    task.add_done_callback(lambda _: told.put_nowait(None))
    try:
        while (progress := await told.get()) is not None:
            shown = (
                {"preview": base64.b64encode(progress.preview).decode()} if progress.preview else {}
            )
            await say(progress=progress.share, **shown)
        painted = task.result()
        picture = base64.b64encode(painted.image).decode()
        await say(picture=picture, content_type=painted.content_type, partial=False)
    finally:
        task.cancel()
    return answer


async def film(engine: ColourEngine, request: web.Request) -> web.StreamResponse:
    """Make a story of a form's pictures, each photo followed by its painting."""
    parts = [part async for part in _parts(request)]
    scenes = tuple(map(Scene, parts[::2], parts[1::2]))
    return await answered_aloud(request, partial(engine.make_story, StoryRequest(scenes)))


async def _parts(request: web.Request) -> AsyncIterator[bytes]:
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        yield bytes(await part.read())


@contextlib.asynccontextmanager
async def serve_engine(engine: ColourEngine) -> AsyncIterator[str]:
    """An engine of arithmetic over HTTP; gives its address."""

    async def render(request: web.Request) -> web.StreamResponse:
        steps = tuple(map(Step.from_json, json.loads(request.query["steps"])))
        asked = RenderRequest(await request.read(), steps, clip=request.query.get("clip", ""))  # type: ignore[arg-type]
        if request.query.get("progress") == "true":
            previews = request.query.get("previews") == "true"
            return await answered_aloud(request, partial(engine.render, asked, previews=previews))
        return await answered(engine.render(asked))

    async def normalise(request: web.Request) -> web.Response:
        body = await engine.normalise(await request.read())
        return web.Response(body=body, content_type="image/jpeg")

    async def effects(request: web.Request) -> web.Response:
        return web.json_response({"effects": [s.as_json() for s in await engine.effects()]})

    async def styles(request: web.Request) -> web.Response:
        return web.json_response({"styles": [s.as_json() for s in await engine.styles()]})

    async def preview(request: web.Request) -> web.Response:
        return web.Response(body=await engine.preview(request.match_info["slug"]))

    async def capabilities(request: web.Request) -> web.Response:
        return web.json_response(asdict(await engine.capabilities()))

    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.add_routes(
        [
            web.post(RENDER_PATH, render),
            web.post(STORIES_PATH, partial(film, engine)),
            web.post(NORMALISE_PATH, normalise),
            web.get(EFFECTS_PATH, effects),
            web.get(STYLES_PATH, styles),
            web.get(PREVIEW_PATH, preview),
            web.get(CAPABILITIES_PATH, capabilities),
        ]
    )
    # As our own, it works on nothing for those who hung up.
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


class World:
    """A Discord, an engine, and the bot between them."""

    def __init__(self, discord: Discord, engine: ColourEngine, bot: Bot) -> None:
        self.discord, self.engine, self.bot = discord, engine, bot
        self.ann = discord.person("ann")

    async def style(self, **options: Any) -> Interaction:
        return await self.discord.command(self.ann, "style", picture(), style="scream", **options)

    async def waits(self, asked: Interaction) -> None:
        """Until the answer says so."""
        await until(lambda: asked.message and "The Scream · " in self.discord.said(asked.message))

    async def painted(self, asked: Interaction, title: str = "The Scream") -> Json:
        """The answer once it is a card."""

        def card() -> Json | None:
            found = self.discord.messages.get(asked.message or "")
            ready = (
                found and found["attachments"] and f"**{title}**" in self.discord.said(found["id"])
            )
            return found if ready else None

        found: Json = await until(card, 30, self.bot.logged)
        return found


@contextlib.asynccontextmanager
async def running(folder: Path, engine: ColourEngine | None = None) -> AsyncIterator[World]:
    """A process that is ready; nothing may be wrong with what it sent."""
    paints = engine or ColourEngine()
    async with Discord().serve() as discord, serve_engine(paints) as url:
        bot = Bot(discord, url, folder)
        try:
            assert (await bot.start()).startswith("ready: discord stylebot")
            async with asyncio.timeout(90):
                yield World(discord, paints, bot)
            assert await bot.end() == 0, bot.logged()
        finally:
            if bot.process and bot.process.returncode is None:
                await bot.kill()
        assert discord.complaints == []
        assert TOKEN not in bot.logged()
        assert not any(token in bot.logged() for token in discord.interactions)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running(tmp_path) as world:
        yield world


async def test_a_photo_is_painted_whatever_goes_wrong_on_the_way(world: World):
    """One process, one fault after the other; a start takes longer than all of them."""

    discord = world.discord
    assert {c["name"] for c in discord.commands} >= {"style", "Stylize", "server"}
    await _in_order(world)
    await _too_late(world)
    await _expired(world)
    await _too_large(world)
    await _shut_out(world)
    await _limited(world)
    await _lost_answer(world)
    await _cut(world)


async def _in_order(world: World) -> None:
    asked = await world.style()
    card = await world.painted(asked)
    assert asked.acknowledged_after_s is not None
    assert asked.acknowledged_after_s < 1
    assert alike(colour_of(world.discord.file(card)), COLOURS[b"scream"])
    assert len(world.discord.results()) == 1


async def _too_late(world: World) -> None:
    """The bot hears of it after three seconds: nothing is queued, the next one works."""
    world.discord.fail("POST", "/callback", RefusalError(404, 10062, "Unknown interaction"))
    asked = await world.style()
    await until(lambda: "received too late" in world.bot.logged())
    assert asked.acknowledged_after_s is None
    after = await world.style()
    await world.painted(after)


async def _expired(world: World) -> None:
    """The token is refused once the picture is there: the bot writes the message as itself."""
    release = asyncio.Event()
    world.engine.before = release.wait
    asked = await world.style()
    await world.waits(asked)
    asked.expired = True
    count = len(world.discord.messages)
    release.set()
    await world.painted(asked)
    world.engine.before = lambda: None
    assert len(world.discord.messages) == count
    assert ("PATCH", f"/channels/{world.discord.channel}/messages/{asked.message}") in (
        world.discord.requests
    )


async def _too_large(world: World) -> None:
    world.discord.fail("PATCH", "/webhooks/.*", RefusalError(413, 40005), times=0)
    fault = world.discord.faults[-1]
    release = asyncio.Event()
    world.engine.before = release.wait
    asked = await world.style()
    await world.waits(asked)
    fault.times = 1
    release.set()
    card = await world.painted(asked)
    world.engine.before = lambda: None
    assert "Resized to" in world.discord.said(card["id"])


async def _shut_out(world: World) -> None:
    """Neither the token nor the channel: it is in the history, and asked for once."""
    release = asyncio.Event()
    world.engine.before = release.wait
    asked = await world.style()
    await world.waits(asked)
    asked.expired = True
    world.discord.fail("PATCH", "/channels/.*", RefusalError(403, 50001, "Missing Access"), times=9)
    fault = world.discord.faults[-1]
    release.set()
    await until(lambda: fault.times < 9)
    world.engine.before = lambda: None
    history = await world.discord.command(world.ann, "history")
    await until(lambda: history.message and "The Scream" in world.discord.said(history.message))
    await until(lambda: all_ended(world.bot.folder / "bot.db"))
    assert fault.times == 8
    fault.times = 0


async def _limited(world: World) -> None:
    limit = RefusalError(429, 0, "You are being rate limited.", **{"Retry-After": "0.3"})
    world.discord.fail("PATCH", "/webhooks/.*", limit, times=2)
    asked = await world.style()
    await world.painted(asked)


async def _lost_answer(world: World) -> None:
    """Discord has done it and does not say so: the second try changes nothing."""
    world.discord.fail("PATCH", "/webhooks/.*", RefusalError(500, 0), times=1, after=True)
    asked = await world.style()
    count = len(world.discord.messages)
    await world.painted(asked)
    assert len(world.discord.messages) <= count + 1


async def _cut(world: World) -> None:
    """The gateway breaks; what was said meanwhile comes when it is resumed."""
    identified = world.discord.identified
    await world.discord.cut()
    asked = await world.style()
    card = await world.painted(asked) if asked.acknowledged_after_s else None
    await until(lambda: world.discord.resumed == 1)
    assert world.discord.identified == identified
    if card is None:
        await until(lambda: asked.message, 10)
        await world.painted(asked)
    assert world.discord.heartbeats > 1


async def test_killed_and_started_again_it_loses_nothing_and_repeats_nothing(world: World):
    discord, bot = world.discord, world.bot
    first = await world.style()
    await world.painted(first)
    # One is being painted, one waits, and one was painted and not yet handed over.
    release = asyncio.Event()
    world.engine.before = release.wait
    waiting = [await world.style() for _ in range(3)]
    for each in waiting:
        await world.waits(each)
    await bot.kill()
    # What the dead one had in work is free after half a minute, which nobody waits for here.
    end_leases(bot.folder / "bot.db")
    release.set()
    world.engine.before = lambda: None
    told = len(discord.commands)
    discord.commands = []
    assert (await bot.start()).startswith("ready: discord stylebot")
    # What the commands are, Discord was told before.
    assert told
    assert discord.commands == []
    for each in waiting:
        await world.painted(each)
    assert len(discord.results()) == 4
    # A button of before.
    await discord.press(world.ann, str(first.message), id="sb:style", values=["2"])
    await world.painted(first, "The Great Wave")
    assert len(discord.results()) == 4


async def test_killed_while_a_masterwork_grows_it_begins_anew_and_ends_once(tmp_path: Path):
    class Engine(GrowingEngine, ColourEngine):
        """Paints in one colour, slowly where that is asked for."""

    engine = Engine()

    async with running(tmp_path, engine) as world:
        discord, bot = world.discord, world.bot
        asked = await discord.command(world.ann, "style", picture(), style="wave", how="masterwork")

        async def grows(share: float, colour: tuple[int, int, int]) -> None:
            engine.steps.put_nowait(Progress(share, picture(colour)))

            def shown() -> bool:
                message = discord.messages.get(asked.message or "")
                said = discord.said(asked.message) if message else ""
                there = f"The Great Wave · {100 * share:.0f} %" in said
                return there and alike(colour_of(discord.file(message or {})), colour)

            await until(shown, 30, bot.logged)

        await until(lambda: engine.begun == 1, 30, bot.logged)
        await grows(0.25, (220, 20, 20))
        await bot.kill()
        await until(lambda: engine.given_up == 1, 30, bot.logged)
        end_leases(bot.folder / "bot.db")
        assert (await bot.start()).startswith("ready: discord stylebot")
        await until(lambda: engine.begun == 2, 30, bot.logged)
        await grows(0.5, (20, 20, 220))
        engine.steps.put_nowait(None)
        result = await world.painted(asked, "The Great Wave")
        assert "Masterwork" in discord.said(result["id"])
        assert alike(colour_of(discord.file(result)), COLOURS[b"great-wave"])
        assert discord.results() == [result]


async def test_twenty_people_at_once_get_one_result_each(world: World):
    discord = world.discord
    crowd = [discord.person(f"guest{n}") for n in range(20)]
    asked = await asyncio.gather(
        *(
            discord.command(who, "style", picture((n * 12, 0, 0)), style="scream", how="50")
            for n, who in enumerate(crowd)
        )
    )
    for number, each in enumerate(asked):
        card = await world.painted(each)
        red = (number * 12 + COLOURS[b"scream"][0]) / 2
        assert abs(colour_of(discord.file(card))[0] - red) < 12
        assert each.acknowledged_after_s is not None
        assert each.acknowledged_after_s < 3
    assert len(discord.results()) == 20
    assert len(world.engine.asked) == 20


async def test_a_wrong_token_ends_it_with_one_sentence(tmp_path: Path):
    async with Discord().serve() as discord, serve_engine(ColourEngine()) as url:
        bot = Bot(discord, url, tmp_path, DISCORD_TOKEN="wrong.token.altogether")  # noqa: S106
        await bot.start()
        assert await bot.end() != 0
        last = bot.logged().strip().splitlines()[-1]
        assert last.startswith("Error: Discord does not accept DISCORD_TOKEN")
        assert "Traceback" not in bot.logged()
        assert "wrong.token" not in bot.logged()


async def test_what_comes_in_and_answers_429_are_counted(tmp_path: Path):
    async with Discord().serve() as discord, serve_engine(ColourEngine()) as url:
        bot = Bot(discord, url, tmp_path, BOT_METRICS_PORT="0")
        try:
            metrics = (await bot.start()).removeprefix("metrics: ")
            said = bot.process and bot.process.stdout
            assert said
            assert (await said.readline()).startswith(b"ready: discord")
            world = World(discord, ColourEngine(), bot)
            await _limited(world)
            async with aiohttp.ClientSession() as session, session.get(metrics) as answer:
                text = await answer.text()
            assert await bot.end() == 0
        finally:
            if bot.process and bot.process.returncode is None:
                await bot.kill()
    assert 'stylebot_bots_throttled_total{platform="discord"} 2.0' in text
    assert 'stylebot_bots_updates_total{platform="discord"} 1.0' in text
    assert 'stylebot_bots_deliveries_total{platform="discord"} 1.0' in text

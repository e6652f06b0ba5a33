"""The real process on a wire where things go wrong."""

import asyncio
import gzip
import time
from pathlib import Path
from statistics import median

import aiohttp
import pytest

from bots.telegram_adapter.transport.waits import Waits
from engine.api.contract import RenderRequest, Step
from tests.bots.telegram_adapter.conftest import Play, Stage, picture
from tests.processes import Process, engine_process, free_port
from tests.stored_jobs import all_ended, end_leases
from tests.telegram_server import ANN, TOKEN, Fault, Json, RefusedError, TelegramServer

pytestmark = pytest.mark.anyio

SECRET = "a-secret-of-more-than-16"  # noqa: S105 - of this test


def bots(telegram: TelegramServer, engine_url: str, folder: Path, **settings: str) -> Process:
    """The real process, with what it keeps in a folder."""
    return Process(
        "bots", "bots", TELEGRAM_TOKEN=TOKEN, TELEGRAM_API_URL=telegram.url, ENGINE_URL=engine_url,
        DATABASE_URL=f"sqlite+aiosqlite:///{folder / 'bot.db'}",
        STORAGE_KEY_FILE=str(folder / "bot.key"), **settings,
    )  # fmt: skip


def person(number: int) -> Json:
    return ANN | {"id": 5000 + number, "first_name": f"P{number}"}


async def ask(telegram: TelegramServer, number: int) -> int:
    """Someone sends a photo to be painted; returns the chat."""
    return await ask_with(telegram, number, picture(number))


async def ask_with(telegram: TelegramServer, number: int, photo: bytes) -> int:
    user = person(number)
    chat = telegram.private(user)
    await telegram.say(chat, user, "/style scream", **telegram.photo(photo))
    return chat


async def test_killed_amid_twenty_chats_each_gets_one_result(engine_url: str, tmp_path: Path):
    async with TelegramServer() as telegram:
        telegram.latency_s = 0.05
        with bots(telegram, engine_url, tmp_path) as process:
            assert await asyncio.to_thread(process.ready) == "telegram @StyleBot"
            chats = [await ask(telegram, number) for number in range(20)]
            await telegram.until(lambda: sum(len(telegram.pictures(c)) for c in chats) >= 5)
            process.kill()
        end_leases(tmp_path / "bot.db")
        # While nobody is there, Telegram keeps what is sent.
        chats.append(await ask(telegram, 20))
        with bots(telegram, engine_url, tmp_path) as process:
            await asyncio.to_thread(process.ready)
            await telegram.until(lambda: all(telegram.pictures(c) for c in chats), 90)
            await telegram.until(lambda: all_ended(tmp_path / "bot.db"))
            assert [len(telegram.pictures(c)) for c in chats] == [1] * 21
            assert await asyncio.to_thread(process.terminate) == 0
            assert TOKEN.encode() not in process.log
        assert not telegram.violations


async def test_twenty_chats_at_once(engine_url: str, tmp_path: Path):
    async with TelegramServer() as telegram:
        with bots(telegram, engine_url, tmp_path) as process:
            await asyncio.to_thread(process.ready)
            began = time.monotonic()
            chats = [await ask(telegram, number) for number in range(20)]
            await telegram.until(lambda: all(telegram.pictures(c) for c in chats), 90)
            print(f"20 chats: {time.monotonic() - began:.2f} s")  # noqa: T201 - with -s
            # A bot that is told to stop finishes running jobs.
            chats += [await ask(telegram, number) for number in range(20, 23)]
            await telegram.until(lambda: telegram.sent(chats[-1]))
            assert await asyncio.to_thread(process.terminate) == 0
        assert [len(telegram.pictures(c)) for c in chats[:20]] == [1] * 20
        for call in telegram.calls:
            assert call.method != "sendMessage" or "wrong" not in call.params["text"]


async def test_what_the_bot_adds_to_the_engines_time(stage: Stage):
    """Prints the figures of the docs, with -s; here it is enough that there are any."""

    telegram, engine = stage.telegram, stage.services.engine
    (scream,) = [style for style in await engine.styles() if style.slug == "scream"]
    item = {"code": scream.code.to_text(), "weight": 1.0}
    spans: dict[str, list[float]] = {"bot": [], "engine": []}
    for number in range(12):
        # No photo twice: the engine would know it.
        photo = picture(number, 200 + 4 * number)
        began = time.monotonic()
        chat = await ask_with(telegram, number, photo)
        await telegram.result(chat)
        spans["bot"].append(time.monotonic() - began)
        began = time.monotonic()
        other = picture(number, 202 + 4 * number)
        await engine.render(RenderRequest(other, (Step("paint", {"styles": [item]}),)))
        spans["engine"].append(time.monotonic() - began)
    bot_ms, engine_ms = (1000 * median(spans[name]) for name in ("bot", "engine"))
    print(f"bot {bot_ms:.0f} ms, engine {engine_ms:.0f} ms")  # noqa: T201 - with -s
    assert bot_ms > 0


async def odd_requests(url: str) -> list[int]:
    """What strangers send to a webhook, and those who know its secret should not."""
    known = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "Content-Type": "application/json"}
    bad_bytes = known | {"X-Telegram-Bot-Api-Secret-Token": "\udcff\udcfe"}
    encoded = known | {"Content-Encoding": "gzip"}
    statuses = []
    async with aiohttp.ClientSession() as session:
        for headers, body in (
            (bad_bytes, b"{}"),
            (known, b"[" * 100_000),
            (encoded, gzip.compress(bytes(1_000_000))),
        ):
            async with session.post(url, data=body, headers=headers) as answer:
                statuses.append(answer.status)
    return statuses


async def test_updates_by_webhook(engine_url: str, tmp_path: Path):
    async with TelegramServer() as telegram:
        port = free_port()
        settings = {
            "TELEGRAM_WEBHOOK_URL": f"http://127.0.0.1:{port}/hook",
            "TELEGRAM_WEBHOOK_PORT": str(port),
            "TELEGRAM_WEBHOOK_SECRET": SECRET,
        }
        chat = await ask(telegram, 1)
        with bots(telegram, engine_url, tmp_path, **settings) as process:
            await asyncio.to_thread(process.ready)
            # What came before is told now.
            await telegram.result(chat)
            other = await ask(telegram, 2)
            await telegram.result(other)
            update = {"update_id": 7000, "message": telegram.messages[chat][4]}
            assert await telegram.tell_webhook(update, "not the secret") == 401
            assert await odd_requests(f"http://127.0.0.1:{port}/hook") == [401, 400, 415]
            # The same one again is taken and does nothing.
            assert await telegram.tell_webhook(update, SECRET) == 200
            await telegram.result(await ask(telegram, 3))
            await telegram.until(lambda: all_ended(tmp_path / "bot.db"))
            assert len(telegram.sent(chat)) == 1
            assert await asyncio.to_thread(process.terminate) == 0
        assert not telegram.count("getUpdates")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"TELEGRAM_TOKEN": "1:wrong"}, "does not take the TELEGRAM_TOKEN"),
        ({"TELEGRAM_TOKEN": ""}, "No bot has a token"),
        ({"ADMIN_IDS": "me"}, "ADMIN_IDS: must be ids"),
        ({"TELEGRAM_WEBHOOK_URL": "https://example.org"}, "TELEGRAM_WEBHOOK_SECRET"),
    ],
)
async def test_what_cannot_start_says_so_in_a_sentence(
    tmp_path: Path, settings: dict[str, str], said: str
):
    async with TelegramServer() as telegram:
        given = {
            "TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_URL": telegram.url,
            "ENGINE_URL": "http://127.0.0.1:9",
            "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}",
            "STORAGE_KEY_FILE": str(tmp_path / "key"),
        }  # fmt: skip
        with Process("bots", "bots", **given | settings) as process:
            assert await asyncio.to_thread(process.wait) == 1
            last = process.log.decode().strip().splitlines()[-1]
            assert last.startswith("Error: ")
            assert said in last
            assert b"Traceback" not in process.log
            assert b"1:wrong" not in process.log


async def test_a_telegram_that_is_away_does_not_keep_the_process_from_ending(
    engine_url: str, tmp_path: Path
):
    telegram = TelegramServer()
    telegram.url = f"http://127.0.0.1:{free_port()}"
    with bots(telegram, engine_url, tmp_path) as process:
        await asyncio.to_thread(process.logged, b"does not answer")
        assert await asyncio.to_thread(process.terminate) == 0


async def test_another_process_with_the_same_token(engine_url: str, tmp_path: Path):
    async with TelegramServer() as telegram:
        telegram.faults.append(
            Fault("getUpdates", RefusedError(409, "Conflict: terminated by other"), times=99)
        )
        with bots(telegram, engine_url, tmp_path) as process:
            assert await asyncio.to_thread(process.wait) == 1
            assert b"Another process asks" in process.log


async def test_a_flood_in_one_chat_keeps_no_other_waiting(stage: Stage):
    telegram = stage.telegram
    slow = await ask(telegram, 1)
    refused = RefusedError(429, "Too Many Requests: retry after 3", retry_after=3)
    telegram.faults.append(Fault("editMessageMedia", refused, chat=slow))
    await telegram.until(lambda: telegram.count("editMessageMedia", slow))
    began = time.monotonic()
    await telegram.result(await ask(telegram, 2))
    assert not telegram.pictures(slow)
    await telegram.result(slow)
    assert time.monotonic() - began > 2
    assert len(telegram.pictures(slow)) == 1


@pytest.mark.parametrize(
    "refused",
    [
        RefusedError(500, "Internal Server Error"),
        RefusedError(502, "Bad Gateway"),
        RefusedError(400, "Bad Request: message to edit not found"),
    ],
)
async def test_a_result_that_was_refused_is_sent_anyway(stage: Stage, refused: RefusedError):
    stage.telegram.faults.append(Fault("editMessageMedia", refused))
    chat = await ask(stage.telegram, 1)
    await stage.telegram.result(chat)
    assert len(stage.telegram.pictures(chat)) == 1


async def test_an_answer_that_gets_lost_gives_no_second_picture(play: Play):
    async with play(waits=Waits(answer_s=1.0, upload_s=1.0)) as stage:
        telegram = stage.telegram
        telegram.faults.append(Fault("editMessageMedia", silent=True))
        telegram.faults.append(Fault("sendMediaGroup", silent=True))
        chat = await ask(telegram, 1)
        await telegram.until(lambda: telegram.count("editMessageMedia", chat) == 2)
        assert len(telegram.pictures(chat)) == 1
        for number in range(2):
            photo = telegram.photo(picture(number))
            await telegram.say(chat, person(1), "/style kiss", **photo, media_group_id="g")
        await telegram.result(chat, 3)
        await stage.idle()
        # Nobody knows whether the album arrived: it is not sent a second time.
        assert telegram.count("sendMediaGroup", chat) == 1


async def ask_after(telegram: TelegramServer) -> int:
    telegram.faults.clear()
    return await ask(telegram, 2)


async def test_who_blocked_the_bot_costs_nothing_more(stage: Stage):
    telegram = stage.telegram
    forbidden = RefusedError(403, "Forbidden: bot was blocked by the user")
    telegram.faults.append(Fault("editMessageMedia", forbidden, times=9))
    chat = await ask(telegram, 1)
    await telegram.until(lambda: telegram.count("editMessageMedia", chat))
    await telegram.result(await ask_after(telegram))
    assert telegram.count("editMessageMedia", chat) == 1


async def test_a_chat_that_moved_gets_its_result_where_it_is_now(stage: Stage):
    telegram = stage.telegram
    old, new = telegram.group(-7), telegram.group(-1007)
    moved = RefusedError(400, "Bad Request: group upgraded", migrate_to_chat_id=new)
    telegram.faults.append(Fault("editMessageMedia", moved, chat=old))
    telegram.faults.append(
        Fault("editMessageMedia", RefusedError(400, "Bad Request: message to edit not found"),
              chat=new)
    )  # fmt: skip
    await telegram.say(old, ANN, "/style scream", **telegram.photo(picture()))
    await telegram.result(new)
    assert not telegram.pictures(old)


async def test_a_photo_that_is_gone_and_one_that_comes_slowly(stage: Stage):
    telegram = stage.telegram
    chat = telegram.private(ANN)
    photo = telegram.photo(picture())
    gone = photo["photo"][-1]["file_id"]
    del telegram.files[gone]
    await telegram.say(chat, ANN, "/style", **photo)
    await telegram.until(
        lambda: "original photo is no longer available" in str(telegram.sent(chat))
    )
    telegram.file_wait_s = 2.0
    await telegram.say(chat, ANN, "/style scream", **telegram.photo(picture()))
    await telegram.result(chat)


async def test_while_the_engine_is_away_photos_keep_their_place(tmp_path: Path):
    async with TelegramServer() as telegram:
        port = free_port()
        with engine_process(port) as url, bots(telegram, url, tmp_path) as process:
            await asyncio.to_thread(process.ready)
            assert await asyncio.to_thread(process.terminate) == 0
        # The styles are known by now, and the engine is gone.
        with bots(telegram, url, tmp_path) as process:
            await asyncio.to_thread(process.ready)
            chat = await ask(telegram, 1)
            await telegram.until(lambda: "keeps its place" in str(telegram.sent(chat)))
            with engine_process(port):
                await telegram.result(chat)
                # It took so long that the result is a new message, which rings.
                await telegram.until(lambda: len(telegram.sent(chat)) == 1)

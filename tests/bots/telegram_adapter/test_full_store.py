"""The store is locked, or its disk is full: nothing that people sent is confirmed and gone."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bots.telegram_adapter.transport.waits import Waits
from tests.bots.telegram_adapter.conftest import PlainEngine, Play, Stage, bot, plain, soon
from tests.processes import free_port
from tests.telegram_server import ANN, Json, TelegramServer

pytestmark = pytest.mark.anyio

# With these the bot does not wait long for the store.
HURRIED = Waits(store_again_s=(0.05, 0.1))
IMPATIENT: Any = {"waits": HURRIED, "store_timeout_s": 0.05}
SAID = (
    "I cannot save anything at the moment, so your request was not accepted. "
    "Try again in a few minutes."
)


@asynccontextmanager
async def locked(folder: Path) -> AsyncIterator[None]:
    """Somebody else writes all the time."""
    path = folder / "bot.db"
    other = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)
    try:
        # Not in the event loop, which has to end what is being written now.
        await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
    finally:
        other.close()


@contextmanager
def full(stage: Stage) -> Iterator[None]:
    """The disk is full: the database may not have a page more than it has."""
    engine = stage.services.database._engine.sync_engine
    limit = [1]

    def limited(connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count={limit[0]}")

    event.listen(engine, "checkout", limited)
    yield
    limit[0] = 1_000_000
    # For every connection of the pool, the next time it is used.


def person(number: int) -> Json:
    return ANN | {"id": 6000 + number, "first_name": f"P{number}"}


async def ask(telegram: TelegramServer, number: int, **fields: Any) -> int:
    user = person(number)
    chat = telegram.private(user)
    photo = telegram.photo(plain((number, 90, 90)))
    await telegram.say(chat, user, "/style scream", **photo, **fields)
    return chat


async def refused(stage: Stage, count: int) -> None:
    """Until the store has refused so many updates."""
    await soon(lambda: len(stage.adapter._updates._unstored) >= count)


async def test_a_locked_store_loses_no_photo_and_no_press(play_plain: Play, tmp_path: Path):
    async with play_plain(**IMPATIENT) as stage:
        telegram = stage.telegram
        first = await ask(telegram, 0)
        card = await telegram.result(first)
        await stage.idle()
        async with locked(tmp_path):
            chats = [await ask(telegram, number) for number in range(1, 7)]
            press = await telegram.press(first, card["message_id"], person(0), "The Great Wave")
            await refused(stage, 7)
            # Telegram has them all still, and nothing is said of them.
            assert len(telegram.pending) == 7
            assert press not in telegram.answers
            assert not any(telegram.sent(chat) for chat in chats)
        for chat in chats:
            await telegram.result(chat)
        await telegram.until(lambda: "Great Wave" in card["caption"])
        await telegram.until(lambda: not telegram.pending)
        await stage.idle()
        assert [len(telegram.pictures(chat)) for chat in [first, *chats]] == [1] * 7


async def test_a_full_disk_loses_no_photo_and_no_press(play_plain: Play):
    async with play_plain(**IMPATIENT) as stage:
        telegram = stage.telegram
        first = await ask(telegram, 0)
        card = await telegram.result(first)
        await stage.idle()
        with full(stage):
            # Rows find a place in pages there are for a while; of so many not all do.
            chats = [await ask(telegram, number) for number in range(1, 41)]
            await telegram.press(first, card["message_id"], person(0), "The Great Wave")
            await refused(stage, 1)
            assert telegram.pending
        for chat in chats:
            await telegram.result(chat)
        await telegram.until(lambda: "Great Wave" in card["caption"])
        await telegram.until(lambda: not telegram.pending)
        await stage.idle()
        assert [len(telegram.pictures(chat)) for chat in [first, *chats]] == [1] * 41


async def test_a_person_who_waits_too_long_for_the_store_is_told(play_plain: Play, tmp_path: Path):
    async with play_plain(
        waits=replace(HURRIED, store_patience_s=0.4), store_timeout_s=0.05
    ) as stage:
        telegram = stage.telegram
        first = await ask(telegram, 0)
        card = await telegram.result(first)
        await stage.idle()
        async with locked(tmp_path):
            chat = await ask(telegram, 1)
            for _ in range(3):
                await ask(telegram, 2, media_group_id="g")
            album = person(2)["id"]
            press = await telegram.press(first, card["message_id"], person(0), "The Great Wave")
            await telegram.until(lambda: press in telegram.answers)
            assert telegram.answers[press]["text"] == SAID
            await telegram.until(lambda: telegram.sent(chat) and telegram.sent(album))
            assert [m["text"] for m in telegram.sent(chat)] == [SAID]
            # That is the end of it.
            await telegram.until(lambda: not telegram.pending)
            assert [m["text"] for m in telegram.sent(album)] == [SAID]
        await telegram.result(await ask(telegram, 3))
        assert not telegram.pictures(chat)


async def test_what_the_store_did_not_take_comes_again_after_a_restart(tmp_path: Path):
    async with asyncio.timeout(60):
        async with TelegramServer() as telegram:
            lock = AsyncExitStack()
            async with lock, bot(telegram, PlainEngine(), tmp_path, **IMPATIENT) as stage:
                await lock.enter_async_context(locked(tmp_path))
                chats = [await ask(telegram, number) for number in range(3)]
                await refused(stage, 3)
            assert len(telegram.pending) == 3
            async with bot(telegram, PlainEngine(), tmp_path):
                for chat in chats:
                    await telegram.result(chat)
            assert not telegram.violations


async def test_a_webhook_says_503_until_it_is_stored(play_plain: Play, tmp_path: Path):
    port = free_port()

    async with play_plain(
        **IMPATIENT,
        telegram_webhook_url=f"http://127.0.0.1:{port}/hook",
        telegram_webhook_port=port,
        telegram_webhook_secret="a-secret-of-more-than-16",  # noqa: S106 - of this test
    ) as stage:
        telegram = stage.telegram
        await telegram.result(await ask(telegram, 0))
        await stage.idle()
        async with locked(tmp_path):
            chats = [await ask(telegram, number) for number in range(1, 4)]
            await soon(lambda: telegram.webhook_statuses.count(503) >= 6)
            assert telegram.webhook_statuses.count(200) == 1
        for chat in chats:
            await telegram.result(chat)
        await stage.idle()
        await soon(lambda: telegram.webhook_statuses.count(200) >= 4)
        assert [len(telegram.pictures(chat)) for chat in chats] == [1] * 3


async def test_what_no_one_foresaw_is_said_too(plain_stage: Stage, monkeypatch: pytest.MonkeyPatch):
    async def fail(*_: object) -> None:
        raise AttributeError("a fault of ours")

    monkeypatch.setattr(plain_stage.adapter._message_handlers, "style", fail)
    chat = await ask(plain_stage.telegram, 1)
    said = (await plain_stage.telegram.until(lambda: plain_stage.telegram.sent(chat)))[0]
    assert said["text"] == plain_stage.services.texts.of_code("internal", "en")

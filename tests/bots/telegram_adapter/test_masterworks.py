"""On Telegram people see a masterwork grow, and at the end there is one result."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PIL import Image

from bots.telegram_adapter.transport.waits import Waits
from engine.api.contract import Progress
from engine.api.errors import BrokenImageError
from tests.bots.core.conftest import GrowingEngine
from tests.bots.telegram_adapter.conftest import PlainEngine, Stage, picture, plain, playing, soon
from tests.telegram_server import ANN, Json, TelegramServer

pytestmark = pytest.mark.anyio

RED, BLUE = plain((220, 20, 20)), plain((20, 20, 220))
# Statuses are brought up to date more often than people need.
OFTEN = Waits(refresh_s=0.05)
CAPTION = "<b>The Great Wave</b> · Masterwork"


class Engine(GrowingEngine, PlainEngine):
    """Gives photos back as they are, slowly where that is asked for."""


@asynccontextmanager
async def play(folder: Path) -> AsyncIterator[tuple[Stage, Engine]]:
    engine = Engine()
    async with playing(engine, folder, waits=OFTEN) as stage:
        yield stage, engine


def labels(message: Json) -> list[str]:
    return [button["text"] for button in TelegramServer.buttons(message)]


def is_painted(telegram: TelegramServer, message: Json, like: bytes) -> bool:
    """Whether a message shows a picture of about this colour."""
    if "photo" not in message:
        return False
    shown, wanted = (
        Image.open(io.BytesIO(body)).convert("RGB").resize((1, 1)).getpixel((0, 0))
        for body in (telegram.picture_of(message), like)
    )
    assert isinstance(shown, tuple)
    assert isinstance(wanted, tuple)
    return all(abs(a - b) < 12 for a, b in zip(shown, wanted, strict=True))


async def grown(stage: Stage, engine: Engine, message: Json, share: float, like: bytes) -> None:
    """One scale further, until that is seen."""
    engine.steps.put_nowait(Progress(share, like))
    await stage.telegram.until(
        lambda: (
            str(message.get("caption")).startswith(f"The Great Wave · {share:.0%}"[:-1] + " %")
            and is_painted(stage.telegram, message, like)
        )
    )


async def begun(stage: Stage, engine: Engine, chat: int, words: str) -> Json:
    """A masterwork that was asked for in words: the message that grows, with the fast picture."""
    telegram = stage.telegram
    await telegram.say(chat, ANN, words, **telegram.photo(picture()))
    found: list[Json] = await telegram.until(
        lambda: [
            m
            for m in telegram.sent(chat)
            if str(m.get("caption")).startswith("The Great Wave · 0 %")
        ]
    )
    assert labels(found[0]) == ["✖ Cancel"]
    assert is_painted(telegram, found[0], picture())
    return found[0]


async def test_a_press_beneath_the_fast_picture_paints_a_masterwork_that_grows(tmp_path: Path):
    async with play(tmp_path) as (stage, engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        await telegram.say(chat, ANN, "/style wave", **telegram.photo(picture()))
        card = await telegram.result(chat)
        await stage.idle()
        await telegram.press(chat, card["message_id"], ANN, "Masterwork")
        (status,) = await telegram.until(
            lambda: [
                m
                for m in telegram.sent(chat)
                if str(m.get("text")).startswith("The Great Wave · 0 %")
            ]
        )
        for share, like in ((0.25, RED), (0.5, BLUE)):
            await grown(stage, engine, status, share, like)
        # The fast picture stays until there is a better one.
        assert card["message_id"] in telegram.messages[chat]
        engine.steps.put_nowait(None)
        await telegram.until(lambda: status.get("caption") == CAPTION)
        await telegram.until(lambda: card["message_id"] not in telegram.messages[chat])
        assert [m for m in telegram.sent(chat) if "photo" in m] == [status]
        # A scale is one edit, and the result another one; there is nothing better to press.
        edits = [call for call in telegram.calls if call.method == "editMessageMedia"]
        assert len([e for e in edits if e.params["message_id"] == status["message_id"]]) == 3
        assert "Masterwork" not in labels(status)
        # The fast picture is a press away.
        await stage.idle()
        await telegram.press(chat, status["message_id"], ANN, "◀")
        await telegram.until(lambda: status["caption"] == "<b>The Great Wave</b>")
        assert "Masterwork" in labels(status)
        assert stage.services.previews == {}
        assert stage.services.shares == {}


async def test_one_that_is_asked_for_in_words_begins_with_the_fast_picture(tmp_path: Path):
    async with play(tmp_path) as (stage, engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        status = await begun(stage, engine, chat, "/style wave masterwork")
        await grown(stage, engine, status, 0.5, RED)
        engine.steps.put_nowait(None)
        await telegram.until(lambda: status.get("caption") == CAPTION)
        await stage.idle()
        assert [m for m in telegram.sent(chat) if "photo" in m] == [status]
        fast, slow = engine.asked
        assert (fast.priority, slow.priority) == ("interactive", "bulk")


@pytest.mark.parametrize("how", ["button", "command"])
async def test_a_masterwork_that_is_cancelled_goes_away_and_ends_within_a_step(
    tmp_path: Path, how: str
):
    async with play(tmp_path) as (stage, engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        status = await begun(stage, engine, chat, "/style wave masterwork")
        await grown(stage, engine, status, 0.5, RED)
        if how == "button":
            await telegram.press(chat, status["message_id"], ANN, "Cancel")
        else:
            await telegram.say(chat, ANN, "/cancel")
        await telegram.until(lambda: status["message_id"] not in telegram.messages[chat])
        # The lease would have told that much later.
        engine.steps.put_nowait(Progress(0.75, BLUE))
        await soon(lambda: engine.given_up)
        await soon(lambda: not stage.services.previews)
        assert not [m for m in telegram.sent(chat) if "photo" in m]
        assert engine.begun == 1


async def test_one_that_fails_leaves_no_half_painted_picture(tmp_path: Path):
    async with play(tmp_path) as (stage, engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        status = await begun(stage, engine, chat, "/style wave masterwork")
        await grown(stage, engine, status, 0.5, RED)
        engine.steps.put_nowait(BrokenImageError("The picture is damaged."))
        await telegram.until(lambda: status["message_id"] not in telegram.messages[chat])
        said = [m["text"] for m in telegram.sent(chat)]
        assert len(said) == 1
        assert "damaged" in said[0]


async def test_what_a_group_does_not_take_now_is_left_out(tmp_path: Path):
    async with play(tmp_path) as (stage, engine):
        telegram = stage.telegram
        chat = telegram.group()
        status = await begun(stage, engine, chat, "/style wave masterwork")
        bucket = stage.adapter._limiter._bucket(str(chat))
        while bucket.has_capacity():
            await bucket.acquire()
        before = len(telegram.calls)
        engine.steps.put_nowait(Progress(0.5, RED))
        await soon(lambda: stage.services.previews[max(stage.services.previews)].number == 1)
        await asyncio.gather(*(stage.adapter._statuses._refresh_all() for _ in range(3)))
        edits = [call.method for call in telegram.calls[before:] if "edit" in call.method]
        assert edits == []
        assert not is_painted(telegram, status, RED)
        # It comes as soon as there is room.
        bucket._level = 0.0
        await telegram.until(lambda: is_painted(telegram, status, RED))
        engine.steps.put_nowait(None)
        await telegram.until(lambda: str(status.get("caption")).startswith(CAPTION))

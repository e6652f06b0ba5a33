"""Answers of Telegram's that get lost, before or after it did what was asked: one result each."""

import asyncio
import random
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from bots.telegram_adapter.transport.waits import Waits
from tests.bots.telegram_adapter.conftest import Play, plain
from tests.telegram_server import ANN, OVER, Fault, Json, TelegramServer

pytestmark = pytest.mark.anyio

KINDS = ("photo", "document", "album", "picker", "card")
METHODS = {
    "photo": ("sendMessage", "editMessageMedia", "deleteMessage"),
    "document": ("sendMessage", "editMessageMedia", "deleteMessage"),
    "album": ("sendMessage", "sendMediaGroup", "sendMediaGroup", "editMessageText"),
    "picker": ("sendMessage", "editMessageText", "editMessageMedia"),
    "card": ("editMessageMedia", "answerCallbackQuery"),
}
LOSSES = [(how, done) for how in ("502", "cut", "over") for done in (False, True)]


IN_A_HURRY = Waits(again_s=0.05)


@pytest.fixture(autouse=True)
def silence_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the client time out at once where the server says so: a busy machine is not silence."""
    send = httpx.AsyncHTTPTransport.handle_async_request

    async def sent(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        response = await send(transport, request)
        if OVER in response.headers:
            await response.aclose()
            raise httpx.ReadTimeout("the wait is over", request=request)
        return response

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", sent)


def person(number: int) -> Json:
    return ANN | {"id": 7000 + number, "first_name": f"P{number}"}


class Schedule:
    """One person's request, and what gets lost of the answers to it."""

    def __init__(self, telegram: TelegramServer, number: int) -> None:
        self.telegram = telegram
        self.user = person(number)
        self.chat = telegram.private(self.user)
        self.random = random.Random(number)  # noqa: S311 - no secret
        self.kind = KINDS[number % len(KINDS)]
        self.photo = plain((number % 250, number // 250 * 60, 77))

    def lose(self, count: int) -> None:
        for _ in range(count):
            how, done = self.random.choice(LOSSES)
            method = self.random.choice(METHODS[self.kind])
            self.telegram.faults.append(Fault(method, lost=how, done=done, chat=self.chat))

    async def play(self) -> None:
        telegram, chat, user = self.telegram, self.chat, self.user
        if self.kind == "card":
            await telegram.say(chat, user, "/style scream", **telegram.photo(self.photo))
            card = await telegram.result(chat)
            self.lose(self.random.randint(1, 3))
            await telegram.press(chat, card["message_id"], user, "The Great Wave")
            await telegram.until(lambda: "Great Wave" in card["caption"])
            return
        self.lose(self.random.randint(1, 3))
        if self.kind == "picker":
            await telegram.say(chat, user, **telegram.photo(self.photo))
            picker = await telegram.until(
                lambda: [m for m in telegram.sent(chat) if "reply_markup" in m]
            )
            await telegram.press(chat, picker[0]["message_id"], user, "The Scream")
        elif self.kind == "document":
            file = {"file_id": telegram.upload(self.photo), "file_unique_id": "d"}
            document = file | {"file_name": "a.jpg", "mime_type": "image/jpeg"}
            await telegram.say(chat, user, "/style scream", document=document)
        else:
            for _ in range(3 if self.kind == "album" else 1):
                group = {"media_group_id": f"g{chat}"} if self.kind == "album" else {}
                await telegram.say(
                    chat, user, "/style scream", **telegram.photo(self.photo), **group
                )
        await telegram.result(chat)

    def outcome(self) -> list[str]:
        """What is in the chat in the end, in a word each."""
        return sorted(
            next((kind for kind in ("photo", "document") if kind in m), m.get("text", ""))
            for m in self.telegram.sent(self.chat)
        )

    def wanted(self) -> list[str]:
        if self.kind == "album":
            return ["The Scream · 3 photos", "photo", "photo", "photo"]
        return ["document" if self.kind == "document" else "photo"]


@pytest.mark.parametrize("slow", [False, True])
async def test_whatever_answer_gets_lost_there_is_one_result(play_plain: Play, *, slow: bool):
    """200 random schedules; after a long wait a new message takes the place of the status."""
    waits = replace(IN_A_HURRY, long=timedelta(0)) if slow else IN_A_HURRY

    async with play_plain(limit_s=400, waits=waits, bot_workers=8) as stage:
        schedules = [Schedule(stage.telegram, number + 100 * slow) for number in range(100)]
        at_once = asyncio.Semaphore(8)

        async def one(schedule: Schedule) -> None:
            async with at_once:
                await schedule.play()

        await asyncio.gather(*map(one, schedules))
        await stage.idle()
        wrong = {s.chat: (s.kind, s.outcome()) for s in schedules if s.outcome() != s.wanted()}
        assert not wrong


async def test_a_status_that_is_over_goes_when_its_button_is_pressed(play_plain: Play):
    async with play_plain(waits=IN_A_HURRY) as stage:
        telegram = stage.telegram
        chat = telegram.private(ANN)
        await telegram.say(chat, ANN, "/style scream", **telegram.photo(plain((9, 9, 9))))
        result = await telegram.result(chat)
        await stage.idle()
        left = telegram._put(
            chat, {"from": result["from"], "text": "The Scream · you are next"}
        )  # as an earlier version may have left one
        press = await telegram.forge(chat, left["message_id"], ANN, "v1:cancel:1")
        await telegram.until(lambda: press in telegram.answers)
        await telegram.until(lambda: left["message_id"] not in telegram.messages[chat])
        assert result["message_id"] in telegram.messages[chat]

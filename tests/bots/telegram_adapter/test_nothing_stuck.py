"""Chats that take no pictures, no more for a while, or nothing in a topic: nobody is stuck."""

import asyncio
import time
from datetime import timedelta
from typing import Any

import pytest

from bots.core.requests.queueing import job as job_of
from bots.telegram_adapter.transport.waits import Waits
from engine.api.contract import Painted, RenderRequest, Report
from storage.values.people import ChatKey
from tests.bots.telegram_adapter.conftest import Play, Stage, plain, soon
from tests.telegram_server import ANN, Fault, Json, RefusedError, TelegramServer

pytestmark = pytest.mark.anyio


def person(number: int) -> Json:
    return ANN | {"id": 8000 + number, "first_name": f"P{number}"}


def document(telegram: TelegramServer, body: bytes) -> Json:
    file = {"file_id": telegram.upload(body), "file_unique_id": "d", "file_name": "a.jpg"}
    telegram.kinds[file["file_id"]] = "document"
    return {"document": file | {"mime_type": "image/jpeg"}}


@pytest.mark.parametrize("album", [False, True])
async def test_where_the_bot_may_send_no_pictures_that_is_said(plain_stage: Stage, *, album: bool):
    telegram = plain_stage.telegram
    group = telegram.group()
    telegram.no_pictures.add(group)
    for number in range(2 if album else 1):
        more = {"media_group_id": "g"} if album else {}
        photo = telegram.photo(plain((number, 40, 40)))
        await telegram.say(group, ANN, "/style scream", **photo, **more)
    await telegram.until(
        lambda: "I am not allowed to send pictures here" in str(telegram.sent(group))
    )
    await plain_stage.idle()
    (said,) = telegram.sent(group)
    assert not telegram.buttons(said)
    # In private she still has it.
    chat = telegram.private(ANN)
    await telegram.say(chat, ANN, "/history")
    entries = (await telegram.until(lambda: telegram.sent(chat)))[0]
    await telegram.press(chat, entries["message_id"], ANN, "↻")
    await telegram.result(chat, 2 if album else 1)


@pytest.mark.parametrize("kind", ["slow", "album", "quick"])
async def test_a_closed_topic_does_not_get_its_result_in_general(play_plain: Play, kind: str):
    waits = Waits(long=timedelta(0)) if kind == "slow" else Waits()

    async with play_plain(waits=waits) as stage:
        telegram, engine = stage.telegram, stage.services.engine
        closed = asyncio.Event()
        engine.before = closed.wait  # type: ignore[attr-defined]
        group = telegram.group(forum=True)
        here: Json = {"message_thread_id": 7, "is_topic_message": True}
        for number in range(2 if kind == "album" else 1):
            more = {"media_group_id": "g"} if kind == "album" else {}
            photo = telegram.photo(plain((number, 40, 40)))
            await telegram.say(group, ANN, "/style scream", **photo, **here, **more)
        status = (await telegram.until(lambda: telegram.sent(group)))[0]
        telegram.closed.add((group, 7))
        closed.set()
        if kind == "album":
            await telegram.until(lambda: "This topic is closed" in status.get("text", ""))
        else:
            await telegram.until(lambda: "photo" in status)
        await stage.idle()
        assert telegram.sent(group) == [status]
        assert status["message_thread_id"] == 7


@pytest.mark.parametrize("sent_as", ["photo", "document"])
@pytest.mark.parametrize("hd", [False, True])
async def test_whatever_came_as_what_can_be_compared(plain_stage: Stage, sent_as: str, *, hd: bool):
    telegram = plain_stage.telegram
    chat, body = telegram.private(ANN), plain((200, 10, 90))
    fields = telegram.photo(body) if sent_as == "photo" else document(telegram, body)
    await telegram.say(chat, ANN, "/style scream", **fields)
    card = await telegram.result(chat)
    await plain_stage.idle()
    if hd:
        await telegram.press(chat, card["message_id"], ANN, "HD file")
        card = await telegram.result(chat, 2)
        await plain_stage.idle()
    before = len(telegram.pictures(chat))
    await telegram.press(chat, card["message_id"], ANN, "Compare")
    await telegram.result(chat, before + 2)
    await plain_stage.idle()
    pair = telegram.pictures(chat)[before:]
    assert len({m["media_group_id"] for m in pair}) == 1
    assert not [m for m in telegram.sent(chat) if "text" in m]


async def test_an_album_that_was_sent_as_files_is_shown_from_the_history(plain_stage: Stage):
    telegram = plain_stage.telegram
    chat = telegram.private(ANN)
    for number in range(3):
        fields = document(telegram, plain((number, 60, 60)))
        await telegram.say(chat, ANN, "/style scream", **fields, media_group_id="g")
    await telegram.result(chat, 3)
    await plain_stage.idle()
    await telegram.say(chat, ANN, "/history")
    entries = await telegram.until(
        lambda: [m for m in telegram.sent(chat) if "last results" in m.get("text", "")]
    )
    await telegram.press(chat, entries[0]["message_id"], ANN, "The Scream")
    await telegram.result(chat, 6)
    assert ["document" in m for m in telegram.pictures(chat)] == [True] * 6


class OneAtATime:
    """An engine with one device, which paints for all callers by turns, as the real one does."""

    def __init__(self, stage: Stage, takes_s: float) -> None:
        self.painted: list[str] = []
        # For each photo, how many others were painted while it waited.
        self.before: dict[str, int] = {}
        self.takes_s = takes_s
        self.waiting: list[str] = []
        self.changed = asyncio.Condition()
        self.busy = False
        self.render = stage.services.engine.render
        stage.services.engine.render = self  # type: ignore[method-assign]

    def _is_turn(self, user: str) -> bool:
        last = self.painted[-1:]
        return not self.busy and ([user] != last or set(self.waiting) == {user})

    async def __call__(
        self, request: RenderRequest, report: Report | None = None, *, previews: bool = False
    ) -> Painted:
        user = request.user
        came = len(self.painted)
        async with self.changed:
            self.waiting.append(user)
            await self.changed.wait_for(lambda: self._is_turn(user))
            self.waiting.remove(user)
            self.before[user] = len(self.painted) - came
            self.busy = True
        await asyncio.sleep(self.takes_s)
        async with self.changed:
            self.busy = False
            self.painted.append(user)
            self.changed.notify_all()
        return await self.render(request, report, previews=previews)


async def privately(stage: Stage, number: int) -> float:
    """A private photo; how long it takes."""
    telegram, user = stage.telegram, person(number)
    chat = telegram.private(user)
    began = time.monotonic()
    await telegram.say(chat, user, "/style scream", **telegram.photo(plain((number % 250, 9, 9))))
    await telegram.result(chat)
    return time.monotonic() - began


async def test_a_flood_in_one_group_keeps_no_private_chat_waiting(play_plain: Play):
    """60 photos of 6 people; a group takes 20 messages a minute, so most of them wait."""

    async with play_plain(bot_workers=4) as stage:
        telegram = stage.telegram
        engine = OneAtATime(stage, 0.5)
        alone_s = min([await privately(stage, number) for number in range(3)])
        group = telegram.group()
        for number in range(60):
            photo = telegram.photo(plain((number, 70, 70)))
            await telegram.say(group, person(100 + number % 6), "/style scream", **photo)
        # From the first moment, while the bot takes them in, ...
        waited_s = [await privately(stage, number) for number in range(10, 16)]
        # ... to when the group takes no more, and its results wait.
        await soon(lambda: stage.workers._outgoing, 60)
        waited_s += [await privately(stage, number) for number in range(16, 20)]
        print(f"alone {alone_s:.2f} s, in a flood {[round(s, 2) for s in waited_s]}")  # noqa: T201
        # Of the group's photos at most the one that was being painted came before each.
        chats = [ChatKey("telegram", str(person(number)["id"])) for number in range(10, 20)]
        users = [stage.services.pseudonym(chat)[:16] for chat in chats]
        assert max(engine.before[user] for user in users) <= 1
        # And the group has not nearly all of its own.
        assert stage.workers._outgoing
        assert len(telegram.pictures(group)) < 60


async def test_what_waits_for_a_chat_is_given_back_when_the_bot_stops(plain_stage: Stage):
    telegram = plain_stage.telegram
    group = telegram.group()
    for number in range(24):
        photo = telegram.photo(plain((number, 70, 70)))
        await telegram.say(group, person(number % 6), "/style scream", **photo)
    await soon(lambda: plain_stage.workers._outgoing, 60)
    held = next(iter(plain_stage.workers._outgoing))
    plain_stage.adapter.stop()
    await asyncio.wait([held])
    async with plain_stage.services.database.reading() as transaction:
        states = await transaction.jobs.count_by_state()
    assert states.get("queued")


async def ask(telegram: TelegramServer) -> int:
    chat = telegram.private(ANN)
    await telegram.say(chat, ANN, "/style scream", **telegram.photo(plain((3, 3, 3))))
    return chat


async def test_a_person_who_floods_a_group_is_answered_in_private(plain_stage: Stage):
    """A hint that a full group does not take is left out: no message waits for it."""
    telegram = plain_stage.telegram
    group = telegram.group()
    for _ in range(30):
        await telegram.say(group, ANN, "/help")
    await telegram.result(await ask(telegram))


async def test_telling_someone_is_not_tried_without_end(plain_stage: Stage):
    """An unforeseen error in telling someone ends the job, too."""

    telegram = plain_stage.telegram
    telegram.faults.append(
        Fault("editMessageText", RefusedError(400, "Bad Request: strange"), times=99)
    )
    chat = telegram.private(ANN)
    broken: dict[str, Any] = document(telegram, b"broken")
    await telegram.say(chat, ANN, "/style scream", **broken)
    await soon(lambda: telegram.count("editMessageText", chat))
    await plain_stage.idle()
    found = await job_of(plain_stage.services, 1)
    assert found
    assert (found.state, found.lease_until) == ("failed", None)

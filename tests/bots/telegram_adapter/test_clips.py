"""Moving pictures on Telegram: each comes back as what it is, once, and shows its progress."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from typing_extensions import override

from bots.core.users import history
from bots.telegram_adapter.transport.waits import Waits
from engine.api.contract import CLIP_TYPES, Painted, Progress, RenderRequest, Report
from engine.api.errors import BrokenImageError
from storage.models import JobRow
from storage.values.people import UserKey
from tests.bots.clip_files import film, frames_and_sound, gif, rendered
from tests.bots.core.conftest import ClipEngine
from tests.bots.telegram_adapter.conftest import (
    PlainEngine,
    Stage,
    bot,
    picture,
    plain,
    playing,
    soon,
)
from tests.telegram_server import ANN, Fault, Json, RefusedError, TelegramServer

pytestmark = pytest.mark.anyio

OFTEN = Waits(refresh_s=0.05)
USER = UserKey("telegram", str(ANN["id"]))
TOO_MANY_BYTES = 20_000_001
# How it was sent, with which MIME type, and what it becomes.
KINDS = {
    "animation": ("animation", {"mime_type": "video/mp4"}, "animation", "mp4"),
    "GIF animation": ("animation", {"mime_type": "image/gif"}, "animation", "mp4"),
    "video": ("video", {}, "video", "mp4"),
    "round film": ("video_note", {}, "video", "mp4"),
    "GIF file": ("document", {"mime_type": "image/gif"}, "document", "gif"),
    "GIF file without a type": ("document", {"file_name": "A.GIF"}, "document", "gif"),
    "MP4 file": ("document", {"mime_type": "video/mp4"}, "document", "mp4"),
    "MOV file": ("document", {"mime_type": "video/quicktime"}, "document", "mp4"),
    "WebM file": ("document", {"mime_type": "video/webm"}, "document", "webm"),
    "video sticker": ("sticker", {}, "sticker", "sticker"),
}


class Engine(ClipEngine, PlainEngine):
    """Gives photos back as they are, and for a clip a real one of the wanted format."""

    large: bytes | None = None

    @override
    async def render(
        self, request: RenderRequest, report: Report | None = None, *, previews: bool = False
    ) -> Painted:
        painted = await super().render(request, report, previews=previews)
        if not request.clip:
            return painted
        return Painted(self.large or rendered(request.clip), CLIP_TYPES[request.clip])


@asynccontextmanager
async def play(
    folder: Path, *, finished: bool = True, waits: Waits = OFTEN, **more: Any
) -> AsyncIterator[tuple[Stage, Engine]]:
    engine = Engine(finished=finished)
    async with playing(engine, folder, waits=waits, **more) as stage:
        await soon(lambda: stage.services.clips.formats)
        yield stage, engine


def sent(telegram: TelegramServer, what: str) -> Json:
    """Fields of a message with a clip."""
    kind, more, _, _ = KINDS[what]
    body = gif() if "GIF" in what else film(sound=kind == "video")
    return telegram.clip(kind, body, plain((200, 40, 40)), **more)


def kind_of(message: Json) -> str:
    return next(k for k in ("photo", "animation", "video", "sticker", "document") if k in message)


@pytest.mark.parametrize("group", [False, True])
@pytest.mark.parametrize("what", KINDS)
async def test_a_reply_paints_what_moves_as_what_it_is(tmp_path: Path, what: str, *, group: bool):
    _, _, becomes, form = KINDS[what]

    async with play(tmp_path) as (stage, engine):
        telegram = stage.telegram
        chat = telegram.group() if group else telegram.private(ANN)
        clip = telegram._put(chat, {"from": ANN, **sent(telegram, what)})
        await telegram.say(chat, ANN, "/style wave", answering=clip["message_id"])
        result = await telegram.result(chat)
        assert kind_of(result) == becomes
        assert telegram.picture_of(result) == rendered(form)
        await stage.idle()
        # The status became the result, or made room for it.
        assert telegram.sent(chat) == [result]
        labels = [button["text"] for button in telegram.buttons(result)]
        assert "The Great Wave" not in labels
        assert "🗑" in labels
        assert not any("Cancel" in label or "Before" in label for label in labels)
        if becomes != "sticker":
            assert "<b>The Great Wave</b>" in result["caption"]
        (asked,) = engine.asked
        assert (asked.clip, asked.priority, asked.timeout_s) == (form, "bulk", 600)
        (entry,) = await history.page(stage.services, USER)
        assert (entry.result["kind"], entry.result["type"]) == (becomes, CLIP_TYPES[form])  # type: ignore[index]


@pytest.mark.parametrize("what", [w for w in KINDS if KINDS[w][0] in ("animation", "video")])
async def test_a_caption_paints_it_as_well(tmp_path: Path, what: str):
    async with play(tmp_path) as (stage, _engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        await telegram.say(chat, ANN, "/style wave", **sent(telegram, what))
        assert kind_of(await telegram.result(chat)) == KINDS[what][2]


async def test_alone_it_is_asked_about_with_its_still(tmp_path: Path):
    async with play(tmp_path) as (stage, engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        await telegram.say(chat, ANN, **sent(telegram, "video"))
        picker = (await telegram.until(lambda: [m for m in telegram.sent(chat) if "photo" in m]))[0]
        assert {asked.clip for asked in engine.asked} == {""}
        await telegram.press(chat, picker["message_id"], ANN, "The Scream")
        await telegram.until(lambda: "video" in picker)
        assert "<b>The Scream</b>" in picker["caption"]


async def test_a_static_sticker_is_a_photo_as_before(tmp_path: Path):
    async with play(tmp_path) as (stage, _engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        fields = telegram.clip("sticker", picture(), is_video=False)
        clip = telegram._put(chat, {"from": ANN, **fields})
        await telegram.say(chat, ANN, "/style wave", answering=clip["message_id"])
        assert kind_of(await telegram.result(chat)) == "photo"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"duration": 16}, "The clip is too long."),
        ({"file_size": TOO_MANY_BYTES}, "The clip is too large: at most 20 MB."),
        (None, "This animated sticker is a drawing"),
    ],
)
async def test_what_cannot_be_painted_is_said_before_it_is_fetched(
    tmp_path: Path, fields: Json | None, sentence: str
):
    async with play(tmp_path) as (stage, engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        if fields is None:
            shown = telegram.clip("sticker", b"{}", is_animated=True, is_video=False)
        else:
            shown = telegram.clip("video", film(), **fields)
        clip = telegram._put(chat, {"from": ANN, **shown})
        await telegram.say(chat, ANN, "/style wave", answering=clip["message_id"])
        (said,) = await telegram.until(lambda: telegram.sent(chat))
        assert said["text"].startswith(sentence)
        assert telegram.count("getFile") == 0
        assert not engine.asked


async def test_a_result_that_telegram_does_not_take_is_said(tmp_path: Path):
    async with play(tmp_path) as (stage, engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        engine.large = rendered("mp4") + b"\0" * 50_000_000
        await telegram.say(chat, ANN, "/style wave", **sent(telegram, "video"))
        await telegram.until(lambda: "too large to be sent here" in str(telegram.sent(chat)))
        await stage.idle()
        assert len(telegram.sent(chat)) == 1
        assert await history.page(stage.services, USER) == []


async def test_an_engine_without_clips_paints_the_still(tmp_path: Path):
    async with play(tmp_path) as (stage, _engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        stage.services.clips.formats = ()
        await telegram.say(chat, ANN, "/style wave", **sent(telegram, "video"))
        result = await telegram.result(chat)
        assert kind_of(result) == "photo"
        assert "first frame only" in result["caption"]
        fields = telegram.clip("video", film())
        await telegram.say(chat, ANN, "/style wave", **fields)
        await telegram.until(lambda: "Clips are not painted here." in str(telegram.sent(chat)))


async def test_an_album_is_answered_by_an_album(tmp_path: Path):
    async with play(tmp_path) as (stage, _engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        group = {"media_group_id": "g"}
        await telegram.say(chat, ANN, "/style wave", **telegram.photo(picture()), **group)
        await telegram.say(chat, ANN, **sent(telegram, "video"), **group)
        await telegram.result(chat, 2)
        await stage.idle()
        assert [kind_of(message) for message in telegram.pictures(chat)] == ["photo", "video"]
        (entry,) = await history.page(stage.services, USER)
        assert entry.result["kinds"] == ["photo", "video"]
        # It is shown again from the history, and painted again as what it was.
        await telegram.say(chat, ANN, "/history")
        listed = (await telegram.until(lambda: telegram.sent(chat)[-1:]))[0]
        await telegram.until(lambda: telegram.buttons(telegram.sent(chat)[-1]))
        listed = telegram.sent(chat)[-1]
        shown = telegram.buttons(listed)[0]["callback_data"]
        await telegram.forge(chat, listed["message_id"], ANN, shown)
        await telegram.result(chat, 4)
        assert kind_of(telegram.pictures(chat)[-1]) == "video"


@pytest.mark.parametrize("what", ["animation", "video", "video sticker", "GIF file"])
async def test_the_history_shows_it_and_paints_it_again(tmp_path: Path, what: str):
    async with play(tmp_path) as (stage, engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        clip = telegram._put(chat, {"from": ANN, **sent(telegram, what)})
        await telegram.say(chat, ANN, "/style wave", answering=clip["message_id"])
        await telegram.result(chat)
        await stage.idle()
        await telegram.say(chat, ANN, "/history")
        (listed,) = await telegram.until(
            lambda: [m for m in telegram.sent(chat) if "hshow" in str(m) or "↻" in str(m)]
        )
        show, again, _ = telegram.buttons(listed)
        await telegram.forge(chat, listed["message_id"], ANN, show["callback_data"])
        assert kind_of(await telegram.result(chat, 2)) == KINDS[what][2]
        await telegram.forge(chat, listed["message_id"], ANN, again["callback_data"])
        assert kind_of(await telegram.result(chat, 3)) == KINDS[what][2]
        assert [asked.clip for asked in engine.asked] == [KINDS[what][3]] * 2


async def test_another_style_takes_the_place_of_the_first(tmp_path: Path):
    async with play(tmp_path) as (stage, _engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        await telegram.say(chat, ANN, "/style wave", **sent(telegram, "animation"))
        first = await telegram.result(chat)
        await stage.idle()
        await telegram.press(chat, first["message_id"], ANN, "Starry Night")
        await telegram.until(lambda: "Starry Night" in str(telegram.pictures(chat)[-1:]))
        await stage.idle()
        (shown,) = telegram.pictures(chat)
        assert "<b>Starry Night</b>" in shown["caption"]
        await telegram.press(chat, shown["message_id"], ANN, "◀")
        await telegram.until(lambda: "The Great Wave" in shown["caption"])
        assert kind_of(shown) == "animation"


async def test_a_sticker_in_another_style_is_another_sticker(tmp_path: Path):
    async with play(tmp_path) as (stage, _engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        clip = telegram._put(chat, {"from": ANN, **sent(telegram, "video sticker")})
        await telegram.say(chat, ANN, "/style wave", answering=clip["message_id"])
        first = await telegram.result(chat)
        await stage.idle()
        await telegram.press(chat, first["message_id"], ANN, "Starry Night")
        second = await telegram.result(chat, 2)
        await stage.idle()
        assert telegram.sent(chat) == [first, second]
        assert kind_of(second) == "sticker"


async def test_its_status_counts_up_and_becomes_the_result(tmp_path: Path):
    async with play(tmp_path, finished=False) as (stage, engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        await telegram.say(chat, ANN, "/style wave", **sent(telegram, "video"))
        (status,) = await telegram.until(
            lambda: [m for m in telegram.sent(chat) if "The Great Wave · 0 %" in m.get("text", "")]
        )
        assert [button["text"] for button in telegram.buttons(status)] == ["✖ Cancel"]
        engine.steps.put_nowait(Progress(0.5, plain((220, 20, 20))))
        await telegram.until(lambda: "The Great Wave · 50 % · about" in status.get("caption", ""))
        assert "s left" in status["caption"]
        engine.steps.put_nowait(None)
        await telegram.until(lambda: "video" in status)
        await stage.idle()
        assert telegram.sent(chat) == [status]
        actions = [c.params["action"] for c in telegram.calls if c.method == "sendChatAction"]
        assert set(actions) == {"upload_video"}


@pytest.mark.parametrize("how", ["button", "command"])
async def test_one_that_is_cancelled_ends_within_a_frame(tmp_path: Path, how: str):
    async with play(tmp_path, finished=False) as (stage, engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        await telegram.say(chat, ANN, "/style wave", **sent(telegram, "animation"))
        (status,) = await telegram.until(
            lambda: [m for m in telegram.sent(chat) if " 0 %" in m.get("text", "")]
        )
        engine.steps.put_nowait(Progress(0.5, plain((220, 20, 20))))
        await telegram.until(lambda: "photo" in status)
        if how == "button":
            await telegram.press(chat, status["message_id"], ANN, "Cancel")
        else:
            await telegram.say(chat, ANN, "/cancel")
        # The preview goes away with it.
        await telegram.until(lambda: status["message_id"] not in telegram.messages[chat])
        engine.steps.put_nowait(Progress(0.6))
        await soon(lambda: engine.given_up)
        assert telegram.pictures(chat) == []


async def test_a_clip_that_is_damaged_is_said_in_one_sentence(tmp_path: Path):
    async with play(tmp_path, finished=False) as (stage, engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        await telegram.say(chat, ANN, "/style wave", **sent(telegram, "video"))
        await soon(lambda: engine.begun)
        engine.steps.put_nowait(BrokenImageError("The clip is damaged."))
        await telegram.until(lambda: "damaged" in str(telegram.sent(chat)))
        await stage.idle()
        assert len(telegram.sent(chat)) == 1


@pytest.mark.parametrize("what", ["video", "video sticker"])
@pytest.mark.parametrize("dies", ["painting", "delivering"])
async def test_after_a_kill_it_is_done_again_and_delivered_once(
    tmp_path: Path, what: str, dies: str
):
    async with play(tmp_path, finished=False) as (stage, engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        clip = telegram._put(chat, {"from": ANN, **sent(telegram, what)})
        if dies == "delivering":
            # It is there, and nothing was told of it: neither by Telegram nor by the worker.
            method = "sendSticker" if what == "video sticker" else "editMessageMedia"
            telegram.faults.append(Fault(method, lost="silent", done=True))
            engine.steps.put_nowait(None)
        await telegram.say(chat, ANN, "/style wave", answering=clip["message_id"])
        if dies == "painting":
            await soon(lambda: engine.begun)
        else:
            await telegram.result(chat)
        await kill(stage)
        engine.steps.put_nowait(None)
        await soon(lambda: engine.begun == 2)
        await stage.idle()
        assert len(telegram.pictures(chat)) == 1
        (result,) = telegram.sent(chat)
        assert kind_of(result) == KINDS[what][2]
        assert "Cancel" not in str(telegram.buttons(result))


async def kill(stage: Stage) -> None:
    """Let what works on a job die, and its lease end."""
    (working,) = [t for t in asyncio.all_tasks() if "Workers._run" in repr(t.get_coro())]
    working.cancel()
    await asyncio.wait([working])
    async with stage.services.database.writing() as transaction:
        ended = update(JobRow).values(lease_until=datetime(2026, 1, 1, tzinfo=UTC))
        await transaction.jobs._connection.execute(ended)
    stage.workers.nudge()


@pytest.mark.parametrize("what", ["video", "animation", "video sticker"])
@pytest.mark.parametrize("how", ["502", "cut"])
@pytest.mark.parametrize("done", [False, True])
async def test_an_answer_that_gets_lost_leaves_one_result(
    tmp_path: Path, what: str, how: str, *, done: bool
):
    async with play(tmp_path) as (stage, _engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        for method in ("sendMessage", "editMessageMedia", "sendSticker", "editMessageReplyMarkup"):
            telegram.faults.append(Fault(method, lost=how, done=done))
        clip = telegram._put(chat, {"from": ANN, **sent(telegram, what)})
        await telegram.say(chat, ANN, "/style wave", answering=clip["message_id"])
        await telegram.result(chat)
        await stage.idle()
        (result,) = telegram.sent(chat)
        assert kind_of(result) == KINDS[what][2]


async def test_a_group_that_forbids_videos_is_told(tmp_path: Path):
    async with play(tmp_path) as (stage, _engine):
        telegram = stage.telegram
        chat = telegram.group()
        refused = RefusedError(400, "Bad Request: CHAT_SEND_VIDEOS_FORBIDDEN")
        telegram.faults.append(Fault("editMessageMedia", refused=refused, times=9))
        await telegram.say(chat, ANN, "/style wave", **sent(telegram, "video"))
        await telegram.until(
            lambda: "not allowed to send pictures here" in str(telegram.sent(chat))
        )


@pytest.mark.parametrize("what", ["animation", "video"])
async def test_with_the_real_engine(tmp_path: Path, engine_url: str, what: str):
    async with asyncio.timeout(120):
        async with TelegramServer() as telegram, bot(telegram, engine_url, tmp_path) as stage:
            await soon(lambda: stage.services.clips.formats)
            chat = telegram.private(ANN)
            await telegram.say(chat, ANN, "/style wave", **sent(telegram, what))
            # Until it is done, its message may show a frame.
            (result,) = await telegram.until(
                lambda: [one for one in telegram.pictures(chat) if kind_of(one) == what], 60
            )
            assert frames_and_sound(telegram.picture_of(result)) == (3, what == "video")
        assert not telegram.violations

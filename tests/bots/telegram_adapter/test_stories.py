"""Stories on Telegram: a result or several photos become one film, once."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from bots.core.users import history, preferences
from bots.telegram_adapter.transport.waits import Waits
from engine.api.contract import Painted, Progress, Report, StoryOptions, StoryRequest
from engine.api.errors import CaptionError
from tests.bots.clip_files import film, frames_and_sound, rendered
from tests.bots.core.conftest import ClipEngine
from tests.bots.telegram_adapter.conftest import PlainEngine, Stage, bot, plain, playing, soon
from tests.bots.telegram_adapter.test_clips import USER, kill, kind_of
from tests.telegram_server import ANN, BEN, Fault, Json, TelegramServer

pytestmark = pytest.mark.anyio

OFTEN = Waits(refresh_s=0.05)
COLOURS = [(200, 40 * number, 250 - 50 * number) for number in range(5)]


class Engine(ClipEngine, PlainEngine):
    """Gives photos back as they are, and for a story a real film."""

    large: bytes | None = None

    @override
    async def make_story(self, request: StoryRequest, report: Report | None = None) -> Painted:
        await super().make_story(request, report)
        return Painted(self.large or rendered("mp4"), "video/mp4")


@asynccontextmanager
async def play(
    folder: Path, *, finished: bool = True, **more: Any
) -> AsyncIterator[tuple[Stage, Engine]]:
    engine = Engine(finished=finished)
    async with playing(engine, folder, waits=OFTEN, **more) as stage:
        await soon(lambda: stage.services.clips.formats)
        yield stage, engine


async def album(telegram: TelegramServer, chat: int, words: str | None, count: int = 5) -> Json:
    """Send an album with a caption; returns its first message."""
    group = {"media_group_id": "g"}
    photos = [telegram.photo(plain(COLOURS[number % 5])) for number in range(count)]
    first = await telegram.say(chat, ANN, words, **photos[0], **group)
    for photo in photos[1:]:
        await telegram.say(chat, ANN, **photo, **group)
    return first


async def painted(stage: Stage, chat: int) -> Json:
    """A result of a single photo."""
    telegram = stage.telegram
    await telegram.say(chat, ANN, "/style wave", **telegram.photo(plain(COLOURS[0])))
    result = await telegram.result(chat)
    await stage.idle()
    return result


def films(telegram: TelegramServer, chat: int) -> list[Json]:
    return [message for message in telegram.sent(chat) if "video" in message]


@pytest.mark.parametrize("group", [False, True])
async def test_a_result_and_its_photo_become_a_film(tmp_path: Path, *, group: bool):
    async with play(tmp_path) as (stage, engine):
        telegram = stage.telegram
        chat = telegram.group() if group else telegram.private(ANN)
        result = await painted(stage, chat)
        await telegram.press(chat, result["message_id"], ANN, "Film")
        await telegram.until(lambda: films(telegram, chat))
        await stage.idle()
        first, second = telegram.sent(chat)
        assert (first, kind_of(second)) == (result, "video")
        assert second["reply_to_message"]["message_id"] == result["message_id"]
        (told,) = engine.stories
        # What is there is not painted again.
        assert len(engine.asked) == 1
        assert [(each.photo, each.painting) for each in told.scenes] == [
            (plain(COLOURS[0]), telegram.picture_of(result))
        ]
        assert told.options == StoryOptions("16:9")
        call = next(
            c for c in telegram.calls if c.method == "editMessageMedia" and "video" in str(c.params)
        )
        media = call.params["media"]
        media = json.loads(media) if isinstance(media, str) else media
        shown = {k: media[k] for k in ("width", "height", "supports_streaming")}
        assert shown == {"width": 160, "height": 96, "supports_streaming": True}
        assert "duration" in media
        labels = [button["text"] for button in telegram.buttons(second)]
        assert not {"Film", "Compare"} & set(labels)
        actions = [c.params["action"] for c in telegram.calls if c.method == "sendChatAction"]
        assert actions[-1] == "upload_video"


async def test_only_its_owner_may_press(tmp_path: Path):
    async with play(tmp_path) as (stage, engine):
        telegram = stage.telegram
        chat = telegram.group()
        result = await painted(stage, chat)
        press = await telegram.press(chat, result["message_id"], BEN, "Film")
        answer = await telegram.until(lambda: telegram.answers.get(press))
        assert "belongs to someone else" in answer["text"]
        await stage.idle()
        assert engine.stories == []


async def test_without_films_there_is_no_button(tmp_path: Path):
    async with play(tmp_path) as (stage, _engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        first = await painted(stage, chat)
        data = telegram.button(first, "Film")
        stage.services.clips.formats = ()
        press = await telegram.forge(chat, first["message_id"], ANN, data)
        answer = await telegram.until(lambda: telegram.answers.get(press))
        assert "Clips are not painted here" in answer["text"]
        await telegram.say(chat, ANN, "/style wave", **telegram.photo(plain(COLOURS[1])))
        second = await telegram.result(chat, 2)
        assert "Film" not in str(telegram.buttons(second))


async def test_five_photos_become_one_film(tmp_path: Path):
    async with play(tmp_path) as (stage, engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        await album(telegram, chat, '/story wave 16:9 12s "Summer, 2026"')
        await telegram.until(lambda: films(telegram, chat))
        await stage.idle()
        (result,) = telegram.sent(chat)
        assert telegram.picture_of(result) == rendered("mp4")
        assert "<b>The Great Wave</b>" in result["caption"]
        (told,) = engine.stories
        assert [each.photo for each in told.scenes] == [plain(colour) for colour in COLOURS]
        assert told.options == StoryOptions("16:9", 12.0, caption="Summer, 2026")
        assert {asked.priority for asked in engine.asked} == {"bulk"}
        (entry,) = await history.page(stage.services, USER)
        assert (entry.result["kind"], entry.title) == ("video", "The Great Wave")
        assert entry.story
        assert entry.story.caption == "Summer, 2026"


async def test_in_reply_it_takes_the_whole_album_or_one_photo(tmp_path: Path):
    async with play(tmp_path) as (stage, engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        first = await album(telegram, chat, None, 3)
        await telegram.until(lambda: "Which style" in str(telegram.sent(chat)))
        await telegram.say(chat, ANN, "/story wave", answering=first["message_id"] + 1)
        await telegram.until(lambda: films(telegram, chat))
        assert len(engine.stories[0].scenes) == 3
        photo = telegram._put(chat, {"from": ANN, **telegram.photo(plain((1, 2, 3)))})
        await telegram.say(chat, ANN, "/story scream", answering=photo["message_id"])
        await telegram.until(lambda: len(films(telegram, chat)) == 2)
        assert [each.photo for each in engine.stories[1].scenes] == [plain((1, 2, 3))]
        # Those that were sent last, and wait for a style, need no reply.
        await telegram.say(chat, ANN, "/story scream")
        await telegram.until(lambda: len(films(telegram, chat)) == 3)
        assert len(engine.stories[2].scenes) == 3


async def test_without_a_style_it_is_asked_for(tmp_path: Path):
    async with play(tmp_path) as (stage, engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        await album(telegram, chat, "/story 1:1", 2)
        (picker,) = await telegram.until(
            lambda: [m for m in telegram.sent(chat) if telegram.buttons(m)]
        )
        await telegram.press(chat, picker["message_id"], ANN, "The Scream")
        await telegram.until(lambda: films(telegram, chat))
        (told,) = engine.stories
        assert (told.options.shape, len(told.scenes)) == ("1:1", 2)


@pytest.mark.parametrize(
    ("words", "count", "sentence"),
    [
        ("/story wave", 11, "A story has 1 to 10 photos."),
        ("/story wave 31s", 2, "A story takes 6 to 30 seconds."),
        ("/story wave 2 s", 2, "A story takes 6 to 30 seconds."),
        (f'/story wave "{"a" * 121}"', 2, "A caption has at most 120 characters."),
        ("/story wave", 0, "Which photos? Send 1 to 10 photos"),
        ("/story wave", -1, "Clips are not painted here."),
    ],
)
async def test_what_cannot_be_made_is_said_before_any_work(
    tmp_path: Path, words: str, count: int, sentence: str
):
    async with play(tmp_path) as (stage, engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        if count < 0:
            await telegram.say(chat, ANN, words, **telegram.clip("video", film()))
        elif count:
            await album(telegram, chat, words, count)
        else:
            await telegram.say(chat, ANN, words)
        (said,) = await telegram.until(lambda: telegram.sent(chat))
        assert said["text"].startswith(sentence)
        await stage.idle()
        assert not engine.asked


async def test_a_caption_that_no_font_has_is_said(tmp_path: Path):
    async with play(tmp_path, finished=False) as (stage, engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        engine.steps.put_nowait(CaptionError("No font has it."))
        await album(telegram, chat, '/story wave "\U000f0000"', 2)
        await telegram.until(lambda: "cannot be drawn here" in str(telegram.sent(chat)))
        await stage.idle()
        assert len(telegram.sent(chat)) == 1


async def test_one_too_large_for_telegram_is_said(tmp_path: Path):
    async with play(tmp_path) as (stage, engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        engine.large = rendered("mp4") + b"\0" * 50_000_000
        await album(telegram, chat, "/story wave", 2)
        await telegram.until(lambda: "too large to be sent here" in str(telegram.sent(chat)))


async def test_who_opted_out_is_in_no_story(tmp_path: Path):
    async with play(tmp_path) as (stage, engine):
        telegram = stage.telegram
        chat = telegram.group()
        await preferences.prefer(stage.services, USER, repaintable=False)
        photo = telegram._put(chat, {"from": ANN, **telegram.photo(plain(COLOURS[0]))})
        await telegram.say(chat, BEN, "/story wave", answering=photo["message_id"])
        await telegram.until(lambda: "does not allow others" in str(telegram.sent(chat)))
        assert not engine.asked


async def test_its_status_counts_up_and_it_can_be_cancelled(tmp_path: Path):
    async with play(tmp_path, finished=False) as (stage, engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        await album(telegram, chat, "/story wave 6s", 2)
        # Two photos and six seconds: a quarter is done.
        await telegram.until(lambda: "The Great Wave · 25 %" in str(telegram.sent(chat)))
        engine.steps.put_nowait(Progress(0.5))
        await telegram.until(lambda: "The Great Wave · 62 % · about" in str(telegram.sent(chat)))
        (status,) = telegram.sent(chat)
        await telegram.press(chat, status["message_id"], ANN, "Cancel")
        await telegram.until(lambda: status["text"] == "Cancelled.")
        engine.steps.put_nowait(Progress(0.6))
        await soon(lambda: engine.given_up)
        assert films(telegram, chat) == []


@pytest.mark.parametrize("dies", ["making", "delivering"])
@pytest.mark.parametrize("what", ["album", "result"])
async def test_after_a_kill_it_is_made_again_and_delivered_once(
    tmp_path: Path, dies: str, what: str
):
    async with play(tmp_path, finished=False) as (stage, engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        result = await painted(stage, chat) if what == "result" else None
        if dies == "delivering":
            telegram.faults.append(Fault("editMessageMedia", lost="silent", done=True))
            engine.steps.put_nowait(None)
        if result:
            await telegram.press(chat, result["message_id"], ANN, "Film")
        else:
            await album(telegram, chat, "/story wave", 2)
        if dies == "making":
            await soon(lambda: engine.begun)
        else:
            await telegram.until(lambda: films(telegram, chat))
        await kill(stage)
        engine.steps.put_nowait(None)
        await soon(lambda: engine.begun == 2)
        await stage.idle()
        assert len(films(telegram, chat)) == 1
        assert len(telegram.sent(chat)) == 1 + bool(result)


async def test_the_history_shows_it_and_makes_it_again(tmp_path: Path):
    async with play(tmp_path) as (stage, engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        result = await painted(stage, chat)
        await telegram.press(chat, result["message_id"], ANN, "Film")
        await telegram.until(lambda: films(telegram, chat))
        await stage.idle()
        await telegram.say(chat, ANN, "/history")
        (listed,) = await telegram.until(lambda: [m for m in telegram.sent(chat) if "↻" in str(m)])
        show, again, delete = telegram.buttons(listed)[:3]
        assert "🎬" in show["text"]
        await telegram.forge(chat, listed["message_id"], ANN, show["callback_data"])
        await telegram.until(lambda: len(films(telegram, chat)) == 2)
        await telegram.forge(chat, listed["message_id"], ANN, again["callback_data"])
        await telegram.until(lambda: len(films(telegram, chat)) == 3)
        first, second = engine.stories
        assert first.scenes == second.scenes
        assert len(engine.asked) == 1
        await telegram.forge(chat, listed["message_id"], ANN, delete["callback_data"])
        await telegram.until(lambda: len(telegram.buttons(listed)) == 6)


async def test_in_another_style_it_takes_its_place(tmp_path: Path):
    async with play(tmp_path) as (stage, engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        result = await painted(stage, chat)
        await telegram.press(chat, result["message_id"], ANN, "Film")
        await telegram.until(lambda: films(telegram, chat))
        await stage.idle()
        (shown,) = films(telegram, chat)
        await telegram.press(chat, shown["message_id"], ANN, "Starry Night")
        await soon(lambda: len(engine.stories) == 2)
        await stage.idle()
        (shown,) = films(telegram, chat)
        assert "<b>Starry Night</b>" in shown["caption"]
        # Now it had to be painted.
        assert len(engine.asked) == 2


async def test_with_the_real_engine(tmp_path: Path, engine_url: str):
    async with asyncio.timeout(120):
        async with TelegramServer() as telegram, bot(telegram, engine_url, tmp_path) as stage:
            await soon(lambda: stage.services.clips.formats)
            chat = telegram.private(ANN)
            await album(telegram, chat, '/story wave 1:1 6s "Two"', 2)
            (result,) = await telegram.until(lambda: films(telegram, chat), 100)
            assert frames_and_sound(telegram.picture_of(result)) == (180, False)
            assert result["video"]["width"] == result["video"]["height"] == 720
        assert not telegram.violations

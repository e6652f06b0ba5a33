"""What people do with the bot in private, and what they see of it."""

import asyncio
import io
import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bots.core.users import history
from engine.media.images import decode
from storage.values.people import UserKey
from tests.bots.clip_files import film
from tests.bots.telegram_adapter.conftest import Stage, bot, picture
from tests.telegram_server import ANN, BEN, BOT, Fault, Json, RefusedError, TelegramServer

pytestmark = pytest.mark.anyio


def differs(painted: bytes, photo: bytes) -> float:
    """Mean absolute difference of a painting from its photo, 0..255; they are of one size."""
    after, before = decode(painted).rgb, decode(photo).rgb
    assert after.shape == before.shape
    return float(np.abs(after.astype(int) - before).mean())


async def painted(stage: Stage, words: str, **fields: object) -> tuple[int, Json]:
    """A result for Ann: her chat, and the message."""
    chat = stage.telegram.private(ANN)
    photo = stage.telegram.photo(picture())
    await stage.telegram.say(chat, ANN, words, **photo, **fields)
    result = await stage.telegram.result(chat)
    await remembered(stage)
    return chat, result


async def remembered(stage: Stage) -> None:
    """Until Ann's result is in her history, which is a moment after it is in the chat."""
    for _ in range(200):
        if await history.page(stage.services, UserKey("telegram", str(ANN["id"]))):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it was not remembered")


async def newer(telegram: TelegramServer, message: Json) -> None:
    """Until a message shows something else than now."""
    before = json.dumps(message, sort_keys=True)
    await telegram.until(lambda: json.dumps(message, sort_keys=True) != before)


def labels(message: Json) -> list[str]:
    return [button["text"] for button in TelegramServer.buttons(message)]


def shows(message: Json, label: str) -> bool:
    return any(label in one for one in labels(message))


async def test_a_photo_alone_gets_a_picker_that_becomes_the_picture(stage: Stage):
    telegram = stage.telegram
    chat = telegram.private(ANN)
    sent = await telegram.say(chat, ANN, **telegram.photo(picture()))
    picker = (await telegram.until(lambda: telegram.sent(chat)))[0]
    assert picker["reply_to_message"]["message_id"] == sent["message_id"]
    assert picker["text"] == "Which style? Press one, or write its name."
    # Styles, ways to others, an expression, and a way out.
    assert len(labels(picker)) == 8 + 3 + 1 + 1
    assert labels(picker)[:2] == ["1 · Starry Night", "2 · The Great Wave"]
    press = await telegram.press(chat, picker["message_id"], ANN, "Kiss")
    result = await telegram.result(chat)
    assert result["message_id"] == picker["message_id"]
    assert result["caption"] == "<b>The Kiss</b>"
    assert press in telegram.answers
    assert differs(telegram.picture_of(result), picture()) > 10
    assert len(telegram.sent(chat)) == 1
    # His last style comes first next time.
    await telegram.say(chat, ANN, **telegram.photo(picture(1)))
    again = await telegram.until(lambda: telegram.sent(chat, picker["message_id"]))
    assert labels(again[0])[0] == "1 · The Kiss"
    await telegram.press(chat, again[0]["message_id"], ANN, "Surprise")
    await telegram.result(chat, 2)


async def test_a_picker_becomes_a_sheet_of_the_photo_page_by_page(stage: Stage):
    telegram = stage.telegram
    chat = telegram.private(ANN)
    await telegram.say(chat, ANN, **telegram.photo(picture()), has_media_spoiler=True)
    picker = (await telegram.until(lambda: telegram.sent(chat)))[0]
    await telegram.until(lambda: "photo" in picker)
    assert picker["_name"] == "styles.jpg"
    assert picker["has_media_spoiler"]
    assert "Which style?" in picker["caption"]
    first = telegram.picture_of(picker)
    # Eight of the photo and the photo itself, That format is not supported cropped.
    with Image.open(io.BytesIO(first)) as sheet, Image.open(io.BytesIO(picture())) as photo:
        assert sheet.width / sheet.height == pytest.approx(photo.width / photo.height, rel=0.2)
    await telegram.press(chat, picker["message_id"], ANN, "▶")
    await telegram.until(lambda: "2 / 6" in labels(picker))
    await telegram.until(lambda: telegram.picture_of(picker) != first)
    # A number is one of those on the page that is shown.
    wanted = labels(picker)[2].partition(" · ")[2]
    await telegram.say(chat, ANN, "3")
    result = await telegram.result(chat)
    assert result["caption"] == f"<b>{wanted}</b>"
    assert picker["message_id"] not in telegram.messages[chat]


@pytest.mark.parametrize(
    ("words", "title"),
    [("/style scream 60", "<b>The Scream</b> · 60 %"), ("scream", "<b>The Scream</b>"),
     ("/style@StyleBot kiss:2+scream", "<b>The Kiss + The Scream</b>")],
)  # fmt: skip
async def test_a_caption_says_which_style(stage: Stage, words: str, title: str):
    chat, result = await painted(stage, words)
    assert result["caption"] == title
    # The eyes come at once, the command's own message is not answered twice.
    await stage.telegram.until(lambda: stage.telegram.count("setMessageReaction", chat) == 1)
    assert stage.telegram.count("sendMessage", chat) == 1


async def test_a_caption_that_is_no_wish_asks_for_the_style(stage: Stage):
    telegram = stage.telegram
    chat = telegram.private(ANN)
    await telegram.say(chat, ANN, "my cat, 2024", **telegram.photo(picture()))
    picker = (await telegram.until(lambda: telegram.sent(chat)))[0]
    assert picker["text"].startswith("Which style?")


async def test_other_kinds_of_pictures(stage: Stage):
    telegram = stage.telegram
    chat = telegram.private(ANN)
    png, webp = picture(0, 160, "PNG"), picture(1, 160, "WEBP")
    file = {"file_id": telegram.upload(png), "file_unique_id": "d"}
    document = await telegram.say(chat, ANN, "/style kiss", document=file | {"file_name": "a.png"})
    result = await telegram.result(chat)
    # What came as a file goes back as one, and is called after its style.
    assert result["document"]["file_name"] == "the-kiss.jpg"
    assert result["reply_to_message"]["message_id"] == document["message_id"]
    sticker = {
        "file_id": telegram.upload(webp), "file_unique_id": "s", "type": "regular",
        "width": 160, "height": 120, "is_animated": False, "is_video": False,
    }  # fmt: skip
    told = await telegram.say(chat, ANN, sticker=sticker)
    await telegram.say(chat, ANN, "/style kiss", answering=told["message_id"])
    result = await telegram.result(chat, 2)
    assert differs(telegram.picture_of(result), webp) > 5
    moving = telegram.clip("animation", film(), picture(2))
    await telegram.say(chat, ANN, "/style kiss", **moving)
    # Its status may show a frame before.
    await telegram.until(lambda: any("animation" in one for one in telegram.sent(chat)))
    drawn = sticker | {"is_animated": True}
    told = await telegram.say(chat, ANN, sticker=drawn)
    last = await telegram.until(lambda: telegram.sent(chat, told["message_id"]))
    assert "This animated sticker is a drawing" in last[0]["text"]


async def test_what_is_too_large_is_said_before_it_is_fetched(stage: Stage):
    telegram = stage.telegram
    chat = telegram.private(ANN)
    file = {"file_id": "x", "file_unique_id": "x", "file_size": 21_000_000}
    await telegram.say(chat, ANN, "/style", document=file | {"mime_type": "image/png"})
    told = (await telegram.until(lambda: telegram.sent(chat)))[0]
    assert "at most 20 MB" in told["text"]
    assert not telegram.count("getFile")


@pytest.mark.parametrize(
    ("file", "said"),
    [(b"%PDF-1.4 nothing", "That format is not supported"), (picture()[:900], "damaged")],
)
async def test_what_is_no_picture_is_said_in_the_status(stage: Stage, file: bytes, said: str):
    telegram = stage.telegram
    chat = telegram.private(ANN)
    document = {"file_id": telegram.upload(file), "file_unique_id": "x"}
    await telegram.say(chat, ANN, "/style", document=document | {"mime_type": "image/png"})
    await telegram.until(lambda: [m for m in telegram.sent(chat) if said in m.get("text", "")])
    assert len(telegram.sent(chat)) == 1
    assert not labels(telegram.sent(chat)[0])
    await telegram.say(chat, ANN, "/style kiss", document=document | {"mime_type": "image/png"})
    await telegram.until(lambda: len([m for m in telegram.sent(chat) if said in str(m)]) == 2)


async def test_an_album_is_answered_as_one(stage: Stage):
    telegram = stage.telegram
    chat = telegram.private(ANN)
    for number in range(3):
        caption = "/style scream" if number == 1 else None
        photo = telegram.photo(picture(number))
        await telegram.say(chat, ANN, caption, **photo, media_group_id="g1")
    await telegram.result(chat, 3)
    album = telegram.pictures(chat)
    assert len({m["media_group_id"] for m in album}) == 1
    sizes = [decode(telegram.picture_of(m)).rgb.shape for m in album]
    assert sizes == [decode(picture(n)).rgb.shape for n in range(3)]
    row = telegram.sent(chat)[0]
    await telegram.until(lambda: "3 photos" in row["text"] and len(labels(row)) > 5)
    await telegram.press(chat, row["message_id"], ANN, "More")
    await telegram.until(lambda: "▶" in labels(row))
    await telegram.press(chat, row["message_id"], ANN, "Great Wave")
    await telegram.result(chat, 6)
    # One that is damaged is left out, and that is said.
    for body in (picture(3), b"nothing"):
        document = {"file_id": telegram.upload(body), "file_unique_id": "x"}
        fields = {"document": document | {"mime_type": "image/png"}, "media_group_id": "g2"}
        await telegram.say(chat, ANN, "/style kiss", **fields)
    assert "Photo 2 was skipped" in (await telegram.result(chat, 7))["caption"]


async def test_an_album_without_a_style_is_asked_for_one(stage: Stage):
    telegram = stage.telegram
    chat = telegram.private(ANN)
    for number in range(2):
        photo = telegram.photo(picture(number))
        await telegram.say(chat, ANN, **photo, media_group_id="g")
    picker = (await telegram.until(lambda: telegram.sent(chat)))[0]
    assert picker["text"].startswith("Which style for these 2 photos?")
    await telegram.press(chat, picker["message_id"], ANN, "Great Wave")
    await telegram.result(chat, 2)


async def test_a_card_changes_its_style_strength_and_colours(stage: Stage):
    telegram = stage.telegram
    chat, card = await painted(stage, "/style scream")
    place, first = card["message_id"], telegram.picture_of(card)
    await telegram.press(chat, place, ANN, "Great Wave")
    await telegram.until(lambda: card["caption"] == "<b>The Great Wave</b>")
    await telegram.press(chat, place, ANN, "-")
    await telegram.until(lambda: card["caption"] == "<b>The Great Wave</b> · 80 %")
    await telegram.press(chat, place, ANN, "Keep colours")
    await telegram.until(lambda: "✓ Keep colours" in labels(card))
    assert "4 / 4" in labels(card)
    # Back to the first one, which nobody paints again.
    uploads = len(telegram.files)
    await telegram.press(chat, place, ANN, "▶")
    await telegram.until(lambda: "1 / 4" in labels(card))
    assert telegram.picture_of(card) == first
    assert card["caption"] == "<b>The Scream</b>"
    await telegram.press(chat, place, ANN, "◀")
    await telegram.until(lambda: "4 / 4" in labels(card))
    assert len(telegram.files) <= uploads + 4  # thumbnails
    await telegram.press(chat, place, ANN, "More")
    await telegram.until(lambda: "1 / 6" in labels(card))
    await telegram.press(chat, place, ANN, "▶")
    await telegram.until(lambda: "2 / 6" in labels(card))
    await telegram.press(chat, place, ANN, "Back")
    await telegram.until(lambda: "Compare" in labels(card))
    assert len(telegram.sent(chat)) == 1


async def test_file_comparison_and_deletion(stage: Stage):
    telegram = stage.telegram
    chat, card = await painted(stage, "/style scream")
    await telegram.press(chat, card["message_id"], ANN, "HD file")
    file = await telegram.result(chat, 2)
    assert file["reply_to_message"]["message_id"] == card["message_id"]
    assert "document" in file
    await telegram.press(chat, card["message_id"], ANN, "Compare")
    await telegram.result(chat, 4)
    before, after = telegram.pictures(chat)[2:]
    assert telegram.picture_of(before) == picture()
    assert telegram.picture_of(after) == telegram.picture_of(card)
    # A file beside a photo is no album, which is said.
    await telegram.press(chat, file["message_id"], ANN, "Compare")
    await telegram.press(chat, card["message_id"], ANN, "🗑")
    await telegram.until(lambda: card["message_id"] not in telegram.messages[chat])
    await telegram.say(chat, ANN, "/history")
    shown = await telegram.until(
        lambda: [m for m in telegram.sent(chat) if "last results" in m.get("text", "")]
    )
    assert len([label for label in labels(shown[0]) if "Scream" in label]) == 1


async def test_what_was_covered_stays_covered(stage: Stage):
    _, card = await painted(stage, "/style scream", has_media_spoiler=True)
    assert card["has_media_spoiler"]


async def test_a_picture_becomes_this_and_an_own_style(stage: Stage):
    telegram = stage.telegram
    chat = telegram.private(ANN)
    painting = await telegram.say(chat, ANN, "look", **telegram.photo(picture(5)))
    await telegram.until(lambda: telegram.sent(chat))
    await telegram.say(chat, ANN, "/style this", answering=painting["message_id"])
    ready = await telegram.until(lambda: telegram.sent(chat, painting["message_id"] + 1))
    assert "I have its style" in ready[-1]["text"]
    photo = telegram.photo(picture())
    await telegram.say(chat, ANN, "/style this", **photo)
    assert (await telegram.result(chat))["caption"] == "<b>this</b>"
    # Now there is a last photo, and an own style is shown on it.
    await telegram.say(chat, ANN, "/mystyle add Grandma", answering=painting["message_id"])
    assert (await telegram.result(chat, 2))["caption"] == "<b>Grandma</b>"
    await telegram.say(chat, ANN, "/mystyle")
    await telegram.until(
        lambda: [m for m in telegram.sent(chat) if "• Grandma" in m.get("text", "")]
    )
    await telegram.say(chat, ANN, "/mystyle delete grandma")
    await telegram.until(
        lambda: [m for m in telegram.sent(chat) if "“Grandma” is deleted" in m.get("text", "")]
    )
    await telegram.say(chat, ANN, "/mystyle add 12", answering=painting["message_id"])
    await telegram.until(
        lambda: [m for m in telegram.sent(chat) if "A name has" in m.get("text", "")]
    )


async def test_history_shows_repeats_and_deletes(stage: Stage):
    telegram = stage.telegram
    chat, card = await painted(stage, "/style scream")
    await telegram.say(chat, ANN, "/history")
    shown = (await telegram.until(lambda: telegram.sent(chat, card["message_id"])))[-1]
    await telegram.press(chat, shown["message_id"], ANN, "The Scream")
    again = await telegram.result(chat, 2)
    assert telegram.picture_of(again) == telegram.picture_of(card)
    await telegram.press(chat, again["message_id"], ANN, "Great Wave")
    await telegram.until(lambda: "Great Wave" in again["caption"])
    await telegram.press(chat, shown["message_id"], ANN, "↻")
    await telegram.result(chat, 3)
    await telegram.press(chat, shown["message_id"], ANN, "🗑")
    await newer(telegram, shown)
    # Nobody else can look into it, not with forged buttons.
    theirs = telegram.private(BEN)
    asked = await telegram.say(theirs, BEN, "/history")
    mine = (await telegram.until(lambda: telegram.sent(theirs, asked["message_id"])))[0]
    assert mine["text"].startswith("Nothing yet")
    for data in ("v1:hshow:1", "v1:hagain:1", "v1:hdelete:1", "v1:n:1:2", "v1:file:1"):
        press = await telegram.forge(theirs, mine["message_id"], BEN, data)
        await telegram.until(partial(telegram.answers.get, press))
        assert telegram.answers[press]["show_alert"]
    for data in ("v2:x", "v1:nonsense:1", "v1:n:1", "v1:n:1:zzz"):
        press = await telegram.forge(theirs, mine["message_id"], BEN, data)
        await telegram.until(partial(telegram.answers.get, press))
    assert not telegram.pictures(theirs)


async def test_settings_hold(stage: Stage):
    telegram = stage.telegram
    chat = telegram.private(ANN)
    await telegram.say(chat, ANN, "/settings")
    panel = (await telegram.until(lambda: telegram.sent(chat)))[0]
    for label, seen in (
        ("60 %", "• 60 %"), ("Keep colours", "✓ Keep colours"),
        ("results as", "✓ Send results as"), ("Remember", "· Remember"),
        ("Default style", "◀ Back"), ("The Kiss", "Default style: The Kiss"),
        ("中文", "• 中文"),
    ):  # fmt: skip
        await telegram.press(chat, panel["message_id"], ANN, label)
        await telegram.until(partial(shows, panel, seen))
    assert panel["text"] == "你的设置"
    await telegram.say(chat, ANN, "/style", **telegram.photo(picture()))
    result = await telegram.result(chat)
    assert "60 %" in result["caption"]
    assert "document" in result
    assert "✓ 保留原色" in labels(result)
    await telegram.say(chat, ANN, "/history")
    await telegram.until(lambda: [m for m in telegram.sent(chat) if "还没有" in m.get("text", "")])
    # Buttons beneath a result work although nothing is remembered.
    await telegram.press(chat, result["message_id"], ANN, "星夜")
    await telegram.until(lambda: "星夜" in result["caption"])


async def test_privacy_export_and_forget(stage: Stage):
    telegram = stage.telegram
    chat, card = await painted(stage, "/style scream")
    await telegram.say(chat, ANN, "/privacy")
    told = (await telegram.until(lambda: telegram.sent(chat, card["message_id"])))[-1]
    assert "90 days" in told["text"]
    await telegram.press(chat, told["message_id"], ANN, "Export")
    file = await telegram.result(chat, 2)
    exported = json.loads(telegram.picture_of(file))
    assert [entry["title"] for entry in exported["history"]] == ["The Scream"]
    await telegram.press(chat, told["message_id"], ANN, "Delete all my data")
    asked = (await telegram.until(lambda: telegram.sent(chat, file["message_id"])))[0]
    assert "1 results" in asked["text"]
    await telegram.press(chat, asked["message_id"], ANN, "No, keep it")
    await telegram.until(lambda: asked["message_id"] not in telegram.messages[chat])
    await telegram.say(chat, ANN, "/forget")
    asked = (await telegram.until(lambda: telegram.sent(chat, file["message_id"])))[0]
    await telegram.press(chat, asked["message_id"], ANN, "Yes")
    await telegram.until(lambda: "Deleted: 1" in asked["text"])
    press = await telegram.press(chat, card["message_id"], ANN, "Great Wave")
    await telegram.until(lambda: press in telegram.answers)
    assert "no longer" in telegram.answers[press]["text"]


async def test_start_help_styles_and_links(stage: Stage):
    telegram = stage.telegram
    chat = telegram.private(ANN)
    await telegram.say(chat, ANN, "/start")
    hello = (await telegram.until(lambda: telegram.sent(chat)))[0]
    assert hello["caption"].startswith("Send me a photo")
    await telegram.press(chat, hello["message_id"], ANN, "Styles")
    sheet = (await telegram.until(lambda: telegram.sent(chat)[1:]))[0]
    assert decode(telegram.picture_of(sheet)).rgb.shape[0] > 1000
    await telegram.press(chat, sheet["message_id"], ANN, "▶")
    await telegram.until(lambda: "2 / 6" in labels(sheet))
    await telegram.press(chat, sheet["message_id"], ANN, "Sunflowers")
    await telegram.until(lambda: "Vincent van Gogh" in sheet["caption"])
    press = await telegram.press(chat, sheet["message_id"], ANN, "my default")
    await telegram.until(lambda: press in telegram.answers)
    await telegram.press(chat, sheet["message_id"], ANN, "Back")
    await telegram.until(lambda: "2 / 6" in labels(sheet))
    await telegram.press(chat, hello["message_id"], ANN, "Settings")
    await telegram.until(
        lambda: [m for m in telegram.sent(chat) if "Default style: Sunflowers" in labels(m)]
    )
    await telegram.press(chat, hello["message_id"], ANN, "Privacy")
    await telegram.say(chat, ANN, "/help")
    await telegram.say(chat, ANN, "/start style_999")
    await telegram.say(chat, ANN, "/style starry")
    await telegram.say(chat, ANN, "hello")
    hellos = "Send me a photo"
    await telegram.until(
        lambda: len([m for m in telegram.sent(chat) if hellos in m.get("caption", "")]) == 2
    )


async def test_own_results_can_be_shared_anywhere(stage: Stage):
    telegram = stage.telegram
    _, card = await painted(stage, "/style scream")
    (share,) = [
        button["switch_inline_query_chosen_chat"]
        for button in telegram.buttons(card)
        if "switch_inline_query_chosen_chat" in button
    ]

    async def ask(user: Json, text: str) -> list[Json]:
        query = f"query {user['id']} {text}"
        await telegram.update(
            {"inline_query": {"id": query, "from": user, "query": text, "offset": ""}}
        )
        await telegram.until(lambda: query in telegram.inline)
        assert telegram.inline[query]["is_personal"]
        found: list[Json] = telegram.inline[query]["results"]
        return found

    (one,) = await ask(ANN, share["query"])
    assert telegram.files[one["photo_file_id"]] == telegram.picture_of(card)
    assert len(await ask(ANN, "scr")) == 1
    assert not await ask(ANN, "kiss")
    assert not await ask(BEN, "")


async def test_cancelling(stage: Stage):
    telegram = stage.telegram
    telegram.file_wait_s = 1.0
    chat = telegram.private(ANN)
    await telegram.say(chat, ANN, "/style scream", **telegram.photo(picture()))
    status = (await telegram.until(lambda: telegram.sent(chat)))[0]
    assert "you are next" in status["text"]
    await telegram.press(chat, status["message_id"], ANN, "Cancel")
    await telegram.until(lambda: status["text"] == "Cancelled.")
    await telegram.say(chat, ANN, "/style scream", **telegram.photo(picture()))
    await telegram.until(lambda: len(telegram.sent(chat)) == 2)
    await telegram.say(chat, ANN, "/cancel")
    await telegram.until(
        lambda: [m for m in telegram.sent(chat) if "1 request cancelled" in m.get("text", "")]
    )
    telegram.file_wait_s = 0.0
    await telegram.say(chat, ANN, "/style scream", **telegram.photo(picture()))
    await telegram.result(chat)
    assert len(telegram.pictures(chat)) == 1


async def test_a_photo_that_telegram_refuses_goes_as_a_file(stage: Stage):
    refused = RefusedError(400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
    stage.telegram.faults.append(Fault("editMessageMedia", refused))
    _, card = await painted(stage, "/style scream")
    assert "document" in card


async def test_the_bot_says_what_it_is_in_every_language(stage: Stage):
    telegram = stage.telegram
    await telegram.until(lambda: telegram.count("setMyDescription") == 2)
    told = [call.params for call in telegram.calls if call.method == "setMyCommands"]
    seen = {(one["scope"]["type"], one.get("language_code")) for one in told}
    scopes = ("all_private_chats", "all_group_chats", "all_chat_administrators")
    assert seen == {(scope, code) for scope in scopes for code in (None, "zh")}
    assert stage.ready == [f"ready: telegram @{BOT['username']}"]


async def test_without_inline_mode_there_is_nothing_to_share_by(engine_url: str, tmp_path: Path):
    async with asyncio.timeout(60):
        async with TelegramServer() as telegram:
            telegram.inline_mode = False
            async with bot(telegram, engine_url, tmp_path) as stage:
                _, result = await painted(stage, "/style scream")
                assert "Compare" in labels(result)
                assert "Share" not in labels(result)

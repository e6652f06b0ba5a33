"""The first minutes with the bot on Telegram: the real process with an engine of its own."""

import asyncio
import json
from pathlib import Path

import numpy as np
import pytest

from engine.media.images import decode
from tests.bots.telegram_adapter.conftest import picture
from tests.processes import Process
from tests.telegram_server import ANN, ANONYMOUS, BEN, BOT, CID, TOKEN, TelegramServer

pytestmark = pytest.mark.anyio

SIDE_PX = 320


def is_a_repainting(painted: bytes, photo: bytes) -> bool:
    """Another picture, of the same thing: far from it in colour, close in where is light."""
    after, before = decode(painted).rgb.astype(float), decode(photo).rgb.astype(float)
    if after.shape != before.shape or np.abs(after - before).mean() < 10:
        return False
    small = [x.mean(2)[: x.shape[0] // 16 * 16, : x.shape[1] // 16 * 16] for x in (after, before)]
    blocks = [x.reshape(x.shape[0] // 16, 16, -1, 16).mean((1, 3)).ravel() for x in small]
    return bool(np.corrcoef(*blocks)[0, 1] > 0.5)


async def in_private(telegram: TelegramServer) -> None:
    photo = picture(0, SIDE_PX)
    chat = telegram.private(ANN)
    await telegram.say(chat, ANN, "/start")
    hello = (await telegram.until(lambda: telegram.sent(chat)))[0]
    assert telegram.buttons(hello)[0]["text"] == "🖼 Styles"
    # A photo without a word: the eyes of the picker, then a style, then another one.
    sent = await telegram.say(chat, ANN, **telegram.photo(photo))
    card = (await telegram.until(lambda: telegram.sent(chat, sent["message_id"])))[0]
    await telegram.press(chat, card["message_id"], ANN, "Composition VII")
    await telegram.until(lambda: "Composition VII</b>" in card.get("caption", ""))
    assert is_a_repainting(telegram.picture_of(card), photo)
    first = telegram.picture_of(card)
    await telegram.press(chat, card["message_id"], ANN, "Great Wave")
    await telegram.until(lambda: "Great Wave" in card["caption"])
    assert telegram.picture_of(card) != first
    assert is_a_repainting(telegram.picture_of(card), photo)
    await telegram.press(chat, card["message_id"], ANN, "◀")
    await telegram.until(lambda: telegram.picture_of(card) == first)
    await telegram.press(chat, card["message_id"], ANN, "HD file")
    file = (await telegram.until(lambda: [m for m in telegram.sent(chat) if "document" in m]))[0]
    assert is_a_repainting(telegram.picture_of(file), photo)


async def albums_and_own_styles(telegram: TelegramServer) -> None:
    chat = telegram.private(ANN)
    for number in range(5):
        caption = "/style great wave" if number == 0 else None
        fields = telegram.photo(picture(number, SIDE_PX - 16 * number))
        await telegram.say(chat, ANN, caption, **fields, media_group_id="five")
    album = await telegram.until(
        lambda: [m for m in telegram.sent(chat) if m.get("media_group_id")], 60
    )
    assert len(album) == 5
    # A painting of her own.
    painting = await telegram.say(chat, ANN, "my painting", **telegram.photo(picture(2, SIDE_PX)))
    reply = {"answering": painting["message_id"]}
    await telegram.say(chat, ANN, "/mystyle add grandma", **reply)
    await telegram.until(lambda: "“grandma” is one of your styles now" in str(telegram.sent(chat)))
    await telegram.until(lambda: "<b>grandma</b>" in str(telegram.sent(chat)))
    for command, seen in (
        ("/history", "Your last results"), ("/settings", "Your settings"),
        ("/privacy", "results for 90 days"), ("/styles", "Press one to see it."),
    ):  # fmt: skip
        await telegram.say(chat, ANN, command)
        await telegram.until(lambda seen=seen: seen in str(telegram.sent(chat)))  # type: ignore[misc]
    await telegram.say(chat, ANN, "/export")
    files = await telegram.until(
        lambda: [m for m in telegram.sent(chat) if m.get("caption") == "All your data."]
    )
    assert json.loads(telegram.picture_of(files[0]))["user"] == "telegram:1001"


async def in_a_group(telegram: TelegramServer) -> None:
    group = telegram.group(forum=True)
    telegram.admins[group] = [BEN]
    change = {
        "chat": telegram.chats[group], "from": BEN, "date": 1,
        "old_chat_member": {"status": "left", "user": BOT},
        "new_chat_member": {"status": "member", "user": BOT},
    }  # fmt: skip
    await telegram.update({"my_chat_member": change})
    await telegram.until(lambda: telegram.sent(group))
    photo, topic = picture(1, SIDE_PX), {"message_thread_id": 9, "is_topic_message": True}
    shown = await telegram.say(group, BEN, "look", **telegram.photo(photo), **topic)
    reply = {"answering": shown["message_id"], **topic}
    await telegram.say(group, ANN, "/style@StyleBot scream", **reply)
    result = await telegram.result(group)
    assert is_a_repainting(telegram.picture_of(result), photo)
    assert result["reply_to_message"]["message_id"] == shown["message_id"]
    assert result["message_thread_id"] == 9
    assert result["caption"].endswith("for Ann")
    press = await telegram.press(group, result["message_id"], CID, "Great Wave")
    await telegram.until(lambda: press in telegram.answers)
    assert "belongs to someone else" in telegram.answers[press]["text"]
    await telegram.say(group, ANN, "/style", **topic)
    await telegram.until(lambda: "There is no photo here" in str(telegram.sent(group)))
    # Ben sends many at once; somebody else need not wait for all of them.
    for number in range(6):
        fields = telegram.photo(picture(number, SIDE_PX + number))
        await telegram.say(group, BEN, "/style kiss", **fields, **topic)
    await telegram.say(group, CID, "/style scream", **telegram.photo(picture(2)), **topic)
    await telegram.result(group, 8)
    captions = [m["caption"] for m in telegram.pictures(group)]
    assert sum("for Cid" in caption for caption in captions) == 1
    # The admin has no name here.
    nameless = {"sender_chat": telegram.chats[group], **topic}
    await telegram.say(group, ANONYMOUS, "/settings", **nameless)
    await telegram.until(lambda: "Settings of this chat" in str(telegram.sent(group)))


async def test_the_first_minutes(tmp_path: Path):
    async with asyncio.timeout(240):
        async with TelegramServer() as telegram:
            settings = {
                "TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_URL": telegram.url,
                "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}",
                "STORAGE_KEY_FILE": str(tmp_path / "key"),
            }  # fmt: skip
            with Process("bots", "bots", **settings) as process:
                assert await asyncio.to_thread(process.ready) == "telegram @StyleBot"
                await in_private(telegram)
                await albums_and_own_styles(telegram)
                await in_a_group(telegram)
                assert await asyncio.to_thread(process.terminate) == 0
                assert TOKEN.encode() not in process.log
            assert not telegram.violations

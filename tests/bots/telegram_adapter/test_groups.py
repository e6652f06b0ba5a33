"""The bot among others: whose photo, whose buttons, whose settings, and when to be silent."""

from dataclasses import replace
from datetime import timedelta

import pytest
from telegram import User

from bots.core.common.services import utc_now
from bots.core.users import preferences, privacy
from bots.telegram_adapter.context import key_of
from bots.telegram_adapter.delivery.hints import Hints
from storage.values.people import ChatKey
from tests.bots.telegram_adapter.conftest import Stage, picture
from tests.telegram_server import ANN, ANONYMOUS, BEN, BOT, CID, Json, TelegramServer

pytestmark = pytest.mark.anyio


async def result_for_ann(stage: Stage, **fields: object) -> tuple[int, Json, Json]:
    """Ben's photo in a group, painted because Ann asked: the group, the photo, the result."""
    telegram = stage.telegram
    group = telegram.group(forum="message_thread_id" in fields)
    photo = await telegram.say(group, BEN, "look", **telegram.photo(picture()), **fields)
    answer = {"answering": photo["message_id"], **fields}
    await telegram.say(group, ANN, "/style@StyleBot scream", **answer)
    return group, photo, await telegram.result(group)


async def alert(telegram: TelegramServer, press: str) -> str:
    await telegram.until(lambda: press in telegram.answers)
    assert telegram.answers[press]["show_alert"]
    return str(telegram.answers[press]["text"])


async def test_the_result_answers_the_photo_in_its_topic_and_says_for_whom(stage: Stage):
    topic = {"message_thread_id": 77, "is_topic_message": True}
    group, photo, result = await result_for_ann(stage, **topic)
    assert result["reply_to_message"]["message_id"] == photo["message_id"]
    assert result["message_thread_id"] == 77
    assert result["caption"] == "<b>The Scream</b> · for Ann"
    eyes = [c.params for c in stage.telegram.calls if c.method == "setMessageReaction"]
    (command,) = [m for m in stage.telegram.messages[group].values() if m["from"] == ANN]
    assert [one["message_id"] for one in eyes] == [command["message_id"]]
    assert stage.telegram.count("sendMessage", group) == 1


async def test_the_general_topic_is_not_named(stage: Stage):
    topic = {"message_thread_id": 1, "is_topic_message": True}
    await result_for_ann(stage, **topic)


@pytest.mark.parametrize("general_first", [False, True])
async def test_admins_keep_the_bot_to_one_topic(stage: Stage, *, general_first: bool):
    art: Json = {"message_thread_id": 77, "is_topic_message": True}
    # In "General" a message names no topic.
    here, there = ({}, art) if general_first else (art, {})

    telegram = stage.telegram
    group = telegram.group(forum=True)
    telegram.admins[group] = [BEN]
    photo = telegram.photo(picture())
    await telegram.say(group, BEN, "/settings", **here)
    panel = (await telegram.until(lambda: telegram.sent(group)))[0]
    assert panel.get("message_thread_id") == here.get("message_thread_id")
    await telegram.press(group, panel["message_id"], BEN, "Only in this topic")
    await telegram.until(lambda: "✓ Only in this topic" in str(panel["reply_markup"]))
    await telegram.say(group, ANN, "/style scream", **photo, **here)
    result = await telegram.result(group)
    await telegram.say(group, ANN, "/style scream", **photo, **there)
    hint = (await telegram.until(lambda: telegram.sent(group, result["message_id"])))[0]
    assert hint["text"] == "In this chat, I paint in another topic only."
    await telegram.press(group, panel["message_id"], BEN, "Only in this topic")
    await telegram.until(lambda: "· Only in this topic" in str(panel["reply_markup"]))
    await telegram.say(group, ANN, "/style scream", **photo, **there)
    await telegram.result(group, 2)


async def test_what_is_not_for_the_bot_is_left_alone(stage: Stage):
    telegram = stage.telegram
    group = telegram.group()
    photo = telegram.photo(picture())
    await telegram.say(group, BEN, **photo)
    await telegram.say(group, BEN, "/style@OtherBot scream", **photo)
    await telegram.say(group, BEN | {"is_bot": True}, "/style scream", **photo)
    await telegram.say(group, BEN, "/style scream", **photo, via_bot=BOT)
    await telegram.say(group, BEN, "hello")
    await telegram.say(group, BEN, "/help")
    await telegram.until(lambda: telegram.sent(group))
    assert len(telegram.sent(group)) == 1


async def test_strangers_are_refused_kindly_unless_admins_opened_the_buttons(stage: Stage):
    telegram = stage.telegram
    group, _, result = await result_for_ann(stage)
    for label in ("Starry Night", "HD file", "Compare", "🗑", "More"):
        press = await telegram.press(group, result["message_id"], CID, label)
        assert "someone else" in await alert(telegram, press)
    telegram.admins[group] = [BEN]
    await telegram.say(group, BEN, "/settings")
    panel = (await telegram.until(lambda: telegram.sent(group, result["message_id"])))[-1]
    press = await telegram.press(group, panel["message_id"], CID, "Buttons for everyone")
    assert "admins" in await alert(telegram, press)
    await telegram.press(group, panel["message_id"], BEN, "Buttons for everyone")
    await telegram.until(lambda: "✓ Buttons" in str(panel["reply_markup"]))
    await telegram.press(group, result["message_id"], CID, "Starry Night")
    await telegram.until(lambda: "Starry Night" in result["caption"])


async def test_an_anonymous_admin_sets_the_chat_and_uses_their_own_results(stage: Stage):
    telegram = stage.telegram
    group = telegram.group()
    telegram.admins[group] = [BEN]
    nameless = {"sender_chat": telegram.chats[group]}
    await telegram.say(group, ANONYMOUS, "/settings", **nameless)
    panel = (await telegram.until(lambda: telegram.sent(group)))[0]
    for label, seen in (
        ("For admins only", "✓ For admins only"), ("Styles here", "✓ Starry Night"),
        ("✓ Starry Night", "· Starry Night"), ("Back", "Styles here: 44"),
        ("Default style", "◀ Back"), ("The Kiss", "Default style: The Kiss"), ("5", "• 5"),
    ):  # fmt: skip
        await telegram.press(group, panel["message_id"], BEN, label)
        await telegram.until(lambda seen=seen: seen in str(panel["reply_markup"]))  # type: ignore[misc]
    photo = telegram.photo(picture())
    await telegram.say(group, CID, "/style", **photo)
    await telegram.until(
        lambda: [m for m in telegram.sent(group) if "only admins" in m.get("text", "")]
    )
    await telegram.say(group, ANONYMOUS, "/style", **nameless, **photo)
    result = await telegram.result(group)
    assert "The Kiss" in result["caption"]
    await telegram.press(group, result["message_id"], BEN, "HD file")
    await telegram.result(group, 2)
    settings = await preferences.chat_settings(stage.services, ChatKey("telegram", str(group)))
    assert settings.waiting_per_user == 5
    assert settings.allowed_styles is not None


async def test_all_styles_are_allowed_again_and_buttons_of_an_earlier_panel_show_todays(
    stage: Stage,
):
    telegram = stage.telegram
    group = telegram.group()
    telegram.admins[group] = [BEN]
    chat = ChatKey("telegram", str(group))
    await telegram.say(group, BEN, "/settings")
    panel = (await telegram.until(lambda: telegram.sent(group)))[0]
    for label, seen in (
        ("Styles here", "✓ Starry Night"), ("✓ Starry Night", "· Starry Night"),
        ("Allow all", "✓ Starry Night"),
    ):  # fmt: skip
        await telegram.press(group, panel["message_id"], BEN, label)
        await telegram.until(lambda seen=seen: seen in str(panel["reply_markup"]))  # type: ignore[misc]
    assert (await preferences.chat_settings(stage.services, chat)).allowed_styles is None
    # Forged or old, they change nothing; a stranger's are refused.
    before = await preferences.chat_settings(stage.services, chat)
    for data in ("v1:chat:2:1", "v1:allow:0:2", "v1:chatset.quiet.7", "v1:chatset.topic.1"):
        press = await telegram.forge(group, panel["message_id"], CID, data)
        assert "admins" in await alert(telegram, press)
        press = await telegram.forge(group, panel["message_id"], BEN, data)
        await telegram.until(lambda press=press: press in telegram.answers)  # type: ignore[misc]
    await telegram.until(lambda: "Quiet" in str(panel["reply_markup"]))
    assert await preferences.chat_settings(stage.services, chat) == before


async def test_hints_delete_themselves(stage: Stage):
    telegram = stage.telegram
    stage.adapter._hints._life_s = 0.2
    assert isinstance(stage.adapter._hints, Hints)
    group = telegram.group()
    await telegram.say(group, ANN, "/style")
    hint = (await telegram.until(lambda: telegram.sent(group)))[0]
    assert "reply to one with /style" in hint["text"]
    await telegram.until(lambda: hint["message_id"] not in telegram.messages[group])


async def test_a_quiet_chat_gets_results_and_nothing_else(stage: Stage):
    telegram = stage.telegram
    group = telegram.group()
    telegram.admins[group] = [BEN]
    await telegram.say(group, BEN, "/settings")
    panel = (await telegram.until(lambda: telegram.sent(group)))[0]
    await telegram.press(group, panel["message_id"], BEN, "Quiet")
    await telegram.until(lambda: "✓ Quiet" in str(panel["reply_markup"]))
    await telegram.say(group, ANN, "/style")
    broken = {
        "file_id": telegram.upload(b"no"),
        "file_unique_id": "x",
        "mime_type": "image/png",
    }
    await telegram.say(group, ANN, "/style", document=broken)
    await telegram.until(lambda: "🤷" in str([c.params for c in telegram.calls]))
    await telegram.say(group, ANN, "/style xyzzy", **telegram.photo(picture()))
    await telegram.say(group, ANN, "/style scream", **telegram.photo(picture()))
    await telegram.result(group)
    assert len(telegram.sent(group)) == 2


async def test_one_notice_for_a_flood(stage: Stage):
    telegram = stage.telegram
    telegram.file_wait_s = 0.5
    group = telegram.group()
    telegram.admins[group] = [BEN]
    await telegram.say(group, BEN, "/settings")
    panel = (await telegram.until(lambda: telegram.sent(group)))[0]
    await telegram.press(group, panel["message_id"], BEN, "2")
    await telegram.until(lambda: "• 2" in str(panel["reply_markup"]))
    for _ in range(6):
        await telegram.say(group, ANN, "/style scream", **telegram.photo(picture()))
    await telegram.result(group, 2)
    notices = [m for m in telegram.sent(group) if "in the queue" in m.get("text", "")]
    assert len(notices) == 1


async def test_a_group_that_becomes_a_supergroup_keeps_its_settings_and_jobs(stage: Stage):
    telegram = stage.telegram
    old, new = telegram.group(-4), telegram.group(-1004)
    telegram.admins[old] = [BEN]
    await telegram.say(old, BEN, "/settings")
    panel = (await telegram.until(lambda: telegram.sent(old)))[0]
    await telegram.press(old, panel["message_id"], BEN, "中文")
    await telegram.until(lambda: "• 中文" in str(panel["reply_markup"]))
    await telegram.say(old, BEN, migrate_to_chat_id=new)
    await telegram.say(new, ANN, "/style scream", **telegram.photo(picture()))
    assert "呐喊" in (await telegram.result(new))["caption"]


async def test_a_group_is_greeted_once_and_may_let_go(stage: Stage):
    telegram = stage.telegram
    group = telegram.group()
    member = {"status": "member", "user": BOT}
    left = {"status": "left", "user": BOT}

    async def change(before: Json, after: Json) -> None:
        change = {
            "chat": telegram.chats[group], "from": BEN, "date": 1,
            "old_chat_member": before, "new_chat_member": after,
        }  # fmt: skip
        await telegram.update({"my_chat_member": change})

    await change(left, member)
    hello = (await telegram.until(lambda: telegram.sent(group)))[0]
    assert hello["text"] == "Reply to a photo with /style. Admins: /settings."
    await change(member, left)
    await telegram.say(group, BEN, "/start")
    await telegram.until(lambda: len(telegram.sent(group)) == 2)
    # Its settings go a while later, unless the bot is asked back.
    chat = ChatKey("telegram", str(group))
    await preferences.settle(
        stage.services, chat, key_of(User.de_json(BEN)), admin=True, quiet=True
    )
    stage.adapter._runtime.services = replace(
        stage.services, now=lambda: utc_now() + timedelta(days=8)
    )
    await privacy.sweep(stage.adapter._runtime.services)
    assert not (await preferences.chat_settings(stage.services, chat)).quiet


async def test_what_is_private_is_not_answered_in_a_group(stage: Stage):
    telegram = stage.telegram
    group = telegram.group()
    for number, command in enumerate(("/history", "/export", "/forget"), start=1):
        await telegram.say(group, ANN, command)
        await telegram.until(lambda number=number: len(telegram.sent(group)) == number)  # type: ignore[misc]
        (button,) = telegram.buttons(telegram.sent(group)[-1])
        assert button["url"] == f"https://t.me/StyleBot?start={command[1:]}"
    await telegram.say(group, ANN, "/settings")
    await telegram.until(lambda: "only admins" in telegram.sent(group)[-1]["text"])
    await telegram.say(group, ANN, "/privacy")
    await telegram.until(lambda: "90 days" in telegram.sent(group)[-1]["text"])
    chat = telegram.private(ANN)
    await telegram.say(chat, ANN, "/start history")
    await telegram.until(lambda: "Nothing yet" in str(telegram.sent(chat)))

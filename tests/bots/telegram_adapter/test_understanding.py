"""What people type without knowing any command, and what they send that is no photo."""

import pytest

from bots.core.users import preferences
from storage.values.people import UserKey
from tests.bots.telegram_adapter.conftest import Stage, picture
from tests.bots.telegram_adapter.test_conversations import labels
from tests.telegram_server import ANN, BEN, Json

pytestmark = pytest.mark.anyio


async def said(stage: Stage, chat: int, words: str) -> Json:
    """A message of the bot's with these words in it."""
    telegram = stage.telegram

    def found() -> list[Json]:
        return [m for m in telegram.sent(chat) if words in str(m.get("text") or m.get("caption"))]

    message: Json = (await telegram.until(found))[0]
    return message


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("/style van gogh", "Starry Night"), ("/style 梵高", "Starry Night"),
        ("/style monet", "Water Lilies"), ("/style 星空", "Starry Night"),
        ("paint this like van gogh, please", "Starry Night"), ("画成星空", "Starry Night"),
        ("/style stary night 40%", "Starry Night"),
    ],
)  # fmt: skip
async def test_artists_and_usual_titles_are_understood(stage: Stage, words: str, title: str):
    telegram = stage.telegram
    chat = telegram.private(ANN)
    await telegram.say(chat, ANN, words, **telegram.photo(picture()))
    assert (await telegram.result(chat))["caption"].startswith(f"<b>{title}</b>")


@pytest.mark.parametrize(
    ("words", "why", "first"),
    [
        (
            "/style stary nite",
            "There is no style “stary nite”. Did you mean Starry Night",
            "Starry",
        ),
        ("/style xyzzy", "There is no style “xyzzy”", "Starry Night"),
        ("/style kiss 120", "The number after a style must be from 0", "The Kiss"),
        ("/style kiss -5", "The number after a style must be from 0", "The Kiss"),
        ("/style blue", "Did you mean", "Starry Night"),
    ],
)
@pytest.mark.parametrize("private", [True, False])
async def test_what_is_not_understood_keeps_the_photo_and_asks(
    stage: Stage, words: str, why: str, first: str, *, private: bool
):
    telegram = stage.telegram
    chat = telegram.private(ANN) if private else telegram.group()
    await telegram.say(chat, ANN, words, **telegram.photo(picture()))
    picker = await said(stage, chat, why)
    assert first in labels(picker)[0]
    assert "Which style?" in str(picker.get("text") or picker.get("caption"))
    await telegram.press(chat, picker["message_id"], ANN, first)
    result = await telegram.result(chat)
    assert first in result["caption"]
    assert result["message_id"] == picker["message_id"]


async def test_words_after_the_question_answer_it(stage: Stage):
    telegram = stage.telegram
    chat = telegram.private(ANN)
    await telegram.say(chat, ANN, **telegram.photo(picture()))
    picker = await said(stage, chat, "Which style?")
    await telegram.say(chat, ANN, "something quite unheard of")
    again = await said(stage, chat, "There is no style")
    await telegram.until(lambda: picker["message_id"] not in telegram.messages[chat])
    await telegram.say(chat, ANN, "like van gogh, 60 %")
    result = await telegram.result(chat)
    assert result["caption"] == "<b>Starry Night</b> · 60 %"
    assert again["message_id"] not in telegram.messages[chat]
    # And by command, too.
    await telegram.say(chat, ANN, **telegram.photo(picture(1)))
    await said(stage, chat, "Which style?")
    await telegram.say(chat, ANN, "/style monet")
    assert "Water Lilies" in (await telegram.result(chat, 2))["caption"]
    assert len(telegram.sent(chat)) == 2


async def test_in_a_group_a_mention_and_a_reply_to_the_question_are_understood(stage: Stage):
    telegram = stage.telegram
    group = telegram.group()
    photo = await telegram.say(group, BEN, "look", **telegram.photo(picture()))
    await telegram.say(
        group, ANN, "@StyleBot paint this like van gogh", answering=photo["message_id"]
    )
    assert "<b>Starry Night</b> · for Ann" in (await telegram.result(group))["caption"]
    await telegram.say(group, ANN, "a cat @stylebot like monet", **telegram.photo(picture(1)))
    assert "Water Lilies" in (await telegram.result(group, 2))["caption"]
    # Without a style a sheet of it is shown, and only who asked may answer.
    await telegram.say(group, ANN, "/style", answering=photo["message_id"])
    picker = await said(stage, group, "Which style?")
    await telegram.until(lambda: "photo" in picker)
    await telegram.say(group, BEN, "klimt", answering=picker["message_id"])
    press = await telegram.press(group, picker["message_id"], BEN, "The Kiss")
    await telegram.until(lambda: press in telegram.answers)
    assert "someone else" in telegram.answers[press]["text"]
    assert len(telegram.pictures(group)) == 2
    await telegram.say(group, ANN, "klimt", answering=picker["message_id"])
    assert "The Kiss" in (await telegram.result(group, 3))["caption"]
    await telegram.say(group, ANN, "@StyleBot hello?")
    await said(stage, group, "There is no photo here")


async def test_a_style_may_be_named_before_its_photo(stage: Stage):
    telegram = stage.telegram
    chat = telegram.private(ANN)
    await telegram.say(chat, ANN, "梵高")
    await said(stage, chat, "Send me a photo, and I will paint it as “Starry Night”.")
    await telegram.say(chat, ANN, **telegram.photo(picture()))
    assert "Starry Night" in (await telegram.result(chat))["caption"]
    # Once, and nothing is usual now.
    preference = await preferences.preference(stage.services, UserKey("telegram", "1001"))
    assert not preference.recipe.complete
    await telegram.say(chat, ANN, **telegram.photo(picture(1)))
    await said(stage, chat, "Which style?")


FILE = {"file_id": "x", "file_unique_id": "x"}
KINDS: list[tuple[Json, str]] = [
    ({"voice": FILE | {"duration": 3}}, "I cannot listen to audio"),
    ({"audio": FILE | {"duration": 3}}, "I cannot listen to audio"),
    ({"document": FILE | {"mime_type": "application/pdf"}}, "That file is not a picture"),
    ({"document": FILE | {"mime_type": "video/x-flv"}}, "I cannot read that kind of video"),
    ({"location": {"latitude": 1.0, "longitude": 2.0}}, "I can only paint pictures"),
    (
        {"text": "https://a.example/x.jpg",
         "entities": [{"type": "url", "offset": 0, "length": 23}]},
        "I cannot open links",
    ),
    ({"text": "what is this?"}, "Send me a photo, and I will show it to you"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "answer"), KINDS)
async def test_what_is_no_photo_has_its_own_answer(stage: Stage, fields: Json, answer: str):
    telegram = stage.telegram
    chat = telegram.private(ANN)
    told = await telegram.say(chat, ANN, **fields)
    await said(stage, chat, answer)
    if "text" not in fields:
        await telegram.say(chat, ANN, "/style", answering=told["message_id"])
        await telegram.until(
            lambda: len([m for m in telegram.sent(chat) if answer in m["text"]]) == 2
        )


@pytest.mark.parametrize("words", ["hi", "Hello!", "你好"])
async def test_hello_is_answered_with_a_hello(stage: Stage, words: str):
    telegram = stage.telegram
    chat = telegram.private(ANN)
    await telegram.say(chat, ANN, words)
    hello = await said(stage, chat, "Send me a photo")
    assert labels(hello)[0] == "🖼 Styles"


async def test_an_own_style_without_a_picture_is_told_how_to_make_one(stage: Stage):
    telegram = stage.telegram
    chat = telegram.private(ANN)
    await telegram.say(chat, ANN, "/mystyle add Grandma")
    await said(stage, chat, "Send it with /mystyle add NAME")

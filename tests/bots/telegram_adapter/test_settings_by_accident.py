"""What a person usually has changes by settings or a word for it, and by nothing else."""

import pytest

from bots.core.users import preferences
from storage.values.people import UserKey
from storage.values.recipes import Choice
from tests.bots.telegram_adapter.conftest import Stage, plain
from tests.telegram_server import ANN, Json, TelegramServer

pytestmark = pytest.mark.anyio

USER = UserKey("telegram", str(ANN["id"]))
FILE: Json = {"file_id": "f", "file_unique_id": "f"}
SIDES: Json = {"width": 160, "height": 120, "duration": 3}
NO_PICTURES: dict[str, Json] = {
    "nothing": {},
    "video": {"video": FILE | SIDES},
    "voice": {"voice": FILE | {"duration": 3}},
    "audio": {"audio": FILE | {"duration": 3}},
    "round film": {"video_note": FILE | {"length": 160, "duration": 3}},
    "PDF": {"document": FILE | {"mime_type": "application/pdf", "file_name": "a.pdf"}},
    "place": {"location": {"latitude": 1.0, "longitude": 2.0}},
    "external reply": {
        "external_reply": {
            "origin": {"type": "hidden_user", "date": 1, "sender_user_name": "X"},
            "photo": [FILE | {"width": 9, "height": 9}],
        }
    },
}


# What may have words beneath it that look like a change of a setting.
MEDIA: dict[str, Json] = {
    **{
        name: fields
        for name, fields in NO_PICTURES.items()
        if name in ("video", "voice", "audio", "PDF", "external reply")
    },
    "animation": {
        "animation": FILE | SIDES | {"mime_type": "video/mp4"},
        "document": FILE | {"mime_type": "video/mp4", "file_name": "a.mp4"},
    },
    "photo": {"photo": [FILE | {"width": 9, "height": 9}]},
    "covered photo": {"photo": [FILE | {"width": 9, "height": 9}], "has_media_spoiler": True},
    "picture file": {"document": FILE | {"mime_type": "image/png", "file_name": "a.png"}},
    "GIF file": {"document": FILE | {"mime_type": "image/gif", "file_name": "a.gif"}},
    "MP4 file": {"document": FILE | {"mime_type": "video/mp4", "file_name": "a.mp4"}},
    "WebM file": {"document": FILE | {"mime_type": "video/webm", "file_name": "a.webm"}},
    "album": {"photo": [FILE | {"width": 9, "height": 9}], "media_group_id": "7"},
    "video in an album": {"video": FILE | SIDES, "media_group_id": "8"},
}
STICKER: Json = FILE | {"type": "regular", "width": 512, "height": 512}
# What has no words of its own, but can be answered.
ANSWERED: dict[str, Json] = MEDIA | {
    "round film": NO_PICTURES["round film"],
    "sticker": {"sticker": STICKER | {"is_animated": False, "is_video": False}},
    "video sticker": {"sticker": STICKER | {"is_animated": False, "is_video": True}},
    "vector sticker": {"sticker": STICKER | {"is_animated": True, "is_video": False}},
    "words": {"text": "look at this"},
}
LIKE_A_SETTING = ("/style scream always", "/style default scream", "/style 默认 呐喊")


def captioned(fields: Json, words: str) -> Json:
    kinds = ("video", "voice", "audio", "document", "photo", "animation")
    return {"caption" if any(kind in fields for kind in kinds) else "text": words}


@pytest.mark.parametrize("what", NO_PICTURES)
async def test_a_style_named_without_a_picture_changes_no_setting(plain_stage: Stage, what: str):
    telegram = plain_stage.telegram
    chat = telegram.private(ANN)
    before = await preferences.preference(plain_stage.services, USER)
    fields = NO_PICTURES[what]
    await telegram.say(chat, ANN, **fields, **captioned(fields, "/style scream"))
    said = (await telegram.until(lambda: telegram.sent(chat)))[0]
    assert "default" not in said["text"]
    assert await preferences.preference(plain_stage.services, USER) == before


@pytest.mark.parametrize("what", MEDIA)
async def test_no_caption_changes_a_setting(plain_stage: Stage, what: str):
    telegram = plain_stage.telegram
    chat = telegram.private(ANN)
    before = await preferences.preference(plain_stage.services, USER)
    for number, words in enumerate(LIKE_A_SETTING):
        fields = MEDIA[what]
        if "media_group_id" in fields:
            fields |= {"media_group_id": f"{number}"}
        await telegram.say(chat, ANN, **fields, **captioned(fields, words))
    await plain_stage.idle()
    assert telegram.sent(chat)
    assert "default style" not in str(telegram.sent(chat))
    assert await preferences.preference(plain_stage.services, USER) == before


@pytest.mark.parametrize("what", ANSWERED)
async def test_no_answer_to_a_message_changes_a_setting(plain_stage: Stage, what: str):
    telegram = plain_stage.telegram
    chat, friends = telegram.private(ANN), telegram.group()
    before = await preferences.preference(plain_stage.services, USER)
    for here in (chat, friends):
        shown = telegram._put(here, {"from": ANN, **ANSWERED[what]})
        for words in LIKE_A_SETTING:
            await telegram.say(here, ANN, words, answering=shown["message_id"])
    await plain_stage.idle()
    assert telegram.sent(chat)
    assert "default style" not in str(telegram.sent(chat))
    assert await preferences.preference(plain_stage.services, USER) == before


async def usual(telegram: TelegramServer, stage: Stage) -> None:
    preference = await preferences.preference(stage.services, USER)
    assert preference.recipe.complete
    chat = telegram.private(ANN)
    await telegram.say(chat, ANN, "/style", **telegram.photo(plain((1, 2, 3))))
    assert "The Scream" in (await telegram.result(chat))["caption"]


@pytest.mark.parametrize(
    "words",
    ["/style usual scream", "/style scream default", "/style 常用 呐喊", "/style 默认 呐喊"],
)
async def test_a_word_for_it_does(plain_stage: Stage, words: str):
    telegram = plain_stage.telegram
    chat = telegram.private(ANN)
    await telegram.say(chat, ANN, words)
    await telegram.until(lambda: "“The Scream” is your default style" in str(telegram.sent(chat)))
    await usual(telegram, plain_stage)


async def test_a_link_shows_a_style_and_leaves_it_at_that(plain_stage: Stage):
    telegram = plain_stage.telegram
    chat = telegram.private(ANN)
    await telegram.say(chat, ANN, "/start style_2")
    shown = (await telegram.until(lambda: telegram.sent(chat)))[0]
    assert "<code>/style " in shown["caption"]
    assert not (await preferences.preference(plain_stage.services, USER)).recipe.complete
    press = await telegram.press(chat, shown["message_id"], ANN, "Make it my default style")
    await telegram.until(lambda: press in telegram.answers)
    assert (await preferences.preference(plain_stage.services, USER)).recipe.styles == (Choice(2),)

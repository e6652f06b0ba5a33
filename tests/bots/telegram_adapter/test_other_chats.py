"""A photo stays in the chat it was sent in, whatever is typed, pressed or forged."""

import io
import itertools

import numpy as np
import pytest
from hypothesis import strategies as st
from PIL import Image

from bots.core.users import history
from storage.values.people import ChatKey, UserKey
from tests.bots.telegram_adapter.conftest import Stage, plain
from tests.examples import examples
from tests.telegram_server import ANN, BEN, Json

pytestmark = pytest.mark.anyio

Colour = tuple[int, int, int]
Action = tuple[int, int, str, int]
BLUE, RED, GREEN, YELLOW = (20, 20, 220), (220, 20, 20), (20, 220, 20), (220, 220, 20)
SECRET = plain(BLUE)


def shows(file: bytes, colour: Colour) -> bool:
    """Whether a picture has a colour anywhere."""
    with Image.open(io.BytesIO(file)) as opened:
        small = opened.convert("RGB").resize((64, 64), Image.Resampling.NEAREST)
    pixels = np.asarray(small, dtype=int).reshape(-1, 3)
    return bool((np.abs(pixels - colour).sum(1) < 60).any())


async def privately(stage: Stage, words: str = "/style scream") -> Json:
    """Ann's private photo, painted, and in her history."""
    telegram = stage.telegram
    chat = telegram.private(ANN)
    await telegram.say(chat, ANN, words, **telegram.photo(SECRET))
    result = await telegram.result(chat)
    await stage.idle()
    return result


def buttons_of(message: Json) -> str:
    return str(message.get("reply_markup"))


async def nothing_leaked(stage: Stage, group: int) -> None:
    await stage.idle()
    pictures = [m for m in stage.telegram.sent(group) if "photo" in m or "document" in m]
    assert not any(shows(stage.telegram.picture_of(m), BLUE) for m in pictures)
    sent = [call.params for call in stage.telegram.calls if call.params.get("chat_id") == group]
    files = {f for f, content in stage.telegram.files.items() if content == SECRET}
    assert not any(file in str(params) for params in sent for file in files)


@pytest.mark.parametrize(
    ("words", "asks"),
    [
        ("/style this", "Now send the photo with /style this."),
        ("/mystyle add monet", "Now send a photo here, with /style monet."),
    ],
)
async def test_a_style_from_a_reply_in_a_group_is_not_put_on_a_private_photo(
    plain_stage: Stage, words: str, asks: str
):
    telegram = plain_stage.telegram
    await privately(plain_stage)
    group = telegram.group()
    painting = await telegram.say(group, BEN, "look", **telegram.photo(plain(RED)))
    await telegram.say(group, ANN, words, answering=painting["message_id"])
    await telegram.until(lambda: asks in str(telegram.sent(group)))
    await nothing_leaked(plain_stage, group)
    assert not telegram.pictures(group)
    # What she had painted here is her last photo here.
    await telegram.say(group, ANN, "/style scream", **telegram.photo(plain(GREEN)))
    await telegram.result(group)
    await plain_stage.idle()
    await telegram.say(group, ANN, words + "2" * ("add" in words), answering=painting["message_id"])
    again = await telegram.result(group, 2)
    assert shows(telegram.picture_of(again), GREEN)
    await nothing_leaked(plain_stage, group)


async def test_a_group_does_not_see_the_picture_of_a_persons_own_style(plain_stage: Stage):
    telegram = plain_stage.telegram
    chat, group = telegram.private(ANN), telegram.group()
    painting = await telegram.say(chat, ANN, "mine", **telegram.photo(SECRET))
    await telegram.say(chat, ANN, "/mystyle add mine", answering=painting["message_id"])
    await telegram.until(lambda: "“mine” is one of your styles" in str(telegram.sent(chat)))
    await plain_stage.idle()
    await telegram.say(chat, ANN, "/styles")
    # Another sheet than the one that asks for the painting's own style.
    (sheet,) = await telegram.until(
        lambda: [m for m in telegram.sent(chat) if "_name" in m and "mine" in buttons_of(m)]
    )
    assert shows(telegram.picture_of(sheet), BLUE)
    own = telegram.button(sheet, "mine")
    await telegram.say(group, ANN, "/styles")
    shown = (await telegram.until(lambda: telegram.sent(group)))[0]
    assert "mine" not in str(shown["reply_markup"])
    press = await telegram.forge(group, shown["message_id"], ANN, own)
    await telegram.until(lambda: press in telegram.answers)
    await nothing_leaked(plain_stage, group)


async def test_buttons_of_a_private_chat_do_nothing_in_a_group(plain_stage: Stage):
    telegram = plain_stage.telegram
    card = await privately(plain_stage)
    chat, group = telegram.private(ANN), telegram.group()
    await telegram.say(chat, ANN, **telegram.photo(SECRET))
    await plain_stage.idle()
    picker = telegram.sent(chat)[-1]
    await telegram.say(chat, ANN, "/history")
    await plain_stage.idle()
    entries = telegram.sent(chat)[-1]
    await telegram.say(group, ANN, "/style wave", **telegram.photo(plain(GREEN)))
    here = (await telegram.result(group))["message_id"]
    await plain_stage.idle()
    forged = [
        button["callback_data"]
        for message in (card, picker, entries)
        for button in telegram.buttons(message)
        if "callback_data" in button and not button["callback_data"].startswith("hdelete")
    ]
    assert len(forged) > 12
    for data in forged:
        press = await telegram.forge(group, here, ANN, data)
        await telegram.until(lambda press=press: press in telegram.answers)  # type: ignore[misc]
        await plain_stage.idle()
    refused = [a.get("text") for a in telegram.answers.values() if a.get("show_alert")]
    assert set(refused) == {
        "That photo is from another chat. Send it here to have it painted here."
    }
    assert len(telegram.pictures(group)) == 1
    await nothing_leaked(plain_stage, group)


async def test_a_chat_that_moved_takes_its_last_photos_with_it(plain_stage: Stage):
    telegram = plain_stage.telegram
    old, new = telegram.group(-4), telegram.group(-1004)
    await telegram.say(old, ANN, "/style scream", **telegram.photo(plain(GREEN)))
    await telegram.result(old)
    await plain_stage.idle()
    await telegram.say(old, BEN, migrate_to_chat_id=new)
    await plain_stage.idle()
    user, chat = UserKey("telegram", str(ANN["id"])), ChatKey("telegram", str(new))
    assert await history.last(plain_stage.services, user, chat)
    painting = await telegram.say(new, BEN, **telegram.photo(plain(RED)))
    await telegram.say(new, ANN, "/style this", answering=painting["message_id"])
    assert shows(telegram.picture_of(await telegram.result(new)), GREEN)


# Who, where (the private chat or one of two groups), what, and which message or button of those
# there are; so any button of any chat may be forged into any other.
ACTIONS = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.integers(0, 2),
        st.sampled_from(
            [
                "photo",
                "alone",
                "this",
                "own",
                "styles",
                "history",
                "press",
                "press",
                "forge",
                "forge",
            ]
        ),
        st.integers(0, 1000),
    ),
    min_size=3,
    max_size=9,
)


class Crowd:
    """Two people, their private chats and two groups; new ones for every example."""

    numbers = itertools.count(1)

    def __init__(self, stage: Stage) -> None:
        self.telegram = stage.telegram
        self.stage = stage
        number = next(self.numbers)
        self.people = [ANN | {"id": 20_000 + 2 * number}, BEN | {"id": 20_001 + 2 * number}]
        self.private = [self.telegram.private(person) for person in self.people]
        self.groups = [self.telegram.group(-100_000 - 2 * number - n) for n in range(2)]
        chats = [*self.private, *self.groups]
        self.colours = dict(zip(chats, (BLUE, YELLOW, RED, GREEN), strict=True))

    async def act(self, who: int, where: int, what: str, which: int) -> None:
        telegram, user = self.telegram, self.people[who]
        chat = self.private[who] if where == 2 else self.groups[where]
        photo = telegram.photo(plain(self.colours[chat], 96 + which % 7))
        shown = [m for m in telegram.messages.get(chat, {}).values() if "photo" in m]
        answering = {"answering": shown[which % len(shown)]["message_id"]} if shown else {}
        if what == "photo":
            await telegram.say(chat, user, "/style scream", **photo)
        elif what == "alone":
            await telegram.say(chat, user, **photo)
        elif what == "this":
            await telegram.say(chat, user, "/style this", **answering)
        elif what == "own":
            await telegram.say(chat, user, f"/mystyle add own{which}", **answering)
        elif what in ("styles", "history"):
            await telegram.say(chat, user, f"/{what}")
        else:
            await self._press(chat, user, which, anywhere=what == "forge")
        await self.stage.idle()

    async def _press(self, chat: int, user: Json, which: int, *, anywhere: bool) -> None:
        chats = self.colours if anywhere else [chat]
        buttons = [
            (message, button["callback_data"])
            for place in chats
            for message in self.telegram.sent(place)
            for button in self.telegram.buttons(message)
            if "callback_data" in button
        ]
        here = self.telegram.sent(chat)
        if buttons and here:
            message, data = buttons[which % len(buttons)]
            target = here[which % len(here)] if anywhere else message
            await self.telegram.forge(chat, target["message_id"], user, data)

    def check(self) -> None:
        for chat, file in self.telegram.shown:
            if chat not in self.colours:
                continue
            # What is in someone's private chat may come from any chat in which it was painted.
            foreign = [c for c in self.colours if c != chat and not (chat > 0 and c < 0)]
            for other in foreign:
                assert not shows(self.telegram.files[file], self.colours[other]), (chat, other)


async def test_no_photo_of_one_chat_ever_appears_in_another(plain_stage: Stage):
    """Whatever two people do in their chats and groups, in any order."""

    async def example(actions: list[Action]) -> None:
        crowd = Crowd(plain_stage)
        for action in actions:
            await crowd.act(*action)
        crowd.check()

    await examples(ACTIONS, example, 60)
    assert {chat > 0 for chat, _ in plain_stage.telegram.shown} == {True, False}

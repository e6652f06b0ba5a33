"""Who is an admin right now, and which photos are of one album however late they come."""

import asyncio

import pytest

from tests.bots.telegram_adapter.conftest import Stage, plain, soon
from tests.telegram_server import ANN, BEN, Json, TelegramServer

pytestmark = pytest.mark.anyio


async def test_who_becomes_an_admin_is_one_at_once_and_who_was_one_is_none(plain_stage: Stage):
    telegram = plain_stage.telegram
    group = telegram.group()
    telegram.admins[group] = [BEN]
    await telegram.say(group, ANN, "/settings")
    await telegram.until(lambda: "only admins" in str(telegram.sent(group)))
    telegram.admins[group] = [BEN, ANN]
    await telegram.say(group, ANN, "/settings")
    panel = await telegram.until(lambda: [m for m in telegram.sent(group) if "reply_markup" in m])
    await telegram.press(group, panel[0]["message_id"], ANN, "For admins only")
    await telegram.until(lambda: "✓ For admins only" in str(panel[0]["reply_markup"]))
    photo = telegram.photo(plain((5, 5, 5)))
    await telegram.say(group, ANN, "/style scream", **photo)
    await telegram.result(group)
    telegram.admins[group] = [BEN]
    await plain_stage.idle()
    last = telegram.sent(group)[-1]["message_id"]
    await telegram.say(group, ANN, "/style scream", **photo)
    await telegram.say(group, ANN, "/settings")
    await telegram.until(lambda: len(telegram.sent(group, last)) == 2)
    assert all("only admins" in m["text"] for m in telegram.sent(group, last))


class Slow:
    """An album whose photos come one by one, each long after the other."""

    def __init__(self, stage: Stage, chat: int, user: Json) -> None:
        self.stage, self.chat, self.user = stage, chat, user
        stage.adapter._albums._quiet_s = 0.05

    @property
    def telegram(self) -> TelegramServer:
        return self.stage.telegram

    async def photo(self, number: int, words: str | None = None) -> None:
        photo = self.telegram.photo(plain((number * 60, 50, 50)))
        await self.telegram.say(self.chat, self.user, words, **photo, media_group_id="slow")
        updates = self.stage.adapter._updates
        await soon(lambda: not (self.telegram.pending or updates._unfinished()))

    async def ends_with(self, count: int) -> None:
        await self.telegram.result(self.chat, count)
        await self.stage.idle()
        assert len(self.telegram.pictures(self.chat)) == count
        found = {self.telegram.picture_of(m) for m in self.telegram.pictures(self.chat)}
        assert len(found) == count


@pytest.mark.parametrize("place", ["private", "group"])
@pytest.mark.parametrize("caption", [0, 1, 2])
async def test_a_slow_album_is_painted_whole_and_once(plain_stage: Stage, place: str, caption: int):
    """Whichever photo has the caption, and though the first is in work when the others come."""

    telegram = plain_stage.telegram
    free = asyncio.Event()
    plain_stage.services.engine.before = free.wait  # type: ignore[attr-defined]
    chat = telegram.private(ANN) if place == "private" else telegram.group()
    album = Slow(plain_stage, chat, ANN)
    for number in range(3):
        await album.photo(number, "/style scream" if number == caption else None)
    free.set()
    await album.ends_with(3)


async def test_a_picker_is_for_the_photos_that_came_after_it_too(plain_stage: Stage):
    telegram = plain_stage.telegram
    chat = telegram.private(ANN)
    album = Slow(plain_stage, chat, ANN)
    for number in range(3):
        await album.photo(number)
    (picker,) = telegram.sent(chat)
    await telegram.press(chat, picker["message_id"], ANN, "The Scream")
    await album.ends_with(3)
    sent = [m for m in telegram.pictures(chat) if "media_group_id" in m]
    assert len({m["media_group_id"] for m in sent}) == 1

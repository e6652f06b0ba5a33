"""The token, and who has shown it."""

import asyncio
import time

import pytest

from bots.web_adapter.sessions.admins import AGE_S, Entrance, TooManyWrongError
from bots.web_adapter.sessions.visitors import Visitor
from storage.values.people import UserKey

ANN, BEN = Visitor(UserKey("web", "1")), Visitor(UserKey("web", "2"))


def come_in(entrance: Entrance, visitor: Visitor = ANN) -> str:
    cookie = asyncio.run(entrance.knock(visitor, entrance.token))
    assert cookie
    return cookie


def test_every_start_has_a_token_of_its_own():
    before, after = Entrance(), Entrance(wrong_every_s=0)
    assert before.token != after.token
    assert asyncio.run(after.knock(ANN, before.token)) is None
    assert not after.knows(ANN, come_in(before))


def test_a_cookie_is_one_browsers_and_no_other_opens_anything():
    entrance = Entrance()
    cookie = come_in(entrance)
    assert entrance.knows(ANN, cookie)
    session, _, signature = cookie.partition(".")
    forged = f"{session}.{'0' * 64}", f"{'0' * 32}.{signature}", session, "", None, f"{cookie}0"
    for other in forged:
        assert not entrance.knows(ANN, other)
    assert not entrance.knows(BEN, cookie)


def test_whoever_leaves_is_outside_and_nobody_else():
    entrance = Entrance()
    mine, other = come_in(entrance), come_in(entrance)
    entrance.leave(BEN, other)
    entrance.leave(ANN, mine)
    assert not entrance.knows(ANN, mine)
    assert entrance.knows(ANN, other)


def test_after_twelve_hours_one_shows_the_token_again():
    now = [1000.0]
    entrance = Entrance(clock=lambda: now[0])
    cookie = come_in(entrance)
    now[0] += AGE_S - 1
    assert entrance.knows(ANN, cookie)
    now[0] += 1
    assert not entrance.knows(ANN, cookie)
    come_in(entrance)
    assert len(entrance._inside) == 1, "who is outside is forgotten"


def test_wrong_ones_wait_for_each_other_and_hold_nobody_up():
    entrance = Entrance(wrong_every_s=0.05)

    async def scene() -> None:
        began = time.monotonic()
        wrong = [asyncio.create_task(entrance.knock(BEN, f"{n}")) for n in range(8)]
        await asyncio.sleep(0)
        with pytest.raises(TooManyWrongError):
            await entrance.knock(BEN, "one more")
        assert await entrance.knock(ANN, entrance.token)
        assert time.monotonic() - began < 0.2
        assert await asyncio.gather(*wrong) == [None] * 8
        assert time.monotonic() - began >= 0.4
        assert await entrance.knock(BEN, "later") is None

    asyncio.run(scene())

"""The token, and who has shown it."""

import asyncio
import time

import pytest

from bots.web_adapter.sessions.admins import AGE_S, AdminSessions, TooManyWrongError
from bots.web_adapter.sessions.visitors import Visitor
from storage.values.people import UserKey

pytestmark = pytest.mark.anyio

ANN, BEN = Visitor(UserKey("web", "1")), Visitor(UserKey("web", "2"))


def come_in(admin_sessions: AdminSessions, visitor: Visitor = ANN) -> str:
    cookie = asyncio.run(admin_sessions.log_in(visitor, admin_sessions.token))
    assert cookie
    return cookie


def test_every_start_has_a_token_of_its_own():
    before, after = AdminSessions(), AdminSessions(wrong_every_s=0)
    assert before.token != after.token
    assert asyncio.run(after.log_in(ANN, before.token)) is None
    assert not after.knows(ANN, come_in(before))


def test_a_cookie_is_one_browsers_and_no_other_opens_anything():
    admin_sessions = AdminSessions()
    cookie = come_in(admin_sessions)
    assert admin_sessions.knows(ANN, cookie)
    session, _, signature = cookie.partition(".")
    forged = f"{session}.{'0' * 64}", f"{'0' * 32}.{signature}", session, "", None, f"{cookie}0"
    for other in forged:
        assert not admin_sessions.knows(ANN, other)
    assert not admin_sessions.knows(BEN, cookie)


def test_only_those_who_leave_are_outside():
    admin_sessions = AdminSessions()
    mine, other = come_in(admin_sessions), come_in(admin_sessions)
    admin_sessions.log_out(BEN, other)
    admin_sessions.log_out(ANN, mine)
    assert not admin_sessions.knows(ANN, mine)
    assert admin_sessions.knows(ANN, other)


def test_after_twelve_hours_one_shows_the_token_again():
    now = [1000.0]
    admin_sessions = AdminSessions(clock=lambda: now[0])
    cookie = come_in(admin_sessions)
    now[0] += AGE_S - 1
    assert admin_sessions.knows(ANN, cookie)
    now[0] += 1
    assert not admin_sessions.knows(ANN, cookie)
    come_in(admin_sessions)
    assert len(admin_sessions._inside) == 1, "who is outside is forgotten"


async def test_wrong_ones_wait_for_each_other_and_hold_nobody_up():
    admin_sessions = AdminSessions(wrong_every_s=0.05)

    began = time.monotonic()
    wrong = [asyncio.create_task(admin_sessions.log_in(BEN, f"{n}")) for n in range(8)]
    await asyncio.sleep(0)
    with pytest.raises(TooManyWrongError):
        await admin_sessions.log_in(BEN, "one more")
    assert await admin_sessions.log_in(ANN, admin_sessions.token)
    assert time.monotonic() - began < 0.2
    assert await asyncio.gather(*wrong) == [None] * 8
    assert time.monotonic() - began >= 0.4
    assert await admin_sessions.log_in(BEN, "later") is None

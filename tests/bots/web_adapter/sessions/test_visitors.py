"""Who a browser is, and whom no one can pretend to be."""

import time

import pytest
from cryptography.fernet import Fernet

from bots.core.common.services import Services
from bots.web_adapter.sessions.visitors import AGE_S, Visitor, cookie_of, recognise, token_of
from storage.database import Database
from storage.sealing import Sealer
from storage.values.people import UserKey
from tests.bots.core.conftest import ArithmeticEngine


def services() -> Services:
    return Services(
        database=Database("sqlite+aiosqlite://"),
        engine=ArithmeticEngine(),
        sealer=Sealer(Fernet.generate_key()),
    )


def test_a_returning_visitor_is_recognised():
    ours = services()
    first = recognise(ours, None)
    assert first.new
    assert first.user.platform == "web"
    again = recognise(ours, cookie_of(ours, first))
    assert (again.user, again.new) == (first.user, False)
    assert again.chat.id == first.user.id


def test_no_two_newcomers_are_the_same():
    ours = services()
    assert len({recognise(ours, None).user.id for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "forge",
    [
        lambda cookie: cookie[:-9] + ("0" if cookie[-9] != "0" else "1") + cookie[-8:],
        lambda cookie: "1" + cookie[1:] if cookie[0] != "1" else "2" + cookie[1:],
        lambda cookie: cookie.partition(".")[0],
        lambda cookie: cookie + "\n",
        lambda cookie: cookie.upper() + "A",
        lambda cookie: "",
        lambda cookie: "\udcff" + cookie,
        lambda cookie: cookie + "\udcff",
        lambda cookie: ".".join(cookie.split(".")[:1] + cookie.split(".")[2:]),
        lambda cookie: "١" * 19 + cookie[19:],  # noqa: RUF001 - digits, though not ours
    ],
)
def test_a_forged_cookie_is_a_newcomers(forge):
    ours = services()
    cookie = cookie_of(ours, recognise(ours, None))
    assert recognise(ours, forge(cookie)).new


def test_another_studios_cookie_and_token_are_worth_nothing_here():
    ours, theirs = services(), services()
    visitor = Visitor(UserKey("web", "1" * 19))
    assert recognise(ours, cookie_of(theirs, visitor)).new
    assert token_of(ours, visitor) != token_of(theirs, visitor)
    assert token_of(ours, visitor) not in cookie_of(ours, visitor)


def test_after_a_year_one_is_a_newcomer(monkeypatch: pytest.MonkeyPatch):
    ours = services()
    first, made_at = recognise(ours, None), time.time()
    monkeypatch.setattr(time, "time", lambda: made_at)
    cookie = cookie_of(ours, first)
    monkeypatch.setattr(time, "time", lambda: made_at + AGE_S)
    assert recognise(ours, cookie).user == first.user
    monkeypatch.setattr(time, "time", lambda: made_at + AGE_S + 1)
    assert recognise(ours, cookie).new

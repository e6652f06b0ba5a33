"""Settings of the bots: read, checked, and refused in a sentence."""

import pytest

from bots.core.errors import OperatorError
from bots.settings import read_settings
from storage.values.people import UserKey


def test_defaults_need_no_account(monkeypatch: pytest.MonkeyPatch):
    for name in ("TELEGRAM_TOKEN", "DISCORD_TOKEN", "ADMIN_IDS", "ENGINE_URL"):
        monkeypatch.delenv(name, raising=False)
    settings = read_settings()
    assert settings.telegram_api_url == "https://api.telegram.org"
    assert settings.admin_ids == ()
    assert not settings.telegram_token.get_secret_value()


def test_admins_and_addresses(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ADMIN_IDS", "telegram:123, discord:456")
    monkeypatch.setenv("DISCORD_ADMIN_SERVERS", "789, 12,")
    monkeypatch.setenv("TELEGRAM_API_URL", "http://127.0.0.1:8081/")
    settings = read_settings()
    assert settings.admin_ids == (UserKey("telegram", "123"), UserKey("discord", "456"))
    assert settings.discord_admin_servers == (789, 12)
    assert settings.telegram_api_url == "http://127.0.0.1:8081"


@pytest.mark.parametrize(
    ("admin", "public", "there"),
    [
        ("", "", True), ("auto", "https://a.example", False), ("off", "", False),
        ("ON", "https://a.example", True),
    ],
)  # fmt: skip
def test_the_admins_pages_are_not_public_unless_they_shall_be(
    monkeypatch: pytest.MonkeyPatch, admin: str, public: str, *, there: bool
):
    monkeypatch.setenv("STUDIO_ADMIN", admin)
    monkeypatch.setenv("STUDIO_PUBLIC_URL", public)
    assert read_settings().has_studio_admin is there


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ADMIN_IDS", "telegram:ann", "ADMIN_IDS: must be ids with their platforms"),
        ("DISCORD_ADMIN_SERVERS", "mine", "DISCORD_ADMIN_SERVERS: must be ids of servers"),
        ("STUDIO_ADMIN", "maybe", "STUDIO_ADMIN: Input should be 'auto', 'on' or 'off'"),
        ("BOT_WORKERS", "0", "BOT_WORKERS: Input should be greater"),
        ("TELEGRAM_WEBHOOK_URL", "https://example.org", "needs a TELEGRAM_WEBHOOK_SECRET"),
    ],
)
def test_what_cannot_be_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str):
    monkeypatch.setenv(name, value)
    with pytest.raises(OperatorError, match=said):
        read_settings()

"""Telegram and Discord as the doctor finds them: stand-ins over real HTTP, well and ill."""

from collections.abc import Sequence
from typing import Any

import pytest
from pydantic import SecretStr

from bots.operations.doctor.findings import Finding
from bots.operations.doctor.platforms import look_at_discord, look_at_telegram
from bots.settings import BotSettings
from tests.bots.discord_adapter import stand_in
from tests.bots.discord_adapter.stand_in import Discord
from tests.telegram_server import TOKEN, TelegramServer

pytestmark = pytest.mark.anyio

SECRET = "a-secret-of-16-letters"  # noqa: S105 - nobody's


async def telegram_found(
    token: str = TOKEN, hook: str = "", trouble: str = "", settings: Any = None, **me: Any
) -> dict[str, Finding]:
    async with TelegramServer() as server:
        server.me, server.webhook_trouble = me, trouble
        server.webhook = {"url": hook} if hook else {}
        own = BotSettings(
            telegram_token=SecretStr(token), telegram_api_url=server.url, **(settings or {})
        )
        found = await look_at_telegram(own)
        assert not server.violations
        # Asking for updates would end a running bot's own question.
        assert not server.count("getUpdates")
        return by_name(found, token)


def by_name(findings: Sequence[Finding], token: str) -> dict[str, Finding]:
    assert token not in str(findings)
    return {finding.check: finding for finding in findings}


async def test_telegram_well_set_up():
    found = await telegram_found(supports_guest_queries=False)
    assert {finding.state for finding in found.values()} == {"ok"}
    assert "https://t.me/StyleBot?startgroup=true" in found["telegram"].said
    assert found["telegram guest"].said == "guest mode is off"
    assert found["telegram updates"].said == "no webhook is set; the bot asks for them, 0 wait"


async def test_telegram_set_up_otherwise():
    found = await telegram_found(
        can_read_all_group_messages=True, can_join_groups=False, supports_inline_queries=False
    )
    for name, command in (("privacy", "/setprivacy"), ("groups", "/setjoin"), ("inline", "/seti")):
        assert found[f"telegram {name}"].state == "note"
        assert command in found[f"telegram {name}"].repair


async def test_where_updates_go():
    address, wanted = "https://bot.example.org/path/with/secret", "https://mine.example.org/"
    webhook = {"telegram_webhook_url": wanted, "telegram_webhook_secret": SecretStr(SECRET)}
    elsewhere = (await telegram_found(hook=address))["telegram updates"]
    assert elsewhere.state == "note"
    assert "at bot.example.org, which" in elsewhere.said
    assert (await telegram_found(hook=address, settings=webhook))[
        "telegram updates"
    ].state == "note"
    ours = (await telegram_found(hook=wanted, settings=webhook))["telegram updates"]
    assert (ours.state, ours.said[:30]) == ("ok", "the webhook at mine.example.or")
    first = (await telegram_found(settings=webhook))["telegram updates"]
    assert "is set when the bot starts" in first.said
    trouble = await telegram_found(hook=wanted, settings=webhook, trouble="Connection refused")
    assert "could not deliver" in trouble["telegram updates"].said


@pytest.mark.parametrize("token", ["1:wrong", "no token at all"])
async def test_telegram_with_a_wrong_token(token: str):
    (finding,) = (await telegram_found(token)).values()
    assert (finding.state, finding.said) == ("failed", "Telegram does not take TELEGRAM_TOKEN")
    assert "@BotFather" in finding.repair


async def test_platforms_that_are_not_there():
    for url in ("http://127.0.0.1:1", "nonsense"):
        token = SecretStr("1:hush")
        own = BotSettings(
            telegram_token=token, telegram_api_url=url, discord_token=token, discord_api_url=url
        )
        for look in (look_at_telegram, look_at_discord):
            (finding,) = await look(own)
            assert finding.state == "failed"
            assert finding.repair
            assert "hush" not in str(finding)


async def test_without_tokens_there_is_nothing_to_ask():
    for look, name in ((look_at_telegram, "TELEGRAM_TOKEN"), (look_at_discord, "DISCORD_TOKEN")):
        (finding,) = await look(BotSettings())
        assert (finding.state, finding.said[: len(name)]) == ("note", name)


async def discord_found(token: str = stand_in.TOKEN, **portal: Any) -> dict[str, Finding]:
    async with Discord().serve() as discord:
        discord.portal |= portal
        own = BotSettings(discord_token=SecretStr(token), discord_api_url=f"{discord.url}/api/v10")
        found = await look_at_discord(own)
        assert not discord.complaints
        return by_name(found, token)


async def test_discord_well_set_up():
    found = await discord_found()
    assert {finding.state for finding in found.values()} == {"ok"}
    assert "client_id=" in found["discord invite"].said
    # The number in the README.
    assert found["discord invite"].said.endswith("&permissions=274878008320")


async def test_discord_set_up_otherwise():
    found = await discord_found(
        flags=1 << 19 | 1 << 14,
        integration_types_config={"0": {}},
        interactions_endpoint_url="https://other.example.org/hook",
        privacy_policy_url=None,
    )
    assert found["discord intents"].said.endswith("on: Server Members, Message Content")
    assert found["discord install"].said == "not allowed: User Install"
    assert found["discord commands"].state == "failed"
    assert "other.example.org" in found["discord commands"].said
    assert found["discord policy"].state == "note"


async def test_discord_with_a_wrong_token():
    (finding,) = (await discord_found("wrong")).values()
    assert (finding.state, finding.said) == ("failed", "Discord does not take DISCORD_TOKEN")

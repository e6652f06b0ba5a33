"""Checks of Telegram and Discord: whether tokens are valid, and how the bot is set up."""

from collections.abc import Sequence
from typing import Any, Final

import aiohttp
from yarl import URL

from bots.operations.doctor.findings import Finding
from bots.settings import BotSettings

Json = dict[str, Any]

# View Channels, Send Messages, Attach Files, Read Message History, Send Messages in Threads:
# https://discord.com/developers/docs/topics/permissions
_PERMISSIONS: Final = 1 << 10 | 1 << 11 | 1 << 15 | 1 << 16 | 1 << 38
# https://discord.com/developers/docs/resources/application#application-object-application-flags
_PRIVILEGED: Final = {
    "Presence": 1 << 12 | 1 << 13,
    "Server Members": 1 << 14 | 1 << 15,
    "Message Content": 1 << 18 | 1 << 19,
}
_FEW_STARTS: Final = 20


class _UnreachableError(Exception):
    """No answer in JSON from an address."""


async def look_at_telegram(settings: BotSettings) -> Sequence[Finding]:
    """Check the token, the settings made with BotFather, and where updates go."""
    token = settings.telegram_token.get_secret_value()
    if not token:
        return [Finding("telegram", "note", "TELEGRAM_TOKEN is not set: no bot on Telegram")]
    url = settings.telegram_api_url
    try:
        status, me = await _get(f"{url}/bot{token}/getMe")
        hook = (await _get(f"{url}/bot{token}/getWebhookInfo"))[1] if status == 200 else {}
    except _UnreachableError as error:
        repair = f"Let this machine reach {url}, or set TELEGRAM_API_URL to a server it can reach."
        return [Finding("telegram", "failed", f"{_host(url)} {error}", repair)]
    if status in (401, 403, 404):
        return [
            Finding(
                "telegram", "failed", "Telegram does not take TELEGRAM_TOKEN",
                "Copy it anew from @BotFather: /mybots, the bot, API Token.",
            )
        ]  # fmt: skip
    if status != 200:
        said = f"{_host(url)} answers {status}: {me.get('description', 'no reason')}"
        return [Finding("telegram", "failed", said, "Try again in a few minutes.")]
    return [*_account(me["result"]), _updates(settings, hook.get("result", {}))]


def _account(me: Json) -> list[Finding]:
    """Check the settings made with BotFather."""
    name = me.get("username", "")
    said = f"@{name}; to add it to a group: https://t.me/{name}?startgroup=true"
    found = [Finding("telegram", "ok", said)]
    if me.get("can_read_all_group_messages"):
        found.append(
            Finding(
                "telegram privacy", "note", "privacy mode is off: it gets all messages of groups",
                "Turn it on: @BotFather, /setprivacy; then put it out of groups and in again.",
            )
        )  # fmt: skip
    else:
        found.append(Finding("telegram privacy", "ok", "privacy mode is on"))
    if not me.get("can_join_groups", True):
        found.append(
            Finding(
                "telegram groups", "note", "it cannot be added to groups",
                "Where it should: @BotFather, /setjoingroups.",
            )
        )  # fmt: skip
    if me.get("supports_inline_queries"):
        found.append(Finding("telegram inline", "ok", "inline mode is on"))
    else:
        found.append(
            Finding(
                "telegram inline", "note", "inline mode is off: results cannot be shared",
                "Turn it on: @BotFather, /setinline.",
            )
        )  # fmt: skip
    if "supports_guest_queries" in me:
        guest = "on, which stylebot makes no use of" if me["supports_guest_queries"] else "off"
        found.append(Finding("telegram guest", "ok", f"guest mode is {guest}"))
    return found


def _updates(settings: BotSettings, hook: Json) -> Finding:
    """Check where updates go now, and where they will go."""
    name, present, wanted = "telegram updates", hook.get("url", ""), settings.telegram_webhook_url
    waiting = f", {hook.get('pending_update_count', 0)} wait"
    if present and present != wanted:
        return Finding(
            name, "note", f"a webhook is set at {_host(present)}, which the bot's start replaces",
            "If something else of yours answers there, stop it or use another bot's token.",
        )  # fmt: skip
    if not wanted:
        return Finding(name, "ok", f"no webhook is set; the bot asks for them{waiting}")
    if not present:
        said = f"the webhook at {_host(wanted)} is set when the bot starts{waiting}"
        return Finding(name, "ok", said)
    if trouble := hook.get("last_error_message"):
        return Finding(
            name, "note", f"Telegram could not deliver to {_host(wanted)}: {trouble}",
            "See that the address leads to TELEGRAM_WEBHOOK_HOST and _PORT of a running bot.",
        )  # fmt: skip
    return Finding(name, "ok", f"the webhook at {_host(wanted)} is set{waiting}")


async def look_at_discord(settings: BotSettings) -> Sequence[Finding]:
    """Check the token and the application's settings."""
    token = settings.discord_token.get_secret_value()
    if not token:
        return [Finding("discord", "note", "DISCORD_TOKEN is not set: no bot on Discord")]
    url, headers = settings.discord_api_url, {"Authorization": f"Bot {token}"}
    try:
        status, application = await _get(f"{url}/applications/@me", headers)
        gateway = (await _get(f"{url}/gateway/bot", headers))[1] if status == 200 else {}
    except _UnreachableError as error:
        repair = f"Let this machine reach {url}, and the gateway at wss://gateway.discord.gg."
        return [Finding("discord", "failed", f"{_host(url)} {error}", repair)]
    if status in (401, 403):
        return [
            Finding(
                "discord", "failed", "Discord does not take DISCORD_TOKEN",
                "Reset it on the application's page Bot, and copy it from there.",
            )
        ]  # fmt: skip
    if status != 200:
        said = f"{_host(url)} answers {status}: {application.get('message', 'no reason')}"
        return [Finding("discord", "failed", said, "Try again in a few minutes.")]
    return [*_application(application), *_gateway(gateway)]


def _application(application: Json) -> list[Finding]:
    """Check the application's settings on the developers' site."""
    number = application.get("id", "")
    invite = (
        f"https://discord.com/oauth2/authorize?client_id={number}"
        f"&scope=bot+applications.commands&permissions={_PERMISSIONS}"
    )
    found = [
        Finding("discord", "ok", f"{application.get('name', '')}, application {number}"),
        Finding("discord invite", "ok", invite),
        _intents(int(application.get("flags") or 0)),
        _installs(application.get("integration_types_config")),
    ]
    if endpoint := application.get("interactions_endpoint_url"):
        found.append(
            Finding(
                "discord commands", "failed", f"commands go to {_host(endpoint)}, not to the bot",
                "Empty Interactions Endpoint URL on the page General Information.",
            )
        )  # fmt: skip
    if not application.get("privacy_policy_url"):
        found.append(
            Finding(
                "discord policy", "note", "no privacy policy is linked",
                "Set its address on the page General Information.",
            )
        )  # fmt: skip
    return found


def _intents(flags: int) -> Finding:
    on = [name for name, bits in _PRIVILEGED.items() if flags & bits]
    if not on:
        return Finding("discord intents", "ok", "no privileged intent is on; none is needed")
    return Finding(
        "discord intents", "note", f"privileged intents are on: {', '.join(on)}",
        "stylebot needs none: turn them off on the page Bot.",
    )  # fmt: skip


def _installs(types: Json | None) -> Finding:
    lacking = [
        name
        for number, name in (("0", "Guild Install"), ("1", "User Install"))
        if number not in (types or {})
    ]
    if not lacking:
        return Finding("discord install", "ok", "in servers, and by people for themselves")
    return Finding(
        "discord install", "note", f"not allowed: {', '.join(lacking)}",
        "Allow both on the page Installation.",
    )  # fmt: skip


def _gateway(gateway: Json) -> list[Finding]:
    left = gateway.get("session_start_limit", {}).get("remaining")
    if left is None or left >= _FEW_STARTS:
        return []
    return [
        Finding(
            "discord gateway", "note", f"the bot may connect {left} more times today",
            "See in its log why it starts so often.",
        )
    ]  # fmt: skip


async def _get(url: str, headers: Json | None = None) -> tuple[int, Json]:
    """Status and JSON of an answer; errors omit the URL, which may contain a token.

    Raises:
        _UnreachableError: there is no answer.
    """
    try:
        async with (
            aiohttp.ClientSession(trust_env=True) as session,
            session.get(url, headers=headers) as answer,
        ):
            body = await answer.json(content_type=None)
            status = answer.status
    except aiohttp.ClientConnectorError as error:
        reason = error.os_error.strerror or "no connection"
        raise _UnreachableError(f"cannot be reached: {reason}") from None
    except aiohttp.InvalidURL:
        raise _UnreachableError("is no address") from None
    except (aiohttp.ClientError, OSError, ValueError):
        raise _UnreachableError("does not answer as it should") from None
    if not isinstance(body, dict):
        raise _UnreachableError("does not answer as it should")
    return status, body


def _host(url: str) -> str:
    """The part of a URL that may be shown."""
    try:
        return URL(url).host or url.split("/", 1)[0]
    except ValueError:
        return "the address"

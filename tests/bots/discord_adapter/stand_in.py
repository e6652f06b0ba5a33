"""A Discord of our own on loopback: REST, gateway and files, as far as a bot like ours needs them.

It keeps the rules that bite: three seconds to acknowledge, tokens that expire, only the owner of a
token sees a private answer, files have a limit. Where Discord's OpenAPI document lies next to the
checkout, or DISCORD_OPENAPI names it, every request is checked against it.
"""

import asyncio
import contextlib
import itertools
import json
import os
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema_rs
from aiohttp import BodyPartReader, WSMsgType, web

Json = dict[str, Any]
TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.stand.in-token-that-no-log-may-show"  # noqa: S105
ACK_S = 3.0
EPHEMERAL = 64
EPOCH_MS = 1420070400000
_SPEC = Path(
    os.environ.get("DISCORD_OPENAPI")  # noqa: TID251 - a test's own setting
    or Path(__file__).parents[4] / "shared" / "specs" / "discord" / "openapi.json"
)


class RefusalError(Exception):
    """An answer other than yes."""

    def __init__(self, status: int, code: int, message: str = "", **headers: str) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code, self.message, self.headers = status, code, message, headers


@dataclass
class Fault:
    """What is answered instead, so many times, where method and path match.

    Attributes:
        lost: No answer at all: the connection is "cut", or "silent".
    """

    method: str
    path: str
    refusal: RefusalError
    times: int = 1
    after: bool = False
    lost: str = ""


@dataclass
class Interaction:
    """What someone did, and what the bot made of it."""

    id: str
    token: str
    channel: str
    user: Json
    began: float
    acknowledged_after_s: float | None = None
    message: str | None = None
    modal: Json | None = None
    choices: list[Json] | None = None
    private: bool = False
    loading: bool = False
    expired: bool = False
    followups: list[str] = field(default_factory=list)


class Discord:
    """One application, one server with one channel, and the people who write there."""

    def __init__(self, limit: int = 10 * 1024 * 1024) -> None:
        self.limit = limit
        self._numbers = itertools.count(1)
        self.me = self.person("stylebot", bot=True)
        self.application = self.snowflake()
        # What its owner has set on the developers' site.
        self.portal: Json = {
            "integration_types_config": {"0": {}, "1": {}},
            "privacy_policy_url": "https://example.org/privacy",
        }
        self.guild = self.snowflake()
        self.channel = self.snowflake()
        self.messages: dict[str, Json] = {}
        self.deleted: list[str] = []
        self.files: dict[str, bytes] = {}
        self.interactions: dict[str, Interaction] = {}
        self.commands: list[Json] = []
        self.guild_commands: dict[str, list[Json]] = {}
        self.requests: list[tuple[str, str]] = []
        self.complaints: list[str] = []
        self.faults: list[Fault] = []
        self.sockets: list[web.WebSocketResponse] = []
        self.identified = 0
        self.resumed = 0
        self.heartbeats = 0
        self.heartbeat_ms = 1000
        self._events: list[Json] = []
        self._session = ""
        self.url = ""
        self._check = _checker()

    # What people do.

    def snowflake(self) -> str:
        now = int(time.time() * 1000) - EPOCH_MS
        return str(now << 22 | next(self._numbers) % 4096)

    def person(self, name: str, *, bot: bool = False) -> Json:
        return {
            "id": self.snowflake(), "username": name, "discriminator": "0", "avatar": None,
            "global_name": name, "bot": bot,
        }  # fmt: skip

    def attachment(self, name: str, content: bytes, number: str | None = None) -> Json:
        number = number or self.snowflake()
        self.files[f"/cdn/{number}/{name}"] = content
        kinds = {
            "png": "image/png", "jpg": "image/jpeg", "webp": "image/webp", "gif": "image/gif",
            "mp4": "video/mp4", "webm": "video/webm", "mov": "video/quicktime",
        }  # fmt: skip
        url = f"{self.url}/cdn/{number}/{name}"
        return {
            "id": number, "filename": name, "size": len(content), "url": url, "proxy_url": url,
            "content_type": kinds.get(name.rpartition(".")[2], "application/octet-stream"),
        }  # fmt: skip

    def file(self, message: Json) -> bytes:
        """The only file of a message."""
        (attachment,) = message["attachments"]
        return self.files[attachment["url"].removeprefix(self.url)]

    async def command(
        self,
        user: Json,
        name: str,
        /,
        image: bytes | None = None,
        file: str = "photo.jpg",
        **options: Any,
    ) -> Interaction:
        """A slash command; files among its options are bytes."""
        uploads = {} if image is None else {"image": (file, image)}
        uploads |= {n: (file, options.pop(n)) for n in list(options) if type(options[n]) is bytes}
        attachments = {name: self.attachment(*upload) for name, upload in uploads.items()}
        resolved = {"attachments": {a["id"]: a for a in attachments.values()}}
        given = [{"name": n, "type": 11, "value": a["id"]} for n, a in attachments.items()]
        kinds = {str: 3, int: 4, bool: 5}
        given += [{"name": n, "type": kinds[type(v)], "value": v} for n, v in options.items()]
        first, *rest = name.split()
        for inner in reversed(rest):
            given = [{"name": inner, "type": 1, "options": given}]
        data = {"id": "1", "name": first, "type": 1, "options": given, "resolved": resolved}
        if first in {command["name"] for command in self.guild_commands.get(self.guild, [])}:
            data["guild_id"] = self.guild
        return await self.interact(user, 2, data)

    async def menu(self, user: Json, name: str, message: Json) -> Interaction:
        """A message's menu."""
        data = {
            "id": "1", "name": name, "type": 3, "target_id": message["id"],
            "resolved": {"messages": {message["id"]: message}},
        }  # fmt: skip
        return await self.interact(user, 2, data)

    async def press(
        self, user: Json, message_id: str, label: str | None = None, **data: Any
    ) -> Interaction:
        """A button by its label, or a menu by how its id begins, with values."""
        message = self.messages[message_id]
        kind = 2 if label else 3
        (found,) = [
            part["custom_id"]
            for part in parts(message["components"])
            if part["type"] == kind
            and (part.get("label") == label if label else part["custom_id"].startswith(data["id"]))
        ]
        payload = {"custom_id": found, "component_type": kind, "values": data.get("values", [])}
        return await self.interact(user, 3, payload, message=message)

    async def fill_in(self, user: Json, shown: Interaction, **values: Any) -> Interaction:
        """A form: words, and files as pairs of a name and bytes."""
        assert shown.modal is not None
        resolved: Json = {"attachments": {}}
        filled = []
        for label in shown.modal["components"]:
            inner = label["component"]
            value = values[inner["custom_id"]]
            given: Json = {"type": inner["type"], "custom_id": inner["custom_id"], "id": 1}
            if isinstance(value, tuple):
                attachment = self.attachment(*value)
                resolved["attachments"][attachment["id"]] = attachment
                given["values"] = [attachment["id"]]
            else:
                given["value"] = value
            filled.append({"type": 18, "id": 1, "component": given})
        data = {"custom_id": shown.modal["custom_id"], "components": filled, "resolved": resolved}
        # A form that a button opened belongs to that button's message.
        more = {"message": self.messages[shown.message]} if shown.message else {}
        return await self.interact(user, 5, data, **more)

    async def interact(self, user: Json, kind: int, data: Json, /, **more: Any) -> Interaction:
        number = self.snowflake()
        made = Interaction(number, f"interaction-{number}", self.channel, user, time.monotonic())
        self.interactions[made.token] = made
        if message := more.get("message"):
            made.message = message["id"]
        member = self._member(user) | {"permissions": str(1 << 10 | 1 << 11 | 1 << 15)}
        payload = {
            "id": number, "application_id": self.application, "type": kind, "token": made.token,
            "version": 1, "data": data, "channel_id": self.channel, "guild_id": self.guild,
            "channel": self._channel(), "member": member, "locale": "en-US",
            "guild_locale": "en-US", "app_permissions": str(1 << 53 - 1), "entitlements": [],
            "authorizing_integration_owners": {"0": self.guild}, "context": 0,
            "attachment_size_limit": self.limit,
        } | more  # fmt: skip
        made.began = time.monotonic()
        await self.send("INTERACTION_CREATE", payload)
        return made

    async def say(self, user: Json, content: str, *attachments: Json) -> Json:
        """A message of a person's."""
        mentions = [self.me] if f"<@{self.me['id']}>" in content else []
        message = self._message(user, {"content": content, "mentions": mentions})
        message["attachments"] = list(attachments)
        self.messages[message["id"]] = message
        await self.send(
            "MESSAGE_CREATE", message | {"guild_id": self.guild, "member": self._member(user)}
        )
        return message

    def results(self) -> list[Json]:
        """The bot's messages that have files."""
        mine = [m for m in self.messages.values() if m["author"]["id"] == self.me["id"]]
        return [message for message in mine if message["attachments"]]

    def said(self, message_id: str | None) -> str:
        """All words of a message."""
        assert message_id is not None
        message = self.messages[message_id]
        words = [part["content"] for part in parts(message["components"]) if part["type"] == 10]
        return "\n".join([message["content"], *words]).strip()

    # What the gateway does.

    async def send(self, event: str, data: Json) -> None:
        """An event, to each client that is connected now or resumes later."""
        frame = {"op": 0, "t": event, "s": len(self._events) + 1, "d": data}
        self._events.append(frame)
        for socket in list(self.sockets):
            with contextlib.suppress(ConnectionError):
                await socket.send_json(frame)

    async def cut(self) -> None:
        """Break every connection without a word."""
        for socket in list(self.sockets):
            if socket._req is not None and socket._req.transport is not None:
                socket._req.transport.abort()
        self.sockets.clear()

    async def close_all(self, code: int) -> None:
        """End every connection with a reason."""
        for socket in list(self.sockets):
            await socket.close(code=code)

    async def _gateway(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": self.heartbeat_ms}})
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    await self._hear(socket, json.loads(frame.data))
        finally:
            if socket in self.sockets:
                self.sockets.remove(socket)
        return socket

    async def _hear(self, socket: web.WebSocketResponse, frame: Json) -> None:
        if frame["op"] == 1:
            self.heartbeats += 1
            await socket.send_json({"op": 11})
        elif frame["op"] == 2:
            if frame["d"]["token"] != TOKEN:
                await socket.close(code=4004)
                return
            self.identified += 1
            self._session, self._events = f"session-{self.identified}", []
            self.sockets.append(socket)
            await self.send("READY", self._ready(frame["d"].get("shard", [0, 1])))
            await self.send("GUILD_CREATE", self._guild())
        elif frame["op"] == 6:
            if frame["d"]["session_id"] != self._session:
                await socket.send_json({"op": 9, "d": False})
                return
            self.resumed += 1
            self.sockets.append(socket)
            for missed in self._events[frame["d"]["seq"] :]:
                await socket.send_json(missed)
            await self.send("RESUMED", {})

    def _ready(self, shard: list[int]) -> Json:
        return {
            "v": 10, "user": self.me, "guilds": [{"id": self.guild, "unavailable": True}],
            "session_id": self._session, "shard": shard,
            "resume_gateway_url": self.url.replace("http", "ws") + "/gateway",
            "application": {"id": self.application, "flags": 0},
        }  # fmt: skip

    def _guild(self) -> Json:
        everyone = {
            "id": self.guild, "name": "@everyone", "color": 0, "hoist": False, "position": 0,
            "permissions": str(1 << 10 | 1 << 11 | 1 << 15 | 1 << 16), "managed": False,
            "mentionable": False, "flags": 0,
        }  # fmt: skip
        return {
            "id": self.guild, "name": "Gallery", "icon": None, "splash": None, "owner_id": "1",
            "discovery_splash": None, "afk_channel_id": None, "afk_timeout": 300, "features": [],
            "verification_level": 0, "default_message_notifications": 0, "emojis": [],
            "explicit_content_filter": 0, "roles": [everyone], "mfa_level": 0, "banner": None,
            "application_id": None, "system_channel_id": None, "system_channel_flags": 0,
            "rules_channel_id": None, "vanity_url_code": None, "description": None,
            "premium_tier": 0, "preferred_locale": "en-US", "public_updates_channel_id": None,
            "nsfw_level": 0, "premium_progress_bar_enabled": False, "stickers": [],
            "joined_at": "2026-11-25T00:00:00+00:00", "large": False, "unavailable": False,
            "member_count": 2, "voice_states": [], "members": [self._member(self.me)],
            "channels": [self._channel()], "threads": [], "presences": [], "stage_instances": [],
            "guild_scheduled_events": [],
        }  # fmt: skip

    def _channel(self) -> Json:
        return {
            "id": self.channel, "type": 0, "name": "general", "position": 0, "nsfw": False,
            "guild_id": self.guild, "permission_overwrites": [], "topic": None, "parent_id": None,
            "rate_limit_per_user": 0, "last_message_id": None, "permissions": "0",
        }  # fmt: skip

    def _member(self, user: Json) -> Json:
        return {
            "user": user, "roles": [], "nick": None, "joined_at": "2026-11-25T00:00:00+00:00",
            "deaf": False, "mute": False, "flags": 0, "avatar": None, "premium_since": None,
        }  # fmt: skip

    def _message(self, author: Json, body: Json) -> Json:
        return {
            "id": self.snowflake(), "channel_id": self.channel, "author": author, "type": 0,
            "content": body.get("content") or "", "attachments": [], "embeds": [],
            "components": body.get("components") or [], "flags": body.get("flags") or 0,
            "mentions": body.get("mentions", []), "mention_roles": [], "mention_everyone": False,
            "timestamp": "2026-11-25T00:00:00+00:00", "edited_timestamp": None, "tts": False,
            "pinned": False, **{k: body[k] for k in ("message_reference",) if body.get(k)},
        }  # fmt: skip

    # What the REST API does.

    @contextlib.asynccontextmanager
    async def serve(self) -> AsyncIterator["Discord"]:
        """Listen at a free port."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_get("/gateway", self._gateway)
        app.router.add_get("/cdn/{id}/{name}", self._cdn)
        app.router.add_route("*", "/api/v10/{path:.*}", self._api)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await self.cut()
            await runner.cleanup()

    def fail(
        self, method: str, path: str, refusal: RefusalError, times: int = 1, *, after: bool = False
    ) -> None:
        """Answer with this so many times; `after` the work was done, as when an answer is lost."""
        self.faults.append(Fault(method, path, refusal, times, after))

    def lose(self, method: str, path: str, how: str, *, after: bool) -> None:
        """Lose an answer once: by a "502", or a connection that is "cut" or "silent"."""
        lost = "" if how == "502" else how
        self.faults.append(Fault(method, path, RefusalError(502, 0), 1, after, lost))

    async def _cdn(self, request: web.Request) -> web.Response:
        content = self.files.get(request.path)
        return web.Response(body=content) if content is not None else web.Response(status=404)

    async def _api(self, request: web.Request) -> web.Response:
        path = "/" + request.match_info["path"]
        self.requests.append((request.method, path))
        body, files = await _read(request)
        fault = None
        try:
            if problem := self._check(request.method, path, body):
                self.complaints.append(problem)
            fault = self._fault(request.method, path)
            if fault and not fault.after:
                raise fault.refusal
            answer = self._route(request, path, body, files)
            if fault:
                raise fault.refusal
        except RefusalError as refusal:
            if fault and refusal is fault.refusal:
                await _lose(request, fault.lost)
            error: Json = {"code": refusal.code, "message": refusal.message or str(refusal)}
            if refusal.status == 429:
                error |= {
                    "retry_after": float(refusal.headers.get("Retry-After", "1")),
                    "global": False,
                }
            headers = {"Via": "stand-in"} | refusal.headers
            return _json(error, refusal.status, headers)
        if answer is None:
            return web.Response(status=204)
        return _json(answer)

    def _fault(self, method: str, path: str) -> Fault | None:
        for fault in self.faults:
            if fault.times and fault.method == method and re.search(fault.path, path):
                fault.times -= 1
                return fault
        return None

    def _route(
        self, request: web.Request, path: str, body: Json, files: list[tuple[str, bytes]]
    ) -> Any:
        for method, pattern, handler in self._routes():
            found = re.fullmatch(pattern, path)
            if found and method == request.method:
                if not path.startswith(("/interactions", "/webhooks")) and (
                    request.headers.get("Authorization") != f"Bot {TOKEN}"
                ):
                    raise RefusalError(401, 0, "401: Unauthorized")
                given = dict(request.query) if method == "GET" else body
                return handler(*found.groups(), body=given, files=files)
        raise RefusalError(404, 0, f"no route {request.method} {path}")

    def _routes(self) -> Iterator[tuple[str, str, Callable[..., Any]]]:
        hook = r"/webhooks/\d+/([^/]+)"
        yield "GET", "/users/@me", lambda **_: self.me
        yield "GET", "/oauth2/applications/@me", lambda **_: self._application()
        yield "GET", "/applications/@me", lambda **_: self._application() | self.portal
        yield "GET", "/gateway/bot", lambda **_: self._gateway_address()
        yield "PUT", r"/applications/\d+/commands", self._put_commands
        yield "PUT", r"/applications/\d+/guilds/(\d+)/commands", self._put_guild_commands
        yield "POST", r"/interactions/\d+/([^/]+)/callback", self._callback
        yield "POST", hook, self._follow_up
        yield "GET", hook + r"/messages/([^/]+)", self._token_message
        yield "PATCH", hook + r"/messages/([^/]+)", self._token_edit
        yield "DELETE", hook + r"/messages/([^/]+)", self._token_delete
        yield "GET", r"/channels/(\d+)/messages", lambda channel, body, **_: self._history(**body)
        yield "POST", r"/channels/(\d+)/messages", self._post
        yield "GET", r"/channels/(\d+)/messages/(\d+)", self._get
        yield "PATCH", r"/channels/(\d+)/messages/(\d+)", self._edit
        yield "POST", "/attachments/refresh-urls", self._refresh

    def _application(self) -> Json:
        return {
            "id": self.application, "name": "stylebot", "icon": None, "description": "",
            "bot_public": True, "bot_require_code_grant": False, "verify_key": "", "flags": 0,
            "summary": "", "team": None, "owner": self.person("owner"),
        }  # fmt: skip

    def _gateway_address(self) -> Json:
        limits = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
        url = self.url.replace("http", "ws") + "/gateway"
        return {"url": url, "shards": 1, "session_start_limit": limits}

    def _put_commands(self, *, body: Any, files: object) -> list[Json]:
        self.commands = body
        extra = {"application_id": self.application, "version": "1", "default_permission": True}
        return [{"id": self.snowflake(), "type": 1, "description": ""} | c | extra for c in body]

    def _put_guild_commands(self, guild: str, *, body: Any, files: object) -> list[Json]:
        self.guild_commands[guild] = body
        extra = {"application_id": self.application, "version": "1", "guild_id": guild}
        return [{"id": self.snowflake(), "type": 1} | command | extra for command in body]

    def _callback(self, token: str, *, body: Json, files: list[tuple[str, bytes]]) -> Json:
        made = self.interactions[token]
        took = time.monotonic() - made.began
        if took > ACK_S:
            raise RefusalError(404, 10062, "Unknown interaction")
        if made.acknowledged_after_s is not None:
            raise RefusalError(400, 40060, "Interaction has already been acknowledged.")
        made.acknowledged_after_s = took
        data = body.get("data") or {}
        if body["type"] in (4, 5):
            made.private = bool(data.get("flags", 0) & EPHEMERAL)
            made.loading = body["type"] == 5
            message = self._message(self.me, data)
            message["flags"] = (data.get("flags") or 0) | (EPHEMERAL if made.private else 0)
            message["interaction_metadata"] = {
                "id": made.id, "type": 2, "user": made.user, "authorizing_integration_owners": {},
            }  # fmt: skip
            self.messages[message["id"]] = message
            made.message = message["id"]
        elif body["type"] == 9:
            made.modal = data
        elif body["type"] == 8:
            made.choices = data["choices"]
        about = {
            "id": made.id, "type": 2, "response_message_id": made.message,
            "response_message_loading": made.loading, "response_message_ephemeral": made.private,
        }  # fmt: skip
        return {"interaction": about}

    def _by_token(self, token: str) -> Interaction:
        made = self.interactions.get(token)
        if made is None:
            raise RefusalError(404, 10015, "Unknown Webhook")
        if made.expired:
            raise RefusalError(401, 50027, "Invalid Webhook Token")
        return made

    def _of_token(self, token: str, number: str) -> Json:
        made = self._by_token(token)
        number = made.message or "" if number == "@original" else number
        if number not in (made.message, *made.followups) or number not in self.messages:
            raise RefusalError(404, 10008, "Unknown Message")
        return self.messages[number]

    def _follow_up(self, token: str, *, body: Json, files: list[tuple[str, bytes]]) -> Json:
        made = self._by_token(token)
        if made.loading and made.message in self.messages:
            return self._token_edit(token, "@original", body=body, files=files)
        message = self._message(self.me, body)
        self._attach(message, body, files)
        self.messages[message["id"]] = message
        made.followups.append(message["id"])
        return message

    def _token_message(self, token: str, number: str, **_: Any) -> Json:
        return self._of_token(token, number)

    def _token_edit(
        self, token: str, number: str, *, body: Json, files: list[tuple[str, bytes]]
    ) -> Json:
        message = self._of_token(token, number)
        self._by_token(token).loading = False
        return self._change(message, body, files)

    def _token_delete(self, token: str, number: str, **_: Any) -> None:
        message = self._of_token(token, number)
        del self.messages[message["id"]]
        self.deleted.append(message["id"])

    def _history(self, limit: str = "50", after: str = "0", **_: str) -> list[Json]:
        """The first messages after one, or the newest ones; newest first."""
        seen = [m for m in self.messages.values() if not m["flags"] & EPHEMERAL]
        newer = sorted((m for m in seen if int(m["id"]) > int(after)), key=lambda m: int(m["id"]))
        found = newer[: int(limit)] if int(after) else newer[-int(limit) :]
        return list(reversed(found))

    def _post(self, channel: str, *, body: Json, files: list[tuple[str, bytes]]) -> Json:
        for known in self.messages.values():
            if body.get("enforce_nonce") and known.get("nonce") == body.get("nonce"):
                return known
        message = self._message(self.me, body) | {"nonce": body.get("nonce")}
        self._attach(message, body, files)
        self.messages[message["id"]] = message
        return message

    def _get(self, channel: str, number: str, **_: Any) -> Json:
        message = self.messages.get(number)
        if message is None or message["flags"] & EPHEMERAL:
            raise RefusalError(404, 10008, "Unknown Message")
        return message

    def _edit(
        self, channel: str, number: str, *, body: Json, files: list[tuple[str, bytes]]
    ) -> Json:
        return self._change(self._get(channel, number), body, files)

    def _refresh(self, *, body: Json, files: object) -> Json:
        raise RefusalError(404, 0, "none")

    def _change(self, message: Json, body: Json, files: list[tuple[str, bytes]]) -> Json:
        for name in ("content", "components"):
            if name in body:
                message[name] = body[name] or ("" if name == "content" else [])
        message["flags"] |= body.get("flags") or 0
        if "attachments" in body or files:
            self._attach(message, body, files)
        names = {attachment["filename"] for attachment in message["attachments"]}
        for url in re.findall(r'"attachment://([^"]+)"', json.dumps(message["components"])):
            if url not in names:
                raise RefusalError(400, 50035, f"no file {url}")
        return message

    def _attach(self, message: Json, body: Json, files: list[tuple[str, bytes]]) -> None:
        if any(len(content) > self.limit for _, content in files):
            raise RefusalError(413, 40005, "Request entity too large")
        kept = {str(a["id"]) for a in body.get("attachments") or []}
        message["attachments"] = [a for a in message["attachments"] if a["id"] in kept]
        message["attachments"] += [self.attachment(name, content) for name, content in files]


def parts(components: list[Json]) -> Iterator[Json]:
    """All components of a message, however deep."""
    for component in components:
        yield component
        inner = [component[name] for name in ("component", "accessory") if name in component]
        yield from parts([*component.get("components", ()), *inner])


async def _lose(request: web.Request, how: str) -> None:
    """Let an answer get lost, if it is to be."""
    if how == "silent":
        await asyncio.sleep(3600)
    if how == "cut" and request.transport:
        request.transport.abort()


def _json(content: Any, status: int = 200, headers: Json | None = None) -> web.Response:
    """JSON, under the very name that libraries look for."""
    kind = {"Content-Type": "application/json"}
    return web.Response(
        body=json.dumps(content).encode(), status=status, headers=(headers or {}) | kind
    )


async def _read(request: web.Request) -> tuple[Any, list[tuple[str, bytes]]]:
    """A request's JSON and its files."""
    if not request.content_type.startswith("multipart/"):
        text = await request.text()
        return (json.loads(text) if text else {}), []
    body: Any = {}
    files = []
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        content = bytes(await part.read())
        if part.name == "payload_json":
            body = json.loads(content)
        else:
            files.append((part.filename or "", content))
    return body, files


def _texts(body: Any, name: str = "", within: str = "") -> Any:
    """Ids as text: the document has them so, and Discord takes the numbers its libraries send."""
    if isinstance(body, dict):
        return {inner: _texts(value, inner, name) for inner, value in body.items()}
    if isinstance(body, list):
        return [_texts(value, name, within) for value in body]
    is_id = name.endswith("_id") or (name == "id" and within == "attachments")
    return str(body) if is_id and isinstance(body, int) else body


def _checker() -> Callable[[str, str, Any], str | None]:
    """Says what is wrong with a request, by Discord's document; nothing where that is not there."""
    if not _SPEC.exists():
        return lambda method, path, body: None
    document = json.loads(_SPEC.read_text(encoding="utf-8"))
    routes = [
        (re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)), operations)
        for path, operations in document["paths"].items()
    ]
    validators: dict[str, Any] = {}

    def check(method: str, path: str, body: Any) -> str | None:
        path = path.replace("%40", "@")
        found = [o for pattern, o in routes if pattern.fullmatch(path) and method.lower() in o]
        if not found:
            return None if path == "/attachments/refresh-urls" else f"no route {method} {path}"
        content = found[0][method.lower()].get("requestBody", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        if schema is None:
            return None
        key = json.dumps(schema)
        if key not in validators:
            whole = {"components": document["components"]} | schema
            validators[key] = jsonschema_rs.Draft202012Validator(whole)
        errors = [
            f"{e.message[:300]} at {list(e.instance_path)}"
            for e in validators[key].iter_errors(_texts(body))
        ]
        return f"{method} {path}: {errors[:3]}" if errors else None

    return check

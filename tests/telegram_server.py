"""A Bot API server to test on: chats, messages, files and updates in memory, over real HTTP.

It is strict where Telegram is. Every request is read by another library's models (aiogram's) and
held against the published description of the API where that is at hand; every answer is read by
those models, too. What does not fit is a "violation", and no test passes with one.
"""
# ruff: noqa: N802 - methods are called what the API calls them

import asyncio
import functools
import io
import itertools
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

import aiogram.methods
import aiogram.types
import aiohttp
import av
from aiohttp import web
from PIL import Image
from pydantic import TypeAdapter

TOKEN: Final = "123456789:AAaaBBbbCCccDDddEEeeFFffGGggHHhhIIi"  # noqa: S105 - nobody's
BOT: Final = {"id": 123456789, "is_bot": True, "first_name": "Style", "username": "StyleBot"}
SPEC: Final = (
    Path(__file__).parent.parent.parent / "shared" / "specs" / "telegram" / "bot-api-10.1.json"
)
ANN: Final = {"id": 1001, "is_bot": False, "first_name": "Ann", "language_code": "en"}
BEN: Final = {"id": 1002, "is_bot": False, "first_name": "Ben", "language_code": "en"}
CID: Final = {"id": 1003, "is_bot": False, "first_name": "Cid", "language_code": "en"}
ANONYMOUS: Final = {
    "id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot",
}  # fmt: skip

Json = dict[str, Any]
# Fields of a message with a file; an animation is a document as well.
_FILES: Final = ("photo", "animation", "video", "sticker", "document")


class RefusedError(Exception):
    """What the server answers instead of doing it."""

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters


# An answer with this header stands for none; a client that knows it need not wait for real.
OVER = "Wait-Is-Over"


@dataclass
class Fault:
    """Something that goes wrong with some coming calls of a method.

    Attributes:
        method: Which.
        refused: Answered instead of doing it.
        silent: Done, and never answered.
        lost: How the answer gets lost: "502", "cut", "silent", or "over": it tells the client that
            it has waited long enough, see `OVER`.
        done: Whether what was asked for was done before that.
        times: For how many calls.
        chat: In this chat only.
    """

    method: str
    refused: RefusedError | None = None
    silent: bool = False
    lost: str = ""
    done: bool = False
    times: int = 1
    chat: int | None = None


@dataclass
class Call:
    """A request the bot made."""

    method: str
    params: Json
    at: float = field(default_factory=time.monotonic)


class TelegramServer:
    """The server, and what people do on it."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self.faults: list[Fault] = []
        self.files: dict[str, bytes] = {}
        self.messages: dict[int, dict[int, Json]] = {}
        self.chats: dict[int, Json] = {}
        self.admins: dict[int, list[Json]] = {}
        self.answers: dict[str, Json] = {}
        self.inline: dict[str, Json] = {}
        self.inline_mode = True
        self.me: Json = {}
        self.webhook_trouble = ""
        self.webhook: Json = {}
        self.webhook_statuses: list[int] = []
        self.pending: list[Json] = []
        # Every picture the bot ever put into a chat, by the chat and the file.
        self.shown: list[tuple[int, str]] = []
        # Groups where the bot may send no pictures; topics that were closed; what files came as.
        self.no_pictures: set[int] = set()
        self.closed: set[tuple[int, int]] = set()
        self.kinds: dict[str, str] = {}
        self._telling: set[asyncio.Future[None]] = set()
        self.latency_s = 0.0
        self.file_wait_s = 0.0
        self.changed = asyncio.Condition()
        self._ids = itertools.count(1)
        self._update_ids = itertools.count(7000)
        self._polling = 0
        self._checked: set[int] = set()
        self._spec = json.loads(SPEC.read_text()) if SPEC.exists() else None
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=60 * 1024**2)
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        app.router.add_get("/file/bot{token}/{path:.+}", self._file)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner
        await self._runner.cleanup()

    # What people do.

    def private(self, user: Json) -> int:
        """A person's chat with the bot."""
        self.chats[user["id"]] = {
            "id": user["id"], "type": "private", "first_name": user["first_name"],
        }  # fmt: skip
        return int(user["id"])

    def group(self, chat_id: int = -100500, *, forum: bool = False) -> int:
        """A group."""
        self.chats[chat_id] = {"id": chat_id, "type": "supergroup", "title": "Friends"}
        if forum:
            self.chats[chat_id]["is_forum"] = True
        return chat_id

    def upload(self, picture: bytes) -> str:
        """A file someone has sent; returns its id."""
        file_id = f"AgAC{next(self._ids)}"
        self.files[file_id] = picture
        return file_id

    def photo(self, picture: bytes) -> Json:
        """Fields of a message with a photo, which has it in two sizes."""
        sizes = [self._size(picture, 90), self._size(picture)]
        self.kinds |= {size["file_id"]: "photo" for size in sizes}
        return {"photo": sizes}

    def clip(self, kind: str, clip: bytes, still: bytes | None = None, **more: Any) -> Json:
        """Fields of a message with a clip: an animation, a video, a video note, a document."""
        file_id = self.upload(clip)
        self.kinds[file_id] = kind
        file: Json = {
            "file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": len(clip),
            **({"thumbnail": self._size(still)} if still else {}),
        }  # fmt: skip
        sides = {"length": 96} if kind == "video_note" else {"width": 96, "height": 64}
        if kind == "sticker":
            file |= {"type": "regular", "is_animated": False, "is_video": True} | sides
        elif kind != "document":
            file |= {"duration": 1} | sides
        fields = {kind: file | more}
        # For clients that do not know animations.
        return fields | ({"document": file | {"file_name": "a.mp4"}} if kind == "animation" else {})

    async def say(self, chat: int, user: Json, text: str | None = None, **fields: Any) -> Json:
        """A message of someone's; `answering` names the message it replies to."""
        if answering := fields.pop("answering", None):
            fields["reply_to_message"] = {
                k: v for k, v in self.messages[chat][answering].items() if k != "reply_to_message"
            }
        message = self._put(chat, {"from": user, **fields})
        if text is not None:
            has_file = {"photo", "document", "animation", "video"} & fields.keys()
            message["caption" if has_file else "text"] = text
        await self.update({"message": message})
        return message

    async def press(self, chat: int, message_id: int, user: Json, label: str) -> str:
        """Press the first button whose label has these words in it; returns the press's id."""
        message = self.messages[chat][message_id]
        return await self.forge(chat, message_id, user, self.button(message, label))

    async def forge(self, chat: int, message_id: int, user: Json, data: str) -> str:
        """Press a button that need not be there."""
        press = f"press-{next(self._ids)}"
        query = {
            "id": press, "from": user, "message": self.messages[chat][message_id],
            "chat_instance": "1", "data": data,
        }  # fmt: skip
        await self.update({"callback_query": query})
        return press

    @staticmethod
    def buttons(message: Json) -> list[Json]:
        """All buttons beneath a message."""
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        return [button for row in rows for button in row]

    def button(self, message: Json, label: str) -> str:
        """What the first button says whose label has these words in it."""
        for button in self.buttons(message):
            if label in button["text"] and "callback_data" in button:
                return str(button["callback_data"])
        raise AssertionError(f"no {label!r} in {[b['text'] for b in self.buttons(message)]}")

    async def update(self, what: Json) -> int:
        """Let something reach the bot."""
        update = {"update_id": next(self._update_ids), **json.loads(json.dumps(what))}
        aiogram.types.Update.model_validate(update)
        if self.webhook.get("url"):
            telling = asyncio.ensure_future(self._tell_until_taken(update))
            self._telling.add(telling)
            telling.add_done_callback(self._telling.discard)
        else:
            async with self.changed:
                self.pending.append(update)
                self.changed.notify_all()
        return int(update["update_id"])

    async def _tell_until_taken(self, update: Json) -> None:
        while True:
            if await self.tell_webhook(update, self.webhook["secret_token"]) < 500:
                return
            await asyncio.sleep(0.2)

    async def tell_webhook(self, update: Json, secret: str) -> int:
        """Send an update as Telegram would, once; returns what is answered."""
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.webhook["url"], json=update, headers=headers) as answer,
        ):
            self.webhook_statuses.append(answer.status)
            return answer.status

    async def until(self, seen: Callable[[], Any], timeout_s: float = 30.0) -> Any:
        """Wait until something is so, here or in the bot; returns what it is."""
        try:
            async with asyncio.timeout(timeout_s), self.changed:
                while not (found := seen()):
                    # What changes in the bot alone is not announced.
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self.changed.wait(), 0.1)
        except TimeoutError:
            lately = [(call.method, str(call.params)[:200]) for call in self.calls[-8:]]
            raise AssertionError(f"it never was so; lately {lately}") from None
        assert not self.violations, self.violations
        return found

    def sent(self, chat: int, after: int = 0) -> list[Json]:
        """The bot's messages in a chat, in order."""
        messages = self.messages.get(chat, {}).values()
        return [m for m in messages if m["from"]["id"] == BOT["id"] and m["message_id"] > after]

    def pictures(self, chat: int) -> list[Json]:
        """The bot's messages in a chat that have a picture, but for those that show styles."""
        found = [m for m in self.sent(chat) if m.keys() & set(_FILES)]
        return [m for m in found if "styles.jpg" not in m.get("_name", "")]

    async def result(self, chat: int, number: int = 1, timeout_s: float = 60.0) -> Json:
        """The so manieth result in a chat, once it is there."""
        await self.until(lambda: len(self.pictures(chat)) >= number, timeout_s)
        return self.pictures(chat)[number - 1]

    def picture_of(self, message: Json) -> bytes:
        """The file of a message's picture."""
        return self.files[self._file_in(message)["file_id"]]

    @staticmethod
    def _file_in(message: Json) -> Json:
        """The file of a message."""
        found: Json | list[Json] = next(message[kind] for kind in _FILES if kind in message)
        return found[-1] if isinstance(found, list) else found

    def count(self, method: str, chat: int | None = None) -> int:
        """How often the bot called a method."""
        return len(
            [
                call
                for call in self.calls
                if call.method == method and (chat is None or call.params.get("chat_id") == chat)
            ]
        )

    # What the bot asks for.

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        if request.match_info["token"] != TOKEN:
            return _answer(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
        params, files = await _read(request)
        self._check_request(method, params)
        if method != "getUpdates":
            await asyncio.sleep(self.latency_s)
        fault = self._fault(method, params) or Fault(method)
        if fault.lost and not fault.done:
            return await self._lose(request, fault.lost)
        status, body = await self._do(method, params, files, fault)
        async with self.changed:
            self.calls.append(Call(method, params))
            self.changed.notify_all()
        if fault.silent or fault.lost:
            return await self._lose(request, fault.lost or "silent")
        return _answer(status, body)

    async def _do(self, method: str, params: Json, files: Json, fault: Fault) -> tuple[int, Json]:
        try:
            if fault.refused:
                raise fault.refused
            do: Callable[[Json, Json], Awaitable[Any]] = getattr(self, f"_do_{method}")
            result = await do(params, files)
        except RefusedError as refused:
            status = refused.status
            body: Json = {"ok": False, "error_code": status, "description": refused.description}
            if refused.parameters:
                body["parameters"] = refused.parameters
        else:
            status, body = 200, {"ok": True, "result": _shown(result)}
            self._check_answer(method, body["result"])
        return status, body

    async def _lose(self, request: web.Request, how: str) -> web.Response:
        if how == "silent":
            await asyncio.sleep(3600)
        if how == "over":
            return web.Response(headers={OVER: "yes"})
        if how == "cut" and request.transport:
            request.transport.abort()
        return web.Response(status=502, text="<html>Bad Gateway</html>")

    async def _file(self, request: web.Request) -> web.Response:
        await asyncio.sleep(self.file_wait_s)
        found = self.files.get(request.match_info["path"].partition("/")[2])
        if request.match_info["token"] != TOKEN or found is None:
            return web.Response(status=404)
        return web.Response(body=found)

    def _fault(self, method: str, params: Json) -> Fault | None:
        for fault in self.faults:
            if (
                fault.method == method
                and fault.times
                and fault.chat in (None, params.get("chat_id"))
            ):
                fault.times -= 1
                return fault
        return None

    def _check_request(self, method: str, params: Json) -> None:
        model = getattr(aiogram.methods, method[0].upper() + method[1:])
        try:
            model.model_validate(params)
        except ValueError as error:
            self.violations.append(f"{method}: {error}")
        known = set(model.model_fields) | {f.alias for f in model.model_fields.values()}
        if unknown := set(params) - known:
            self.violations.append(f"{method}: no such parameters: {unknown}")
        if self._spec:
            fields = {f["name"]: f for f in self._spec["methods"][method].get("fields", [])}
            lacking = {n for n, f in fields.items() if f["required"]} - set(params)
            if lacking or set(params) - set(fields):
                self.violations.append(f"{method}: lacks {lacking}, or has too much: {params}")
        for button in self.buttons(params):
            if len(button.get("callback_data", "x").encode()) > 64 or not button["text"]:
                self.violations.append(f"{method}: a button that is none: {button}")

    def _check_answer(self, method: str, result: Any) -> None:
        if method == "getUpdates":
            # Each once: a bot asks for those that it has not confirmed again and again.
            result = [update for update in result if update["update_id"] not in self._checked]
            self._checked |= {update["update_id"] for update in result}
        try:
            _answers_of(method).validate_python(result)
        except ValueError as error:
            self.violations.append(f"answer of {method}: {error}")

    async def _do_getMe(self, params: Json, _: Json) -> Json:
        return (
            BOT
            | {
                "can_join_groups": True,
                "can_read_all_group_messages": False,
                "supports_inline_queries": self.inline_mode,
            }
            | self.me
        )

    async def _do_getUpdates(self, params: Json, _: Json) -> list[Json]:
        if self.webhook.get("url"):
            raise RefusedError(409, "Conflict: can't use getUpdates method while webhook is active")
        self._polling += 1
        mine = self._polling
        offset = params.get("offset", 0)
        async with self.changed:
            self.pending = [u for u in self.pending if u["update_id"] >= offset]
            self.changed.notify_all()
            with suppress(TimeoutError):
                async with asyncio.timeout(params.get("timeout", 0)):
                    while not self.pending and mine == self._polling:
                        await self.changed.wait()
        if mine != self._polling:
            raise RefusedError(409, "Conflict: terminated by other getUpdates request")
        return self.pending[: params.get("limit", 100)]

    async def _do_setWebhook(self, params: Json, _: Json) -> bool:
        self.webhook = params
        pending, self.pending = self.pending, []
        for update in pending:
            await self.update({k: v for k, v in update.items() if k != "update_id"})
        return True

    async def _do_getWebhookInfo(self, params: Json, _: Json) -> Json:
        trouble = {"last_error_date": int(time.time()), "last_error_message": self.webhook_trouble}
        return {
            "url": self.webhook.get("url", ""), "has_custom_certificate": False,
            "pending_update_count": len(self.pending),
            **(trouble if self.webhook_trouble else {}),
        }  # fmt: skip

    async def _do_deleteWebhook(self, params: Json, _: Json) -> bool:
        self.webhook = {}
        return True

    async def _do_setMyCommands(self, params: Json, _: Json) -> bool:
        return True

    async def _do_setMyDescription(self, params: Json, _: Json) -> bool:
        if len(params["description"]) > 512:
            raise RefusedError(400, "Bad Request: description is too long")
        return True

    async def _do_setMyShortDescription(self, params: Json, _: Json) -> bool:
        if len(params["short_description"]) > 120:
            raise RefusedError(400, "Bad Request: short description is too long")
        return True

    async def _do_getChatAdministrators(self, params: Json, _: Json) -> list[Json]:
        admins = self.admins.get(params["chat_id"], [])
        return [_administrator(user) for user in admins]

    async def _do_getChatMember(self, params: Json, _: Json) -> Json:
        for user in self.admins.get(params["chat_id"], []):
            if user["id"] == params["user_id"]:
                return _administrator(user)
        return {"status": "member", "user": ANN | {"id": params["user_id"]}}

    async def _do_getFile(self, params: Json, _: Json) -> Json:
        file_id = params["file_id"]
        if file_id not in self.files:
            raise RefusedError(
                400, "Bad Request: wrong file_id or the file is temporarily unavailable"
            )
        return {
            "file_id": file_id, "file_unique_id": f"u{file_id}",
            "file_size": len(self.files[file_id]), "file_path": f"photos/{file_id}",
        }  # fmt: skip

    async def _do_sendChatAction(self, params: Json, _: Json) -> bool:
        return True

    async def _do_setMessageReaction(self, params: Json, _: Json) -> bool:
        self._known(params)
        allowed = "👀🤷👌"
        if any(reaction["emoji"] not in allowed for reaction in params.get("reaction", [])):
            raise RefusedError(400, "Bad Request: REACTION_INVALID")
        return True

    async def _do_answerCallbackQuery(self, params: Json, _: Json) -> bool:
        if params["callback_query_id"] in self.answers:
            raise RefusedError(400, "Bad Request: query is too old and response timeout expired")
        self.answers[params["callback_query_id"]] = params
        if len(params.get("text", "")) > 200:
            raise RefusedError(400, "Bad Request: MESSAGE_TOO_LONG")
        return True

    async def _do_answerInlineQuery(self, params: Json, _: Json) -> bool:
        self.inline[params["inline_query_id"]] = params
        return True

    async def _do_sendMessage(self, params: Json, _: Json) -> Json:
        if not 0 < len(params["text"]) <= 4096:
            raise RefusedError(400, "Bad Request: message text is empty")
        return self._new(params, {"text": params["text"]})

    def _may_send(self, chat: int, kind: str) -> None:
        if chat in self.no_pictures:
            raise RefusedError(400, f"Bad Request: not enough rights to send {kind}s to the chat")

    async def _do_sendPhoto(self, params: Json, files: Json) -> Json:
        self._may_send(params["chat_id"], "photo")
        return self._new(params, self._media({"type": "photo", "media": params["photo"]}, files))

    async def _do_sendDocument(self, params: Json, files: Json) -> Json:
        self._may_send(params["chat_id"], "document")
        media = {"type": "document", "media": params["document"]}
        return self._new(params, self._media(media, files))

    async def _do_sendAnimation(self, params: Json, files: Json) -> Json:
        return self._send(params, files, "animation")

    async def _do_sendVideo(self, params: Json, files: Json) -> Json:
        return self._send(params, files, "video")

    async def _do_sendSticker(self, params: Json, files: Json) -> Json:
        return self._send(params, files, "sticker")

    def _send(self, params: Json, files: Json, kind: str) -> Json:
        self._may_send(params["chat_id"], kind)
        return self._new(params, self._media({"type": kind, "media": params[kind]}, files))

    async def _do_sendMediaGroup(self, params: Json, files: Json) -> list[Json]:
        if not 2 <= len(params["media"]) <= 10:
            raise RefusedError(400, "Bad Request: an album has 2 to 10 items")
        for media in params["media"]:
            self._may_send(params["chat_id"], media["type"])
        kinds = {media["type"] for media in params["media"]}
        if not (kinds <= {"photo", "video"} or kinds == {"document"}):
            raise RefusedError(400, "Bad Request: can't mix these kinds in an album")
        fields = [self._media(media, files) for media in params["media"]]
        group = f"group-{next(self._ids)}"
        return [self._new(params, one | {"media_group_id": group}) for one in fields]

    async def _do_editMessageText(self, params: Json, _: Json) -> Json:
        message = self._known(params)
        if "text" not in message:
            raise RefusedError(400, "Bad Request: there is no text in the message to edit")
        return self._edit(message, params, {"text": params["text"]})

    async def _do_editMessageCaption(self, params: Json, _: Json) -> Json:
        return self._edit(self._known(params), params, {"caption": params.get("caption", "")})

    async def _do_editMessageReplyMarkup(self, params: Json, _: Json) -> Json:
        return self._edit(self._known(params), params, {})

    async def _do_editMessageMedia(self, params: Json, files: Json) -> Json:
        message = self._known(params)
        self._may_send(params["chat_id"], params["media"]["type"])
        fields = self._media(params["media"], files)
        if self._same(message, fields, params):
            raise RefusedError(400, "Bad Request: message is not modified")
        if "sticker" in message:
            raise RefusedError(400, "Bad Request: message can't be edited")
        for name in ("text", "caption", "has_media_spoiler", *_FILES):
            message.pop(name, None)
        return self._edit(message, params, fields)

    async def _do_deleteMessage(self, params: Json, _: Json) -> bool:
        self._known(params)
        del self.messages[params["chat_id"]][params["message_id"]]
        return True

    # How it keeps them.

    def _known(self, params: Json) -> Json:
        message = self.messages.get(params["chat_id"], {}).get(params["message_id"])
        if message is None:
            raise RefusedError(400, "Bad Request: message to edit not found")
        return message

    def _edit(self, message: Json, params: Json, fields: Json) -> Json:
        self._note(params["chat_id"], fields)
        before = json.dumps(message, sort_keys=True)
        message.pop("reply_markup", None)
        message.update(fields)
        if markup := params.get("reply_markup"):
            message["reply_markup"] = markup
        if json.dumps(message, sort_keys=True) == before:
            raise RefusedError(400, "Bad Request: message is not modified")
        message["_versions"] = message.get("_versions", 0) + 1
        return message

    def _same(self, message: Json, fields: Json, params: Json) -> bool:
        """Whether an edit would show the file that is there, with the same words and buttons."""
        kind = next(kind for kind in _FILES if kind in fields)
        if kind not in message or message.get("caption") != fields.get("caption"):
            return False
        return message.get("reply_markup") == params.get("reply_markup") and self.picture_of(
            message
        ) == self.picture_of(fields)

    def _new(self, params: Json, fields: Json) -> Json:
        chat = params["chat_id"]
        if chat not in self.chats:
            raise RefusedError(400, "Bad Request: chat not found")
        fields |= self._in_topic(chat, params.get("message_thread_id"))
        fields |= self._answered(chat, params.get("reply_parameters", {}))
        for button in self.buttons(params):
            if "switch_inline_query_chosen_chat" in button and not self.inline_mode:
                raise RefusedError(400, "Bad Request: BUTTON_TYPE_INVALID")
        if params.get("caption"):
            fields["caption"] = params["caption"]
        # Only buttons are part of a message; a question that forces a reply is for the program.
        markup = params.get("reply_markup") or {}
        if "inline_keyboard" in markup:
            fields["reply_markup"] = markup
        self._note(chat, fields)
        return self._put(chat, {"from": BOT, **fields})

    def _in_topic(self, chat: int, thread: int | None) -> Json:
        """Fields of a message in a topic, where that is open."""
        if thread and (thread == 1 or not self.chats[chat].get("is_forum")):
            raise RefusedError(400, "Bad Request: message thread not found")
        if (chat, thread) in self.closed:
            raise RefusedError(400, "Bad Request: TOPIC_CLOSED")
        return {"message_thread_id": thread, "is_topic_message": True} if thread else {}

    def _note(self, chat: int, fields: Json) -> None:
        if fields.keys() & set(_FILES):
            self.shown.append((chat, self._file_in(fields)["file_id"]))

    def _answered(self, chat: int, reply: Json) -> Json:
        """The message that is replied to, as a field of the one that does."""
        original = self.messages.get(chat, {}).get(reply.get("message_id", 0))
        if original:
            shown = {k: v for k, v in original.items() if k != "reply_to_message"}
            return {"reply_to_message": shown}
        if reply and not reply.get("allow_sending_without_reply"):
            raise RefusedError(400, "Bad Request: message to be replied not found")
        return {}

    def _put(self, chat: int, fields: Json) -> Json:
        message = {
            "message_id": next(self._ids), "date": int(time.time()), "chat": self.chats[chat],
            **fields,
        }  # fmt: skip
        self.messages.setdefault(chat, {})[message["message_id"]] = message
        return message

    def _media(self, media: Json, files: Json) -> Json:
        """Fields of a message with a picture: uploaded with the request, or known by its id."""
        source, name = media["media"], ""
        if isinstance(source, str) and source.startswith("attach://"):
            name, content = files[source.removeprefix("attach://")]
            source = self.upload(content)
        if source not in self.files:
            raise RefusedError(400, "Bad Request: wrong file identifier/HTTP URL specified")
        kind = self.kinds.setdefault(source, media["type"])
        if kind != media["type"]:
            was, wanted = kind.capitalize(), media["type"].capitalize()
            raise RefusedError(400, f"Bad Request: can't use file of type {was} as {wanted}")
        fields: Json = {"_name": name} | self._as(media["type"], source, name)
        if media.get("has_spoiler"):
            fields["has_media_spoiler"] = True
        if media.get("caption"):
            fields["caption"] = media["caption"]
        return fields

    def _as(self, kind: str, source: str, name: str) -> Json:
        """A file as a kind of message."""
        content = self.files[source]
        if kind == "photo":
            self._check_photo(content)
            return {"photo": [self._size(content, 90), self._size(content, known=source)]}
        if len(content) > 50 * 1000**2:
            raise RefusedError(413, "Request Entity Too Large")
        file = {"file_id": source, "file_unique_id": f"u{source}", "file_size": len(content)}
        document = file | {"file_name": name}
        found = {kind: document if kind == "document" else file | _described(kind, content)}
        return found | ({"document": document} if kind == "animation" else {})

    def _check_photo(self, content: bytes) -> None:
        width, height = Image.open(io.BytesIO(content)).size
        if width + height > 10_000 or max(width, height) > 20 * min(width, height):
            raise RefusedError(400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
        if len(content) > 10 * 1024**2:
            raise RefusedError(413, "Request Entity Too Large")

    def _size(self, content: bytes, side: int | None = None, known: str | None = None) -> Json:
        """A photo in one size."""
        picture = Image.open(io.BytesIO(content))
        if side:
            picture.thumbnail((side, side))
            file = io.BytesIO()
            picture.convert("RGB").save(file, "JPEG")
            content = file.getvalue()
        file_id = known or self.upload(content)
        return {
            "file_id": file_id, "file_unique_id": f"u{file_id}", "width": picture.width,
            "height": picture.height, "file_size": len(content),
        }  # fmt: skip


def _described(kind: str, content: bytes) -> Json:
    """What Telegram finds in a clip, and refuses.

    See core.telegram.org/stickers/webm-vp9-encoding.
    """
    opened: Any
    with av.open(io.BytesIO(content)) as opened:
        stream = opened.streams.video[0]
        codec, sides = stream.codec_context.name, {"width": stream.width, "height": stream.height}
        seconds, has_sound = (opened.duration or 0) / 1_000_000, bool(opened.streams.audio)
    if kind == "sticker":
        fits = len(content) <= 256 * 1024 and seconds <= 3 and max(sides.values()) == 512
        if not fits or not codec.endswith("vp9") or has_sound:
            raise RefusedError(400, "Bad Request: wrong file type")
        return sides | {"type": "regular", "is_animated": False, "is_video": True}
    if codec not in ("h264", "gif") or (kind == "animation" and has_sound):
        raise RefusedError(400, f"Bad Request: can't use file of type Document as {kind}")
    return sides | {"duration": round(seconds), "mime_type": "video/mp4"}


@functools.cache
def _answers_of(method: str) -> TypeAdapter[Any]:
    """What a method answers; built once, for that takes longer than to check an answer."""
    model = getattr(aiogram.methods, method[0].upper() + method[1:])
    return TypeAdapter(model.__returning__)


def _shown(result: Any) -> Any:
    """An answer without what the server keeps for itself."""
    if isinstance(result, dict):
        return {k: _shown(v) for k, v in result.items() if not k.startswith("_")}
    return [_shown(one) for one in result] if isinstance(result, list) else result


def _answer(status: int, body: Json) -> web.Response:
    return web.json_response(body, status=status)


async def _read(request: web.Request) -> tuple[Json, Json]:
    """Parameters, JSON in them read, and uploaded files by the names of their parts."""
    params: Json = dict(request.query)
    files: Json = {}
    form = await request.post()
    for name, value in form.items():
        if isinstance(value, web.FileField):
            with value.file as file:
                files[name] = (value.filename, file.read())
            if not name.startswith("attached"):
                params[name] = f"attach://{name}"
        else:
            params[name] = value
    for name, value in params.items():
        if name not in ("text", "caption", "secret_token", "url", "callback_query_id"):
            with suppress(ValueError):
                params[name] = json.loads(value)
    return params, files


def _administrator(user: Json) -> Json:
    rights = (
        "can_be_edited is_anonymous can_manage_chat can_delete_messages can_manage_video_chats "
        "can_restrict_members can_promote_members can_change_info can_invite_users "
        "can_post_stories can_edit_stories can_delete_stories can_send_messages "
        "can_send_welcome_messages"
    )
    return {"status": "administrator", "user": user, **dict.fromkeys(rights.split(), False)}

"""Admin views and actions for limits, blocks and chats' settings."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, get_args

from bots.core.admin.editors.style_editor import back
from bots.core.admin.pages.actions import Action, Ask, Caller, Field, Given, Outcome, View
from bots.core.admin.pages.pages import Control, Page, Row, Table, address
from bots.core.admin.use_cases import queue_admin, styles
from bots.core.admin.use_cases.queue_admin import PSEUDONYM_LETTERS, LimitView
from bots.core.errors import BadWhomError, PageGoneError, UnknownLimitError
from storage.values.people import ChatKey, ChatSettings, PhotoCheck, UserKey

_CHAT_LIMIT_MOST: Final = 1000
_LIMIT_MOST: Final = 10**9
_CHOSEN: Final = ("language", "photo_check")


async def look_at_limits(caller: Caller, given: Given) -> Page:
    """The limits."""
    views = await queue_admin.limits(caller.services, caller.user)
    rows = [_limit(caller, view) for view in views]
    return Page(
        address("limits"), caller.say("admin-part-limits"), [caller.say("admin-limits")],
        [Table(rows)], [[back(caller)]], given.get("leaf") or 0,
    )  # fmt: skip


def _limit(caller: Caller, view: LimitView) -> Row:
    changed = "" if view.value == view.default else f" ({view.default})"
    name = caller.say(f"admin-limit-{view.name}")
    label = caller.say("admin-change")
    change = Control(label, address("limits.put", view.name), named=f"{label}: {name}")
    taken_back = Control(
        caller.say("admin-default-value", default=view.default),
        address("limits.put", view.name, value=""), named=f"{name}: {view.default}",
    )  # fmt: skip
    return Row(
        name, [view.name, f"{view.value}{changed}"], control=change,
        more=[taken_back] if changed else [],
    )  # fmt: skip


async def put_limit(caller: Caller, given: Given) -> Outcome:
    """Change a limit, or reset it to its default."""
    await queue_admin.put_limit(caller.services, caller.user, given["name"], given["value"])
    return Outcome(address("limits"), caller.say("admin-saved"))


async def _limit_now(caller: Caller, given: Given, asks: list[Ask]) -> list[Ask]:
    views = await queue_admin.limits(caller.services, caller.user)
    view = next((view for view in views if view.name == given["name"]), None)
    if view is None:
        raise UnknownLimitError(names=", ".join(view.name for view in views))
    bounds = {"least": view.least, "most": view.most, "default": view.default}
    name = caller.say(f"admin-limit-{view.name}")
    label, how = caller.say("admin-between", **bounds), caller.say("admin-ask-limit", **bounds)
    return [
        replace(
            ask, label=f"{name}: {label}", how=f"{name}: {how}", value=str(view.value),
            least=view.least, most=view.most,
        )
        for ask in asks
    ]  # fmt: skip


async def look_at_blocks(caller: Caller, given: Given) -> Page:
    """The blocked people and chats."""
    blocks = await queue_admin.blocks(caller.services, caller.user)
    rows = [
        Row(
            name := block.pseudonym[:PSEUDONYM_LETTERS], [block.created_at, block.reason],
            control=Control(caller.say("admin-allow"), address("people.allow", name),
                            named=caller.say("admin-allow-named", name=name)),
        )
        for block in blocks
    ]  # fmt: skip
    shut = Control(caller.say("admin-block"), address("people.block"))
    return Page(
        address("blocks"), caller.say("admin-part-blocks"),
        [caller.say("admin-blocks", count=len(blocks))],
        [Table(rows)] if rows else [], [[shut, back(caller)]], given.get("leaf") or 0,
    )  # fmt: skip


async def block(caller: Caller, given: Given) -> Outcome:
    """Block a person or a chat."""
    whose = queue_admin.whom(given["whom"])
    count = await queue_admin.block(caller.services, caller.user, whose, given.get("reason", ""))
    return Outcome(address("blocks"), caller.say("admin-blocked", count=count))


async def allow(caller: Caller, given: Given) -> Outcome:
    """Unblock someone, by id or by the pseudonym in the list."""
    try:
        whose: UserKey | ChatKey | str = queue_admin.whom(given["whom"])
    except BadWhomError:
        if not given["whom"]:
            raise
        whose = given["whom"]
    found = await queue_admin.allow(caller.services, caller.user, whose)
    return Outcome(address("blocks"), caller.say("admin-allowed" if found else "admin-not-blocked"))


async def look_at_chats(caller: Caller, given: Given) -> Page:
    """The groups and servers that have settings."""
    chats = await queue_admin.chats(caller.services, caller.user)
    label = caller.say("admin-look")
    rows = [
        Row(str(chat), [_styles_of(caller, settings)],
            control=Control(label, address("chat", str(chat)), named=f"{label}: {chat}"))
        for chat, settings in chats.items()
    ]  # fmt: skip
    return Page(
        address("chats"), caller.say("admin-part-chats"),
        [caller.say("admin-chats-how", count=len(chats))],
        [Table(rows)] if rows else [], [[back(caller)]], given.get("leaf") or 0,
    )  # fmt: skip


async def look_at_chat(caller: Caller, given: Given) -> Page:
    """A chat's settings."""
    chat: ChatKey = given["chat"]
    settings = (await queue_admin.chats(caller.services, caller.user)).get(chat)
    if settings is None:
        raise BadWhomError
    lines = [_styles_of(caller, settings)]
    if settings.style_id is not None:
        views = await styles.listed(caller.services, caller.user)
        lines += [
            caller.say("button-default-style", title=view.style.title(caller.language))
            for view in views if view.style.id == settings.style_id
        ]  # fmt: skip
    settle = Control(caller.say("admin-change"), address("chat.settle", str(chat)))
    return Page(
        address("chat", str(chat)), str(chat), lines,
        controls=[[settle], [back(caller, "chats")]],
    )  # fmt: skip


def _styles_of(caller: Caller, settings: ChatSettings) -> str:
    allowed = settings.allowed_styles
    if allowed is None:
        return caller.say("admin-chat-all-styles")
    return caller.say("admin-chat-styles", count=len(allowed))


async def settle(caller: Caller, given: Given) -> Outcome:
    """Change a chat's settings; those not given stay as they are."""
    changes: dict[str, Any] = {key: value for key, value in given.items() if key != "chat"}
    for name in _CHOSEN:
        if name in changes and changes[name] not in dict(_choices(caller, name)):
            raise PageGoneError
    if "admins" in changes:
        changes["audience"] = "admins" if changes.pop("admins") else "everyone"
    if "language" in changes:
        changes["language"] = changes["language"] or None
    await queue_admin.settle_chat(caller.services, caller.user, given["chat"], **changes)
    return Outcome(address("chat", str(given["chat"])), caller.say("admin-saved"))


async def _settings_now(caller: Caller, given: Given, asks: list[Ask]) -> list[Ask]:
    settings = (await queue_admin.chats(caller.services, caller.user)).get(given["chat"])
    if settings is None:
        raise BadWhomError
    now: dict[str, Any] = {"admins": settings.audience == "admins"}
    return [
        replace(
            ask, choices=_choices(caller, ask.field.name),
            value=_plain(now.get(ask.field.name, getattr(settings, ask.field.name, None))),
        )
        for ask in asks
    ]  # fmt: skip


def _plain(value: object) -> str:
    """A value as a form has it."""
    if isinstance(value, bool):
        return str(int(value))
    return "" if value is None else str(value)


def _choices(caller: Caller, name: str) -> Sequence[tuple[str, str]]:
    texts = caller.services.texts
    if name == "language":
        spoken = [(tag, texts.say("language-name", tag)) for tag in texts.languages]
        return [("", caller.say("button-any-language")), *spoken]
    if name == "photo_check":
        checks: Sequence[str] = get_args(PhotoCheck) if caller.services.content_check else ("off",)
        return [(check, caller.say(f"button-photo-check-{check}")) for check in checks]
    return ()


def _toggle(name: str, label: str) -> Field:
    return Field(name, "toggle", label, optional=True)


def _number(name: str, label: str) -> Field:
    return Field(name, "number", label, optional=True, least=1, most=_CHAT_LIMIT_MOST)


VIEWS: Final = (
    View("limits", "limits.read", look_at_limits, command="limits", about="command-limits"),
    View("blocks", "people.read", look_at_blocks, command="blocks", about="command-blocks"),
    View("chats", "chats.read", look_at_chats, command="chats", about="command-chats"),
    View("chat", "chats.read", look_at_chat, (Field("chat", "chat"),)),
)
ACTIONS: Final = (
    Action(
        "limits.put",
        # The range depends on the limit.
        (Field("name", "limit", "admin-limit"),
         Field("value", "number", "admin-value", least=-1, most=_LIMIT_MOST)),
        put_limit, "admin-change", asking=_limit_now, command="limits", about="command-limits",
    ),
    Action(
        "people.block",
        (Field("whom", "user", "admin-whom", "admin-ask-whom"),
         Field("reason", label="admin-why", how="admin-ask-why", optional=True)),
        block, "admin-block", command="block", about="command-block",
    ),
    Action("people.allow", (Field("whom", "user", "admin-whom", "admin-ask-whom"),), allow,
           "admin-allow", command="allow", about="command-allow"),
    Action(
        "chat.settle",
        (Field("chat", "chat"),
         _toggle("admins", "button-admins-only"), _toggle("quiet", "button-quiet"),
         _toggle("own_styles", "button-own-styles"), _toggle("open_buttons", "button-open-buttons"),
         _number("waiting_per_user", "button-waiting"), _number("per_minute", "button-per-minute"),
         Field("language", "choice", "admin-language", optional=True),
         Field("photo_check", "choice", "admin-photo-check", optional=True)),
        settle, "admin-save", apart=True, asking=_settings_now,
    ),
)  # fmt: skip

"""What groups and servers chose for themselves, for the admin to see and to change."""

from collections.abc import Mapping
from typing import Any, Final, get_args

from aiohttp import web

from bots.core import admin_styles, control_room
from bots.core.texts import Texts
from bots.web_adapter.admin_entrance import PATH
from bots.web_adapter.admin_site import actor_of, admin_page
from bots.web_adapter.site import language_of, number, see_other, site_of
from storage.values import Audience, ChatKey, PhotoCheck

ROUTES: Final = web.RouteTableDef()
_CHATS: Final = f"{PATH}/chats"
_MOST: Final = 1000


@ROUTES.get(_CHATS)
async def look(request: web.Request) -> web.Response:
    """All chats that ever chose something."""
    services, actor = site_of(request).services, actor_of(request)
    language = await language_of(request)
    views = await admin_styles.listed(services, actor)
    return await admin_page(
        request, "chats",
        chats=await control_room.chats(services, actor),
        titles={view.style.id: view.style.title(language) for view in views},
        checks=get_args(PhotoCheck) if services.content_check else ("off",),
        most=_MOST,
    )  # fmt: skip


@ROUTES.post(f"{_CHATS}/{{platform:[a-z]{{1,16}}}}/{{chat:-?\\d{{1,20}}}}")
async def settle(request: web.Request) -> web.Response:
    """Change what holds in a chat."""
    services, fields = site_of(request).services, await request.post()
    chat = ChatKey(request.match_info["platform"], request.match_info["chat"])
    changes = _changes(fields, services.texts)
    await control_room.settle_chat(services, actor_of(request), chat, **changes)
    return see_other(f"{_CHATS}#{chat.platform}-{chat.id}")


def _changes(fields: Mapping[str, object], texts: Texts) -> dict[str, Any]:
    """What a form says of a chat; what it says and cannot be is as if it were not said."""
    language, check = str(fields.get("language", "")), str(fields.get("photo_check", ""))
    audiences: tuple[Audience, ...] = get_args(Audience)
    changes: dict[str, Any] = {
        "audience": audiences[1] if "admins" in fields else audiences[0],
        "language": language if language in texts.languages else None,
        "waiting_per_user": number(fields.get("waiting_per_user"), 1, _MOST),
        "per_minute": number(fields.get("per_minute"), 1, _MOST),
    }
    changes |= {name: name in fields for name in ("quiet", "open_buttons", "own_styles")}
    if check in get_args(PhotoCheck):
        changes["photo_check"] = check
    return changes

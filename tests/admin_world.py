"""A bot in which every act of an admin has something to be done to, on whatever surface.

A surface is walked from the first page, as its buttons, menus and forms lead; what it leads to is
compared with all there is. Then each act is done there, and the audit log is read.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from bots.core.admin import registry
from bots.core.admin.pages.pages import read_address
from bots.core.admin.use_cases import queue_admin, rights, styles
from bots.core.common.services import Services
from bots.core.requests import queueing
from bots.core.requests.values import RequestInput
from bots.core.styles import custom_styles
from bots.core.users import preferences
from storage.values.people import ChatKey, UserKey
from storage.values.recipes import Choice

# Someone, and somewhere, of a platform whose bot does not run in the test.
SOMEONE = UserKey("elsewhere", "7")
CHAT = ChatKey("discord", "42")
Visit = Callable[[str], Awaitable[set[str]]]


@dataclass
class World:
    """What there is to act upon.

    Attributes:
        about: Which one an act is done to, where there are several.
        answers: What is answered to the questions of an act.
    """

    about: dict[str, str] = field(default_factory=dict)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)


async def furnish(services: Services, admin: UserKey, picture: Callable[[int], bytes]) -> World:
    """Make one of everything.

    Args:
        services: The bot's.
        admin: In whose name.
        picture: A photo, by number.
    """
    begun = [
        (await styles.add(services, admin, name, [picture(number)])).id
        for number, name in enumerate(("Plain", "Short lived", "Well used", "Travelled"))
    ]
    plain, short, used, travelled = begun
    _, file = await styles.export_file(services, admin, travelled)
    await styles.discard(services, admin, travelled)
    await styles.put_state(services, admin, used, "on")
    await styles.make_default(services, admin, used)
    offered = []
    for number, name in enumerate(("Liked", "Not liked")):
        own = await custom_styles.add_own(services, SOMEONE, name, picture(number))
        offered.append((await styles.submit(services, SOMEONE, own.id)).id)
    await queue_admin.put_mode(services, admin, "paused")
    asked = RequestInput(
        "once", SOMEONE, ChatKey("elsewhere", "7"), ({"file": "x"},), choices=(Choice(used),)
    )
    ticket = await queueing.accept(services, asked)
    await queue_admin.block(services, admin, UserKey("telegram", "99"), "")
    blocked = (await queue_admin.blocks(services, admin))[0].pseudonym[:16]
    await preferences.settle(services, CHAT, admin, admin=True, quiet=True)
    await styles.put_state(services, admin, used, "resting")
    await styles.put_state(services, admin, used, "on")
    about = {
        "style.enable": plain, "style.discard": short, "style.accept": offered[0],
        "style.decline": offered[1], "job.cancel": ticket.job.id, "people.allow": blocked,
        "chat.settle": CHAT, "limits.put": "album",
    }  # fmt: skip
    answers: dict[str, dict[str, Any]] = {
        "style.add": {"name": "Fresh", "picture": picture(2)},
        "style.import": {"file": file},
        "style.rename": {"en": "Renamed", "zh": "改名了"},
        "style.tag": {"tags": "warm, brown"},
        "queue.pause": {"words": "Back at 18:00."},
        "queue.drain": {"words": "Moving house."},
        "limits.put": {"value": "3"},
        "people.block": {"whom": "telegram:98", "reason": "floods"},
        "chat.settle": {"per_minute": "4"},
    }
    return World({act: str(about.get(act, used)) for act in registry.ACTIONS}, answers)


async def walked(world: World, visit: Visit) -> set[str]:
    """All addresses that a surface leads to, from the first page.

    Args:
        world: What there is; of styles, these are looked at.
        visit: Shows the page of an address, and says where it leads.
    """
    ours = set(world.about.values())
    found, ahead = {"room"}, ["room"]
    while ahead:
        for there in sorted(await visit(ahead.pop())):
            where = read_address(there)
            looks = not where.acts and where.name != "previews"
            worth = where.name != "style" or where.values[0] in ours
            if looks and worth and there not in found:
                ahead.append(there)
            found.add(there)
    return found


def chosen(world: World, found: set[str], act: str) -> str:
    """The address an act is done at: of all, the one that is about what it should be."""
    of_it = sorted(there for there in found if read_address(there).name == act)
    about = world.about[act]
    return next((there for there in of_it if read_address(there).values[:1] == (about,)), of_it[0])


async def newest(services: Services, admin: UserKey) -> tuple[str, str]:
    """Who did what last."""
    entry = (await rights.audit(services, admin, 1))[0]
    return entry.actor, entry.act

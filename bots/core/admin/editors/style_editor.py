"""Admin views and actions for everyone's styles."""

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bots.core.admin.pages.actions import Action, Ask, Caller, Field, File, Given, Outcome, View
from bots.core.admin.pages.pages import Control, Page, Row, Table, address
from bots.core.admin.use_cases import styles
from bots.core.admin.use_cases.refining import Refining
from bots.core.admin.use_cases.styles import MARKS, PICTURES_MAX, StyleView
from bots.core.errors import StyleGoneError
from engine.api.errors import EngineError
from storage.values.styles import Style

_STYLE: Final = Field("style", "style")
_TAGS_LETTERS: Final = 400
_NAME_LETTERS: Final = 40


async def look_at_all(caller: Caller, given: Given) -> Page:
    """The list of everyone's styles, submitted ones first."""
    views = await styles.listed(caller.services, caller.user)
    offered = [view for view in views if view.style.state == "submitted"]
    others = [view for view in views if view.style.state != "submitted"]
    tables = [
        Table([_row(caller, view) for view in offered], caller.say("admin-offered"), look="shelf")
    ]
    rows = [
        _row(caller, view, _moves(caller, view.style, place)) for place, view in enumerate(others)
    ]
    tables.append(Table(rows, look="shelf"))
    return Page(
        address("styles"), caller.say("admin-part-styles"),
        [caller.say("admin-styles", count=len(views))],
        [table for table in tables if table.rows],
        [[Control(caller.say("admin-begin"), address("style.add")),
          Control(caller.say("admin-import"), address("style.import"))], [back(caller)]],
        given.get("leaf") or 0,
    )  # fmt: skip


async def look_at_one(caller: Caller, given: Given) -> Page:
    """A style's page with its actions."""
    return await _page(caller, given["style"], "style")


async def look_at_previews(caller: Caller, given: Given) -> Page:
    """A style's page with the sample photos painted in it."""
    return await _page(caller, given["style"], "previews")


async def _page(caller: Caller, style_id: int, name: str) -> Page:
    views = await styles.listed(caller.services, caller.user)
    view = next((view for view in views if view.style.id == style_id), None)
    if view is None:
        raise StyleGoneError
    others = [each.style.id for each in views if each.style.state != "submitted"]
    place = others.index(style_id) if style_id in others else 0
    refining = caller.refinings.get(style_id)
    running = refining if refining and not refining.over else None
    return Page(
        address(name, style_id), " / ".join(_titles(caller, view.style)),
        await _lines(caller, view, refining),
        controls=await _controls(caller, view, place, running),
        style=view.style,
        pictured=name == "previews",
        refining=running,
    )  # fmt: skip


async def _lines(caller: Caller, view: StyleView, refining: Refining | None) -> list[str]:
    style = view.style
    facts = [f"{MARKS[style.state]} " + caller.say(f"admin-state-{style.state}"), style.slug]
    if view.default:
        facts.append("★ " + caller.say("admin-default"))
    lines = [" · ".join(facts)]
    if style.artist:
        lines.append(" · ".join(filter(None, (style.by(caller.language), str(style.year or "")))))
    if style.tags:
        lines.append(", ".join(style.tags))
    lines.append(caller.say("admin-used", count=view.used))
    if style.state in ("draft", "submitted") and await _is_doubtful(caller, style):
        lines.append(caller.say("admin-doubtful"))
    if refining and refining.over:
        lines.append(refining.said(caller.services.texts, caller.language))
    return lines


async def _controls(
    caller: Caller, view: StyleView, place: int, refining: Refining | None
) -> list[list[Control]]:
    style_id, state, say = view.style.id, view.style.state, caller.say
    previews = Control(say("admin-previews"), address("previews", style_id))
    if state == "submitted":
        return [
            [Control(say("admin-accept"), address("style.accept", style_id), "main"),
             Control(say("admin-decline"), address("style.decline", style_id))],
            [previews, back(caller, "styles")],
        ]  # fmt: skip
    words = [
        Control(say("admin-rename"), address("style.rename", style_id)),
        Control(say("admin-tags"), address("style.tag", style_id)),
    ]
    rest = [previews]
    if refining is None and await _refines(caller, view.style):
        rest.append(Control(say("admin-refine"), address("style.refine", style_id)))
    rest.append(Control(say("admin-export"), address("style.export", style_id)))
    return [
        _states(caller, view), words, rest,
        [*_moves(caller, view.style, place), back(caller, "styles")],
    ]  # fmt: skip


def _states(caller: Caller, view: StyleView) -> list[Control]:
    """Controls that change a style's state."""
    style_id, say, state = view.style.id, caller.say, view.style.state
    enable = Control(say("admin-enable"), address("style.enable", style_id), "main")
    retire = Control(say("admin-retire"), address("style.retire", style_id), "danger")
    controls = {
        "draft": [
            enable, Control(say("admin-discard"), address("style.discard", style_id), "danger"),
        ],
        "on": [Control(say("admin-rest"), address("style.rest", style_id)), retire],
        "resting": [enable, retire],
        "retired": [Control(say("admin-restore"), address("style.enable", style_id), "main")],
    }[state]  # fmt: skip
    if view.default:
        none = address("style.default", style_id, default=0)
        controls.append(Control(say("admin-no-default"), none, on=True))
    elif state == "on":
        default = address("style.default", style_id, default=1)
        controls.append(Control(say("admin-make-default"), default))
    return controls


def _moves(caller: Caller, style: Style, place: int) -> list[Control]:
    """Controls that move a style; each names the target place, so a second press does nothing."""
    title = style.title(caller.language)
    places = (("first", 0), ("earlier", max(0, place - 1)), ("later", place + 1))
    return [
        Control(
            caller.say(f"admin-move-{way}"), address("style.move", style.id, there),
            named=caller.say(f"admin-move-{way}-named", title=title),
        )
        for way, there in places
    ]  # fmt: skip


def _row(caller: Caller, view: StyleView, more: Sequence[Control] = ()) -> Row:
    style = view.style
    cells = [caller.say(f"admin-state-{style.state}"), caller.say("admin-used", count=view.used)]
    look = Control(caller.say("admin-look"), address("style", style.id), on=view.default)
    return Row(style.title(caller.language), cells, MARKS[style.state], look, more, style)


def _titles(caller: Caller, style: Style) -> list[str]:
    return list(dict.fromkeys(style.title(tag) for tag in caller.services.texts.languages))


def back(caller: Caller, name: str = "room") -> Control:
    """A control back to another page."""
    return Control(caller.say("button-back"), address(name))


async def _is_doubtful(caller: Caller, style: Style) -> bool:
    """Whether the content check objects to a style that is not everyone's yet."""
    try:
        return await styles.doubtful(caller.services, caller.user, style.id)
    except EngineError:
        return False


async def _refines(caller: Caller, style: Style) -> bool:
    """Whether the style can be refined: the engine has the weights, and the style a picture."""
    if style.kind != "custom" or style.owner:
        return False
    try:
        return (await caller.services.engine.capabilities()).refines
    except EngineError:
        return False


async def _is_there(caller: Caller, style_id: int) -> Style | None:
    """A style that admins may see; None if there is none."""
    try:
        return await styles.get(caller.services, caller.user, style_id)
    except StyleGoneError:
        return None


async def add(caller: Caller, given: Given) -> Outcome:
    """Create a draft style from pictures."""
    style = await styles.add(caller.services, caller.user, given["name"], given["picture"])
    return Outcome(address("previews", style.id))


async def import_file(caller: Caller, given: Given) -> Outcome:
    """Create a draft style from a style file."""
    style = await styles.import_file(caller.services, caller.user, given["file"])
    return Outcome(address("previews", style.id))


async def enable(caller: Caller, given: Given) -> Outcome:
    """Enable a style."""
    await styles.put_state(caller.services, caller.user, given["style"], "on")
    return _ended(given)


async def rest(caller: Caller, given: Given) -> Outcome:
    """Disable a style for a while."""
    await styles.put_state(caller.services, caller.user, given["style"], "resting")
    return _ended(given)


async def retire(caller: Caller, given: Given) -> Outcome:
    """Retire a style."""
    await styles.put_state(caller.services, caller.user, given["style"], "retired")
    return _ended(given)


async def accept(caller: Caller, given: Given) -> Outcome:
    """Make a submitted style everyone's; does nothing the second time."""
    with contextlib.suppress(StyleGoneError):
        await styles.decide(caller.services, caller.user, given["style"], accept=True)
    return _ended(given)


async def decline(caller: Caller, given: Given) -> Outcome:
    """Decline a submitted style, which stays its owner's; does nothing the second time."""
    style = await _is_there(caller, given["style"])
    if style is None:
        return Outcome(address("styles"))
    await styles.decide(caller.services, caller.user, style.id, accept=False)
    title = style.title(caller.language)
    return Outcome(address("styles"), caller.say("admin-declined", title=title))


async def discard(caller: Caller, given: Given) -> Outcome:
    """Delete a draft; does nothing the second time."""
    if await _is_there(caller, given["style"]):
        await styles.discard(caller.services, caller.user, given["style"])
    return Outcome(address("styles"), caller.say("admin-discarded"))


async def default(caller: Caller, given: Given) -> Outcome:
    """Set or unset the default style."""
    chosen = given["style"] if given["default"] else None
    await styles.make_default(caller.services, caller.user, chosen)
    return _ended(given)


async def move(caller: Caller, given: Given) -> Outcome:
    """Move a style to a place in the order."""
    await styles.move(caller.services, caller.user, given["style"], given["place"] or 0)
    return _ended(given)


async def rename(caller: Caller, given: Given) -> Outcome:
    """Rename a style; languages without a new title keep theirs."""
    tongues = caller.services.texts.languages
    titles = {tag: given[tag] for tag in tongues if given.get(tag)}
    await styles.rename(caller.services, caller.user, given["style"], titles)
    return _ended(given)


async def _titles_now(caller: Caller, given: Given, asks: list[Ask]) -> list[Ask]:
    style = await styles.get(caller.services, caller.user, given["style"])
    title = style.title(caller.language)
    names = {tag: caller.services.texts.say("language-name", tag)
             for tag in caller.services.texts.languages}  # fmt: skip
    return [
        replace(
            ask, value=style.titles.get(ask.field.name, ""),
            how=caller.say("admin-ask-title", title=title, language=names[ask.field.language]),
        )
        for ask in asks
    ]  # fmt: skip


async def tag(caller: Caller, given: Given) -> Outcome:
    """Set a style's tags."""
    await styles.retag(caller.services, caller.user, given["style"], given["tags"])
    return _ended(given)


async def _tags_now(caller: Caller, given: Given, asks: list[Ask]) -> list[Ask]:
    style = await styles.get(caller.services, caller.user, given["style"])
    how = caller.say("admin-ask-tags", title=style.title(caller.language))
    return [replace(ask, value=", ".join(style.tags), how=how) for ask in asks]


async def export(caller: Caller, given: Given) -> Outcome:
    """Export a style as a file."""
    name, content = await styles.export_file(caller.services, caller.user, given["style"])
    return Outcome(address("style", given["style"]),
                   file=File(name, content, caller.say("admin-exported")))  # fmt: skip


async def refine(caller: Caller, given: Given) -> Outcome:
    """Start refining a style, or report the progress."""
    style = await styles.get(caller.services, caller.user, given["style"])
    before = caller.refinings.get(style.id)
    if before and not before.over:
        return Outcome(address("style", style.id))
    refining = caller.refinings[style.id] = Refining(style, caller.language)
    return Outcome(address("style", style.id), refining=refining)


def _ended(given: Given) -> Outcome:
    return Outcome(address("style", given["style"]))


VIEWS: Final = (
    View("styles", "styles.read", look_at_all, command="styles", about="admin-about-styles"),
    View("style", "styles.read", look_at_one, (_STYLE,)),
    View("previews", "styles.read", look_at_previews, (_STYLE,)),
)
ACTIONS: Final = (
    Action(
        "style.add",
        (Field("name", label="admin-name", most=_NAME_LETTERS),
         Field("picture", "pictures", "admin-pictures", "admin-add-how", most=PICTURES_MAX)),
        add, "admin-begin", command="addstyle", about="command-addstyle",
    ),
    Action(
        "style.import", (Field("file", "file", "admin-file", "admin-import-how"),),
        import_file, "admin-import", command="importstyle", about="command-importstyle",
    ),
    Action("style.enable", (_STYLE,), enable, "admin-enable"),
    Action("style.rest", (_STYLE,), rest, "admin-rest"),
    Action("style.retire", (_STYLE,), retire, "admin-retire"),
    Action("style.accept", (_STYLE,), accept, "admin-accept"),
    Action("style.decline", (_STYLE,), decline, "admin-decline"),
    Action("style.discard", (_STYLE,), discard, "admin-discard"),
    Action(
        "style.default", (_STYLE, Field("default", "toggle", "admin-default")), default,
        "admin-make-default",
    ),
    Action(
        "style.move", (_STYLE, Field("place", "number", "admin-place", most=10**6)), move,
        "admin-move-first",
    ),
    Action(
        "style.rename", (_STYLE,), rename, "admin-rename",
        Field("", label="admin-title", optional=True, most=_NAME_LETTERS),
        apart=True, asking=_titles_now,
    ),
    Action(
        "style.tag",
        (_STYLE, Field("tags", label="admin-tags-how", most=_TAGS_LETTERS)),
        tag, "admin-tags", asking=_tags_now,
    ),
    Action("style.export", (_STYLE,), export, "admin-export", aside=True),
    Action("style.refine", (_STYLE,), refine, "admin-refine", aside=True),
)  # fmt: skip

"""All an admin can look at and do, and the one way to it from every surface."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bots.core.admin.editors import audit_editor, people_editor, queue_editor, style_editor
from bots.core.admin.pages.actions import Action, Ask, Caller, Field, Outcome, Raw, View, read
from bots.core.admin.pages.pages import Address, Control, Page
from bots.core.admin.use_cases import rights, styles
from bots.core.errors import BadLimitError, PageGoneError
from engine.api.errors import EngineError
from storage.values.styles import Style

VIEWS: Final[Mapping[str, View]] = {
    view.name: view
    for view in (
        *queue_editor.VIEWS,
        *style_editor.VIEWS,
        *people_editor.VIEWS,
        *audit_editor.VIEWS,
    )
}
ACTIONS: Final[Mapping[str, Action]] = {
    action.id: action
    for action in (*style_editor.ACTIONS, *queue_editor.ACTIONS, *people_editor.ACTIONS)
}
# The audit log's name for a press or an address that no version knows.
_ANYTHING: Final = "admin"
# What an address says of a question that is asked alone.
ONLY: Final = "ask"
_LEAF: Final = Field("leaf", "number", optional=True, most=10**6)


async def check(caller: Caller, where: Address) -> None:
    """See that someone may look or act there, before anything else is answered.

    Raises:
        BotAdminsOnlyError: he is no admin; that he tried is noted.
        PageGoneError: there is no such thing, or not any more.
    """
    action, view = ACTIONS.get(where.name), VIEWS.get(where.name)
    act = action.id if action else view.act if view else _ANYTHING
    await rights.check(caller.services, caller.user, act)
    if action is None and view is None:
        raise PageGoneError


async def look(caller: Caller, where: Address) -> Page:
    """The page at an address.

    Raises:
        BotAdminsOnlyError: he is no admin.
        BotError: there is no such page, or not of that.
    """
    await check(caller, where)
    view = VIEWS.get(where.name)
    if view is None:
        raise PageGoneError
    fields = (*view.fields, _LEAF)
    told = _told(fields, where)
    try:
        given = read(fields, told)
    except BadLimitError:
        # Of a number that cannot be, the page is the usual one.
        given = read(fields, {each.name: told[each.name] for each in fields if each.key})
    return await view.make(caller, given)


async def open_fields(caller: Caller, where: Address) -> list[Ask]:
    """What an action's address leaves open; nothing where it says enough.

    Raises:
        BotAdminsOnlyError: he is no admin.
        BotError: there is no such action, or what it is about is gone.
    """
    await check(caller, where)
    action = action_of(where)
    fields = action.all_fields(caller.services)
    told = _told(fields, where)
    only = where.named.get(ONLY)
    if only is None and action.apart and any(f.optional and f.name in told for f in fields):
        return []
    missing = [each for each in fields
               if each.name not in told and only in (None, each.name)]  # fmt: skip
    if not missing:
        return []
    asks = [_ask(caller, each) for each in missing]
    if action.asking is None:
        return asks
    keys = [each for each in fields if each.key]
    return await action.asking(caller, read(keys, told), asks)


async def perform(
    caller: Caller, where: Address, filled: Mapping[str, Raw] | None = None
) -> Outcome:
    """Do what an address says, with what was filled in besides.

    Raises:
        BotAdminsOnlyError: he is no admin.
        BotError: it cannot be done; the sentence says why.
        EngineError: as the action says.
    """
    await check(caller, where)
    action = action_of(where)
    fields = action.all_fields(caller.services)
    given = read(fields, {**_told(fields, where), **(filled or {})})
    return await action.do(caller, given)


def action_of(where: Address) -> Action:
    """The action at an address.

    Raises:
        PageGoneError: there is none.
    """
    action = ACTIONS.get(where.name)
    if action is None:
        raise PageGoneError
    return action


async def samples(caller: Caller, style: Style) -> tuple[list[bytes], str]:
    """The reference photos in a style, JPEG files; and why there are none, as a sentence."""
    services = caller.services
    try:
        return await styles.previews(services, caller.user, style.id), ""
    except EngineError as error:
        return [], services.texts.of_error(error, caller.language)


@dataclass(frozen=True, slots=True)
class Command:
    """What is typed: it shows something, or does something where more is said.

    Attributes:
        view: What it shows.
        action: What it does.
    """

    view: View | None
    action: Action | None

    @property
    def of(self) -> View | Action:
        """What its description and options are of."""
        of = self.action or self.view
        if of is None:
            raise AssertionError("a command shows something or does something")
        return of

    def where(self, said: Sequence[str]) -> Address:
        """Where it leads with these words."""
        if self.action and (said or self.view is None):
            return Address(self.action.id)
        return (
            Address(self.view.name, tuple(said[: len(self.view.fields)]))
            if self.view
            else Address("")
        )


def commands() -> dict[str, Command]:
    """All commands, by their names."""
    views = {view.command: view for view in VIEWS.values() if view.command}
    actions = {action.command: action for action in ACTIONS.values() if action.command}
    return {name: Command(views.get(name), actions.get(name)) for name in [*views, *actions]}


def _told(fields: Sequence[Field], where: Address) -> dict[str, str]:
    """What an address says, by the names of the fields."""
    by_place = dict(zip((each.name for each in fields), where.values, strict=False))
    return {**by_place, **{key: value for key, value in where.named.items() if key != ONLY}}


def _ask(caller: Caller, of: Field) -> Ask:
    language = caller.services.texts.say("language-name", of.language) if of.language else ""
    label = caller.say(of.label, language=language) if language else caller.say(of.label)
    how = caller.say(of.how) if of.how else label
    return Ask(of, label, how, least=of.least, most=of.most)


def alone(where: Address, name: str, value: str | None = None) -> Address:
    """Where one of several fields is given alone: asked for, or already told."""
    return replace(where, named={ONLY: name} if value is None else {name: value})


async def taken_apart(caller: Caller, control: Control, *, in_forms: bool) -> list[Control]:
    """A control as what is pressed for it: fields that may be given alone have one each.

    Args:
        caller: Who will press.
        control: The control.
        in_forms: Whether several fields are asked at once; then only what is on or off is apart.
    """
    action = ACTIONS.get(control.address.name)
    if action is None or not action.apart:
        return [control]
    asks = await open_fields(caller, control.address)
    found = [_alone(control.address, ask) for ask in asks
             if ask.field.kind == "toggle" or not in_forms]  # fmt: skip
    return [*found, control] if in_forms else found


def _alone(where: Address, ask: Ask) -> Control:
    name = ask.field.name
    if ask.field.kind == "toggle":
        is_on = ask.value == "1"
        return Control(
            f"{'✓' if is_on else '·'} {ask.label}", alone(where, name, str(int(not is_on)))
        )
    now = "" if ask.field.kind == "text" else dict(ask.choices).get(ask.value, ask.value)
    return Control(f"{ask.label} {now}".strip(), alone(where, name))

"""All admin views and actions, and the functions through which every surface calls them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bots.core.admin.editors import audit_editor, people_editor, queue_editor, style_editor
from bots.core.admin.pages.actions import Action, Ask, Caller, Field, Outcome, Raw, View, read
from bots.core.admin.pages.pages import Address, Control, Page
from bots.core.admin.use_cases import rights, styles
from bots.core.errors import OutOfRangeError, PageGoneError
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
# Key in an address for a field that is asked for alone.
ONLY: Final = "ask"
_LEAF: Final = Field("leaf", "number", optional=True, most=10**6)


async def check(caller: Caller, where: Address) -> None:
    """Check that the caller may use an address; must be called first.

    Raises:
        BotAdminsOnlyError: the caller is not an admin; the attempt is audited.
        PageGoneError: the address is unknown.
    """
    action, view = ACTIONS.get(where.name), VIEWS.get(where.name)
    act = action.id if action else view.act if view else _ANYTHING
    await rights.check(caller.services, caller.user, act)
    if action is None and view is None:
        raise PageGoneError


async def look(caller: Caller, where: Address) -> Page:
    """The page at an address.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
        BotError: the page or its subject does not exist.
    """
    await check(caller, where)
    view = VIEWS.get(where.name)
    if view is None:
        raise PageGoneError
    fields = (*view.fields, _LEAF)
    told = _told(fields, where)
    try:
        given = read(fields, told)
    except OutOfRangeError:
        # An invalid number gives the default page.
        given = read(fields, {each.name: told[each.name] for each in fields if each.key})
    return await view.make(caller, given)


async def open_fields(caller: Caller, where: Address) -> list[Ask]:
    """The fields of an action that its address does not contain; empty if it is complete.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
        BotError: the action is unknown, or its subject does not exist.
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
    """Run an action with the values of its address and of the filled-in fields.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
        BotError: the action is refused.
        EngineError: raised by the action.
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
    """The sample photos in a style as JPEG files, and a sentence if there are none."""
    services = caller.services
    try:
        return await styles.previews(services, caller.user, style.id), ""
    except EngineError as error:
        return [], services.texts.of_error(error, caller.language)


@dataclass(frozen=True, slots=True)
class Command:
    """A typed command: shows a view, or runs an action if it has arguments.

    Attributes:
        view: The view.
        action: The action.
    """

    view: View | None
    action: Action | None

    @property
    def of(self) -> View | Action:
        """The view or action that its description and options are from."""
        of = self.action or self.view
        if of is None:
            raise AssertionError("a command shows something or does something")
        return of

    def where(self, said: Sequence[str]) -> Address:
        """Its address with these arguments."""
        if self.action and (said or self.view is None):
            return Address(self.action.id)
        return (
            Address(self.view.name, tuple(said[: len(self.view.fields)]))
            if self.view
            else Address("")
        )


def commands() -> dict[str, Command]:
    """All commands by name."""
    views = {view.command: view for view in VIEWS.values() if view.command}
    actions = {action.command: action for action in ACTIONS.values() if action.command}
    return {name: Command(views.get(name), actions.get(name)) for name in [*views, *actions]}


def _told(fields: Sequence[Field], where: Address) -> dict[str, str]:
    """An address's values by field name."""
    by_place = dict(zip((each.name for each in fields), where.values, strict=False))
    return {**by_place, **{key: value for key, value in where.named.items() if key != ONLY}}


def _ask(caller: Caller, of: Field) -> Ask:
    language = caller.services.texts.say("language-name", of.language) if of.language else ""
    label = caller.say(of.label, language=language) if language else caller.say(of.label)
    how = caller.say(of.how) if of.how else label
    return Ask(of, label, how, least=of.least, most=of.most)


def alone(where: Address, name: str, value: str | None = None) -> Address:
    """The address for changing one of several fields, with or without its value."""
    return replace(where, named={ONLY: name} if value is None else {name: value})


async def taken_apart(caller: Caller, control: Control, *, in_forms: bool) -> list[Control]:
    """Split a control into one for each field that may be given alone.

    Args:
        caller: The admin.
        control: The control.
        in_forms: Whether forms ask for several fields at once; then only toggles are split off.
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

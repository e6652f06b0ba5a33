"""Controls as the templates show them: links, and forms with what an action asks."""

from collections.abc import Sequence
from dataclasses import dataclass

from bots.core.admin import desk
from bots.core.admin.actions import Ask, Caller
from bots.core.admin.pages import Control, Row, Table


@dataclass(frozen=True, slots=True)
class Form:
    """Controls that ask the same; a link is one that leads to a page.

    Attributes:
        controls: What can be pressed; each sends the form to its own address.
        asks: What is filled in before.
        label: What sends it where it asks something.
    """

    controls: Sequence[Control]
    asks: Sequence[Ask] = ()
    label: str = ""

    @property
    def acts(self) -> bool:
        """Whether it is a form at all."""
        return self.controls[0].address.acts

    @property
    def address(self) -> str:
        """Where it leads."""
        return str(self.controls[0].address)

    @property
    def uploads(self) -> str:
        """What kind of file it sends."""
        return next((a.field.kind for a in self.asks if a.field.kind in ("pictures", "file")), "")

    @property
    def aside(self) -> bool:
        """Whether more comes of it than a page."""
        return desk.ACTIONS[self.controls[0].address.name].aside


@dataclass(frozen=True, slots=True)
class Line:
    """A row, with its forms."""

    row: Row
    form: Form | None
    more: Sequence[Form]


async def in_groups(
    caller: Caller, groups: Sequence[Sequence[Control]], *, pictured: bool
) -> list[list[Form]]:
    """Groups of controls, with those that ask the same put together.

    Args:
        caller: Who will press them.
        groups: The controls.
        pictured: Whether the page shows what a style does in any case.
    """
    found = []
    for group in groups:
        forms: list[Form] = []
        for control in group:
            if pictured and control.address.name == "previews":
                continue
            form = await _form(caller, control)
            before = forms[-1] if forms else None
            if before and form.asks and form.asks == before.asks:
                forms[-1] = Form([*before.controls, control], form.asks)
            else:
                forms.append(form)
        found.append(forms)
    return found


async def in_lines(caller: Caller, table: Table) -> list[Line]:
    """The rows of a table, with what can be done with each."""
    return [
        Line(
            row,
            await _form(caller, row.control) if row.control else None,
            [Form([control]) for control in row.more],
        )
        for row in table.rows
    ]


async def _form(caller: Caller, control: Control) -> Form:
    asks = await desk.asked(caller, control.address) if control.address.acts else []
    label = caller.say(desk.ACTIONS[control.address.name].label) if asks else control.label
    return Form([control], asks, label)

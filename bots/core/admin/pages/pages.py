"""The types of admin pages, independent of surfaces: lines, tables and controls.

Each view and action has an address, which is a button's id on Telegram and Discord, and a path in
the studio.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from urllib.parse import parse_qsl, quote, unquote, urlencode

from typing_extensions import override

from bots.core.admin.use_cases.refining import Refining
from storage.values.styles import Style

# A time is written as each surface writes times.
Cell = str | datetime


@dataclass(frozen=True, slots=True)
class Address:
    """The target of a control: `style.move/12/3`, `styles/2`, `chat.settle/discord:4?quiet=1`.

    Attributes:
        name: Name of a view, or id of an action, which contains a dot.
        values: Values of its first fields, in order.
        named: Values by field name.
    """

    name: str
    values: tuple[str, ...] = ()
    named: Mapping[str, str] = field(default_factory=dict)

    @override
    def __hash__(self) -> int:
        return hash(str(self))

    @override
    def __str__(self) -> str:
        path = "/".join([self.name, *(quote(value, safe=":") for value in self.values)])
        return f"{path}?{urlencode(self.named, safe=':')}" if self.named else path

    @property
    def acts(self) -> bool:
        """Whether it is an action's address."""
        return "." in self.name


def address(name: str, /, *values: str | int, **named: str | int) -> Address:
    """Make an address."""
    told = {key: str(value) for key, value in named.items()}
    return Address(name, tuple(str(value) for value in values), told)


def read_address(text: str) -> Address:
    """Parse an address; an invalid one gets a name that no view has."""
    path, _, query = text.partition("?")
    name, *values = path.split("/")
    named = dict(parse_qsl(query, keep_blank_values=True))
    return Address(name, tuple(map(unquote, values)), named)


@dataclass(frozen=True, slots=True)
class Control:
    """A button or link.

    Attributes:
        label: Its text.
        address: Its target; an action asks for fields that are not in the address.
        look: "main" for the primary action, "danger" for a destructive one.
        on: Whether the state it sets is the current one.
        named: Accessible name, if the label is unclear by itself.
    """

    label: str
    address: Address
    look: Literal["plain", "main", "danger"] = "plain"
    on: bool = False
    named: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table.

    Attributes:
        name: Its first cell.
        cells: Its other cells.
        mark: A symbol before it.
        control: Its main control.
        more: Further controls, for surfaces with room for them.
        style: Its style, if any.
        count: The length of its bar.
    """

    name: str
    cells: Sequence[Cell] = ()
    mark: str = ""
    control: Control | None = None
    more: Sequence[Control] = ()
    style: Style | None = None
    count: int = 0

    def line(self, written: Callable[[Cell], str], bold: str = "") -> str:
        """The row as one line of text.

        Args:
            written: Formats a cell.
            bold: Markup before and after its name.
        """
        name = f"{self.mark} {bold}{written(self.name)}{bold}".strip()
        star = " ★" if self.control and self.control.on else ""
        return " · ".join(filter(None, (name, *map(written, self.cells)))) + star


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        rows: Its rows.
        title: Its title.
        columns: Headings of the name and the cells.
        look: "shelf" for an ordered list of pictures; "bars" for a bar chart.
    """

    rows: Sequence[Row]
    title: str = ""
    columns: Sequence[str] = ()
    look: Literal["table", "shelf", "bars"] = "table"


@dataclass(frozen=True, slots=True)
class Page:
    """An admin page.

    Attributes:
        address: Its address; a number appended selects a part of its tables.
        title: Its title.
        lines: Its text.
        tables: Its tables.
        controls: Its controls, in groups.
        leaf: Requested part of the tables, from 0, if they do not fit on one page.
        style: Its style, whose samples are shown if there is room.
        pictured: Whether the samples must be shown.
        refining: The style's running refinement.
        live: Whether it changes every few seconds.
    """

    address: Address
    title: str
    lines: Sequence[str] = ()
    tables: Sequence[Table] = ()
    controls: Sequence[Sequence[Control]] = ()
    leaf: int = 0
    style: Style | None = None
    pictured: bool = False
    refining: Refining | None = None
    live: bool = False

    @property
    def rows(self) -> list[Row]:
        """The rows of all tables."""
        return [row for table in self.tables for row in table.rows]

    def part(self, size: int) -> tuple[list[Row], int, int]:
        """The rows of the requested part of `size` rows, its number, and the last part's number."""
        rows = self.rows
        last = max(0, -(-len(rows) // size) - 1)
        leaf = min(self.leaf, last)
        return rows[leaf * size :][:size], leaf, last

    def turned(self, leaf: int) -> Address:
        """The address of another part."""
        return address(self.address.name, *self.address.values, leaf)

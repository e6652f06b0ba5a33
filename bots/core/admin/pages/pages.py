"""What the admin is shown, before any surface shows it: pages of lines, tables and controls.

A control leads to an address, as does everything an admin can look at or do: the same words are a
button's id on Telegram and Discord, and a path in the studio.
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
    """Where a control leads: `style.move/12/3`, `styles/2`, `chat.settle/discord:4?quiet=1`.

    Attributes:
        name: Of a view, or of an action, which has a dot in it.
        values: What comes first, by the order of its fields.
        named: What is told by name, such as the answers to questions.
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
        """Whether it is an action's."""
        return "." in self.name


def address(name: str, /, *values: str | int, **named: str | int) -> Address:
    """An address of these parts."""
    told = {key: str(value) for key, value in named.items()}
    return Address(name, tuple(str(value) for value in values), told)


def read_address(text: str) -> Address:
    """An address as it was written; of what never was one, the name of nothing."""
    path, _, query = text.partition("?")
    name, *values = path.split("/")
    named = dict(parse_qsl(query, keep_blank_values=True))
    return Address(name, tuple(map(unquote, values)), named)


@dataclass(frozen=True, slots=True)
class Control:
    """Something to press.

    Attributes:
        label: What stands on it.
        address: Where it leads; an action asks for what its address leaves open.
        look: "main" for what one most likely wants, "danger" for what takes something away.
        on: Whether what it stands for is so at present.
        named: What it is called where its label is read alone.
    """

    label: str
    address: Address
    look: Literal["plain", "main", "danger"] = "plain"
    on: bool = False
    named: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table.

    Attributes:
        name: What it is about.
        cells: What there is to know of that.
        mark: A sign before it.
        control: What it is chosen for.
        more: What else can be done where there is room for it.
        style: The style it is about.
        count: The number that a bar is as long as.
    """

    name: str
    cells: Sequence[Cell] = ()
    mark: str = ""
    control: Control | None = None
    more: Sequence[Control] = ()
    style: Style | None = None
    count: int = 0

    def line(self, written: Callable[[Cell], str], bold: str = "") -> str:
        """All of it in one line.

        Args:
            written: Writes a cell.
            bold: What stands before and behind its name.
        """
        name = f"{self.mark} {bold}{written(self.name)}{bold}".strip()
        star = " ★" if self.control and self.control.on else ""
        return " · ".join(filter(None, (name, *map(written, self.cells)))) + star


@dataclass(frozen=True, slots=True)
class Table:
    """Lines that belong together.

    Attributes:
        rows: The lines.
        title: What they have in common.
        columns: What a row's name and cells are.
        look: "shelf" for pictures to choose from, in an order; "bars" for numbers to compare.
    """

    rows: Sequence[Row]
    title: str = ""
    columns: Sequence[str] = ()
    look: Literal["table", "shelf", "bars"] = "table"


@dataclass(frozen=True, slots=True)
class Page:
    """What an admin looks at.

    Attributes:
        address: Its own; with the number of a leaf behind it, another part of its tables.
        title: What it is called.
        lines: What it says.
        tables: What it lists.
        controls: What can be done, in groups.
        leaf: Which part of the tables was asked for, where there is no room for all; from 0.
        style: The style it is about, whose samples are shown where there is room for them.
        pictured: Whether they are to be shown in any case.
        refining: The refinement that goes on meanwhile.
        live: Whether it is another one by the second.
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
        """The lines of all tables."""
        return [row for table in self.tables for row in table.rows]

    def part(self, size: int) -> tuple[list[Row], int, int]:
        """The rows that are to be shown where so many fit; which part that is, and the last one."""
        rows = self.rows
        last = max(0, -(-len(rows) // size) - 1)
        leaf = min(self.leaf, last)
        return rows[leaf * size :][:size], leaf, last

    def turned(self, leaf: int) -> Address:
        """Where another part of it is."""
        return address(self.address.name, *self.address.values, leaf)

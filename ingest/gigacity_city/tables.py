"""Reads a CSV table of the city file: header, rows with their line numbers, typed cells.

A bad cell becomes a problem and None; the row goes on, so that its other cells are checked, too.
"""

import csv
import io
import re
from typing import Generic, TypeVar

from gigacity_city.problems import Problems
from gigacity_contract.identifiers import is_area, is_community, is_id

T = TypeVar("T")

_NUMBERS = re.compile(r"(\d{1,9})(?:\.\.(\d{1,9}))?\Z", re.ASCII)


class Row:
    """One line of a table."""

    __slots__ = ("_cells", "_table", "is_broken", "line")

    def __init__(self, table: "Table", line: int, cells: list[str], *, is_broken: bool) -> None:
        self._table = table
        self.line = line
        self._cells = cells
        self.is_broken = is_broken
        """The line has too few or too many cells: said once, and nothing more about it."""

    def fault(self, column: str, message: str) -> None:
        """Note a problem with one cell."""
        if not self.is_broken:
            self._table.problems.add(self._table.file, self.line, column, message)

    def raw(self, column: str) -> str:
        """The cell as it stands, without surrounding blanks; may be empty."""
        return self._cells[self._table.index[column]].strip()

    def text(self, column: str) -> str | None:
        """A cell that must not be empty."""
        value = self.raw(column)
        if not value:
            self.fault(column, "is empty")
        return value or None

    def identifier(self, column: str) -> str | None:
        """An id of the contract's grammar."""
        value = self.raw(column)
        if is_id(value):
            return value
        self.fault(
            column,
            f"{value!r} is not an id: letters, digits, '.', '_' and '-', at most 64,"
            " the first a letter or digit",
        )
        return None

    def community_code(self, column: str) -> str | None:
        """A 12-digit statistical code."""
        value = self.raw(column)
        if is_community(value):
            return value
        self.fault(column, f"{value!r} is not a 12-digit community code")
        return None

    def area_code(self, column: str) -> str | None:
        """A 6-digit area code."""
        value = self.raw(column)
        if is_area(value):
            return value
        self.fault(column, f"{value!r} is not a 6-digit area code")
        return None

    def whole(self, column: str, low: int, high: int) -> int | None:
        """A whole number from low to high."""
        value = self.raw(column)
        # isdecimal alone takes full-width digits; int alone takes "1_000" and " 7".
        if not (value.isascii() and value.removeprefix("-").isdecimal()) or len(value) > 18:
            self.fault(column, f"{value!r} is not a whole number")
            return None
        number = int(value)
        if low <= number <= high:
            return number
        self.fault(column, f"{number} is not in {low}..{high}")
        return None

    def optional_whole(self, column: str, low: int, high: int) -> int | None:
        """A whole number, or nothing where the cell is empty."""
        return self.whole(column, low, high) if self.raw(column) else None

    def numbers(self, column: str, high: int) -> range:
        """``3`` or ``0..15``; empty where the cell is wrong."""
        value = self.raw(column)
        match = _NUMBERS.match(value)
        if match is None:
            self.fault(column, f"{value!r} is neither a number nor a range such as 0..15")
            return range(0)
        first = int(match[1])
        last = first if match[2] is None else int(match[2])
        if first <= last <= high:
            return range(first, last + 1)
        self.fault(column, f"{value!r} is not a range within 0..{high}")
        return range(0)


class Table:
    """A table whose header has been checked; ``rows`` is empty where it could not be read."""

    def __init__(
        self,
        file: str,
        columns: tuple[str, ...],
        text: str | None,
        problems: Problems,
        *,
        may_be_empty: bool = False,
    ) -> None:
        self.file = file
        self.problems = problems
        self.index: dict[str, int] = {}
        self.rows: list[Row] = []
        self.is_complete = False
        """Whether all of it was read; a reference into a table that was not is never judged."""
        if text is not None:
            self._read(columns, text)
            if self.is_complete and not self.rows and not may_be_empty:
                self.is_complete = False
                problems.add(file, 1, "", "has no rows below its header")

    def _read(self, columns: tuple[str, ...], text: str) -> None:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        line = 1
        try:
            header = next(reader, [])
            self.is_complete = self._read_header(columns, [name.strip() for name in header])
            if not self.is_complete:
                return
            line = reader.line_num + 1
            for cells in reader:
                if cells:
                    self.rows.append(self._row(line, cells, len(header)))
                line = reader.line_num + 1
        except csv.Error as error:
            self.is_complete = False
            self.problems.add(self.file, line, "", f"is not CSV: {error}")

    def _read_header(self, columns: tuple[str, ...], header: list[str]) -> bool:
        is_good = True
        for position, name in enumerate(header):
            if name in self.index:
                self.problems.add(self.file, 1, name, "the column stands twice in the header")
                is_good = False
            elif name not in columns:
                known = ", ".join(columns)
                self.problems.add(self.file, 1, name, f"unknown column; known are {known}")
            self.index.setdefault(name, position)
        for name in columns:
            if name not in self.index:
                self.problems.add(self.file, 1, name, "the column is missing from the header")
                is_good = False
        return is_good

    def _row(self, line: int, cells: list[str], width: int) -> Row:
        is_broken = len(cells) != width
        if is_broken:
            self.problems.add(
                self.file, line, "", f"has {len(cells)} cells where the header has {width}"
            )
            cells = (cells + [""] * width)[:width]
        return Row(self, line, cells, is_broken=is_broken)


class Register(Generic[T]):
    """What one table declares, for the tables that refer to it.

    A row with a fault is declared all the same, as None: its references are then not faults, too.
    """

    def __init__(self, table: Table, noun: str) -> None:
        self._table = table
        self._noun = noun
        self._lines: dict[str, int] = {}
        self._values: dict[str, T | None] = {}

    def declare(self, row: Row, column: str, value: T | None) -> bool:
        """Note what this row declares; False (and a problem) if another row already did."""
        name = row.raw(column)
        first = self._lines.setdefault(name, row.line)
        if first != row.line:
            row.fault(column, f"{self._noun} {name} already stands in line {first}")
            return False
        self._values[name] = value
        return True

    def find(self, row: Row, column: str, name: str | None = None) -> T | None:
        """The value that this cell refers to; a problem if no row declares it."""
        name = row.raw(column) if name is None else name
        if name not in self._values and self._table.is_complete:
            row.fault(column, f"{self._noun} {name!r} is not in {self._table.file}")
        return self._values.get(name)

    def value(self, name: str) -> T | None:
        """What was declared under this name, without any judgement."""
        return self._values.get(name)

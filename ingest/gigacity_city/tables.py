"""Reads CSV tables as their schemas declare them: header, typed cells, keys, references.

A cell with a fault becomes a problem with file, row and column; the row goes on, so that its other
cells are checked, too.
"""

import csv
import io
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from gigacity_city.problems import Problems
from gigacity_city.values import Reader

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSchema:
    """A table, declared once; ``deploy/city/README.md`` explains the same columns."""

    file: str
    columns: Mapping[str, Reader[Any]]
    noun: str = ""
    """What a row declares; empty: nothing that others refer to."""
    key: str = ""
    """The column by which others refer to it, and which no two rows may share."""
    references: Mapping[str, str] = field(default_factory=dict)
    """Columns that hold the key of another file's row; an empty cell refers to nothing."""
    may_be_empty: bool = False


class Register(Generic[T]):
    """What one file declares, for the tables that refer to it."""

    def __init__(self, file: str, noun: str, *, is_complete: bool) -> None:
        self.file = file
        self.noun = noun
        self.is_complete = is_complete
        """Whether all of it was read; a reference to what was not is never judged."""
        self.items: list[T] = []
        self._lines: dict[str, int] = {}
        self._indices: dict[str, int] = {}

    def declare(self, name: str, line: int, item: T | None) -> int | None:
        """Note what a row declares; the line of the row that already did, if one did.

        A row with a fault is declared as None: what refers to it is then no fault, too.
        """
        first = self._lines.setdefault(name, line)
        if first != line:
            return first
        if item is not None:
            self._indices[name] = len(self.items)
            self.items.append(item)
        return None

    def is_missing(self, name: str) -> bool:
        """Whether it is certain that nothing declares this name."""
        return self.is_complete and name not in self._lines

    def index(self, name: str) -> int | None:
        """Index in ``items``; None if nothing good has this name."""
        return self._indices.get(name)

    def find(self, name: str) -> T | None:
        """What has this name; None if nothing good has."""
        index = self._indices.get(name)
        return None if index is None else self.items[index]


class TableRow:
    """One line of a table."""

    __slots__ = ("_cells", "_is_whole", "_table", "is_good", "line", "values")

    def __init__(self, table: "Table", line: int, cells: list[str]) -> None:
        self._table = table
        self.line = line
        self._is_whole = len(cells) == table.width
        self._cells = cells if self._is_whole else cells + [""] * table.width
        self.is_good = self._is_whole
        """No cell, and no reference, has a fault so far."""
        self.values: dict[str, Any] = {}
        """By column; None where the cell has a fault."""

    def raw(self, column: str) -> str:
        """The cell as it stands, without blanks around it."""
        return self._cells[self._table.index[column]].strip()

    def fault(self, column: str, message: str) -> None:
        """Note a problem with one cell."""
        self.is_good = False
        # A line with too few or too many cells is told once, and nothing more about it.
        if self._is_whole:
            self._table.problems.add(self._table.schema.file, self.line, column, message)

    def read(self, column: str, reader: Reader[T], text: str) -> T | None:
        """A value of one cell; a problem and None if it is none."""
        try:
            return reader(text)
        except ValueError as error:
            self.fault(column, str(error))
            return None

    def refer(self, column: str, register: Register[Any], name: str) -> bool:
        """Whether what a cell names may exist; a problem if it does not."""
        if not register.is_missing(name):
            return True
        self.fault(column, f"{register.noun} {name!r} is not in {register.file}")
        return False


class Table:
    """A table of which every row is read by its schema."""

    def __init__(
        self,
        schema: TableSchema,
        text: str | None,
        registers: Mapping[str, Register[Any]],
        problems: Problems,
    ) -> None:
        self.schema = schema
        self.problems = problems
        self.index: dict[str, int] = {}
        self.width = 0
        self.is_complete = False
        """Whether every line could be taken apart."""
        self._registers = registers
        self._lines: list[tuple[int, list[str]]] = []
        if text is not None:
            self._split(text)
            if self.is_complete and not self._lines and not schema.may_be_empty:
                self.is_complete = False
                problems.add(schema.file, 1, "", "has no rows below its header")

    def rows(self) -> Iterator[TableRow]:
        """Every row, with its cells read and its references looked up."""
        for line, cells in self._lines:
            row = TableRow(self, line, cells)
            if len(cells) != self.width:
                message = f"has {len(cells)} cells where the header has {self.width}"
                self.problems.add(self.schema.file, line, "", message)
            self._read(row)
            yield row

    def _read(self, row: TableRow) -> None:
        values = row.values
        for column, reader in self.schema.columns.items():
            values[column] = row.read(column, reader, row.raw(column))
        for column, file in self.schema.references.items():
            if name := values[column]:
                is_there = row.refer(column, self._registers[file], name)
                # One text for a key, however many rows name it: megabytes of a city.
                values[column] = sys.intern(name) if is_there else None

    def _split(self, text: str) -> None:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        line = 1
        try:
            header = [name.strip() for name in next(reader, [])]
            self.width = len(header)
            self.is_complete = self._read_header(header)
            if not self.is_complete:
                return
            line = reader.line_num + 1
            for cells in reader:
                if cells:
                    self._lines.append((line, cells))
                line = reader.line_num + 1
        except csv.Error as error:
            self.is_complete = False
            self.problems.add(self.schema.file, line, "", f"is not CSV: {error}")

    def _read_header(self, header: list[str]) -> bool:
        faults: list[tuple[str, str]] = []
        for position, name in enumerate(header):
            if name in self.index:
                faults.append((name, "the column stands twice in the header"))
            elif name not in self.schema.columns:
                known = ", ".join(self.schema.columns)
                self.problems.add(self.schema.file, 1, name, f"unknown column; known are {known}")
            self.index.setdefault(name, position)
        missing = (name for name in self.schema.columns if name not in self.index)
        faults += [(name, "the column is missing from the header") for name in missing]
        for name, message in faults:
            self.problems.add(self.schema.file, 1, name, message)
        return not faults


class CityTables:
    """The tables of one folder, read one after the other: each may refer to those before it."""

    def __init__(self, texts: Mapping[str, str | None], problems: Problems) -> None:
        """Take the content by file; problems gets what is wrong."""
        self.registers: dict[str, Register[Any]] = {}
        """What was declared so far, by file."""
        self.problems = problems
        self._texts = texts

    def has(self, schema: TableSchema) -> bool:
        """Whether an optional table is there."""
        return schema.file in self._texts

    def table(self, schema: TableSchema) -> Table:
        """A table that its caller reads row by row."""
        return Table(schema, self._texts.get(schema.file), self.registers, self.problems)

    def declare(
        self,
        schema: TableSchema,
        make: Callable[..., T],
        check: Callable[[TableRow], None] = lambda _: None,
    ) -> Register[T]:
        """Read a table of which each row declares one thing.

        Args:
            schema: with a key.
            make: the thing, from the values by column.
            check: what the cells of one row must hold together.
        """
        table = self.table(schema)
        register = Register[T](schema.file, schema.noun, is_complete=table.is_complete)
        for row in table.rows():
            name = row.raw(schema.key)
            first = register.declare(name, row.line, make(**row.values) if row.is_good else None)
            if first is not None:
                row.fault(schema.key, f"{schema.noun} {name} already stands in line {first}")
            check(row)
        self.registers[schema.file] = register
        return register

"""What is wrong with an uploaded table, and how large one may be. Pure."""

from typing import NamedTuple

MAX_BYTES = 2_000_000
MAX_ROWS = 2_000
"""Rows that hold something."""

MAX_LINES = 10_000
"""Rows in all: empty ones cost time, too."""

MAX_COLUMNS = 64


class RowFault(NamedTuple):
    """What is wrong, and where; row 0 is the file as a whole."""

    row: int
    column: str
    en: str
    zh: str


class TableError(Exception):
    """The file as a whole cannot be read; it holds the faults to show."""

    def __init__(self, *faults: RowFault) -> None:
        super().__init__("; ".join(f"row {f.row}, {f.column}: {f.en}" for f in faults))
        self.faults = faults


def of_file(en: str, zh: str) -> TableError:
    """The error of a file as a whole."""
    return TableError(RowFault(0, "", en, zh))


def too_many_lines() -> TableError:
    """A table has more rows than are read."""
    return of_file(
        f"has more than {MAX_LINES:,} rows, empty ones counted: delete those below the table",
        f"超过{MAX_LINES:,}行(含空行),请删除表格下方的空行",
    )


def too_many_columns(row: int) -> TableError:
    """A row is wider than any table of reports."""
    return TableError(
        RowFault(row, "", f"has more than {MAX_COLUMNS} columns", f"超过{MAX_COLUMNS}列")
    )

"""Rows as a CSV or XLSX body, in parts; nothing holds the whole table.

CSV is UTF-8 with a byte order mark, so that office programs read Chinese. XLSX is a ZIP and exists
only once it is complete: it is written to a temporary file, with a bound on its rows.
"""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from openpyxl import Workbook

from gigacity_api.http.exporting.cells import Cell, safe
from gigacity_api.http.exporting.styling import styled

MAX_XLSX_ROWS = 50_000
"""About 5 s of work; more is asked as CSV."""

_PART_ROWS = 500
_PART_BYTES = 65_536

Row = Sequence[Cell]


class Format(StrEnum):
    """What an export is written as."""

    CSV = "csv"
    XLSX = "xlsx"


MEDIA_TYPES = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def csv_parts(rows: Iterable[Row]) -> Iterator[bytes]:
    """The body of a CSV file, a few hundred rows at a time."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    for number, row in enumerate(rows, start=1):
        writer.writerow([safe(cell) for cell in row])
        if number % _PART_ROWS == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def xlsx_parts(sheets: Iterable[tuple[str, Iterable[Row]]]) -> Iterator[bytes]:
    """The body of an XLSX file; the first part comes when the last row is written."""
    book = Workbook(write_only=True)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for number, row in enumerate(styled(sheet, rows), start=1):
            sheet.append(row)
            if number % _PART_ROWS == 0:
                # Nothing to send yet, and a moment at which others may have their turn.
                yield b""
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        while part := file.read(_PART_BYTES):
            yield part

"""Rows as a CSV body, in parts, and what an XLSX may hold; nothing holds the whole table.

CSV is UTF-8 with a byte order mark, so that office programs read Chinese. XLSX is a ZIP and exists
only once it is complete: ``workbook_child`` writes it, with a bound on its rows.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from gigacity_api.http.exporting.cells import Cell, safe

MAX_XLSX_ROWS = 50_000
"""About 5 s of work; more is asked as CSV."""

_PART_ROWS = 500

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

"""The rows of an uploaded XLSX, read in a process of its own that is bounded in memory and time.

A spreadsheet is a ZIP of XML, in which a few kilobytes may stand for gigabytes. What can be counted
before is counted; whatever else a file does, it does to a process that ends.
``python -I -m gigacity_api.reports.xlsx_rows`` reads one from standard input.
"""

import io
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

import msgspec

from gigacity_api.child_limits import bound_this_process, without_numpy
from gigacity_api.reports.table_faults import (
    MAX_COLUMNS,
    MAX_LINES,
    RowFault,
    TableError,
    of_file,
    too_many_columns,
    too_many_lines,
)

MAX_UNPACKED_BYTES = 20_000_000
MAX_ENTRIES = 500
"""Files in the ZIP; a workbook has about ten, and two for each further sheet."""

MAX_MEMORY_BYTES = 384 * 2**20
MAX_CPU_S = 10
MAX_WALL_S = 30.0
"""On a busy machine the processor is not always its own."""

Cell = str | int | float | bool | None


class _ChildAnswer(msgspec.Struct):
    rows: list[list[Cell]] = []
    faults: list[RowFault] = []


def xlsx_rows(content: bytes) -> list[list[Cell]]:
    """Every row of the first sheet, the header first; dates as ISO texts.

    Raises:
        TableError: it cannot be read, is too large, or takes too much to be read.
    """
    command = [sys.executable, "-I", "-m", "gigacity_api.reports.xlsx_rows"]
    try:
        done = subprocess.run(  # noqa: S603 - our own program, no shell
            command, input=content, capture_output=True, check=True, timeout=MAX_WALL_S, env={}
        )
        answer = msgspec.msgpack.decode(done.stdout, type=_ChildAnswer)
    except (subprocess.SubprocessError, msgspec.MsgspecError) as error:
        raise _too_much() from error
    if answer.faults:
        raise TableError(*answer.faults)
    return answer.rows


def main() -> None:
    """Answer for one workbook, and end."""
    bound_this_process(MAX_MEMORY_BYTES, MAX_CPU_S)
    without_numpy()
    try:
        content = sys.stdin.buffer.read()
        _check_zip(content)
        answer = _ChildAnswer(rows=list(_rows(content)))
    except TableError as error:
        answer = _ChildAnswer(faults=list(error.faults))
    except MemoryError:
        answer = _ChildAnswer(faults=list(_too_much().faults))
    except Exception:  # noqa: BLE001 - openpyxl raises whatever its parsers met first
        answer = _ChildAnswer(faults=list(of_file("is no readable XLSX", "XLSX无法读取").faults))
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer))


def _check_zip(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        entries = packed.infolist()
        if len(entries) > MAX_ENTRIES:
            raise of_file(
                f"holds {len(entries):,} files, more than {MAX_ENTRIES}: give it one sheet",
                f"内含文件超过{MAX_ENTRIES}个,请只保留一个工作表",
            )
        # Python's reader gives no more of an entry than it declares.
        unpacked = sum(entry.file_size for entry in entries)
        if unpacked > MAX_UNPACKED_BYTES:
            raise of_file(
                f"unpacks to {unpacked:,} bytes, more than {MAX_UNPACKED_BYTES:,}", "文件解压后过大"
            )
        for entry in entries:
            if entry.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in packed.read(entry):
                raise of_file("holds XML with entities of its own", "XML含有自定义实体")


def _rows(content: bytes) -> Iterator[list[Cell]]:
    from openpyxl import load_workbook  # noqa: PLC0415 - under the limits

    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    sheet = book.worksheets[0]
    # A sheet's own word for its size may be anything; rows that are left out are given as empty.
    sheet.reset_dimensions()
    for number, values in enumerate(sheet.iter_rows(max_row=MAX_LINES + 1, values_only=True), 1):
        beyond = values[MAX_COLUMNS:]
        if number > MAX_LINES:
            raise too_many_lines()
        if beyond.count(None) < len(beyond):
            raise too_many_columns(number)
        yield [_cell(value) for value in values[:MAX_COLUMNS]]


def _cell(value: Any) -> Cell:
    if isinstance(value, datetime):
        return (value.date() if value.time() == time(0) else value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int) and abs(value) >= 2**63:
        return float(value)
    return value if isinstance(value, Cell) else str(value)


def _too_much() -> TableError:
    return of_file(
        f"takes more than {MAX_CPU_S} s of computing or {MAX_MEMORY_BYTES >> 20} MiB to be read:"
        " keep the table alone in it, or save it as CSV",
        "读取所需时间或内存过多,请只保留表格本身,或另存为CSV",
    )


if __name__ == "__main__":
    main()

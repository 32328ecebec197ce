"""A workbook that is written in a process of its own, bounded in memory and time.

Styling and packing 50,000 rows are seconds of computing: here they take nothing from requests and
evaluation. ``python -I -m gigacity_api.http.exporting.workbook_child`` reads frames of rows from
standard input, and writes the file to standard output once the last one is there.
"""

import os
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

import msgspec

from gigacity_api.child_limits import bound_this_process, without_numpy
from gigacity_api.http.exporting.cells import Cell, safe
from gigacity_contract.errors import GigacityError

MAX_MEMORY_BYTES = 384 * 2**20
MAX_CPU_S = 60

_ROWS = 500
_PART_BYTES = 65_536
_LOOK_S = 0.01
_SIZE = struct.Struct(">I")


class WorkbookError(GigacityError):
    """The process that writes a workbook failed."""


class _SheetRows(msgspec.Struct, array_like=True):
    """Rows of a sheet; a title that differs from the one before begins another."""

    title: str
    rows: list[list[Cell]]


Sheets = Iterable[tuple[str, Iterable[Sequence[Cell]]]]


def xlsx_parts(sheets: Sheets) -> Iterator[bytes | None]:
    """The body of an XLSX file in parts, the first once the last row was given.

    An empty part says that there is nothing to send yet, None that the process is at work: no step
    takes longer than one batch of rows, and none waits. Whoever leaves the iterator ends the
    process.

    Raises:
        WorkbookError: the process failed, or needed more than it may.
    """
    command = [sys.executable, "-I", "-m", "gigacity_api.http.exporting.workbook_child"]
    child = subprocess.Popen(  # noqa: S603 - our own program, no shell
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}
    )
    assert child.stdin is not None  # noqa: S101 - both are pipes
    assert child.stdout is not None  # noqa: S101
    try:
        os.set_blocking(child.stdin.fileno(), False)
        for title, rows in sheets:
            following = iter(rows)
            while some := [[safe(cell) for cell in row] for row in islice(following, _ROWS)]:
                frame = msgspec.msgpack.encode(_SheetRows(title, some))
                yield from _written(child.stdin.fileno(), _SIZE.pack(len(frame)) + frame)
        child.stdin.close()
        yield from _read(child.stdout.fileno())
        if child.wait():
            raise WorkbookError(f"it ended with {child.returncode}")
    except OSError as error:
        raise WorkbookError(str(error)) from error
    finally:
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            pipe.close()


def whole_xlsx(sheets: Sheets) -> bytes:
    """The file at once; waits for it. Raises as ``xlsx_parts``."""
    parts = []
    for part in xlsx_parts(sheets):
        if part is None:
            time.sleep(_LOOK_S)
        else:
            parts.append(part)
    return b"".join(parts)


def _written(fd: int, data: bytes) -> Iterator[bytes | None]:
    rest, is_ready = memoryview(data), _readiness(fd, select.POLLOUT)
    while rest:
        if not is_ready():
            yield None
            continue
        rest = rest[os.write(fd, rest[:_PART_BYTES]) :]
        yield b""


def _read(fd: int) -> Iterator[bytes | None]:
    is_ready = _readiness(fd, select.POLLIN)
    while True:
        if not is_ready():
            yield None
        elif part := os.read(fd, _PART_BYTES):
            yield part
        else:
            return


def _readiness(fd: int, what: int) -> Callable[[], bool]:
    """Whether a pipe is ready, or at its end; of any number, where ``select`` ends at 1,023."""
    poll = select.poll()
    poll.register(fd, what)
    return lambda: bool(poll.poll(0))


def main() -> None:
    """Write one workbook, and end."""
    bound_this_process(MAX_MEMORY_BYTES, MAX_CPU_S)
    without_numpy()
    from openpyxl import Workbook  # noqa: PLC0415 - under the limits

    from gigacity_api.http.exporting.styling import Sheet  # noqa: PLC0415

    book, sheet = Workbook(write_only=True), None
    while head := sys.stdin.buffer.read(_SIZE.size):
        frame = msgspec.msgpack.decode(
            sys.stdin.buffer.read(_SIZE.unpack(head)[0]), type=_SheetRows
        )
        if sheet is None or sheet.title != frame.title:
            sheet = Sheet(book, frame.title)
        for row in frame.rows:
            sheet.append(row)
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        shutil.copyfileobj(file, sys.stdout.buffer)


if __name__ == "__main__":
    main()

"""Exports: no cell is a formula, Chinese survives, parts are bounded."""

import csv
import io
import os
import resource
import signal
import subprocess
import time
from collections.abc import Iterator
from itertools import repeat
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigacity_api.http.exporting.cells import MAX_CELL, Cell, safe
from gigacity_api.http.exporting.files import csv_parts
from gigacity_api.http.exporting.workbook_child import WorkbookError, whole_xlsx, xlsx_parts


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Processes that the test starts, the first one first."""
    found = list[Any]()
    popen = subprocess.Popen

    def start(*given: Any, **more: Any) -> Any:
        found.append(popen(*given, **more))
        return found[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    return found


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "|cmd", "%1"],
)
def test_a_formula_becomes_text(text: str) -> None:
    assert safe(text) == "'" + text


@pytest.mark.parametrize("cell", ["olt-1/1/0", "滨州市", "", None, 1, -1, -0.5, True])
def test_everything_else_stays(cell: str | float | None) -> None:
    assert safe(cell) is cell or safe(cell) == cell


def test_what_xml_cannot_hold_is_replaced_and_length_is_bounded() -> None:
    assert safe("a\x00b\ud800") == "a\ufffdb\ufffd"
    assert len(str(safe("x" * (MAX_CELL + 5)))) == MAX_CELL


def test_csv_comes_in_parts_with_a_byte_order_mark() -> None:
    rows: list[tuple[str, str | int]] = [("名称", "a,b")]
    rows += [(f"行{i}", i) for i in range(1200)]
    parts = list(csv_parts(rows))
    assert len(parts) == 3
    text = b"".join(parts).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text))) == [[str(c) for c in row] for row in rows]


def test_xlsx_is_a_workbook_with_numbers_as_numbers() -> None:
    content = whole_xlsx([("表", [["名称", -1.5, None, "=HYPERLINK(1)"]])])
    sheet = openpyxl.load_workbook(io.BytesIO(content))["表"]
    assert [cell.value for cell in sheet[1]] == ["名称", -1.5, None, "'=HYPERLINK(1)"]
    assert all(cell.data_type != "f" for cell in sheet[1])


@given(st.lists(st.text(max_size=20), max_size=5))
def test_no_text_at_all_becomes_a_formula(cells: list[str]) -> None:
    content = whole_xlsx([("t", [["x", *cells]])])
    (row,) = openpyxl.load_workbook(io.BytesIO(content))["t"].iter_rows()
    assert all(cell.data_type != "f" for cell in row)
    text = b"".join(csv_parts([["x", *cells]])).decode("utf-8-sig")
    assert all(not c.startswith(("=", "+", "-", "@")) for c in next(csv.reader(io.StringIO(text))))


def test_a_workbook_is_written_by_another_process_and_holds_up_nobody(
    children: list[Any],
) -> None:
    """Once, saving it was one piece of seconds, in the process that evaluates."""
    rows: list[list[Cell]] = [["名称"]]
    rows += [[f"row {n}", n] for n in range(5000)]
    parts = xlsx_parts([("表", rows)])
    assert next(parts) == b""
    (child,) = children
    child.send_signal(signal.SIGSTOP)
    while (part := next(parts)) == b"":
        pass
    assert part is None
    # The only thread that computes is free meanwhile: once, each step kept it for 50 ms.
    begun_s = time.perf_counter()
    assert [next(parts) for _ in range(20)] == [None] * 20
    assert time.perf_counter() - begun_s < 0.3
    child.send_signal(signal.SIGCONT)
    body = b"".join(part for part in _slowly(parts) if part)
    book = openpyxl.load_workbook(io.BytesIO(body), read_only=True)
    assert sum(1 for _ in book["表"].iter_rows()) == 5001
    assert child.returncode == 0


def _slowly(parts: Iterator[bytes | None]) -> Iterator[bytes | None]:
    for part in parts:
        if part is None:
            time.sleep(0.01)
        yield part


def test_a_workbook_is_written_however_many_files_are_open() -> None:
    """``select`` takes no descriptor beyond 1,023."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    held = list[int]()
    try:
        while not held or held[-1] < 1100:
            held.append(os.open(os.devnull, os.O_RDONLY))
        assert whole_xlsx([("a", [["x"]])]).startswith(b"PK")
    finally:
        for fd in held:
            os.close(fd)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_who_leaves_an_export_ends_its_process_and_a_failed_one_is_told(
    children: list[Any],
) -> None:
    parts = xlsx_parts([("a", repeat(["x"]))])
    next(parts)
    parts.close()  # type: ignore[attr-defined] # a generator
    assert children[0].returncode is not None
    parts = xlsx_parts([("a", repeat(["x"]))])
    next(parts)
    children[1].kill()
    with pytest.raises(WorkbookError):
        list(parts)

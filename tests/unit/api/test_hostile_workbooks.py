"""Spreadsheets that are made to cost much cost little, and say which limit they met."""

import io
import resource
import subprocess
import time
import zipfile
from typing import Any

import openpyxl
import pytest

from gigacity_api.reports import xlsx_rows as module
from gigacity_api.reports.table_faults import MAX_BYTES, MAX_COLUMNS, MAX_LINES, TableError
from gigacity_api.reports.tables import read_table
from gigacity_api.reports.xlsx_rows import MAX_ENTRIES, MAX_MEMORY_BYTES, xlsx_rows

SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
_BEGIN = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'


def workbook() -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["indicator", "scope", "as_of", "value", "source"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def with_parts(**parts: Any) -> bytes:
    """The workbook with some of its files replaced, or others added."""
    named = {name.replace("__", "/") + ".xml": part for name, part in parts.items()}
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook())) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new,
    ):
        for entry in old.infolist():
            if entry.filename not in named:
                new.writestr(entry, old.read(entry))
        for name, part in named.items():
            new.writestr(name, part)
    return file.getvalue()


def sheet(rows: str, dimension: str = "A1:E2") -> bytes:
    """A workbook with a good header and these rows below it."""
    names = ("indicator", "scope", "as_of", "value", "source")
    cells = "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in names)
    rows = f'<row r="1">{cells}</row>{rows}'
    body = f'{_BEGIN}<dimension ref="{dimension}"/><sheetData>{rows}</sheetData></worksheet>'
    return with_parts(xl__worksheets__sheet1=body)


def empty_rows() -> bytes:
    return sheet("<row/>" * 1_048_576)


def far_row() -> bytes:
    return sheet('<row r="1048576"><c r="A1048576"><v>1</v></c></row>', "A1:XFD1048576")


def many_rows_far_right() -> bytes:
    return sheet("".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(2, 9_999)))


def wide_row() -> bytes:
    return sheet('<row r="2">' + "<c><v>1</v></c>" * 1_000_000 + "</row>")


def shared_strings() -> bytes:
    entry = "<si><t>a</t></si>" * 1_100_000
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return with_parts(xl__sharedStrings=f'<sst xmlns="{space}">{entry}</sst>')


def zip_bomb() -> bytes:
    """900 MB of blanks; this process holds a thousandth of it."""
    file = io.BytesIO(workbook())
    with (
        zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as packed,
        packed.open("xl/media/image1.xml", "w") as entry,
    ):
        for _ in range(900):
            entry.write(b" " * 1_000_000)
    return file.getvalue()


def many_sheets() -> bytes:
    return with_parts(**{f"xl__worksheets__more{n}": _BEGIN for n in range(2 * MAX_ENTRIES)})


def entities() -> bytes:
    inside = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    doctype = f'<!DOCTYPE x [<!ENTITY e0 "lol">{inside}]>'
    return with_parts(xl__worksheets__sheet1=f"{doctype}{_BEGIN}&e11;</worksheet>")


def entities_in_utf16() -> bytes:
    inside = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    doctype = f'<!DOCTYPE x [<!ENTITY e0 "lol">{inside}]>'
    text = f'<?xml version="1.0" encoding="UTF-16"?>{doctype}{_BEGIN}&e11;</worksheet>'
    return with_parts(xl__worksheets__sheet1=text.encode("utf-16"))


def deep() -> bytes:
    return sheet("<a>" * 2_000_000)


HOSTILE = [
    (empty_rows, f"{MAX_LINES:,} rows"), (far_row, f"{MAX_LINES:,} rows"),
    (many_rows_far_right, f"more than {MAX_COLUMNS} columns"),
    (wide_row, f"takes more than|more than {MAX_COLUMNS} columns"), (zip_bomb, "unpacks to"),
    (many_sheets, f"more than {MAX_ENTRIES}"), (entities, "entities of its own"),
    (entities_in_utf16, "no readable XLSX|takes more than"),
    (deep, "no readable XLSX|takes more than"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "said"), HOSTILE, ids=[make.__name__ for make, _ in HOSTILE])
def test_a_hostile_workbook_costs_little(make: Any, said: str) -> None:
    content = make()
    assert len(content) <= MAX_BYTES
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started_s = time.perf_counter()
    with pytest.raises(TableError, match=said):
        list(read_table(content))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert time.perf_counter() - started_s < module.MAX_WALL_S
    assert used_s < module.MAX_CPU_S + 2
    # Between fork and exec a child has its parent's memory, which counts as its own peak.
    ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    assert after.ru_maxrss * 1024 <= max(MAX_MEMORY_BYTES, ours)


def test_many_strings_that_no_cell_refers_to_are_read_within_the_limits() -> None:
    assert xlsx_rows(shared_strings()) == [["indicator", "scope", "as_of", "value", "source"]]


def test_a_reader_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_WALL_S", 0.01)
    with pytest.raises(TableError, match="takes more than"):
        xlsx_rows(workbook())


def test_a_reader_sees_nothing_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIGACITY_INFLUX_PASSWORD", "s3cret")
    seen: dict[str, Any] = {}
    run = subprocess.run

    def spy(*args: Any, **kwargs: Any) -> Any:
        seen.update(kwargs)
        return run(*args, **kwargs)

    monkeypatch.setattr(subprocess, "run", spy)
    assert xlsx_rows(workbook()) == [["indicator", "scope", "as_of", "value", "source"]]
    assert seen["env"] == {}

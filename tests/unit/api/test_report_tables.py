"""Uploaded tables: every fault of every row, and no draft unless there is none."""

import contextlib
import io
import zipfile
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigacity_api.reports.checking import Checker
from gigacity_api.reports.table_faults import (
    MAX_BYTES,
    MAX_COLUMNS,
    MAX_LINES,
    MAX_ROWS,
    RowFault,
    TableError,
)
from gigacity_api.reports.tables import check_table, read_table
from gigacity_city.model import City
from tests.support.city import AREA_A

NOW_MS = round(datetime.fromisoformat("2026-11-24T02:00:00+00:00").timestamp() * 1000)
HEADER = "indicator,scope,code,as_of,value,source"
GOOD = "brain.scenarios,city,,2026-10-31,32,doc 1"


@pytest.fixture
def checker(city: City) -> Checker:
    return Checker(city, NOW_MS)


def csv(*rows: str, header: str = HEADER, encoding: str = "utf-8") -> bytes:
    return "\r\n".join([header, *rows, ""]).encode(encoding)


def xlsx(*rows: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def places(faults: list[RowFault]) -> list[tuple[int, str]]:
    return [(fault.row, fault.column) for fault in faults]


def whole(content: bytes, checker: Checker) -> list[tuple[int, str]]:
    with pytest.raises(TableError) as caught:
        check_table(content, checker)
    return places(list(caught.value.faults))


def test_a_table_of_good_rows_gives_their_drafts(checker: Checker) -> None:
    drafts, faults = check_table(
        csv(GOOD, f"brain.scenarios,area,{AREA_A},2026-10-31,5,d"), checker
    )
    assert not faults
    assert [(d.scope, d.code, d.value) for d in drafts] == [
        ("city", "371600", 32), ("area", AREA_A, 5),
    ]  # fmt: skip


def test_all_rows_are_checked_and_every_fault_is_placed(checker: Checker) -> None:
    rows = (
        GOOD,
        "brain.scenario,city,,2026-10-31,32,d",
        "",
        "brain.scenarios,city,,2027-01-01,-5,",
        "service.end_to_end_online,city,,2026-10-31,98,d",
        GOOD,
    )
    _, faults = check_table(csv(*rows), checker)
    assert places(faults) == [
        (3, "indicator"), (5, "source"), (5, "as_of"), (5, "value"), (6, "value"), (7, "as_of"),
    ]  # fmt: skip
    assert "row 2" in faults[-1].en


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_chinese_headers_and_every_encoding_are_read(checker: Checker, encoding: str) -> None:
    header = "指标,层级,代码,截止日期,数值,单位,分子,分母,来源文件,填报人"
    row = "service.end_to_end_online,city,,2026-10-31,0.98,ratio,98,100,滨数发12号,数据局"
    drafts, faults = check_table(csv(row, header=header, encoding=encoding), checker)
    assert not faults
    assert (drafts[0].source, drafts[0].reporter, drafts[0].numerator) == (
        "滨数发12号", "数据局", 98
    )  # fmt: skip


@pytest.mark.parametrize("separator", [";", "\t", "，"])
def test_other_separators_are_read(checker: Checker, separator: str) -> None:
    header, row = HEADER.replace(",", separator), GOOD.replace(",", separator)
    (draft,), faults = check_table(csv(row, header=header), checker)
    assert not faults
    assert draft.value == 32


def test_a_decimal_comma_names_its_cell(checker: Checker) -> None:
    rows = ("brain.scenarios;city;;2026/10/31;1,5;d", "brain.scenarios;city;;10/11/2026;5;d")
    _, faults = check_table(csv(*rows, header=HEADER.replace(",", ";")), checker)
    assert places(faults) == [(2, "value"), (3, "as_of")]


def test_a_spreadsheet_with_its_own_dates_and_numbers_is_read(checker: Checker) -> None:
    content = xlsx(
        HEADER.split(","),
        ["brain.scenarios", "city", 371600, date(2026, 10, 31), 32, "doc"],
        [None] * 6,
        ["brain.scenarios", "city", None, datetime(2026, 9, 30), 31.0, "doc"],  # noqa: DTZ001
    )
    drafts, faults = check_table(content, checker)
    assert not faults
    assert [d.value for d in drafts] == [32, 31]


def test_a_spreadsheets_faults_have_its_rows(checker: Checker) -> None:
    content = xlsx(HEADER.split(","), ["brain.scenarios", "city", None, "2026-10-31", "=1+1", "d"])
    _, faults = check_table(content, checker)
    assert places(faults) == [(2, "value")]


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"", [(1, c) for c in ("indicator", "scope", "as_of", "value", "source")]),
        (csv(GOOD, header=HEADER.replace("value", "amount")), [(1, "amount"), (1, "value")]),
        (csv(GOOD, header=HEADER + ",value"), [(1, "value")]),
        (csv(GOOD + ",extra"), [(2, "")]),
        (csv('brain.scenarios,city,,2026-10-31,"32'), [(0, "")]),
        (b"\xff\x80\xff\x80", [(0, "")]),
        (b"PK\x03\x04 no zip", [(0, "")]),
        (b"x" * (MAX_BYTES + 1), [(0, "")]),
        (csv(*[GOOD] * (MAX_ROWS + 1)), [(MAX_ROWS + 2, "")]),
        (csv(GOOD, *[""] * MAX_LINES, GOOD), [(0, "")]),
        (csv("," * MAX_COLUMNS), [(2, "")]),
        (b"," * 1_900_000, [(1, "")]),
        ((HEADER + "\n滨").encode()[:-1], [(0, "")]),
        (b"\xef\xbb\xbf" + (HEADER + "\n滨").encode("gb18030"), [(0, "")]),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), [(0, "")]),
    ],
    ids=[
        "empty",
        "header",
        "twice",
        "wide",
        "quote",
        "bytes",
        "zip",
        "large",
        "long",
        "empty rows",
        "columns",
        "commas",
        "cut short",
        "mixed",
        "xls",
    ],
)
def test_a_file_that_cannot_be_read_says_so(
    checker: Checker, content: bytes, where: list[tuple[int, str]]
) -> None:
    assert whole(content, checker) == where


def test_a_table_without_rows_is_a_fault(checker: Checker) -> None:
    _, faults = check_table(csv(), checker)
    assert places(faults) == [(2, "")]


def test_a_zip_that_is_no_spreadsheet_says_so(checker: Checker) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("hello.txt", "hello")
    assert whole(file.getvalue(), checker) == [(0, "")]


def test_a_damaged_spreadsheet_never_raises_anything_else(checker: Checker) -> None:
    content = xlsx(HEADER.split(","), ["brain.scenarios", "city", None, "2026-10-31", 32, "d"])
    for place in range(0, len(content), len(content) // 12):
        damaged = content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :]
        with contextlib.suppress(TableError):
            check_table(damaged, checker)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_bytes_raise_anything_but_a_table_error(content: bytes) -> None:
    with contextlib.suppress(TableError):
        assert all(number >= 2 for number, _ in read_table(content))

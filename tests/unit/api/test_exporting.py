"""Exports: no cell is a formula, Chinese survives, parts are bounded."""

import csv
import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigacity_api.http.exporting.cells import MAX_CELL, safe
from gigacity_api.http.exporting.files import csv_parts, xlsx_parts


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
    content = b"".join(xlsx_parts([("表", [["名称", -1.5, None, "=HYPERLINK(1)"]])]))
    sheet = openpyxl.load_workbook(io.BytesIO(content))["表"]
    assert [cell.value for cell in sheet[1]] == ["名称", -1.5, None, "'=HYPERLINK(1)"]
    assert all(cell.data_type != "f" for cell in sheet[1])


@given(st.lists(st.text(max_size=20), max_size=5))
def test_no_text_at_all_becomes_a_formula(cells: list[str]) -> None:
    content = b"".join(xlsx_parts([("t", [["x", *cells]])]))
    (row,) = openpyxl.load_workbook(io.BytesIO(content))["t"].iter_rows()
    assert all(cell.data_type != "f" for cell in row)
    text = b"".join(csv_parts([["x", *cells]])).decode("utf-8-sig")
    assert all(not c.startswith(("=", "+", "-", "@")) for c in next(csv.reader(io.StringIO(text))))

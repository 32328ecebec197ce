"""Uploaded tables of reports: CSV or XLSX into rows, and every fault of them.

Rows are numbered as a spreadsheet shows them: the header is row 1.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from gigacity_api.reports.checking import FIELDS, REQUIRED, Checker, Draft
from gigacity_api.reports.csv_rows import csv_rows
from gigacity_api.reports.faults import Fault
from gigacity_api.reports.table_faults import MAX_BYTES, MAX_ROWS, RowFault, TableError, of_file
from gigacity_api.reports.xlsx_rows import xlsx_rows

_OLE2 = bytes.fromhex("d0cf11e0a1b11ae1")
"""How an .xls of before 2007 and a workbook with a password begin."""

CHINESE = {
    "指标": "indicator", "层级": "scope", "代码": "code", "截止日期": "as_of", "数值": "value",
    "单位": "unit", "分子": "numerator", "分母": "denominator", "来源文件": "source",
    "填报人": "reporter",
}  # fmt: skip
"""Headers in Chinese."""


def read_table(content: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of a file with their numbers; what the file is, its content tells.

    Raises:
        TableError: it is too large, is neither, or its header is wrong.
    """
    if len(content) > MAX_BYTES:
        raise of_file(f"is over {MAX_BYTES:,} bytes", "文件过大")
    if content.startswith(_OLE2):
        raise of_file(
            "is an .xls or has a password: save it as .xlsx without one",
            "请另存为无密码的.xlsx文件",
        )
    rows: Iterator[Sequence[Any]] = iter(
        xlsx_rows(content) if content.startswith(b"PK") else csv_rows(content)
    )
    names = _header(next(rows, ()))
    return _numbered(names, rows)


def _numbered(
    names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> Iterator[tuple[int, dict[str, Any]]]:
    found = 0
    for number, cells in enumerate(rows, start=2):
        if all(cell is None or str(cell).strip() == "" for cell in cells):
            continue
        found += 1
        if found > MAX_ROWS:
            raise TableError(RowFault(number, "", f"more than {MAX_ROWS} rows", "行数过多"))
        extra = [cell for cell in cells[len(names) :] if cell not in (None, "")]
        if extra:
            raise TableError(
                RowFault(number, "", "more cells than the header has", "单元格多于表头")
            )
        yield number, {name: cell for name, cell in zip(names, cells, strict=False) if name}


def _header(cells: Sequence[Any]) -> list[str]:
    names, faults = [], []
    for cell in cells:
        text = str(cell or "").strip()
        name = CHINESE.get(text, text.lower())
        if name and name not in FIELDS:
            faults.append(RowFault(1, text[:80], "is no column of a report", "未知列"))
        elif name and name in names:
            faults.append(RowFault(1, text, "stands twice", "列重复"))
        names.append(name)
    faults += [
        RowFault(1, name, "is missing from the header", "表头缺少该列")
        for name in REQUIRED
        if name not in names
    ]
    if faults:
        raise TableError(*faults)
    return names


def check_table(content: bytes, checker: Checker) -> tuple[list[Draft], list[RowFault]]:
    """Every draft, and every fault of every row: store the former only if there is none of these.

    Raises:
        TableError: the file as a whole cannot be read.
    """
    drafts: list[Draft] = []
    faults: list[RowFault] = []
    seen: dict[tuple[str, str, str, int], int] = {}
    for number, entry in read_table(content):
        draft, wrong = checker.check(entry)
        faults += [_placed(number, fault) for fault in wrong]
        if draft is None:
            continue
        key = (draft.indicator, draft.scope, draft.code, draft.as_of_ms)
        if key in seen:
            faults.append(
                RowFault(
                    number, "as_of", f"the same figure and date as row {seen[key]}",
                    f"与第{seen[key]}行重复",
                )
            )  # fmt: skip
        seen.setdefault(key, number)
        drafts.append(draft)
    if not drafts and not faults:
        faults.append(RowFault(2, "", "the table has no rows", "表中没有数据"))
    return drafts, faults


def _placed(row: int, fault: Fault) -> RowFault:
    return RowFault(row, fault.field, fault.en, fault.zh)

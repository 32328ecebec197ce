"""Lists as files, and how a sheet looks and says what it is."""

import io
from typing import Any

import pytest
from openpyxl import load_workbook

from gigacity_api.http.exporting.styling import width_of
from tests.support.city import AREA_A
from tests.unit.api.conftest import Running
from tests.unit.api.test_report_routes import PORTS, enter

LISTS = {
    "indicators/pon.ports_10g/history/export": "截至 as of",
    "communities/export": "代码 code",
    "gaps/export": "指标 indicator",
    "reports/export": "指标 indicator",
    "scorecard/export": "指标 indicator",
    "indicators/pon.ports_10g/evidence/export": "类型 kind",
}


def csv_of(running: Running, path: str) -> list[list[str]]:
    answer = running.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.text
    return [line.split(",") for line in answer.text.removeprefix("\ufeff").splitlines()]


def book_of(running: Running, path: str) -> Any:
    answer = running.get(f"/api/v1/{path}{'&' if '?' in path else '?'}format=xlsx")
    assert answer.status_code == 200, answer.text
    return load_workbook(io.BytesIO(answer.content))


@pytest.mark.parametrize(("path", "first"), LISTS.items())
def test_every_list_is_a_file_in_both_formats(evaluated: Running, path: str, first: str) -> None:
    enter(evaluated, **PORTS)
    rows = csv_of(evaluated, path)
    assert rows[0][0] == first
    book = book_of(evaluated, path)
    data, about = book.worksheets
    assert data.max_row == len(rows) > 1
    assert data.freeze_panes == about.freeze_panes == "A2"
    assert data["A1"].font.bold
    assert data.column_dimensions["A"].width >= 12
    said = {row[0]: row[1] for row in about.iter_rows(values_only=True)}
    assert said["来源 source"].startswith(f"/api/v1/{path}")
    assert said["生成时间 made at"].startswith("2027-01-15T")
    assert said["城市版本 city version"] == evaluated.cache.inventory.city.version


def test_a_file_says_of_which_instant_and_by_which_method_it_is(evaluated: Running) -> None:
    about = book_of(evaluated, "scorecard/export").worksheets[1]
    rows = {row[0]: row for row in about.iter_rows(values_only=True)}
    assert rows["截至 as of"][1] == "2027-01-15T08:00:00.000Z"
    method = rows["pon.ports_10g"]
    assert "组合端口" in method[3]
    assert method[5] == 1


def test_numbers_of_a_sheet_are_numbers_in_groups(evaluated: Running) -> None:
    enter(evaluated, **PORTS | {"value": 40160})
    sheet = book_of(evaluated, "reports/export").worksheets[0]
    cell = next(c for row in sheet.iter_rows(min_row=2) for c in row if c.value == 40160)
    assert cell.number_format == "#,##0"


def test_a_column_is_as_wide_as_its_title() -> None:
    assert width_of("x") == 12
    assert width_of("方法版本 method version") == 8 + 15 + 2
    assert width_of("w" * 90) == 48


def test_what_is_exported_is_what_the_list_has(evaluated: Running) -> None:
    enter(evaluated, **PORTS)
    history = evaluated.get("/api/v1/indicators/pon.ports_10g/history").json()["items"]
    rows = csv_of(evaluated, "indicators/pon.ports_10g/history/export")[1:]
    assert [(r[0], float(r[1])) for r in rows] == [(p["as_of"], p["value"]) for p in history]
    mine = csv_of(evaluated, f"communities/export?area={AREA_A}")[1:]
    total = evaluated.get(f"/api/v1/communities?area={AREA_A}").json()["total"]
    assert len(mine) == total
    assert {row[2] for row in mine} == {AREA_A}


def test_a_history_is_bounded_as_its_list_is(evaluated: Running) -> None:
    path = "/api/v1/indicators/pon.ports_10g/history/export"
    assert evaluated.get(f"{path}?from=2020-01-01T00:00:00Z").status_code == 422
    assert evaluated.get(f"{path}?series=published&every=1h").status_code == 422
    assert evaluated.get(f"{path}?scope=area&code=1").status_code == 404

"""The monthly report, from daily values that were stored."""

import re

import pytest

from gigacity_api.site.times import Month
from gigacity_api.storage.queries.daily import daily_of_places
from gigacity_contract.local_time import DAY_MS, day_start_ms
from tests.support.city import AREA_A, AREA_B
from tests.support.influxql_rules import problems
from tests.unit.api.conftest import Running, T

NAME = "home.gigabit_access"
MIDNIGHT = day_start_ms(T)
"""Of 2027-01-15."""


def put_day(
    running: Running, back: int, value: float, lower: float, *, code: str = "371600"
) -> None:
    scope = "city" if code == "371600" else "area"
    tags = {"indicator": NAME, "scope": scope, "code": code}
    running.store.put(
        "r1d/indicator", MIDNIGHT - back * DAY_MS, tags, value=value, lower=lower, upper=1.0
    )


@pytest.fixture
def past(opened: Running) -> Running:
    """December ends at 50 %, of the second area nothing is known; January begins better."""
    for back in range(1, 40):
        put_day(opened, back, 0.8 if back < 15 else 0.5, 0.4)
        put_day(opened, back, 1.0, 1.0, code=AREA_A)
        put_day(opened, back, 0.0, 0.0, code=AREA_B)
    opened.clock.advance_s(400)
    opened.app.state.context.site.memory.refresh()
    return opened


def row_of(page: str, name: str) -> list[str]:
    row = next(part for part in page.split("<tr>") if name in part)
    cells = re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in cells]


def report(running: Running, month: str, language: str = "en") -> str:
    answer = running.ask("GET", f"/{language}/report/{month}")
    assert answer.status_code == 200
    return answer.text


def test_a_month_that_runs_stands_beside_the_end_of_the_one_before(past: Running) -> None:
    page = report(past, "2027-01")
    value, before, change, extent, target, verdict = row_of(page, "Urban households with gigabit")
    assert (value, before) == ("100.00%", "40.00% to 100.00%")
    assert change == "–", "the month before was known too little"
    assert extent == "100.00% – 100.00%"
    assert (target, verdict) == ("at least 100%", "✓ met")
    assert "Verdicts of the areas (now)" in page
    assert "report/2026-12" in page
    assert "report/2027-02" not in page


def test_a_month_that_is_over_shows_its_end_and_that_of_its_areas(past: Running) -> None:
    page = report(past, "2026-12", "zh")
    assert "区县判定（月末）" in page
    assert row_of(page, "惠民县")[1] == "? 无法判定: 0.00%至100.00%"
    assert row_of(page, "滨城区")[1] == "✓ 已达标: 100.00%"
    assert row_of(page, "城镇家庭千兆光纤网络覆盖率")[0] == "40.00%至100.00%"
    assert "report/2027-01" in page
    assert past.ask("GET", "/zh/report/2026-11").status_code == 404


def test_its_query_keeps_the_house_rules() -> None:
    query = daily_of_places(NAME, "area", after_ms=1, until_ms=2)
    assert not problems(query.text)
    assert query.policy == "r1d"


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2026-12", Month(2026, 12)),
        ("2026-1", None),
        ("2026-13", None),
        ("20261", None),
        ("2026-W01", None),
        ("0000-01", None),
    ],
)
def test_a_month_is_read_strictly(text: str, month: Month | None) -> None:
    assert Month.parse(text) == month


def test_months_follow_each_other_in_the_citys_time() -> None:
    december = Month(2026, 12)
    assert (december.after, december.before) == (Month(2027, 1), Month(2026, 11))
    assert Month(2027, 1).before == december
    assert Month.of(december.begin_ms) == december
    assert Month.of(december.end_ms) == december
    assert Month.of(december.end_ms + 1) == Month(2027, 1)
    # 2026-12-01 00:00 in the city is the evening before in UTC.
    assert december.begin_ms == 1_796_054_400_000

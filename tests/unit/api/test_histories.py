"""Histories that are thinned: the last figure of each stretch, with its extremes; days for ever."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigacity_api.evaluator.histories import STEP_MS, downsampled
from gigacity_api.evaluator.lines import FigureRow
from gigacity_api.http.paging import PageCursor, encode, question_of
from gigacity_api.indicators.levels import Level
from gigacity_api.storage.queries.daily import daily_history
from gigacity_contract.local_time import DAY_MS, UTC_OFFSET_MS, rfc3339
from tests.support.influxql_rules import problems
from tests.unit.api.conftest import Running, T
from tests.unit.api.test_routes import get, pages, problem

HISTORY = "/api/v1/indicators/pon.ports_10g/history"
TAGS = {"indicator": "pon.ports_10g", "scope": "city", "code": "371600"}
MINUTE = 60_000
MIDNIGHT = (T + UTC_OFFSET_MS) // DAY_MS * DAY_MS - UTC_OFFSET_MS


def row(time: int, value: float | None) -> FigureRow:
    return FigureRow(
        time, "371600", "pon.ports_10g", "city", value, 1, 1, value, value, None, "no_target", 1, 0,
        0, 1.0, "A", 0, "v", 1, "", value,
    )  # fmt: skip


def put(running: Running, at_ms: int, value: float | None) -> None:
    fields = {} if value is None else {"value": value}
    running.store.put("indicator", at_ms, TAGS, known_in=1, revision=0, city_version="v", **fields)


def put_day(running: Running, start_ms: int, value: float, **more: Any) -> None:
    running.store.put(
        "r1d/indicator", start_ms, TAGS, value=value, as_of_ms=start_ms + DAY_MS - MINUTE, **more
    )


def asked(**more: str) -> str:
    return HISTORY + "?" + "&".join(f"{name}={quote(value)}" for name, value in more.items())


def whole(running: Running, path: str) -> Iterator[dict[str, Any]]:
    for page in pages(running, path):
        yield from page["items"]


def test_a_stretch_is_its_last_figure_with_its_extremes(evaluated: Running) -> None:
    values = [10.0, 3.0, 12.0, 11.0]
    start = T - 7_200_000
    for number, value in enumerate(values):
        put(evaluated, start + number * MINUTE, value)
    put(evaluated, start + 3_600_000, 8.0)
    points = get(evaluated, asked(every="1h"))["items"]
    assert [
        (p["as_of_ms"], p["value"], p["value_min"], p["value_max"], p["instants"]) for p in points
    ] == [
        (start + 3 * MINUTE, 11, 3, 12, 4), (start + 3_600_000, 8, 8, 8, 1), (T, 18, 18, 18, 1),
    ]  # fmt: skip
    plain = get(evaluated, HISTORY)["items"]
    assert {(p["value_min"], p["value_max"], p["instants"]) for p in plain} == {(None, None, None)}


@given(
    minutes=st.sets(st.integers(0, 3_000), min_size=1),
    every=st.sampled_from(sorted(STEP_MS)),
    values=st.lists(st.none() | st.floats(0, 1), min_size=1),
)
def test_stretches_divide_the_history(
    minutes: set[int], every: Any, values: list[float | None]
) -> None:
    rows = [row(T + m * MINUTE, values[m % len(values)]) for m in sorted(minutes)]
    found = list(downsampled(rows, STEP_MS[every]))
    assert sum(sample.instants or 0 for sample in found) == len(rows)
    for sample in found:
        begin = sample.until_ms + 1 - STEP_MS[every]
        assert (begin + UTC_OFFSET_MS) % STEP_MS[every] == 0
        mine = [r for r in rows if begin <= r.time <= sample.until_ms]
        known = [r.value for r in mine if r.value is not None]
        assert sample.row is mine[-1]
        assert (sample.low, sample.high) == (min(known, default=None), max(known, default=None))
    assert all(one.until_ms < two.as_of_ms for one, two in pairwise(found))


@pytest.mark.parametrize("every", ["15m", "1h", "6h", "1d"])
def test_pages_together_are_the_whole_history(evaluated: Running, every: str) -> None:
    for number in range(200):
        put(evaluated, T - number * 17 * MINUTE, float(number))
    path = asked(every=every, **{"from": rfc3339(T - 3 * DAY_MS)})
    every_point = get(evaluated, path)["items"]
    assert len(every_point) >= 3
    assert list(whole(evaluated, path + "&limit=1")) == every_point


def test_pages_together_are_everything_that_was_published(evaluated: Running) -> None:
    """Three instants within one millisecond, as when missed ones are made up for."""
    for number in (1, 2, 3):
        evaluated.core.evaluate(T + number * MINUTE)
    evaluated.core.publisher.flush()
    evaluated.clock.wall_ms += 10
    path = asked(series="published", limit="2")
    assert [p["as_of_ms"] for p in whole(evaluated, path)] == [T + n * MINUTE for n in range(4)]


def test_days_come_from_what_is_kept_for_ever_and_then_from_the_instants(
    evaluated: Running,
) -> None:
    for day in range(1, 400):
        start = MIDNIGHT - day * DAY_MS
        put_day(evaluated, start, float(day), value_min=1.0, value_max=500.0, value_count=1440)
        put(evaluated, start + 5 * MINUTE, 77.0)
    points = get(evaluated, asked(every="1d"))["items"]
    assert [p["value"] for p in points[-3:]] == [2, 1, 18]
    assert [p["instants"] for p in points[-3:]] == [1440, 1440, 1]
    assert points[-2]["as_of_ms"] == MIDNIGHT - MINUTE
    assert points[-2]["published_at"] is None
    assert (points[-2]["value_min"], points[-2]["value_max"]) == (1, 500)
    assert len(points) == 366
    older = asked(every="1d", **{"from": rfc3339(T - 3_000 * DAY_MS), "to": rfc3339(MIDNIGHT - 1)})
    assert len(get(evaluated, older)["items"]) == 399


def test_a_day_that_was_not_rolled_up_yet_is_made_from_its_instants(evaluated: Running) -> None:
    put_day(evaluated, MIDNIGHT - 3 * DAY_MS, 5.0)
    for day in (2, 1):
        put(evaluated, MIDNIGHT - day * DAY_MS + 5 * MINUTE, float(day))
    points = get(evaluated, asked(every="1d"))["items"]
    assert [p["value"] for p in points] == [5, 2, 1, 18]


def test_a_range_within_one_rolled_day_is_read_from_its_instants(evaluated: Running) -> None:
    put_day(evaluated, MIDNIGHT - DAY_MS, 5.0)
    put(evaluated, MIDNIGHT - DAY_MS + 5 * MINUTE, 4.0)
    path = asked(
        every="1d",
        **{
            "from": rfc3339(MIDNIGHT - DAY_MS),
            "to": rfc3339(MIDNIGHT - DAY_MS + 3_600_000),
        },
    )
    assert [p["value"] for p in get(evaluated, path)["items"]] == [4]


def test_how_far_back_is_said(evaluated: Running) -> None:
    for every in ("instant", "6h"):
        path = asked(every=every, **{"from": rfc3339(T - 40 * DAY_MS)})
        assert "every=1d" in problem(evaluated, path, 422, "invalid-request")["detail"]
    path = asked(every="1d", **{"from": rfc3339(T - 3_700 * DAY_MS)})
    assert "3653 days" in problem(evaluated, path, 422, "invalid-request")["detail"]


def test_what_cannot_be_thinned_is_refused(evaluated: Running) -> None:
    problem(evaluated, asked(every="2h"), 422, "invalid-request")
    path = asked(every="1h", series="published")
    assert "query.every" in problem(evaluated, path, 422, "invalid-request")["detail"]


def test_a_cursor_goes_with_its_step(evaluated: Running) -> None:
    put(evaluated, T - 3_600_000, 1.0)
    cursor = get(evaluated, asked(every="15m", limit="1"))["next_cursor"]
    problem(evaluated, asked(every="1h", limit="1", cursor=cursor), 400, "bad-cursor")


@pytest.mark.parametrize(
    ("after_ms", "until_ms"),
    [(0, T), (T - 32 * DAY_MS, T), (T, T), (T, T - 1), (2**62, 2**62 + 1), (T, 2**62)],
)
def test_a_cursor_reaches_no_further_than_a_range_may(
    evaluated: Running, after_ms: int, until_ms: int
) -> None:
    question = question_of("history", "pon.ports_10g", Level.CITY, "371600", "current", "instant")
    cursor = encode(PageCursor(until_ms, question, after_ms))
    problem(evaluated, asked(cursor=cursor), 400, "bad-cursor")
    get(evaluated, asked(cursor=encode(PageCursor(T, question, T - DAY_MS))))


def test_its_query_keeps_the_house_rules() -> None:
    query = daily_history(("pon.ports_10g", "city", "371600"), after_ms=1, until_ms=2)
    assert not problems(query.text)
    assert query.policy == "r1d"

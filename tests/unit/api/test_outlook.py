"""What is said of a target: before its date, after it, and when too little is known."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigacity_api.forecasting.outlook import (
    MONTH_DAYS,
    Day,
    Outlook,
    due_ms,
    local_date,
    outlook,
)
from gigacity_city.model import Direction, Source, Target
from gigacity_contract.local_time import DAY_MS

SOURCE = Source("plan", "2023-07-24", confirmed=True)
NOW = round(datetime.fromisoformat("2025-07-01T12:00:00+08:00").timestamp() * 1000)


def target(value: float, due: str = "2025-12-31", direction: Direction = "at_least") -> Target:
    return Target("x", "city", "", value, direction, due, SOURCE)


def days(*values: float, until_ms: int = NOW, slack: float = 0) -> list[Day]:
    first = until_ms - (len(values) - 1) * DAY_MS
    return [
        Day(first + i * DAY_MS, value, value - slack, value + slack)
        for i, value in enumerate(values)
    ]


def line(start: float, step: float, size: int = 90) -> list[Day]:
    return days(*(start + step * i for i in range(size)))


def say(history: list[Day], goal: Target | None, *, is_share: bool = False) -> Outlook:
    found = outlook(history, goal, NOW, is_share=is_share)
    assert found.en
    assert found.zh
    return found


def test_a_line_that_leads_there_is_on_track() -> None:
    found = say(line(30_000, 50), target(40_000))
    assert found.status == "on_track"
    assert found.forecast is not None
    ahead = (due_ms("2025-12-31") - NOW) / DAY_MS
    assert found.forecast.value == pytest.approx(30_000 + 50 * (89 + ahead))
    assert found.trend_per_month == pytest.approx(50 * MONTH_DAYS)
    missing = 40_000 - (30_000 + 50 * 89)
    assert found.needed_per_month == pytest.approx(missing / (ahead / MONTH_DAYS), rel=1e-6)
    assert (found.reached_on, found.is_met_now) == (None, False)


def test_a_line_that_leads_elsewhere_is_off_track() -> None:
    assert say(line(30_000, 1), target(40_000)).status == "off_track"


def test_a_target_inside_the_interval_is_open() -> None:
    noisy = days(*(0.5 + 0.001 * i + (0.02 if i % 2 else -0.02) for i in range(90)))
    assert say(noisy, target(0.77), is_share=True).status == "open"


def test_a_share_never_leads_beyond_one() -> None:
    found = say(line(0.5, 0.004), target(0.9), is_share=True)
    assert found.forecast is not None
    assert (found.forecast.value, found.forecast.upper) == (1, 1)
    assert found.status == "on_track"


def test_a_reached_target_needs_nothing_more() -> None:
    found = say(line(39_900, 10), target(40_000))
    assert found.needed_per_month == 0
    assert found.reached_on == local_date(NOW - 79 * DAY_MS)
    assert found.is_met_now


@pytest.mark.parametrize(
    "history", [line(1, 1, 5), line(1, 1, 14), line(1, 1, 20)], ids=["few", "short", "far"]
)
def test_a_short_history_says_so_and_forecasts_nothing(history: list[Day]) -> None:
    found = say(history, target(40_000))
    assert (found.status, found.forecast) == ("too_short", None)
    assert "too short" in found.en
    assert "过短" in found.zh
    assert found.needed_per_month is not None


def test_no_history_and_no_target_are_said() -> None:
    assert say([], target(1)).status == "too_short"
    assert say(line(1, 1), None).status == "no_target"
    assert say(line(1, 1), target(1, due="")).status == "no_due_date"


def test_after_the_date_the_value_of_the_day_decides() -> None:
    goal = target(95, due="2025-05-01")
    late = say(line(50, 1), goal)
    assert (late.status, late.reached_on) == ("missed", "2025-05-18")
    assert "missed at its date: 78 on 2025-05-01" in late.en
    assert "first met in this history on 2025-05-18" in late.en
    never = say(line(90, 0), goal)
    assert (never.status, never.reached_on, never.is_met_now) == ("missed", None, False)
    assert say(line(90, 1), goal).status == "met"


def test_what_was_unknown_at_the_date_stays_undetermined() -> None:
    history = days(*([95.0] * 90), slack=2)
    found = say(history, target(95, due="2025-06-01"))
    assert (found.status, found.is_met_now) == ("undetermined", None)


def test_a_history_that_begins_after_the_date_cannot_tell() -> None:
    found = say(line(95, 1), target(100, due="2024-12-31"))
    assert (found.status, found.is_met_now) == ("unknown_at_due", True)
    assert found.reached_on == local_date(NOW - 84 * DAY_MS)
    assert "history begins on" in found.en


def test_less_may_be_better() -> None:
    goal = target(10, direction="at_most")
    assert say(line(100, -0.45), goal).status == "on_track"
    assert say(line(100, 0.1), goal).status == "off_track"
    rate = say(line(100, -0.1), goal).needed_per_month
    assert rate is not None
    assert rate < 0
    assert say(line(5, 0), target(10, "2025-06-01", "at_most")).status == "met"


def test_the_due_day_counts_whole_in_the_citys_time() -> None:
    assert due_ms("2025-12-31") == 1767196799000
    last = Day(due_ms("2025-06-01") - 1000, 100.0, 100.0, 100.0)
    assert say([last], target(100, due="2025-06-01")).status == "met"
    assert local_date(last.at_ms) == "2025-06-01"


@given(
    st.lists(st.floats(0, 1, allow_nan=False), max_size=60),
    st.floats(0, 1, allow_nan=False),
    st.sampled_from(["", "2024-01-01", "2025-06-15", "2025-07-20", "2030-12-31"]),
    st.sampled_from(["at_least", "at_most"]),
)
def test_any_series_has_an_outlook_with_its_bounds_in_order(
    values: list[float], goal: float, due: str, direction: Direction
) -> None:
    found = say(days(*values), target(goal, due, direction), is_share=True)
    if found.forecast is not None:
        assert 0 <= found.forecast.lower <= found.forecast.value <= found.forecast.upper <= 1
    assert (found.forecast is not None) == (found.status in {"on_track", "off_track", "open"})


def test_no_trend_goes_through_days_of_which_less_than_half_is_known() -> None:
    """A city that starts: 0 % of a few known homes, three weeks long, then what there is."""
    start = [
        Day(day.at_ms, 0.0, 0.0, 0.961) for day in days(*[0.0] * 21, until_ms=NOW - 90 * DAY_MS)
    ]
    rest = days(*[0.8] * 90, slack=0.01)
    found = say([*start, *rest], target(0.79), is_share=True)
    assert (found.status, found.days, found.trend_per_month) == ("on_track", 90, 0.0)

    only_start = say(start, target(0.79), is_share=True)
    assert (only_start.status, only_start.trend_per_month, only_start.days) == (
        "too_short",
        None,
        0,
    )


def test_at_its_date_a_day_of_which_little_is_known_shows_its_bounds() -> None:
    little = [Day(day.at_ms, 0.0, 0.0, 0.961) for day in days(*[0.0] * 21)]
    found = outlook(little, target(1.0, "2025-06-25"), NOW, is_share=True)
    assert "0.00% .. 96.10%" in found.en
    assert "0.00% .. 96.10%" in found.zh

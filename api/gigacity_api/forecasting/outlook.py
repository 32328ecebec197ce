"""What a series of daily values says of a target and its date. Pure.

Before the date: where the trend leads, with its interval, and the rate that is needed. After it:
met or missed, and when. A history that is too short for that says so and forecasts nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Literal, NamedTuple

from gigacity_api.forecasting.trend import CONFIDENCE, Trend, fit
from gigacity_api.indicators.display import percentage
from gigacity_city.model import Target
from gigacity_contract.local_time import DAY_MS, ZONE

MONTH_DAYS = 365.25 / 12

LEAST_VALUES = 6
MOST_UNKNOWN = 0.5
"""Days of which more is unknown show their bounds, and no trend goes through their values."""
LEAST_SPAN_DAYS = 14.0
REACH = 3.0
"""A trend is carried at most so many times as far ahead as its history reaches back."""

Status = Literal[
    "met", "missed", "undetermined", "unknown_at_due", "on_track", "off_track", "open", "too_short",
    "no_due_date", "no_target",
]  # fmt: skip


class Day(NamedTuple):
    """The value at the end of a day."""

    at_ms: int
    value: float
    lower: float
    upper: float


class Forecast(NamedTuple):
    """The trend carried to the due date."""

    value: float
    lower: float
    upper: float
    confidence: float = CONFIDENCE


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is to be said."""

    status: Status
    days: int
    """Values in the history, of a share those of which at least half is known."""
    span_days: float
    trend_per_month: float | None
    needed_per_month: float | None
    """From the newest value to the target at its date; 0 if it is reached already."""
    forecast: Forecast | None
    reached_on: str | None
    """First day of the history on which the target was met."""
    is_met_now: bool | None
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class _DailySeries:
    days: Sequence[Day]
    target: Target | None
    is_share: bool

    @property
    def span_days(self) -> float:
        days = self.known_days
        return (days[-1].at_ms - days[0].at_ms) / DAY_MS if days else 0.0

    def met(self, day: Day) -> bool | None:
        """Whether the target is met on a day; None if the bounds disagree."""
        assert self.target is not None  # noqa: S101 - asked only where there is one
        goal = self.target.value
        if self.target.direction == "at_least":
            worst, best = day.lower >= goal, day.upper >= goal
        else:
            worst, best = day.upper <= goal, day.lower <= goal
        return worst if worst == best else None

    def reached_on(self) -> str | None:
        return next((local_date(d.at_ms) for d in self.days if self.met(d)), None)

    @property
    def known_days(self) -> Sequence[Day]:
        """Days of which at least half of a share is known: the others show their bounds."""
        return [day for day in self.days if self._is_known(day)] if self.is_share else self.days

    def _is_known(self, day: Day) -> bool:
        # The bounds of a share lie as far apart as its unknown part is large.
        return not self.is_share or day.upper - day.lower <= MOST_UNKNOWN

    def trend(self) -> Trend | None:
        if len(self.known_days) < LEAST_VALUES or self.span_days < LEAST_SPAN_DAYS:
            return None
        return fit([(day.at_ms / DAY_MS, day.value) for day in self.known_days])

    def show_day(self, day: Day) -> str:
        if self._is_known(day):
            return self.show(day.value)
        return f"{self.show(day.lower)} .. {self.show(day.upper)}"

    def show(self, value: float) -> str:
        if not self.is_share:
            return f"{value:,.6g}"
        return percentage(value, None if self.target is None else self.target.value)


def due_ms(due: str) -> int:
    """The end of the due day, in the city's time."""
    return (
        round(datetime.combine(date.fromisoformat(due), time(23, 59, 59), ZONE).timestamp()) * 1000
    )


def outlook(days: Sequence[Day], target: Target | None, now_ms: int, *, is_share: bool) -> Outlook:
    """What a history says of a target.

    Args:
        days: oldest first, one a day at most.
        target: what should be reached, if anything is set.
        now_ms: the moment from which is looked ahead.
        is_share: the figure stays between 0 and 1.
    """
    series = _DailySeries(days, target, is_share)
    trend = series.trend()
    if target is None:
        return _plain(series, trend, "no_target", "no target is set", "未设目标")
    if not days:
        return _plain(series, trend, "too_short", "there is no history yet", "尚无历史数据")
    if not target.due:
        return _standing(series, trend)
    if now_ms > due_ms(target.due):
        return _after(series, trend, target)
    return _before(series, trend, target, now_ms)


def _plain(
    series: _DailySeries, trend: Trend | None, status: Status, en: str, zh: str, **more: object
) -> Outlook:
    found: dict[str, object] = {
        "needed_per_month": None, "forecast": None, "reached_on": None, "is_met_now": None,
    } | more  # fmt: skip
    return Outlook(
        status=status, days=len(series.known_days), span_days=round(series.span_days, 3),
        trend_per_month=None if trend is None else trend.slope * MONTH_DAYS,
        en=en, zh=zh, **found,  # type: ignore[arg-type] # the keys above, checked by the dataclass
    )  # fmt: skip


def _standing(series: _DailySeries, trend: Trend | None) -> Outlook:
    met = series.met(series.days[-1])
    en, zh = {
        True: ("it is met now; the target has no date", "目前已达标;目标未设期限"),
        False: ("it is not met now; the target has no date", "目前未达标;目标未设期限"),
        None: ("whether it is met cannot be told now; it has no date", "目前无法判定;目标未设期限"),
    }[met]
    return _plain(
        series, trend, "no_due_date", en, zh, reached_on=series.reached_on(), is_met_now=met
    )


def _after(series: _DailySeries, trend: Trend | None, target: Target) -> Outlook:
    due = due_ms(target.due)
    held = [day for day in series.days if day.at_ms <= due]
    now, reached = series.met(series.days[-1]), series.reached_on()
    more = {"reached_on": reached, "is_met_now": now}
    since = f"first met in this history on {reached}" if reached else "not met on any day since"
    since_zh = f"本历史中首次达标于{reached}" if reached else "此后未曾达标"
    if not held:
        first = local_date(series.days[0].at_ms)
        en = f"due on {target.due}; history begins on {first}, after it; {since}"
        zh = f"期限{target.due}早于历史起始日{first};{since_zh}"
        return _plain(series, trend, "unknown_at_due", en, zh, **more)
    met, value = series.met(held[-1]), series.show_day(held[-1])
    on = local_date(held[-1].at_ms)
    if met:
        en, zh = (
            f"met at its date: {value} on {on}; {since}",
            f"到期已达标:{on}为{value};{since_zh}",
        )
        return _plain(series, trend, "met", en, zh, **more)
    if met is None:
        en = f"undetermined at its date: {value} on {on}, with too much unknown; {since}"
        return _plain(
            series, trend, "undetermined", en, f"到期无法判定:{on}为{value};{since_zh}", **more
        )
    en, zh = f"missed at its date: {value} on {on}; {since}", f"到期未达标:{on}为{value};{since_zh}"
    return _plain(series, trend, "missed", en, zh, **more)


def _before(series: _DailySeries, trend: Trend | None, target: Target, now_ms: int) -> Outlook:
    due, newest = due_ms(target.due), (series.known_days or series.days)[-1]
    months = max(due - now_ms, DAY_MS) / DAY_MS / MONTH_DAYS
    missing = target.value - newest.value
    behind = missing > 0 if target.direction == "at_least" else missing < 0
    more: dict[str, object] = {
        "needed_per_month": missing / months if behind else 0.0,
        "reached_on": series.reached_on(), "is_met_now": series.met(newest),
    }  # fmt: skip
    ahead_days = (due - newest.at_ms) / DAY_MS
    if trend is None or ahead_days > REACH * series.span_days:
        en = (
            f"history is too short to look ahead to {target.due}: {len(series.known_days)} daily"
            f" values over {series.span_days:.0f} days; it takes {LEAST_VALUES} over"
            f" {max(LEAST_SPAN_DAYS, ahead_days / REACH):.0f} days"
        )
        zh = f"历史数据过短({len(series.known_days)}天),无法预测到{target.due}"
        return _plain(series, trend, "too_short", en, zh, **more)
    found = _carried(series, trend, due)
    status, word, word_zh = _verdict(found, target)
    low, high = series.show(found.lower), series.show(found.upper)
    en = (
        f"{word}: the trend leads to {series.show(found.value)} on {target.due}"
        f" (90 % interval {low} to {high}; target {series.show(target.value)})"
    )
    zh = (
        f"{word_zh}:按趋势{target.due}为{series.show(found.value)}"
        f"(90%区间{low}至{high};目标{series.show(target.value)})"
    )
    return _plain(series, trend, status, en, zh, forecast=found, **more)


def _carried(series: _DailySeries, trend: Trend, due: int) -> Forecast:
    x = due / DAY_MS
    middle, half = trend.at(x), trend.half_width(x)
    ceiling = 1.0 if series.is_share else float("inf")
    low, mid, high = (
        min(max(value, 0.0), ceiling) for value in (middle - half, middle, middle + half)
    )
    return Forecast(mid, low, high)


def _verdict(found: Forecast, target: Target) -> tuple[Status, str, str]:
    if target.direction == "at_least":
        sure, possible = found.lower >= target.value, found.upper >= target.value
    else:
        sure, possible = found.upper <= target.value, found.lower <= target.value
    if sure:
        return "on_track", "on track", "预计达标"
    if possible:
        return "open", "open", "尚难判断"
    return "off_track", "off track", "预计不达标"


def local_date(at_ms: int) -> str:
    """The day in the city of an instant, as an ISO date."""
    return datetime.fromtimestamp(at_ms / 1000, tz=UTC).astimezone(ZONE).date().isoformat()

"""Daily values of a figure as a drawing: band of the bounds, line, target, forecast. Pure."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from gigacity_api.forecasting.outlook import Day, Forecast
from gigacity_api.site.svg import drawing, element, number, polyline
from gigacity_api.site.times import day
from gigacity_contract.local_time import DAY_MS

WIDTH, HEIGHT = 720.0, 240.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 66.0, 14.0, 12.0, 28.0
_DRAWN = 400
"""Days that are drawn: the newest."""


class TrendSeries(NamedTuple):
    """What is drawn."""

    days: Sequence[Day]
    target: float | None
    forecast: Forecast | None
    due_ms: int | None
    """Where the forecast stands."""
    is_ratio: bool


class _Axes(NamedTuple):
    first_ms: int
    last_ms: int
    low: float
    high: float

    def x(self, at_ms: int) -> float:
        width = WIDTH - _LEFT - _RIGHT
        return _LEFT + (at_ms - self.first_ms) / (self.last_ms - self.first_ms) * width

    def y(self, value: float) -> float:
        height = HEIGHT - _TOP - _BOTTOM
        return _TOP + (self.high - value) / (self.high - self.low) * height


def trend_chart(series: TrendSeries, *, title: str) -> Markup:
    """The drawing; empty where there is no day to draw."""
    days = series.days[-_DRAWN:]
    if not days:
        return Markup()
    axes = _axes(series, days)
    parts = [*_grid(axes, series), _band(axes, days), _line(axes, days)]
    if series.target is not None:
        parts.append(_level(axes, series.target))
    if series.forecast is not None and series.due_ms is not None:
        parts += _ahead(axes, days[-1], series.forecast, series.due_ms)
    return drawing(WIDTH, HEIGHT, parts, title=title, class_="trend")


def sparkline(days: Sequence[Day], *, title: str) -> Markup:
    """The values of the last days, without axes; empty for fewer than two."""
    days = days[-31:]
    if len(days) < 2:
        return Markup()
    low, high = min(d.value for d in days), max(d.value for d in days)
    span, width, height = (high - low) or 1.0, 120.0, 28.0
    first, last = days[0].at_ms, days[-1].at_ms
    points = [
        (2 + (d.at_ms - first) / (last - first) * (width - 4),
         height - 3 - (d.value - low) / span * (height - 6))
        for d in days
    ]  # fmt: skip
    parts = [
        element("polyline", points=polyline(points), class_="value-line"),
        element("circle", cx=points[-1][0], cy=points[-1][1], r=2.5, class_="value-dot"),
    ]
    return drawing(width, height, parts, title=title, class_="spark")


def _axes(series: TrendSeries, days: Sequence[Day]) -> _Axes:
    last_ms = days[-1].at_ms
    values = [bound for d in days for bound in (d.lower, d.upper)]
    if series.target is not None:
        values.append(series.target)
    if series.forecast is not None and series.due_ms is not None:
        last_ms = max(last_ms, series.due_ms)
        values += [series.forecast.lower, series.forecast.upper]
    low, high = min(values), max(values)
    margin = (high - low) * 0.08 or max(abs(high) * 0.05, 0.01)
    low, high = low - margin, high + margin
    if min(values) >= 0:
        low = max(low, 0.0)
    first_ms = min(days[0].at_ms, last_ms - DAY_MS)
    return _Axes(first_ms, last_ms, low, high)


def _grid(axes: _Axes, series: TrendSeries) -> list[Markup]:
    found = []
    for value in _ticks(axes):
        y = axes.y(value)
        text = f"{value * 100:.4g}%" if series.is_ratio else f"{value:,.5g}"
        found.append(element("path", d=f"M{number(_LEFT)} {number(y)}H{number(WIDTH - _RIGHT)}",
                             class_="grid"))  # fmt: skip
        found.append(element("text", text, x=_LEFT - 6, y=y + 4, class_="tick end"))
    ends = ((axes.first_ms, "start"), (axes.last_ms, "end"))
    for at_ms, anchor in ends:
        found.append(
            element("text", day(at_ms), x=axes.x(at_ms), y=HEIGHT - 8, class_=f"tick {anchor}")
        )
    return found


def _ticks(axes: _Axes) -> list[float]:
    """Three to six round numbers within the axis."""
    rough = (axes.high - axes.low) / 5
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough)
    first = math.ceil(axes.low / step - 1e-9)
    last = math.floor(axes.high / step + 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]


def _band(axes: _Axes, days: Sequence[Day]) -> Markup:
    upper = [(axes.x(d.at_ms), axes.y(d.upper)) for d in days]
    lower = [(axes.x(d.at_ms), axes.y(d.lower)) for d in reversed(days)]
    return element("polygon", points=polyline([*upper, *lower]), class_="band")


def _line(axes: _Axes, days: Sequence[Day]) -> Markup:
    points = [(axes.x(d.at_ms), axes.y(d.value)) for d in days]
    if len(points) == 1:
        return element("circle", cx=points[0][0], cy=points[0][1], r=3, class_="value-dot")
    return element("polyline", points=polyline(points), class_="value-line")


def _level(axes: _Axes, target: float) -> Markup:
    y = number(axes.y(target))
    return element("path", d=f"M{number(_LEFT)} {y}H{number(WIDTH - _RIGHT)}", class_="target")


def _ahead(axes: _Axes, last: Day, forecast: Forecast, due_ms: int) -> list[Markup]:
    x, x0, y0 = axes.x(due_ms), axes.x(last.at_ms), axes.y(last.value)
    low, mid, high = (axes.y(v) for v in (forecast.lower, forecast.value, forecast.upper))
    return [
        element("polygon", points=polyline([(x0, y0), (x, high), (x, low)]), class_="cone"),
        element("path", d=f"M{number(x0)} {number(y0)}L{number(x)} {number(mid)}", class_="ahead"),
        element("circle", cx=x, cy=mid, r=3, class_="value-dot"),
    ]

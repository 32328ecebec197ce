"""The outlook of a figure: its trend, and what that says of the target's date."""

from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Response

from gigacity_api.errors import ApiProblem
from gigacity_api.forecasting.outlook import Day, Outlook, local_date, outlook
from gigacity_api.http.context import Context
from gigacity_api.http.dependencies import InContext, place_code, require_read
from gigacity_api.http.etag import InConditional
from gigacity_api.http.presenters.figures import figure_of, name_out, target_out
from gigacity_api.http.problems import responses
from gigacity_api.http.routers.indicators import CodeParam, ScopeParam
from gigacity_api.http.schemas.common import BilingualName
from gigacity_api.http.schemas.forecast import ForecastDay, ForecastOut, ForecastValue
from gigacity_api.indicators.levels import Level
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.reports.catalogue import DeclarableFigure, declarable
from gigacity_api.storage.queries.daily import (
    DAILY_FIELDS,
    daily_figures,
    daily_last,
    day_end_ms,
)
from gigacity_city.model import Target
from gigacity_contract.local_time import DAY_MS

router = APIRouter(
    prefix="/api/v1/indicators", tags=["figures"], dependencies=[Depends(require_read)]
)

LONGEST_MS = 3_653 * DAY_MS
"""Daily figures are kept for ever; ten years of them are enough for a line."""

KEPT_MS = 366 * DAY_MS
"""Figures of every instant are kept for a year: they stand in for days not rolled up."""

METHOD = (
    "median of pairwise slopes (Theil 1950, Sen 1968) through daily values; 90 % prediction"
    " interval with a robust residual scale and an autocorrelation correction; a straight line"
)


class DailyRow(msgspec.Struct, array_like=True, gc=False):
    """A row of ``daily_figures``."""

    time: int
    value: float | None
    lower: float | None
    upper: float | None


class DailyLastRow(msgspec.Struct, array_like=True, gc=False):
    """A row of ``daily_last``."""

    time: int
    last: float | None


@router.get(
    "/{indicator}/forecast",
    summary="Where a figure is heading",
    response_model=ForecastOut,
    responses=responses(404, cached=True),
)
def forecast(
    *,
    shared: InContext,
    conditional: InConditional,
    indicator: Annotated[str, Path(description="measured or reported", examples=["pon.ports_10g"])],
    scope: ScopeParam = Level.CITY,
    code: CodeParam = None,
    series: Annotated[
        Literal["measured", "reported"] | None,
        Query(description="whose values; the measured ones unless only offices know the figure"),
    ] = None,
) -> Response:
    """The trend of daily values to the target's date, or what became of the target after it."""
    known = declarable(indicator)
    if known is None:
        raise ApiProblem(
            404, "unknown-indicator", "No such indicator", f"there is no figure {indicator!r}"
        )
    where = place_code(shared, scope, code)
    kind = series or ("measured" if known.is_measured else "reported")
    if kind == "measured":
        days, target = _measured(shared, indicator, scope, where)
    else:
        days, target = _reported(shared, known, scope, where)
    found = outlook(days, target, shared.clock.now_ms(), is_share=known.is_share)
    return conditional.answer(_out(known, (scope, where), kind, target, (days, found)))


def _measured(
    shared: Context, indicator: str, scope: Level, code: str
) -> tuple[list[Day], Target | None]:
    if indicator not in REGISTRY:
        raise ApiProblem(
            404, "unknown-figure", "No such figure", f"{indicator} is reported, never measured"
        )
    definition = REGISTRY[indicator]
    figure_of(shared.publication(), definition, scope, code)
    days = _days(shared, (indicator, scope, code), shared.clock.now_ms())
    return days, definition.target(shared.inventory.city, scope, code)


def _days(shared: Context, place: tuple[str, str, str], now_ms: int) -> list[Day]:
    """Days that were rolled up, and from the instants those that are not yet."""
    query = daily_figures(place, after_ms=now_ms - LONGEST_MS, until_ms=now_ms)
    rolled = [row for batch in shared.store.rows(query, DailyRow) for row in batch]
    found = {row.time: (row.value, row.lower, row.upper) for row in rolled}
    after_ms = max((start + DAY_MS - 1 for start in found), default=now_ms - KEPT_MS)
    columns: list[dict[int, float | None]] = []
    for field in DAILY_FIELDS:
        query = daily_last(field, place, after_ms=after_ms, until_ms=now_ms)
        columns.append(
            {
                row.time: row.last
                for batch in shared.store.rows(query, DailyLastRow)
                for row in batch
            }
        )
    values, lowers, uppers = columns
    found |= {start: (values[start], lowers.get(start), uppers.get(start)) for start in values}
    return [
        Day(day_end_ms(start, now_ms), value, lower, upper)
        for start, (value, lower, upper) in sorted(found.items())
        if value is not None and lower is not None and upper is not None
    ]


def _reported(
    shared: Context, known: DeclarableFigure, scope: Level, code: str
) -> tuple[list[Day], Target | None]:
    if scope not in known.levels:
        levels = ", ".join(known.levels)
        raise ApiProblem(
            404, "unknown-figure", "No such figure", f"{known.id} is reported for {levels}"
        )
    entries = shared.declarations.refresh().series(known.id, scope, code)
    days = [Day(r.as_of_ms, r.value, r.value, r.value) for r in entries]
    return days, known.target(shared.inventory.city, scope, code)


def _out(
    known: DeclarableFigure,
    place: tuple[Level, str],
    kind: Literal["measured", "reported"],
    target: Target | None,
    history: tuple[list[Day], Outlook],
) -> ForecastOut:
    (scope, code), (days, found) = place, history
    ahead = found.forecast
    return ForecastOut(
        indicator=known.id,
        scope=scope.value,
        code=code,
        name=name_out(known.name),
        series=kind,
        target=None if target is None else target_out(target),
        status=found.status,
        statement=BilingualName(zh=found.zh, en=found.en),
        history_days=found.days,
        history_span_days=found.span_days,
        trend_per_month=found.trend_per_month,
        needed_per_month=found.needed_per_month,
        forecast=None if ahead is None else ForecastValue(**ahead._asdict()),
        reached_on=found.reached_on,
        is_met_now=found.is_met_now,
        method=METHOD,
        history=[
            ForecastDay(date=local_date(d.at_ms), value=d.value, lower=d.lower, upper=d.upper)
            for d in days
        ],
    )

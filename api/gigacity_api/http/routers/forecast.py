"""The outlook of a figure: its trend, and what that says of the target's date."""

from typing import Annotated, Literal

from fastapi import Path, Query, Response
from pydantic import Field

from gigacity_api.forecasting.daily_values import daily_values
from gigacity_api.forecasting.outlook import Day, local_date, outlook
from gigacity_api.http.context import Context
from gigacity_api.http.dependencies import DatabaseRoute, InContext, read_router
from gigacity_api.http.etag import InConditional
from gigacity_api.http.lookups import declarable_of, figure_of, place_code
from gigacity_api.http.parameters import FigurePlace
from gigacity_api.http.problem_types import UNKNOWN_FIGURE, ApiProblem
from gigacity_api.http.responses import answers
from gigacity_api.http.schemas.forecast import ForecastDay, ForecastOut
from gigacity_api.indicators.levels import Level
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.reports.catalogue import DeclarableFigure
from gigacity_city.model import Name, Target

router = read_router("figures", "/api/v1/indicators", route=DatabaseRoute)

METHOD = (
    "median of pairwise slopes (Theil 1950, Sen 1968) through daily values; 90 % prediction"
    " interval with a robust residual scale and an autocorrelation correction; a straight line"
)

Series = Literal["measured", "reported"]


class ForecastQuery(FigurePlace):
    """Which figure, and whose values."""

    series: Series | None = Field(
        None, description="whose values; the measured ones unless only offices know the figure"
    )


@router.get(
    "/{indicator}/forecast", summary="Where a figure is heading", **answers(ForecastOut, 404)
)
def forecast(
    shared: InContext,
    conditional: InConditional,
    indicator: Annotated[str, Path(description="measured or reported", examples=["pon.ports_10g"])],
    query: Annotated[ForecastQuery, Query()],
) -> Response:
    """The trend of daily values to the target's date, or what became of the target after it."""
    known = declarable_of(indicator)
    code = place_code(shared.inventory, query)
    series: Series = query.series or ("measured" if known.is_measured else "reported")
    read = _measured if series == "measured" else _reported
    days, target = read(shared, known, query.scope, code)
    found = outlook(days, target, shared.clock.now_ms(), is_share=known.is_share)
    answer = ForecastOut.of(
        found,
        known,
        indicator=known.id,
        scope=query.scope.value,
        code=code,
        series=series,
        target=target,
        statement=Name(found.zh, found.en),
        history_days=found.days,
        history_span_days=found.span_days,
        method=METHOD,
        history=[ForecastDay.of(day, date=local_date(day.at_ms)) for day in days],
    )
    return conditional.answer(answer)


def _measured(
    shared: Context, known: DeclarableFigure, scope: Level, code: str
) -> tuple[list[Day], Target | None]:
    if not known.is_measured:
        raise ApiProblem(UNKNOWN_FIGURE, f"{known.id} is reported, never measured")
    definition = REGISTRY[known.id]
    figure_of(shared.publication(), definition, scope, code)
    days = daily_values(shared.store, (known.id, scope, code), shared.clock.now_ms())
    return days, definition.target(shared.inventory.city, scope, code)


def _reported(
    shared: Context, known: DeclarableFigure, scope: Level, code: str
) -> tuple[list[Day], Target | None]:
    if scope not in known.levels:
        levels = ", ".join(known.levels)
        raise ApiProblem(UNKNOWN_FIGURE, f"{known.id} is reported for {levels}")
    entries = shared.declarations.refresh().series(known.id, scope, code)
    days = [Day(e.as_of_ms, e.value, e.value, e.value) for e in entries]
    return days, known.target(shared.inventory.city, scope, code)

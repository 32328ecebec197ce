"""The history of a figure: as it is known now, and as it was published."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import Query, Response
from pydantic import Field

from gigacity_api.evaluator.histories import (
    USUAL_MS,
    DailyHistoryRow,
    Every,
    HistoryPoint,
    current,
    longest_ms,
    published,
)
from gigacity_api.evaluator.lines import LogRow
from gigacity_api.http.context import Context
from gigacity_api.http.dependencies import DatabaseRoute, InContext, read_router
from gigacity_api.http.etag import InConditional
from gigacity_api.http.lookups import definition_of, figure_of, place_code
from gigacity_api.http.paging import PageCursor, bad_cursor, decode, encode, question_of
from gigacity_api.http.parameters import FigurePlace, IdParam, Limit, Paged, QueryTime, moment_ms
from gigacity_api.http.presenters.figures import past_figure
from gigacity_api.http.problem_types import INVALID_REQUEST, ApiProblem
from gigacity_api.http.responses import answers
from gigacity_api.http.schemas.figures import History, HistorySample
from gigacity_api.indicators.figures import FigureKey
from gigacity_contract.local_time import DAY_MS, EARLIEST

router = read_router("figures", "/api/v1/indicators", route=DatabaseRoute)

LATEST = datetime(2200, 1, 1, tzinfo=UTC)
"""The database has no times before 1678 or after 2262."""

EARLIEST_MS, LATEST_MS = (round(moment.timestamp() * 1000) for moment in (EARLIEST, LATEST))


class HistoryRange(FigurePlace):
    """Which figure, and of which time."""

    series: Literal["current", "published"] = Field(
        "current",
        description="current: the best figure of each instant; published: what was said",
    )
    every: Every = Field(
        "instant",
        description="one point for each stretch: the figure of its last instant, with the least"
        " and greatest value; `1d` reaches back ten years, the others 31 days",
    )
    since: QueryTime | None = Field(None, alias="from", description="RFC 3339")
    until: QueryTime | None = Field(None, alias="to", description="RFC 3339")


class HistoryQuery(Paged, HistoryRange):
    """A page of it."""

    limit: Limit = 1500


def _range(query: HistoryRange, now_ms: int) -> tuple[int, int]:
    longest, every = longest_ms(query.every), query.every
    until_ms = now_ms if query.until is None else moment_ms("to", query.until)
    usual_ms = until_ms - USUAL_MS[every]
    since_ms = usual_ms if query.since is None else moment_ms("from", query.since)
    is_within = since_ms >= EARLIEST_MS and until_ms <= LATEST_MS
    if not is_within or not 0 < until_ms - since_ms <= longest:
        more = "" if every == "1d" else "; every=1d goes further back"
        raise ApiProblem(
            INVALID_REQUEST,
            f"query.from: must be before query.to, by {longest // DAY_MS} days at most, and both"
            f" between {EARLIEST:%Y} and {LATEST:%Y}{more}",
        )
    return since_ms, until_ms


def _rest(cursor: str, asked: str, every: Every) -> tuple[int, int]:
    """What is left of a range: none that could not have been asked for."""
    place = decode(cursor, asked)
    after_ms, until_ms = place.offset, place.as_of_ms
    if not (
        EARLIEST_MS <= after_ms < until_ms <= LATEST_MS and until_ms - after_ms <= longest_ms(every)
    ):
        raise bad_cursor()
    return after_ms, until_ms


def history_point(point: HistoryPoint) -> HistorySample:
    """A point as answers have it."""
    row = point.row
    is_published = isinstance(row, LogRow) and not isinstance(row, DailyHistoryRow)
    return HistorySample.of(
        point,
        published_at=row.time if is_published else None,
        value_min=point.low,
        value_max=point.high,
        **past_figure(row),
    )


def _checked(shared: Context, indicator: str, query: HistoryRange) -> str:
    """The code of a figure that there is. Raises ApiProblem (404, 422)."""
    if query.series == "published" and query.every != "instant":
        raise ApiProblem(
            INVALID_REQUEST,
            "query.every: what was published is not downsampled; leave it out, or take"
            " series=current",
        )
    definition = definition_of(indicator)
    code = place_code(shared.inventory, query)
    figure_of(shared.publication(), definition, query.scope, code)
    return code


def _points(
    shared: Context, key: FigureKey, query: HistoryRange, between: tuple[int, int]
) -> Sequence[HistoryPoint]:
    if query.series == "current":
        return current(shared.store, key, query.every, *between)
    return published(shared.store, key, *between)


def history_points(
    shared: Context, indicator: str, query: HistoryRange
) -> tuple[Sequence[HistoryPoint], str]:
    """Every point of a range, and the code of the figure's place. Raises ApiProblem (404, 422)."""
    code = _checked(shared, indicator, query)
    key = (indicator, query.scope.value, code)
    return _points(shared, key, query, _range(query, shared.clock.now_ms())), code


@router.get("/{indicator}/history", summary="The history of a figure", **answers(History, 400, 404))
def figure_history(
    shared: InContext,
    conditional: InConditional,
    indicator: IdParam,
    query: Annotated[HistoryQuery, Query()],
) -> Response:
    """One figure over time, oldest first; the last 24 hours unless a range is given.

    With `every`, the last 24 hours (`15m`), week (`1h`), 31 days (`6h`) or year (`1d`). Stretches
    begin at midnight of Asia/Shanghai. What was published is never downsampled.
    """
    code = _checked(shared, indicator, query)
    series, every = query.series, query.every
    # The range is part of the cursor instead, which a first page without one begins from now.
    asked = question_of("history", indicator, query.scope, code, series, every)
    if query.cursor is None:
        after_ms, until_ms = _range(query, shared.clock.now_ms())
    else:
        after_ms, until_ms = _rest(query.cursor, asked, every)
    points = _points(shared, (indicator, query.scope.value, code), query, (after_ms, until_ms))
    chosen, has_more = points[: query.limit], len(points) > query.limit
    cursor = PageCursor(until_ms, asked, chosen[-1].until_ms if chosen else 0)
    found = History(
        indicator=indicator,
        scope=query.scope.value,
        code=code,
        series=series,
        every=every,
        items=[history_point(point) for point in chosen],
        next_cursor=encode(cursor) if has_more else None,
    )
    # The cursor is part of what is said: one more point may only show as a further page.
    return conditional.answer(found)

"""The history of a figure: as it is known now, and as it was published."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response

from gigacity_api.conditional import InConditional
from gigacity_api.context import Context
from gigacity_api.cursors import Cursor, decode, encode, question_of
from gigacity_api.dependencies import CursorParam, InContext, LimitParam, place_code, require_read
from gigacity_api.errors import ApiProblem
from gigacity_api.evaluator.lines import FigureRow, LogRow, figure_of_row
from gigacity_api.evaluator.stored import stored_history
from gigacity_api.indicators.definitions import Level
from gigacity_api.presenting import definition_of, figure_of
from gigacity_api.problems import responses
from gigacity_api.queries.figures import publications
from gigacity_api.routers.indicators import CodeParam, IdParam, ScopeParam
from gigacity_api.schemas.common import rfc3339
from gigacity_api.schemas.figures import History, HistoryPoint

router = APIRouter(
    prefix="/api/v1/indicators", tags=["figures"], dependencies=[Depends(require_read)]
)

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""The database has no times before 1678."""

LONGEST = timedelta(days=31)
"""Longest range of one question: a month of minutes is 44,640 points."""


def _range(shared: Context, start: datetime | None, end: datetime | None) -> tuple[int, int]:
    now = datetime.fromtimestamp(shared.clock.now_ms() / 1000, tz=UTC)
    until = _aware("to", end) or now
    since = _aware("from", start) or until - timedelta(days=1)
    if since < EARLIEST or not timedelta(0) < until - since <= LONGEST:
        raise ApiProblem(
            422, "invalid-request", "Invalid request",
            f"query.from: must be before query.to, by {LONGEST.days} days at most",
        )  # fmt: skip
    return round(since.timestamp() * 1000), round(until.timestamp() * 1000)


def _aware(name: str, moment: datetime | None) -> datetime | None:
    if moment is not None and moment.tzinfo is None:
        raise ApiProblem(
            422, "invalid-request", "Invalid request",
            f"query.{name}: needs a time zone, such as Z or +08:00",
        )  # fmt: skip
    return moment


def _point(row: FigureRow) -> HistoryPoint:
    figure = figure_of_row(row)
    is_log = isinstance(row, LogRow)
    as_of_ms = (row.as_of_ms or row.time) if isinstance(row, LogRow) else row.time
    return HistoryPoint(
        as_of=rfc3339(as_of_ms),
        as_of_ms=as_of_ms,
        published_at=rfc3339(row.time) if is_log else None,
        value=figure.value,
        lower=figure.lower,
        upper=figure.upper,
        numerator=figure.numerator,
        denominator=figure.denominator,
        unknown=figure.unknown,
        verdict=figure.verdict,
        grade=figure.quality.grade,
        city_version=row.city_version or "",
        method_version=row.method_version or 0,
        revision=row.revision or 0,
    )


@router.get(
    "/{indicator}/history",
    summary="The history of a figure",
    response_model=History,
    responses=responses(400, 404, cached=True),
)
def figure_history(
    *,
    shared: InContext,
    conditional: InConditional,
    indicator: IdParam,
    scope: ScopeParam = Level.CITY,
    code: CodeParam = None,
    series: Annotated[
        Literal["current", "published"],
        Query(description="current: the best figure of each instant; published: what was said"),
    ] = "current",
    since: Annotated[datetime | None, Query(alias="from", description="RFC 3339")] = None,
    until: Annotated[datetime | None, Query(alias="to", description="RFC 3339")] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 1500,
) -> Response:
    """One figure over time, oldest first; the last 24 hours unless a range is given."""
    definition = definition_of(indicator)
    where = place_code(shared, scope, code)
    figure_of(shared.publication(), definition, scope, where)
    asked = question_of("history", indicator, scope, where, series)
    if cursor is None:
        after_ms, until_ms = _range(shared, since, until)
    else:
        place = decode(cursor, asked)
        after_ms, until_ms = place.offset, place.as_of_ms
    rows: Sequence[FigureRow]
    if series == "current":
        rows = stored_history(shared.store, (indicator, scope, where), after_ms, until_ms)
    else:
        query = publications(indicator, scope, where, after_ms, until_ms)
        rows = [r for batch in shared.store.rows(query, LogRow) for r in batch]
        rows.sort(key=lambda r: r.time)
    chosen = rows[:limit]
    more = len(rows) > limit
    found = History(
        indicator=indicator,
        scope=scope.value,
        code=where,
        series=series,
        items=[_point(r) for r in chosen],
        next_cursor=encode(Cursor(until_ms, asked, chosen[-1].time)) if more else None,
    )
    # The cursor holds the end of the range, which is now unless it is given.
    return conditional.answer(found, telling_time={"next_cursor"})

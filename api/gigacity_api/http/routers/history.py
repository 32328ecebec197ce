"""The history of a figure: as it is known now, and as it was published."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response

from gigacity_api.errors import ApiProblem
from gigacity_api.evaluator.histories import (
    USUAL_MS,
    DailyHistoryRow,
    Every,
    HistoryPoint,
    current,
    longest_ms,
    published,
)
from gigacity_api.evaluator.lines import LogRow, display_of_row, figure_of_row
from gigacity_api.http.context import Context
from gigacity_api.http.cursors import PageCursor, bad_cursor, decode, encode, question_of
from gigacity_api.http.dependencies import (
    CursorParam,
    InContext,
    LimitParam,
    cut,
    place_code,
    require_read,
)
from gigacity_api.http.etag import InConditional
from gigacity_api.http.presenters.figures import definition_of, figure_of
from gigacity_api.http.problems import responses
from gigacity_api.http.routers.indicators import CodeParam, IdParam, ScopeParam
from gigacity_api.http.schemas.common import rfc3339
from gigacity_api.http.schemas.figures import History, HistorySample
from gigacity_api.indicators.levels import Level
from gigacity_contract.local_time import EARLIEST

router = APIRouter(
    prefix="/api/v1/indicators", tags=["figures"], dependencies=[Depends(require_read)]
)

LATEST = datetime(2200, 1, 1, tzinfo=UTC)
"""The database has no times before 1678 or after 2262."""


def _range(
    shared: Context, start: datetime | None, end: datetime | None, every: Every
) -> tuple[int, int]:
    now = datetime.fromtimestamp(shared.clock.now_ms() / 1000, tz=UTC)
    longest = timedelta(milliseconds=longest_ms(every))
    until = _aware("to", end) or now
    since = _aware("from", start) or until - timedelta(milliseconds=USUAL_MS[every])
    if since < EARLIEST or until > LATEST or not timedelta(0) < until - since <= longest:
        more = "" if every == "1d" else "; every=1d goes further back"
        raise ApiProblem(
            422, "invalid-request", "Invalid request",
            f"query.from: must be before query.to, by {longest.days} days at most, and both between"
            f" {EARLIEST:%Y} and {LATEST:%Y}{more}",
        )  # fmt: skip
    return _epoch_ms(since), _epoch_ms(until)


def _rest(cursor: str, asked: str, every: Every) -> tuple[int, int]:
    """What is left of a range: none that could not have been asked for."""
    place = decode(cursor, asked)
    after_ms, until_ms = place.offset, place.as_of_ms
    if not (
        _epoch_ms(EARLIEST) <= after_ms < until_ms <= _epoch_ms(LATEST)
        and until_ms - after_ms <= longest_ms(every)
    ):
        raise bad_cursor()
    return after_ms, until_ms


def _epoch_ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _aware(name: str, moment: datetime | None) -> datetime | None:
    if moment is not None and moment.tzinfo is None:
        raise ApiProblem(
            422, "invalid-request", "Invalid request",
            f"query.{name}: needs a time zone, such as Z or +08:00",
        )  # fmt: skip
    return moment


def _point(sample: HistoryPoint) -> HistorySample:
    row = sample.row
    figure = figure_of_row(row)
    shown = display_of_row(row)
    is_published = isinstance(row, LogRow) and not isinstance(row, DailyHistoryRow)
    return HistorySample(
        as_of=rfc3339(sample.as_of_ms),
        as_of_ms=sample.as_of_ms,
        published_at=rfc3339(row.time) if is_published else None,
        value=figure.value,
        lower=figure.lower,
        upper=figure.upper,
        display=shown.display,
        display_text=shown.display_text,
        numerator=figure.numerator,
        denominator=figure.denominator,
        unknown=figure.unknown,
        verdict=figure.verdict,
        grade=figure.quality.grade,
        city_version=row.city_version or "",
        method_version=row.method_version or 0,
        revision=row.revision or 0,
        value_min=sample.low,
        value_max=sample.high,
        instants=sample.instants,
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
    every: Annotated[
        Every,
        Query(
            description="one point for each stretch: the figure of its last instant, with the least"
            " and greatest value; `1d` reaches back ten years, the others 31 days"
        ),
    ] = "instant",
    since: Annotated[datetime | None, Query(alias="from", description="RFC 3339")] = None,
    until: Annotated[datetime | None, Query(alias="to", description="RFC 3339")] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 1500,
) -> Response:
    """One figure over time, oldest first; the last 24 hours unless a range is given.

    With `every`, the last 24 hours (`15m`), week (`1h`), 31 days (`6h`) or year (`1d`). Stretches
    begin at midnight of Asia/Shanghai. What was published is never downsampled.
    """
    if series == "published" and every != "instant":
        raise ApiProblem(
            422, "invalid-request", "Invalid request",
            "query.every: what was published is not downsampled; leave it out, or take"
            " series=current",
        )  # fmt: skip
    definition = definition_of(indicator)
    where = place_code(shared, scope, code)
    figure_of(shared.publication(), definition, scope, where)
    asked = question_of("history", indicator, scope, where, series, every)
    if cursor is None:
        after_ms, until_ms = _range(shared, since, until, every)
    else:
        after_ms, until_ms = _rest(cursor, asked, every)
    place = (indicator, scope.value, where)
    if series == "current":
        samples = current(shared.store, place, every, after_ms, until_ms)
    else:
        samples = published(shared.store, place, after_ms, until_ms)
    chosen, following = cut(samples, 0, limit)
    found = History(
        indicator=indicator,
        scope=scope.value,
        code=where,
        series=series,
        every=every,
        items=[_point(sample) for sample in chosen],
        next_cursor=(
            None if following is None else encode(PageCursor(until_ms, asked, chosen[-1].until_ms))
        ),
    )
    # The cursor is part of what is said: one more point may only show as a further page.
    return conditional.answer(found)

"""The past: recomputed with what is known now, as it was published then, and the difference."""

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request

from gigacity_api.context import Context, evaluation_of
from gigacity_api.cursors import decode, question_of
from gigacity_api.dependencies import (
    CursorParam,
    InContext,
    LimitParam,
    Position,
    cut,
    require_read,
)
from gigacity_api.errors import ApiProblem
from gigacity_api.evaluator.arrivals import ArrivalRow
from gigacity_api.evaluator.board import Publication
from gigacity_api.evaluator.lines import LogRow, figure_of_row
from gigacity_api.evaluator.published import (
    announced_since,
    differences,
    first_publication_ms,
    published_at,
)
from gigacity_api.indicators.definitions import Level
from gigacity_api.indicators.evidence import objects_of, page
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.indicators.verdicts import BY_NAME
from gigacity_api.presenting import definition_of, entry_out, figure_of, figure_out
from gigacity_api.problems import responses
from gigacity_api.routers.indicators import CodeParam, Filter, IdParam, ScopeParam
from gigacity_api.schemas.as_of import (
    Announcement,
    DifferenceOut,
    Differences,
    PublishedFigure,
    PublishedPage,
)
from gigacity_api.schemas.common import rfc3339
from gigacity_api.schemas.evidence import Evidence, VerdictName
from gigacity_api.schemas.figures import FigurePage

router = APIRouter(prefix="/api/v1/as-of", tags=["as of"], dependencies=[Depends(require_read)])

T = TypeVar("T")

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""The database has no times before 1678."""

Moment = Annotated[
    datetime,
    Query(description="RFC 3339, with a time zone", examples=["2026-11-24T10:00:00+08:00"]),
]


def _epoch_ms(name: str, moment: datetime) -> int:
    if moment.tzinfo is None or moment < EARLIEST:
        raise ApiProblem(
            422, "invalid-request", "Invalid request",
            f"query.{name}: needs a time zone, such as Z or +08:00, and a year from 2000 on",
        )  # fmt: skip
    return round(moment.timestamp() * 1000)


async def _in_thread(request: Request, work: Callable[[Callable[[], bool]], T]) -> T:
    """Run what blocks; it is told when the caller has gone away."""
    gone = threading.Event()

    async def watch() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        gone.set()

    watcher = asyncio.create_task(watch())
    try:
        return await to_thread.run_sync(work, lambda: not gone.is_set())
    finally:
        watcher.cancel()


async def _recomputed(
    request: Request, shared: Context, as_of_ms: int, cursor: str | None, *question: object
) -> Position:
    asked = question_of("as-of", as_of_ms, *question)
    if cursor is not None:
        place = decode(cursor, asked)
        return Position(shared.recomputer.kept(place.as_of_ms), asked, place.offset)
    publication = await _in_thread(request, lambda wanted: shared.recomputer.at(as_of_ms, wanted))
    return Position(publication, asked, 0)


def _place(publication: Publication, scope: Level, code: str | None) -> str:
    """The code of a place of the city as it was then."""
    return publication.universe.city.code if scope is Level.CITY else code or ""


@router.get(
    "/indicators",
    summary="Figures of a past instant, recomputed",
    response_model=FigurePage,
    responses=responses(400, 404, 410, 429),
)
async def recomputed_figures(
    *,
    request: Request,
    shared: InContext,
    as_of: Moment,
    indicator: Filter = None,
    scope: Annotated[list[Level] | None, Query(description="may be repeated")] = None,
    code: Filter = None,
    cursor: CursorParam = None,
    limit: LimitParam = 1000,
) -> FigurePage:
    """Any instant within raw retention, made from the raw reports that have arrived by now.

    The city version is the one in force at that instant. One instant is recomputed at a time (429
    while another is); it takes as long as a start of the service, and ends when the caller does.
    """
    for name in indicator or ():
        definition_of(name)
    as_of_ms = _epoch_ms("as_of", as_of)
    place = await _recomputed(request, shared, as_of_ms, cursor, "figures", indicator, scope, code)
    wanted = [
        figure
        for figure in place.publication.figures
        if (not indicator or figure.indicator in indicator)
        and (not scope or figure.scope in scope)
        and (not code or figure.code in code)
    ]
    chosen, following = cut(wanted, place.offset, limit)
    return FigurePage(
        as_of=rfc3339(as_of_ms),
        as_of_ms=as_of_ms,
        items=[figure_out(place.publication, figure) for figure in chosen],
        next_cursor=place.next(following),
    )


@router.get(
    "/indicators/{indicator}/evidence",
    summary="The objects behind a figure of a past instant",
    response_model=Evidence,
    responses=responses(400, 404, 410, 429),
)
async def recomputed_evidence(
    *,
    request: Request,
    shared: InContext,
    indicator: IdParam,
    as_of: Moment,
    scope: ScopeParam = Level.CITY,
    code: CodeParam = None,
    verdict: Annotated[VerdictName | None, Query(description="only these")] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 100,
) -> Evidence:
    """Every object that the recomputed figure counts, with its verdict and why."""
    definition = definition_of(indicator)
    as_of_ms = _epoch_ms("as_of", as_of)
    place = await _recomputed(
        request, shared, as_of_ms, cursor, "evidence", indicator, scope, code, verdict
    )
    where = _place(place.publication, scope, code)
    figure = figure_of(place.publication, definition, scope, where)
    evaluation = evaluation_of(place.publication)
    objects = objects_of(evaluation, evaluation.populations[definition.id], scope, where)
    found = page(
        evaluation, definition, objects,
        verdict=None if verdict is None else BY_NAME[verdict], offset=place.offset, limit=limit,
    )  # fmt: skip
    return Evidence(
        as_of=rfc3339(as_of_ms),
        as_of_ms=as_of_ms,
        figure=figure_out(place.publication, figure),
        total=found.total,
        items=[entry_out(entry) for entry in found.entries],
        next_cursor=place.next(found.next_offset),
    )


def _published_out(row: LogRow) -> PublishedFigure:
    figure = figure_of_row(row)
    as_of_ms = row.as_of_ms or 0
    return PublishedFigure(
        indicator=row.indicator, scope=Level(row.scope).value, code=row.code,
        as_of=rfc3339(as_of_ms), as_of_ms=as_of_ms, published_at=rfc3339(row.time),
        value=figure.value, lower=figure.lower, upper=figure.upper, numerator=figure.numerator,
        denominator=figure.denominator, unknown=figure.unknown, verdict=figure.verdict,
        grade=figure.quality.grade, city_version=row.city_version or "",
        method_version=row.method_version or 0, revision=row.revision or 0,
    )  # fmt: skip


def _check_place(scope: Level, code: str | None) -> None:
    if scope not in {Level.CITY, Level.AREA} and code is None:
        raise ApiProblem(
            422, "invalid-request", "Invalid request",
            f"query.code: is needed at the level {scope}, which is logged when it changes",
        )  # fmt: skip


@router.get(
    "/published",
    summary="What stood published at a moment",
    response_model=PublishedPage,
    responses=responses(404),
)
def published(
    *,
    shared: InContext,
    published_at_: Annotated[
        datetime,
        Query(
            alias="published_at",
            description="RFC 3339, with a time zone",
            examples=["2026-11-24T10:05:00+08:00"],
        ),
    ],
    indicator: Filter = None,
    scope: ScopeParam = Level.CITY,
    code: CodeParam = None,
) -> PublishedPage:
    """The figures that a reader saw at a moment, from the log of publications, which only grows."""
    for name in indicator or ():
        definition_of(name)
    _check_place(scope, code)
    at_ms = _epoch_ms("published_at", published_at_)
    rows = published_at(shared.store, scope, code, at_ms).values()
    order = {name: number for number, name in enumerate(REGISTRY)}
    wanted = [row for row in rows if not indicator or row.indicator in indicator]
    wanted.sort(key=lambda row: (order.get(row.indicator, len(order)), row.code))
    return PublishedPage(published_at=rfc3339(at_ms), items=[_published_out(row) for row in wanted])


def _announcement(row: ArrivalRow) -> Announcement:
    return Announcement(
        measurement=row.measurement, area=row.area, worker=row.worker,
        confirmed_at=rfc3339(row.time), oldest_report=rfc3339(row.from_ms or 0),
        newest_report=rfc3339(row.to_ms or 0), points=row.points or 0,
    )  # fmt: skip


@router.get(
    "/differences",
    summary="A past instant as published and as recomputed",
    response_model=Differences,
    responses=responses(404, 429),
)
async def shown_differences(
    *,
    request: Request,
    shared: InContext,
    as_of: Moment,
    indicator: Filter = None,
    scope: ScopeParam = Level.CITY,
    code: CodeParam = None,
) -> Differences:
    """Figures of a published instant that come out otherwise now, each with the cause."""
    for name in indicator or ():
        definition_of(name)
    _check_place(scope, code)
    as_of_ms = _epoch_ms("as_of", as_of)
    place = await _recomputed(request, shared, as_of_ms, None, "differences")
    publication = place.publication

    def compare(_: Callable[[], bool]) -> Differences:
        return _compared(shared, publication, scope, code, frozenset(indicator or ()))

    return await _in_thread(request, compare)


def _compared(
    shared: Context, publication: Publication, scope: Level, code: str | None,
    indicators: frozenset[str],
) -> Differences:  # fmt: skip
    city, as_of_ms = publication.universe.city, publication.as_of_ms
    now_ms = shared.clock.now_ms()
    moment_ms = first_publication_ms(shared.store, city, as_of_ms, now_ms)
    if moment_ms is None:
        raise ApiProblem(
            404, "not-published", "Nothing was published for that instant",
            "take an instant of the grid; history of a figure lists those that were published",
        )  # fmt: skip
    # A moment of publication is in nanoseconds, and came back cut to milliseconds.
    said = published_at(shared.store, scope, code, moment_ms + 1)
    figures = [
        f
        for f in publication.figures
        if f.scope == scope
        and (code is None or f.code == code)
        and (not indicators or f.indicator in indicators)
        and (f.indicator, f.scope, f.code) in said
    ]
    announced = announced_since(shared.store, city, as_of_ms, moment_ms, now_ms)
    found = differences(said, figures, city.version, announced)
    return Differences(
        as_of=rfc3339(as_of_ms), as_of_ms=as_of_ms, published_at=rfc3339(moment_ms),
        city_version=city.version, compared=len(figures),
        items=[
            DifferenceOut(
                cause=d.cause, published=_published_out(d.published),
                recomputed=figure_out(publication, d.recomputed),
            )
            for d in found
        ],
        announced=[_announcement(row) for row in announced],
    )  # fmt: skip

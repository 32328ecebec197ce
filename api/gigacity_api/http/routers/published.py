"""The past as it was published then, and what has come out otherwise since."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from gigacity_api.evaluator.lines import LogRow
from gigacity_api.evaluator.publication import Publication
from gigacity_api.evaluator.published import (
    announced_since,
    differences,
    first_publication_ms,
    published_at,
)
from gigacity_api.http.context import Context
from gigacity_api.http.dependencies import DatabaseRoute, InContext, PastRoute, read_router
from gigacity_api.http.etag import InConditional
from gigacity_api.http.lookups import definition_of
from gigacity_api.http.parameters import FigurePlace, Filter, QueryTime, moment_ms
from gigacity_api.http.presenters.figures import figure_out, past_figure
from gigacity_api.http.problem_types import INVALID_REQUEST, NOT_PUBLISHED, ApiProblem
from gigacity_api.http.recomputing import Moment, in_lane_while_wanted
from gigacity_api.http.responses import answers
from gigacity_api.http.schemas.as_of import (
    Announcement,
    DifferenceOut,
    Differences,
    PublishedFigure,
    PublishedPage,
)
from gigacity_api.indicators.levels import Level
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.storage.late_data import LateDataMarker
from gigacity_contract.local_time import EARLIEST, rfc3339

router = read_router("as of", "/api/v1/as-of", route=DatabaseRoute)
_remade = APIRouter(route_class=PastRoute)


class PublishedQuery(FigurePlace):
    """Which figures, at which moment."""

    published_at: QueryTime = Field(
        description="RFC 3339, with a time zone", examples=["2026-11-24T10:05:00+08:00"]
    )
    indicator: Filter = None


class DifferencesQuery(FigurePlace):
    """Which figures, of which instant."""

    as_of: Moment
    indicator: Filter = None


def _check(query: PublishedQuery | DifferencesQuery) -> None:
    for name in query.indicator or ():
        definition_of(name)
    if query.scope not in {Level.CITY, Level.AREA} and query.code is None:
        raise ApiProblem(
            INVALID_REQUEST,
            f"query.code: is needed at the level {query.scope}, which is logged when it changes",
        )


def _published_out(row: LogRow) -> PublishedFigure:
    return PublishedFigure.of(
        row, as_of_ms=row.as_of_ms or 0, published_at=row.time, **past_figure(row)
    )


@router.get("/published", summary="What stood published at a moment", **answers(PublishedPage, 404))
def published(
    shared: InContext, conditional: InConditional, query: Annotated[PublishedQuery, Query()]
) -> Response:
    """The figures that a reader saw at a moment, from the log of publications, which only grows."""
    _check(query)
    at_ms = moment_ms("published_at", query.published_at, earliest=EARLIEST)
    rows = published_at(shared.store, query.scope, query.code, at_ms).values()
    order = {name: number for number, name in enumerate(REGISTRY)}
    wanted = [row for row in rows if not query.indicator or row.indicator in query.indicator]
    wanted.sort(key=lambda row: (order.get(row.indicator, len(order)), row.code))
    items = [_published_out(row) for row in wanted]
    return conditional.answer(
        PublishedPage(published_at=rfc3339(at_ms), total=len(items), items=items)
    )


@_remade.get(
    "/differences",
    summary="A past instant as published and as recomputed",
    **answers(Differences, 404, 429),
)
async def shown_differences(
    request: Request,
    shared: InContext,
    conditional: InConditional,
    query: Annotated[DifferencesQuery, Query()],
) -> Response:
    """Figures of a published instant that come out otherwise now, each with the cause."""
    _check(query)
    as_of_ms = moment_ms("as_of", query.as_of, earliest=EARLIEST)
    publication = await in_lane_while_wanted(
        request, shared.recomputing, lambda wanted: shared.recomputer.at(as_of_ms, wanted)
    )
    return await shared.asking.run(
        lambda: conditional.answer(_compared(shared, publication, query))
    )


def _compared(shared: Context, publication: Publication, query: DifferencesQuery) -> Differences:
    city, as_of_ms = publication.inventory.city, publication.as_of_ms
    now_ms = shared.clock.now_ms()
    moment = first_publication_ms(shared.store, city, as_of_ms, now_ms)
    if moment is None:
        raise ApiProblem(
            NOT_PUBLISHED,
            "take an evaluation tick; history of a figure lists those that were published",
        )
    # The log may have moments with nanoseconds, which came back cut to milliseconds.
    said = published_at(shared.store, query.scope, query.code, moment + 1, as_of_ms=as_of_ms)
    figures = [
        f
        for f in publication.figures
        if f.scope == query.scope
        and query.code in {None, f.code}
        and (not query.indicator or f.indicator in query.indicator)
        and (f.indicator, f.scope, f.code) in said
    ]
    announced = announced_since(shared.store, city, as_of_ms, moment, now_ms)
    found = differences(said, figures, city.version, announced)
    return Differences.of(
        publication,
        published_at=moment,
        compared=len(figures),
        total=len(found),
        items=[
            DifferenceOut.of(
                d,
                published=_published_out(d.published),
                recomputed=figure_out(publication, d.recomputed),
            )
            for d in found
        ],
        announced=[_announcement(row) for row in announced],
    )


def _announcement(row: LateDataMarker) -> Announcement:
    return Announcement.of(
        row, confirmed_at=row.time, oldest_report=row.from_ms or 0,
        newest_report=row.to_ms or 0, points=row.points or 0,
    )  # fmt: skip


router.include_router(_remade)

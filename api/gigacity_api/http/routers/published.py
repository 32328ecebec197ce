"""The past as it was published then, and what has come out otherwise since."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from gigacity_api.errors import ApiProblem
from gigacity_api.evaluator.lines import LogRow, display_of_row, figure_of_row
from gigacity_api.evaluator.publication_cache import Publication
from gigacity_api.evaluator.published import (
    announced_since,
    differences,
    first_publication_ms,
    published_at,
)
from gigacity_api.http.context import Context
from gigacity_api.http.dependencies import InContext, require_read
from gigacity_api.http.etag import InConditional
from gigacity_api.http.presenters.figures import definition_of, figure_out
from gigacity_api.http.problems import responses
from gigacity_api.http.recomputing import Moment, epoch_ms, in_thread, recomputed
from gigacity_api.http.routers.indicators import CodeParam, Filter, ScopeParam
from gigacity_api.http.schemas.as_of import (
    Announcement,
    DifferenceOut,
    Differences,
    PublishedFigure,
    PublishedPage,
)
from gigacity_api.http.schemas.common import rfc3339
from gigacity_api.indicators.levels import Level
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.storage.late_data import LateDataMarker

router = APIRouter(prefix="/api/v1/as-of", tags=["as of"], dependencies=[Depends(require_read)])


def _published_out(row: LogRow) -> PublishedFigure:
    figure = figure_of_row(row)
    shown = display_of_row(row)
    as_of_ms = row.as_of_ms or 0
    return PublishedFigure(
        indicator=row.indicator, scope=Level(row.scope).value, code=row.code,
        as_of=rfc3339(as_of_ms), as_of_ms=as_of_ms, published_at=rfc3339(row.time),
        value=figure.value, lower=figure.lower, upper=figure.upper, display=shown.display,
        display_text=shown.display_text, numerator=figure.numerator,
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
    responses=responses(404, cached=True),
)
def published(
    *,
    shared: InContext,
    conditional: InConditional,
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
) -> Response:
    """The figures that a reader saw at a moment, from the log of publications, which only grows."""
    for name in indicator or ():
        definition_of(name)
    _check_place(scope, code)
    at_ms = epoch_ms("published_at", published_at_)
    rows = published_at(shared.store, scope, code, at_ms).values()
    order = {name: number for number, name in enumerate(REGISTRY)}
    wanted = [row for row in rows if not indicator or row.indicator in indicator]
    wanted.sort(key=lambda row: (order.get(row.indicator, len(order)), row.code))
    items = [_published_out(row) for row in wanted]
    return conditional.answer(PublishedPage(published_at=rfc3339(at_ms), items=items))


def _announcement(row: LateDataMarker) -> Announcement:
    return Announcement(
        measurement=row.measurement, area=row.area, worker=row.worker,
        confirmed_at=rfc3339(row.time), oldest_report=rfc3339(row.from_ms or 0),
        newest_report=rfc3339(row.to_ms or 0), points=row.points or 0,
    )  # fmt: skip


@router.get(
    "/differences",
    summary="A past instant as published and as recomputed",
    response_model=Differences,
    responses=responses(404, 429, cached=True),
)
async def shown_differences(
    *,
    request: Request,
    shared: InContext,
    conditional: InConditional,
    as_of: Moment,
    indicator: Filter = None,
    scope: ScopeParam = Level.CITY,
    code: CodeParam = None,
) -> Response:
    """Figures of a published instant that come out otherwise now, each with the cause."""
    for name in indicator or ():
        definition_of(name)
    _check_place(scope, code)
    as_of_ms = epoch_ms("as_of", as_of)
    place = await recomputed(request, shared, as_of_ms, None, "differences")
    publication = place.publication

    def answer(_: Callable[[], bool]) -> Response:
        found = _compared(shared, publication, scope, code, frozenset(indicator or ()))
        return conditional.answer(found)

    return await in_thread(request, answer)


def _compared(
    shared: Context, publication: Publication, scope: Level, code: str | None,
    indicators: frozenset[str],
) -> Differences:  # fmt: skip
    city, as_of_ms = publication.inventory.city, publication.as_of_ms
    now_ms = shared.clock.now_ms()
    moment_ms = first_publication_ms(shared.store, city, as_of_ms, now_ms)
    if moment_ms is None:
        raise ApiProblem(
            404, "not-published", "Nothing was published for that instant",
            "take an evaluation tick; history of a figure lists those that were published",
        )  # fmt: skip
    # The log may have moments with nanoseconds, which came back cut to milliseconds.
    said = published_at(shared.store, scope, code, moment_ms + 1, as_of_ms=as_of_ms)
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

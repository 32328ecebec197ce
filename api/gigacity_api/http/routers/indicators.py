"""Indicators: figures, one definition, its evidence and its history."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query

from gigacity_api.http.asking import InAsked
from gigacity_api.http.context import evaluation_of
from gigacity_api.http.dependencies import (
    CursorParam,
    InContext,
    LimitParam,
    cut,
    place_code,
    position,
    require_read,
)
from gigacity_api.http.etag import InConditional
from gigacity_api.http.presenters.figures import (
    definition_of,
    definition_out,
    entry_out,
    figure_of,
    figure_out,
)
from gigacity_api.http.problems import responses
from gigacity_api.http.schemas.common import rfc3339
from gigacity_api.http.schemas.evidence import Evidence
from gigacity_api.http.schemas.figures import FigurePage, IndicatorOut, TargetVerdictName
from gigacity_api.indicators.evidence import objects_of, page
from gigacity_api.indicators.figures import Figure
from gigacity_api.indicators.levels import Level

router = APIRouter(
    prefix="/api/v1/indicators", tags=["figures"], dependencies=[Depends(require_read)]
)

IdParam = Annotated[str, Path(description="id of an indicator", examples=["pon.ports_10g"])]
ScopeParam = Annotated[Level, Query(description="level of the figure")]
CodeParam = Annotated[
    str | None,
    Query(
        description="code of the place; the city's may be left out",
        pattern="^[A-Za-z0-9._-]{1,64}$",
    ),
]
Filter = Annotated[list[str] | None, Query(description="may be repeated")]


Sort = Literal["registry", "code", "-code", "value", "-value", "unknown", "-unknown"]


def _sorted(figures: list[Figure], sort: Sort) -> list[Figure]:
    """In the order asked for; equals stay in the order of the registry, nulls come last."""
    column, descending = sort.removeprefix("-"), sort.startswith("-")
    if column == "registry":
        return figures
    nulls = [f for f in figures if getattr(f, column) is None]
    rest = [f for f in figures if getattr(f, column) is not None]
    return sorted(rest, key=lambda f: getattr(f, column), reverse=descending) + nulls


@router.get(
    "",
    summary="Figures",
    response_model=FigurePage,
    responses=responses(400, 404, 410, cached=True),
)
def figures(
    *,
    shared: InContext,
    conditional: InConditional,
    indicator: Filter = None,
    scope: Annotated[list[Level] | None, Query(description="may be repeated")] = None,
    code: Filter = None,
    verdict: Annotated[TargetVerdictName | None, Query(description="against its target")] = None,
    sort: Annotated[Sort, Query(description="a minus sorts downwards")] = "registry",
    cursor: CursorParam = None,
    limit: LimitParam = 1000,
) -> FigurePage:
    """Figures of one instant, filtered and sorted."""
    for name in indicator or ():
        definition_of(name)
    place = position(shared, cursor, "figures", indicator, scope, code, verdict, sort)
    publication = place.publication
    conditional.check_publication(publication)
    wanted = [
        figure
        for figure in publication.figures
        if (not indicator or figure.indicator in indicator)
        and (not scope or figure.scope in scope)
        and (not code or figure.code in code)
        and (verdict is None or figure.verdict == verdict)
    ]
    chosen, following = cut(_sorted(wanted, sort), place.offset, limit)
    return FigurePage(
        as_of=rfc3339(publication.as_of_ms),
        as_of_ms=publication.as_of_ms,
        items=[figure_out(publication, figure) for figure in chosen],
        next_cursor=place.next(following),
    )


@router.get(
    "/{indicator}",
    summary="One indicator",
    response_model=IndicatorOut,
    responses=responses(404, cached=True),
)
def indicator(shared: InContext, conditional: InConditional, indicator: IdParam) -> IndicatorOut:
    """What an indicator is, and its figure of the city."""
    definition = definition_of(indicator)
    publication = shared.publication()
    city = publication.inventory.city
    conditional.check_publication(publication)
    figure = publication.by_key.get((definition.id, Level.CITY, city.code))
    return IndicatorOut(
        as_of=rfc3339(publication.as_of_ms),
        as_of_ms=publication.as_of_ms,
        definition=definition_out(city, definition),
        figure=None if figure is None else figure_out(publication, figure),
    )


@router.get(
    "/{indicator}/evidence",
    summary="The objects behind a figure",
    response_model=Evidence,
    responses=responses(400, 404, 410, 501, cached=True),
)
def evidence(
    *,
    shared: InContext,
    conditional: InConditional,
    indicator: IdParam,
    scope: ScopeParam = Level.CITY,
    code: CodeParam = None,
    asked: InAsked,
    cursor: CursorParam = None,
    limit: LimitParam = 100,
) -> Evidence:
    """Every object that a figure counts, with its verdict and why.

    All pages speak of one instant. What the entries of the whole list add comes to the figure's
    numerator, their weights to its denominator; conditions leave a part of both.
    """
    definition = definition_of(indicator)
    where = place_code(shared, scope, code)
    place = position(shared, cursor, "evidence", indicator, scope, where, asked)
    figure = figure_of(place.publication, definition, scope, where)
    evaluation = evaluation_of(place.publication)
    conditional.check_publication(place.publication)
    objects = objects_of(evaluation, definition, scope, where)
    chosen = asked.of(evaluation, definition, objects)
    found = page(evaluation, definition, chosen, offset=place.offset, limit=limit)
    return Evidence(
        as_of=rfc3339(evaluation.as_of_ms),
        as_of_ms=evaluation.as_of_ms,
        figure=figure_out(place.publication, figure),
        total=found.total,
        items=[entry_out(entry) for entry in found.entries],
        next_cursor=place.next(found.next_offset),
    )

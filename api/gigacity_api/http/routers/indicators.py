"""Indicators: figures, one definition and its evidence."""

from collections.abc import Iterable
from typing import Annotated, Literal

from fastapi import Query, Response
from pydantic import Field

from gigacity_api.evaluator.publication import Publication
from gigacity_api.http.context import evaluation_of
from gigacity_api.http.dependencies import InContext, read_router
from gigacity_api.http.etag import InConditional
from gigacity_api.http.filters import EvidenceFilter, FigureFilter
from gigacity_api.http.large_answers import long_list
from gigacity_api.http.lookups import definition_of, figure_of, place_code
from gigacity_api.http.paging import PageCursor, published_position
from gigacity_api.http.parameters import FigurePlace, IdParam, Limit, Paged
from gigacity_api.http.presenters.figures import definition_out, entry_out, figure_out
from gigacity_api.http.responses import answers
from gigacity_api.http.schemas.evidence import Evidence
from gigacity_api.http.schemas.figures import FigurePage, IndicatorOut, TargetVerdictName
from gigacity_api.indicators.definitions import Definition
from gigacity_api.indicators.entries import Entry
from gigacity_api.indicators.evidence import objects_of, page
from gigacity_api.indicators.figures import Figure
from gigacity_api.indicators.levels import Level

router = read_router("figures", "/api/v1/indicators")

Sort = Literal["registry", "code", "-code", "value", "-value", "unknown", "-unknown"]


class FiguresQuery(Paged, FigureFilter):
    """Figures of one instant."""

    verdict: TargetVerdictName | None = Field(None, description="against its target")
    sort: Sort = Field("registry", description="a minus sorts downwards")
    limit: Limit = 1000


class EvidenceQuery(Paged, EvidenceFilter, FigurePlace):
    """Objects behind a figure."""

    limit: Limit = 100


def _sorted(figures: list[Figure], sort: Sort) -> list[Figure]:
    """In the order asked for; equals stay in the order of the registry, nulls come last."""
    column, descending = sort.removeprefix("-"), sort.startswith("-")
    if column == "registry":
        return figures
    nulls = [f for f in figures if getattr(f, column) is None]
    rest = [f for f in figures if getattr(f, column) is not None]
    return sorted(rest, key=lambda f: getattr(f, column), reverse=descending) + nulls


@router.get("", summary="Figures", **answers(FigurePage, 400, 404, 410))
def figures(
    shared: InContext, conditional: InConditional, query: Annotated[FiguresQuery, Query()]
) -> FigurePage:
    """Figures of one instant, filtered and sorted."""
    query.check()
    publication, cursor = published_position(shared, query, "figures")
    conditional.check_publication(publication)
    wanted = [f for f in query.of(publication.figures) if query.verdict in {None, f.verdict}]
    chosen, following = cursor.cut(_sorted(wanted, query.sort), query.limit)
    items = [figure_out(publication, figure) for figure in chosen]
    return FigurePage.of(publication, total=len(wanted), items=items, next_cursor=following)


@router.get("/{indicator}", summary="One indicator", **answers(IndicatorOut, 404))
def indicator(shared: InContext, conditional: InConditional, indicator: IdParam) -> IndicatorOut:
    """What an indicator is, and its figure of the city."""
    definition = definition_of(indicator)
    publication = shared.publication()
    city = publication.inventory.city
    conditional.check_publication(publication)
    figure = publication.by_key.get((definition.id, Level.CITY, city.code))
    return IndicatorOut.of(
        publication,
        definition=definition_out(city, definition),
        figure=None if figure is None else figure_out(publication, figure),
    )


@router.get(
    "/{indicator}/evidence",
    summary="The objects behind a figure",
    **answers(Evidence, 400, 404, 410, 501),
)
async def evidence(
    shared: InContext,
    conditional: InConditional,
    indicator: IdParam,
    query: Annotated[EvidenceQuery, Query()],
) -> Response:
    """Every object that a figure counts, with its verdict and why.

    All pages speak of one instant. What the entries of the whole list add comes to the figure's
    numerator, their weights to its denominator; conditions leave a part of both.
    """
    definition = definition_of(indicator)
    code = place_code(shared.inventory, query)
    publication, cursor = published_position(shared, query, "evidence", indicator, code)
    figure = figure_of(publication, definition, query.scope, code)
    evaluation_of(publication)
    headers = conditional.check_publication(publication)
    head, entries = await shared.computing.run(
        lambda: evidence_page(publication, definition, figure, query, cursor)
    )
    return await long_list(shared.computing, head, map(entry_out, entries), headers)


def evidence_page(
    publication: Publication,
    definition: Definition,
    figure: Figure,
    query: EvidenceQuery,
    cursor: PageCursor,
) -> tuple[Evidence, Iterable[Entry]]:
    """A page of the objects behind a figure without its items, and what they are made from.

    Raises:
        ApiProblem: 404 for an unknown area or community; 501, there is no evaluation here.
    """
    evaluation = evaluation_of(publication)
    objects = objects_of(evaluation, definition, query.scope, figure.code)
    chosen = query.of(evaluation, definition, objects)
    found = page(evaluation, definition, chosen, offset=cursor.offset, limit=query.limit)
    head = Evidence.of(
        publication,
        figure=figure_out(publication, figure),
        total=found.total,
        items=[],
        next_cursor=cursor.at(found.next_offset),
    )
    return head, found.entries

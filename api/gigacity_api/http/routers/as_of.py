"""The past, recomputed with what is known now."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from gigacity_api.evaluator.publication_cache import Publication
from gigacity_api.http.asking import InAsked
from gigacity_api.http.context import evaluation_of
from gigacity_api.http.dependencies import CursorParam, InContext, LimitParam, cut, require_read
from gigacity_api.http.etag import InConditional
from gigacity_api.http.presenters.figures import definition_of, entry_out, figure_of, figure_out
from gigacity_api.http.problems import responses
from gigacity_api.http.recomputing import Moment, epoch_ms, in_thread, recomputed
from gigacity_api.http.routers.indicators import CodeParam, Filter, IdParam, ScopeParam
from gigacity_api.http.schemas.common import rfc3339
from gigacity_api.http.schemas.evidence import Evidence
from gigacity_api.http.schemas.figures import FigurePage
from gigacity_api.indicators.evidence import objects_of, page
from gigacity_api.indicators.levels import Level

router = APIRouter(prefix="/api/v1/as-of", tags=["as of"], dependencies=[Depends(require_read)])


def _place(publication: Publication, scope: Level, code: str | None) -> str:
    """The code of a place of the city as it was then."""
    return publication.inventory.city.code if scope is Level.CITY else code or ""


@router.get(
    "/indicators",
    summary="Figures of a past instant, recomputed",
    response_model=FigurePage,
    responses=responses(400, 404, 410, 429, cached=True),
)
async def recomputed_figures(
    *,
    request: Request,
    shared: InContext,
    conditional: InConditional,
    as_of: Moment,
    indicator: Filter = None,
    scope: Annotated[list[Level] | None, Query(description="may be repeated")] = None,
    code: Filter = None,
    cursor: CursorParam = None,
    limit: LimitParam = 1000,
) -> Response:
    """Any instant within raw retention, made from the raw reports that have arrived by now.

    The city version is the one in force at that instant. One instant is recomputed at a time (429
    while another is); it takes as long as a start of the service, and ends when the caller does.
    """
    for name in indicator or ():
        definition_of(name)
    as_of_ms = epoch_ms("as_of", as_of)
    place = await recomputed(request, shared, as_of_ms, cursor, "figures", indicator, scope, code)

    def answer() -> Response:
        wanted = [
            figure
            for figure in place.publication.figures
            if (not indicator or figure.indicator in indicator)
            and (not scope or figure.scope in scope)
            and (not code or figure.code in code)
        ]
        chosen, following = cut(wanted, place.offset, limit)
        found = FigurePage(
            as_of=rfc3339(as_of_ms),
            as_of_ms=as_of_ms,
            items=[figure_out(place.publication, figure) for figure in chosen],
            next_cursor=place.next(following),
        )
        return conditional.answer(found)

    # Thousands of figures or objects: other requests and the stream go on meanwhile.
    return await in_thread(request, lambda _: answer())


@router.get(
    "/indicators/{indicator}/evidence",
    summary="The objects behind a figure of a past instant",
    response_model=Evidence,
    responses=responses(400, 404, 410, 429, cached=True),
)
async def recomputed_evidence(
    *,
    request: Request,
    shared: InContext,
    conditional: InConditional,
    indicator: IdParam,
    as_of: Moment,
    scope: ScopeParam = Level.CITY,
    code: CodeParam = None,
    asked: InAsked,
    cursor: CursorParam = None,
    limit: LimitParam = 100,
) -> Response:
    """Every object that the recomputed figure counts, with its verdict and why."""
    definition = definition_of(indicator)
    as_of_ms = epoch_ms("as_of", as_of)
    place = await recomputed(
        request, shared, as_of_ms, cursor, "evidence", indicator, scope, code, asked
    )

    def answer() -> Response:
        where = _place(place.publication, scope, code)
        figure = figure_of(place.publication, definition, scope, where)
        evaluation = evaluation_of(place.publication)
        objects = objects_of(evaluation, definition, scope, where)
        chosen = asked.of(evaluation, definition, objects)
        found = page(evaluation, definition, chosen, offset=place.offset, limit=limit)
        evidence = Evidence(
            as_of=rfc3339(as_of_ms),
            as_of_ms=as_of_ms,
            figure=figure_out(place.publication, figure),
            total=found.total,
            items=[entry_out(entry) for entry in found.entries],
            next_cursor=place.next(found.next_offset),
        )
        return conditional.answer(evidence)

    return await in_thread(request, lambda _: answer())

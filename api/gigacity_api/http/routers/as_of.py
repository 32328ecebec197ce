"""The past, recomputed with what is known now."""

import hashlib
from collections.abc import Iterable
from typing import Annotated

from fastapi import Query, Request, Response

from gigacity_api.http.dependencies import InContext, PastRoute, read_router
from gigacity_api.http.etag import InConditional
from gigacity_api.http.filters import FigureFilter
from gigacity_api.http.large_answers import long_list
from gigacity_api.http.lookups import definition_of, figure_of
from gigacity_api.http.parameters import IdParam, Limit, Paged, moment_ms
from gigacity_api.http.presenters.figures import entry_out, figure_out
from gigacity_api.http.recomputing import Moment, recomputed
from gigacity_api.http.responses import answers
from gigacity_api.http.routers.indicators import EvidenceQuery, evidence_page
from gigacity_api.http.schemas.evidence import Evidence
from gigacity_api.http.schemas.figures import FigurePage
from gigacity_api.indicators.entries import Entry
from gigacity_api.indicators.levels import Level
from gigacity_contract.local_time import EARLIEST

router = read_router("as of", "/api/v1/as-of", route=PastRoute)


class PastFiguresQuery(Paged, FigureFilter):
    """Figures of a past instant."""

    as_of: Moment
    limit: Limit = 1000


class PastEvidenceQuery(EvidenceQuery):
    """Objects behind a figure of a past instant."""

    as_of: Moment


@router.get(
    "/indicators",
    summary="Figures of a past instant, recomputed",
    **answers(FigurePage, 400, 404, 410, 429),
)
async def recomputed_figures(
    request: Request,
    shared: InContext,
    conditional: InConditional,
    query: Annotated[PastFiguresQuery, Query()],
) -> Response:
    """Any instant within raw retention, made from the raw reports that have arrived by now.

    The city version is the one in force at that instant. One instant is recomputed at a time, and
    two questions of a key wait for it (429 for a further one); it takes as long as a start of the
    service, and ends when the caller does.
    """
    query.check()
    as_of_ms = moment_ms("as_of", query.as_of, earliest=EARLIEST)
    publication, cursor = await recomputed(request, shared, as_of_ms, query, "figures")

    def answer() -> Response:
        wanted = query.of(publication.figures)
        chosen, following = cursor.cut(wanted, query.limit)
        items = [figure_out(publication, figure) for figure in chosen]
        return conditional.answer(
            FigurePage.of(publication, total=len(wanted), items=items, next_cursor=following)
        )

    # Thousands of figures or objects: other requests and the stream go on meanwhile.
    return await shared.computing.run(answer)


@router.get(
    "/indicators/{indicator}/evidence",
    summary="The objects behind a figure of a past instant",
    **answers(Evidence, 400, 404, 410, 429),
)
async def recomputed_evidence(
    request: Request,
    shared: InContext,
    conditional: InConditional,
    indicator: IdParam,
    query: Annotated[PastEvidenceQuery, Query()],
) -> Response:
    """Every object that the recomputed figure counts, with its verdict and why."""
    definition = definition_of(indicator)
    as_of_ms = moment_ms("as_of", query.as_of, earliest=EARLIEST)
    publication, cursor = await recomputed(request, shared, as_of_ms, query, "evidence", indicator)

    def begin() -> tuple[Evidence, Iterable[Entry]]:
        # The code of the city is that of its version of then, whatever is given.
        city = publication.inventory.city.code
        code = city if query.scope is Level.CITY else query.code or ""
        figure = figure_of(publication, definition, query.scope, code)
        return evidence_page(publication, definition, figure, query, cursor)

    head, entries = await shared.computing.run(begin)
    made = await long_list(shared.computing, head, map(entry_out, entries), {})
    # Megabytes of text: its version is not the event loop's work either.
    headers = await shared.computing.run(
        lambda: conditional.check(hashlib.sha256(made.body).hexdigest())
    )
    made.headers.update(headers)
    return made

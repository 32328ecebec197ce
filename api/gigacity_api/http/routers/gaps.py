"""Gaps: figures that are both measured and reported, and what explains the difference."""

from typing import Annotated, Literal

from fastapi import Query, Response
from pydantic import Field

from gigacity_api.evaluator.lines import display_of_row, figure_of_row
from gigacity_api.evaluator.stored import stored_history
from gigacity_api.http.context import Context
from gigacity_api.http.dependencies import InContext, read_router
from gigacity_api.http.etag import InConditional
from gigacity_api.http.lookups import definition_of, place_code
from gigacity_api.http.paging import published_position
from gigacity_api.http.parameters import FigurePlace, IdParam, Paged
from gigacity_api.http.presenters.reports import gap_item, gap_out
from gigacity_api.http.problem_types import NO_REPORT, ApiProblem
from gigacity_api.http.responses import answers
from gigacity_api.http.schemas.gaps import GapDetail, GapItem, GapPage, GapThen
from gigacity_api.indicators.levels import Level
from gigacity_api.reports.catalogue import RATIO
from gigacity_api.reports.declarations import DeclaredFigure
from gigacity_api.reports.gaps import gap_of

router = read_router("reports", "/api/v1/gaps")

LOOK_BACK_MS = 3_600_000
"""A measured figure of the hour before the report's instant is taken for that instant."""


GapSort = Literal["entered_at", "-entered_at", "difference", "-difference"]


class GapsQuery(Paged):
    """Figures that are both."""

    indicator: str | None = Field(None, description="only this figure")
    scope: Level | None = Field(None, description="only this level")
    sort: GapSort = Field(
        "entered_at", description="difference: reported less measured; a minus sorts downwards"
    )


def _sorted(items: list[GapItem], sort: GapSort) -> list[GapItem]:
    """In an order; items come oldest entry first, and where nothing is known stays last."""
    descending = sort.startswith("-")
    if sort.endswith("entered_at"):
        return items[::-1] if descending else items
    known = [item for item in items if item.gap.difference is not None]
    rest = [item for item in items if item.gap.difference is None]
    return sorted(known, key=lambda i: i.gap.difference or 0.0, reverse=descending) + rest


@router.get("", summary="Reported against measured", **answers(GapPage, 400, 404, 410))
def gaps(
    shared: InContext, conditional: InConditional, query: Annotated[GapsQuery, Query()]
) -> GapPage:
    """Every figure that is both measured and reported, with the gap explained by counts."""
    if query.indicator is not None:
        definition_of(query.indicator)
    declared = shared.declarations.known
    publication, cursor = published_position(shared, query, "gaps", entries=len(declared))
    # Entries made since the first page would move the others.
    declared = declared.first(cursor.entries or len(declared))
    conditional.check_publication(publication, len(declared), declared.newest_entry_ms)
    found = (
        gap_item(publication, entry)
        for entry in sorted(declared.in_force())
        if query.indicator in {None, entry.indicator} and query.scope in {None, entry.scope}
    )
    items = _sorted([item for item in found if item is not None], query.sort)
    chosen, following = cursor.cut(items, query.limit)
    return GapPage.of(publication, total=len(items), items=chosen, next_cursor=following)


@router.get(
    "/{indicator}", summary="One report against what was measured", **answers(GapDetail, 404)
)
def gap(
    shared: InContext,
    conditional: InConditional,
    indicator: IdParam,
    query: Annotated[FigurePlace, Query()],
) -> Response:
    """The standing report against the newest measured figure, and that of the report's instant."""
    definition = definition_of(indicator)
    code = place_code(shared.inventory, query)
    publication = shared.publication()
    entry = shared.declarations.refresh().latest(indicator, query.scope, code)
    item = None if entry is None else gap_item(publication, entry)
    if entry is None or item is None:
        raise ApiProblem(
            NO_REPORT, f"there is no report of {indicator} for {query.scope} {code!r} to compare"
        )
    then = _then(shared, entry, is_ratio=definition.unit == RATIO)
    return conditional.answer(GapDetail.of(publication, item, then=then))


def _then(shared: Context, entry: DeclaredFigure, *, is_ratio: bool) -> GapThen | None:
    after_ms = entry.as_of_ms - LOOK_BACK_MS
    rows = stored_history(shared.store, entry.key, after_ms, entry.as_of_ms)
    if not rows:
        return None
    figure = figure_of_row(rows[-1])
    gap = gap_of(entry, figure, is_ratio=is_ratio)
    return GapThen.of(figure, display_of_row(rows[-1]), as_of_ms=rows[-1].time, gap=gap_out(gap))

"""Gaps: figures that are both measured and reported, and what explains the difference."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response

from gigacity_api.errors import ApiProblem
from gigacity_api.evaluator.lines import display_of_row, figure_of_row
from gigacity_api.evaluator.stored import stored_history
from gigacity_api.http.context import Context
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
from gigacity_api.http.presenters.figures import definition_of
from gigacity_api.http.presenters.reports import gap_item, gap_out
from gigacity_api.http.problems import responses
from gigacity_api.http.routers.indicators import CodeParam, IdParam, ScopeParam
from gigacity_api.http.schemas.common import rfc3339
from gigacity_api.http.schemas.reports import GapDetail, GapItem, GapPage, GapThen
from gigacity_api.indicators.levels import Level
from gigacity_api.reports.catalogue import RATIO
from gigacity_api.reports.declarations import DeclaredFigure
from gigacity_api.reports.gaps import gap_of

router = APIRouter(prefix="/api/v1/gaps", tags=["reports"], dependencies=[Depends(require_read)])

LOOK_BACK_MS = 3_600_000
"""A measured figure of the hour before the report's instant stands for that instant."""


GapSort = Literal["entered_at", "-entered_at", "difference", "-difference"]


def _sorted(items: list[GapItem], sort: GapSort) -> list[GapItem]:
    """In an order; items come oldest entry first, and where nothing is known stays last."""
    descending = sort.startswith("-")
    if sort.endswith("entered_at"):
        return items[::-1] if descending else items
    known = [item for item in items if item.gap.difference is not None]
    rest = [item for item in items if item.gap.difference is None]
    return sorted(known, key=lambda i: i.gap.difference or 0.0, reverse=descending) + rest


@router.get(
    "",
    summary="Reported against measured",
    response_model=GapPage,
    responses=responses(400, 404, 410, cached=True),
)
def gaps(
    *,
    shared: InContext,
    conditional: InConditional,
    indicator: Annotated[str | None, Query(description="only this figure")] = None,
    scope: Annotated[Level | None, Query(description="only this level")] = None,
    sort: Annotated[
        GapSort, Query(description="difference: reported less measured; a minus sorts downwards")
    ] = "entered_at",
    cursor: CursorParam = None,
    limit: LimitParam = 500,
) -> GapPage:
    """Every figure that is both measured and reported, with the gap explained by counts."""
    if indicator is not None:
        definition_of(indicator)
    place = position(shared, cursor, "gaps", indicator, scope, sort)
    publication, declared = place.publication, shared.declarations.known
    # Entries made since the first page would move the others.
    declared = declared.first(place.entries or len(declared))
    conditional.check_publication(publication, len(declared), declared.newest_entry_ms)
    found = (
        gap_item(publication, r)
        for r in sorted(declared.in_force())
        if (indicator is None or r.indicator == indicator) and (scope is None or r.scope == scope)
    )
    items = _sorted([item for item in found if item is not None], sort)
    chosen, following = cut(items, place.offset, limit)
    return GapPage(
        as_of=rfc3339(publication.as_of_ms),
        as_of_ms=publication.as_of_ms,
        items=list(chosen),
        next_cursor=place.next(following, entries=len(declared)),
    )


@router.get(
    "/{indicator}",
    summary="One report against what was measured",
    response_model=GapDetail,
    responses=responses(404, cached=True),
)
def gap(
    *,
    shared: InContext,
    conditional: InConditional,
    indicator: IdParam,
    scope: ScopeParam = Level.CITY,
    code: CodeParam = None,
) -> Response:
    """The standing report against the newest measured figure, and that of the report's instant."""
    definition = definition_of(indicator)
    where = place_code(shared, scope, code)
    publication = shared.publication()
    report = shared.declarations.refresh().latest(indicator, scope, where)
    item = None if report is None else gap_item(publication, report)
    if report is None or item is None:
        raise ApiProblem(
            404, "no-report", "Not both measured and reported",
            f"there is no report of {indicator} for {scope} {where!r} to compare",
        )  # fmt: skip
    detail = GapDetail(
        as_of=rfc3339(publication.as_of_ms),
        as_of_ms=publication.as_of_ms,
        report=item.report,
        figure=item.figure,
        gap=item.gap,
        then=_then(shared, report, is_ratio=definition.unit == RATIO),
    )
    return conditional.answer(detail)


def _then(shared: Context, report: DeclaredFigure, *, is_ratio: bool) -> GapThen | None:
    after_ms = report.as_of_ms - LOOK_BACK_MS
    rows = stored_history(shared.store, report.key, after_ms, report.as_of_ms)
    if not rows:
        return None
    row = rows[-1]
    figure, shown = figure_of_row(row), display_of_row(row)
    return GapThen(
        as_of=rfc3339(row.time),
        as_of_ms=row.time,
        value=figure.value,
        lower=figure.lower,
        upper=figure.upper,
        display=shown.display,
        display_text=shown.display_text,
        numerator=figure.numerator,
        denominator=figure.denominator,
        unknown=figure.unknown,
        gap=gap_out(gap_of(report, figure, is_ratio=is_ratio)),
    )

"""Exports of lists: the history of a figure, gaps, communities, and what offices reported."""

from collections.abc import Iterable, Iterator
from typing import Annotated

from fastapi import Query, Request
from pydantic import Field

from gigacity_api.evaluator.publication import Publication
from gigacity_api.http.dependencies import DatabaseRoute, InContext, read_router
from gigacity_api.http.etag import InConditional
from gigacity_api.http.exporting.files import Row
from gigacity_api.http.exporting.tables import (
    COMMUNITY_HEADER,
    GAP_HEADER,
    HISTORY_HEADER,
    REPORT_HEADER,
    gap_row,
    history_row,
    report_row,
)
from gigacity_api.http.lookups import known_area
from gigacity_api.http.parameters import AreaFilter, IdParam
from gigacity_api.http.presenters.reports import gap_item, report_out
from gigacity_api.http.routers.exports import (
    Export,
    ExportedFile,
    FormatQuery,
    about,
    documented,
    export_answer,
    stamp,
)
from gigacity_api.http.routers.history import HistoryRange, history_point, history_points
from gigacity_api.indicators.levels import Level
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.indicators.subjects.community.smart import COMMUNITY_SMART_COVERAGE

router = read_router("exports", route=DatabaseRoute)


class HistoryExportQuery(FormatQuery, HistoryRange):
    """Which figure, of which time, and how it is written."""


class CommunitiesExportQuery(FormatQuery):
    """Which communities, and how they are written."""

    area: AreaFilter = None


class GapsExportQuery(FormatQuery):
    """Which figures that are both, and how they are written."""

    scope: Level | None = Field(None, description="only this level")


class ReportsExportQuery(FormatQuery):
    """Which entries, and how they are written."""

    standing: bool = Field(False, description="only the entry that stands for each figure")


def _with_header(header: Row, rows: Iterable[Row]) -> Iterator[Row]:
    yield header
    yield from rows


@router.get(
    "/indicators/{indicator}/history/export",
    summary="The history of a figure as a file",
    response_class=Export,
    responses=documented("截至 as of,数值 value,...\r\n2026-11-24T02:00:00Z,40112.0,...\r\n", 404),
)
def export_history(
    request: Request,
    shared: InContext,
    conditional: InConditional,
    indicator: IdParam,
    query: Annotated[HistoryExportQuery, Query()],
) -> Export:
    """Every point of a range, a row each, oldest first; the range is that of the history."""
    points, code = history_points(shared, indicator, query)
    newest = points[-1].row.time if points else 0
    headers = conditional.check(len(points), newest, points[-1].row.revision if points else 0)
    rows = _with_header(HISTORY_HEADER, (history_row(history_point(p)) for p in points))
    name = f"history-{indicator}-{code}-{stamp(shared.clock.now_ms())}"
    told = about(request, shared, None, [indicator])
    return export_answer(shared, query.format, ExportedFile(name, rows, told), headers)


@router.get(
    "/communities/export",
    summary="Communities as a file",
    response_class=Export,
    responses=documented("代码 code,名称 name,...\r\n371602001001,市中街道示例社区01,...\r\n", 404),
)
def export_communities(
    request: Request,
    shared: InContext,
    conditional: InConditional,
    query: Annotated[CommunitiesExportQuery, Query()],
) -> Export:
    """Every community, a row each, with its smart-community verdict where this process knows it."""
    publication = shared.publication()
    headers = conditional.check_publication(publication)
    inventory = publication.inventory
    area = None if query.area is None else known_area(inventory, query.area)
    chosen = (
        index
        for index in range(len(inventory.city.communities))
        if area is None or inventory.community_area[index] == area
    )
    rows = _with_header(COMMUNITY_HEADER, (_community_row(publication, i) for i in chosen))
    name = f"communities-{stamp(publication.as_of_ms)}"
    told = about(request, shared, publication, [COMMUNITY_SMART_COVERAGE.id])
    return export_answer(shared, query.format, ExportedFile(name, rows, told), headers)


def _community_row(publication: Publication, index: int) -> Row:
    inventory, evaluation = publication.inventory, publication.evaluation
    community = inventory.city.communities[index]
    entry = None
    if evaluation is not None:
        entry = COMMUNITY_SMART_COVERAGE.entry(evaluation.instant, index)
    return (
        community.code, community.name, community.area, community.urban_class,
        bool(inventory.community_is_urban[index]), int(inventory.community_households[index]),
        len(inventory.device_of_tags[community.code]),
        *((entry.verdict, *entry.reason) if entry else (None, None, None, None)),
    )  # fmt: skip


@router.get(
    "/gaps/export",
    summary="Reported against measured, as a file",
    response_class=Export,
    responses=documented("指标 indicator,名称,...\r\nhome.gigabit_access,千兆...\r\n"),
)
def export_gaps(
    request: Request,
    shared: InContext,
    conditional: InConditional,
    query: Annotated[GapsExportQuery, Query()],
) -> Export:
    """Every figure that is both measured and reported, a row each."""
    publication, declared = shared.publication(), shared.declarations.known
    headers = conditional.check_publication(publication, len(declared), declared.newest_entry_ms)
    items = [
        gap_item(publication, entry)
        for entry in sorted(declared.in_force())
        if query.scope in {None, entry.scope}
    ]
    known = [item for item in items if item is not None]
    rows = _with_header(GAP_HEADER, map(gap_row, known))
    told = about(request, shared, publication, [item.report.indicator for item in known])
    name = f"gaps-{stamp(publication.as_of_ms)}"
    return export_answer(shared, query.format, ExportedFile(name, rows, told), headers)


@router.get(
    "/reports/export",
    summary="What offices reported, as a file",
    response_class=Export,
    responses=documented("指标 indicator,名称,...\r\nbrain.scenarios,城市大脑应用场景数,...\r\n"),
)
def export_reports(
    request: Request,
    shared: InContext,
    conditional: InConditional,
    query: Annotated[ReportsExportQuery, Query()],
) -> Export:
    """Every entry and withdrawal ever made, a row each, oldest first, or the standing entries."""
    declared = shared.declarations.refresh()
    headers = conditional.check(
        len(declared), declared.newest_entry_ms, shared.inventory.city.version
    )
    entries = sorted(declared.in_force()) if query.standing else declared.entries
    rows = _with_header(
        REPORT_HEADER, (report_row(report_out(shared.inventory, entry)) for entry in entries)
    )
    measured = [entry.indicator for entry in entries if entry.indicator in REGISTRY]
    name = f"reports-{stamp(shared.clock.now_ms())}"
    told = about(request, shared, None, measured)
    return export_answer(shared, query.format, ExportedFile(name, rows, told), headers)

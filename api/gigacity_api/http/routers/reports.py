"""Reports: what offices enter, one figure at a time or as a table, and everything they entered."""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from gigacity_api.http.auditing import audit
from gigacity_api.http.context import Context
from gigacity_api.http.dependencies import DatabaseRoute, InContext, require_read
from gigacity_api.http.entering import (
    IdempotencyKey,
    Reporter,
    bare,
    check_bounds,
    check_takes_declarations,
    fingerprint,
    refused,
    signed,
)
from gigacity_api.http.etag import InConditional
from gigacity_api.http.lookups import declarable_of
from gigacity_api.http.paging import position
from gigacity_api.http.parameters import Paged
from gigacity_api.http.presenters.reports import report_out
from gigacity_api.http.responses import answers, enters
from gigacity_api.http.schemas.reports import ReportIn, ReportOut, ReportPage
from gigacity_api.indicators.levels import Level
from gigacity_api.reports.checking import Checker
from gigacity_api.reports.declarations import DeclaredFigure

router = APIRouter(prefix="/api/v1", tags=["reports"], route_class=DatabaseRoute)

ReportSort = Literal[
    "entered_at", "-entered_at", "as_of", "-as_of", "value", "-value", "indicator", "-indicator",
    "code", "-code",
]  # fmt: skip


class ReportsQuery(Paged):
    """Entries, filtered and sorted."""

    indicator: str | None = Field(None, description="only this figure")
    scope: Level | None = Field(None, description="only this level")
    code: str | None = Field(None, description="only this place")
    standing: bool = Field(
        False, description="only the entry that stands for each figure, not its history"
    )
    sort: ReportSort = Field("-entered_at", description="a minus sorts downwards")


@router.post("/reports", summary="Enter a reported figure", **enters(ReportOut))
def enter(
    *,
    shared: InContext,
    key: Reporter,
    response: Response,
    entry: ReportIn,
    idempotency_key: IdempotencyKey = None,
) -> ReportOut:
    """Store one figure that an office reports.

    Nothing is ever overwritten: a further entry of the same figure and day is a further revision,
    and the last one stands. One that says just what the last revision says is answered with that
    one (200): a request whose answer was lost may be sent again. 上报一项数据;内容有变则产生新的
    修订号,不会覆盖;与最新修订完全相同的重复上报返回已有记录。
    """
    check_takes_declarations(shared)
    checker = Checker(shared.inventory.city, shared.clock.now_ms())
    draft, faults = checker.check(entry.model_dump())
    if draft is None:
        raise refused(
            [{"field": f"body.{f.field}", "message": f.en, "zh": f.zh, "row": None} for f in faults]
        )
    check_bounds(key, [draft.key], shared.inventory.city)
    entry_of = signed(draft, key)
    request = fingerprint("report", entry.model_dump_json().encode())
    (entered,) = shared.once.do(
        key.name, bare(idempotency_key), request, lambda: shared.declarations.add([entry_of])
    )
    if not entered.is_new:
        response.status_code = 200
    else:
        audit("report entered", key, entered.report)
    return report_out(shared.inventory, entered.report)


@router.get(
    "/reports",
    summary="What offices reported",
    dependencies=[Depends(require_read)],
    **answers(ReportPage, 400, 404),
)
def reports(
    shared: InContext, conditional: InConditional, query: Annotated[ReportsQuery, Query()]
) -> ReportPage:
    """Entries, filtered and sorted: every one ever made, or the standing ones."""
    if query.indicator is not None:
        declarable_of(query.indicator)
    declared = shared.declarations.refresh()
    cursor = position(query, "reports", entries=len(declared))
    conditional.check(len(declared), declared.newest_entry_ms, shared.inventory.city.version)
    # Entries made since the first page would move the others.
    declared = declared.first(cursor.entries)
    entries = declared.in_force() if query.standing else declared.entries
    wanted = _sorted(_chosen(entries, query), query.sort)
    chosen, following = cursor.cut(wanted, query.limit)
    return ReportPage(total=len(wanted), items=_out(shared, chosen), next_cursor=following)


def _chosen(entries: Iterable[DeclaredFigure], query: ReportsQuery) -> list[DeclaredFigure]:
    """Newest entry first."""
    found = [
        entry
        for entry in entries
        if query.indicator in {None, entry.indicator}
        and query.scope in {None, entry.scope}
        and query.code in {None, entry.code}
    ]
    return sorted(found, key=lambda e: (-e.entered_ms, e.key, -e.as_of_ms, -e.revision))


def _sorted(entries: list[DeclaredFigure], sort: ReportSort) -> list[DeclaredFigure]:
    """In an order; equals stay with the newest entry first."""
    column = {"entered_at": "entered_ms", "as_of": "as_of_ms"}.get(sort.removeprefix("-"))
    key = attrgetter(column or sort.removeprefix("-"))
    return sorted(entries, key=key, reverse=sort.startswith("-"))


def _out(shared: Context, entries: Sequence[DeclaredFigure]) -> list[ReportOut]:
    return [report_out(shared.inventory, entry) for entry in entries]

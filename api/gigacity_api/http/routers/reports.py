"""Reports: what offices enter, one figure at a time or as a table, and everything they entered."""

import hashlib
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, File, Header, Query, Response, UploadFile
from pydantic import Field

from gigacity_api.http.context import Context
from gigacity_api.http.dependencies import InContext, require_read, require_report
from gigacity_api.http.etag import InConditional
from gigacity_api.http.lookups import declarable_of
from gigacity_api.http.paging import position
from gigacity_api.http.parameters import Paged
from gigacity_api.http.presenters.reports import report_out
from gigacity_api.http.problem_types import (
    REPORT_REFUSED,
    REPORTS_ELSEWHERE,
    TOO_MANY_UPLOADS,
    ApiProblem,
)
from gigacity_api.http.responses import answers, enters
from gigacity_api.http.schemas.reports import ReportIn, ReportOut, ReportPage, ReportsEntered
from gigacity_api.indicators.levels import Level
from gigacity_api.keys import ApiKey
from gigacity_api.reports.checking import MAX_TEXT, Checker, Draft
from gigacity_api.reports.declarations import DeclaredFigure
from gigacity_api.reports.table_faults import MAX_BYTES, RowFault, TableError
from gigacity_api.reports.tables import check_table

router = APIRouter(prefix="/api/v1", tags=["reports"])

Reporter = Annotated[ApiKey, Depends(require_report)]

ReportSort = Literal[
    "entered_at", "-entered_at", "as_of", "-as_of", "value", "-value", "indicator", "-indicator",
    "code", "-code",
]  # fmt: skip

IdempotencyKey = Annotated[
    str | None,
    Header(
        pattern=r'^("[!#-\[\]-~]{1,255}"|[!#-\[\]-~]{1,255})$',
        description="chosen by the client, new for each report: the same key and body again, within"
        " a day, get the first answer again; the same key with another body is refused",
        examples=['"5f0c8a52-9d3e-4a4b-8f57-0a2f6f6f3c11"'],
    ),
]


class ReportsQuery(Paged):
    """Entries, filtered and sorted."""

    indicator: str | None = Field(None, description="only this figure")
    scope: Level | None = Field(None, description="only this level")
    code: str | None = Field(None, description="only this place")
    standing: bool = Field(
        False, description="only the entry that stands for each figure, not its history"
    )
    sort: ReportSort = Field("-entered_at", description="a minus sorts downwards")


def _refused(errors: Sequence[dict[str, Any]]) -> ApiProblem:
    detail = "; ".join(
        (f"row {e['row']}, " if e["row"] is not None else "") + f"{e['field']}: {e['message']}"
        for e in errors[:5]
    )
    more = f"; and {len(errors) - 5} more" if len(errors) > 5 else ""
    return ApiProblem(REPORT_REFUSED, detail + more, errors=list(errors))


def _signed(draft: Draft, key: ApiKey) -> Draft:
    """The draft with who entered it: the key's name is always part of it."""
    name = f"{draft.reporter} ({key.name})" if draft.reporter else key.name
    return draft._replace(reporter=name[: 2 * MAX_TEXT])


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
    _check_takes_declarations(shared)
    checker = Checker(shared.inventory.city, shared.clock.now_ms())
    draft, faults = checker.check(entry.model_dump())
    if draft is None:
        raise _refused(
            [{"field": f"body.{f.field}", "message": f.en, "zh": f.zh, "row": None} for f in faults]
        )
    signed = _signed(draft, key)
    fingerprint = _fingerprint("report", entry.model_dump_json().encode())
    (entered,) = shared.once.do(
        key.name, _bare(idempotency_key), fingerprint, lambda: shared.declarations.add([signed])
    )
    if not entered.is_new:
        response.status_code = 200
    return report_out(shared.inventory, entered.report)


def _check_takes_declarations(shared: Context) -> None:
    if not shared.takes_declarations:
        raise ApiProblem(REPORTS_ELSEWHERE, REPORTS_ELSEWHERE.meaning)


def _fingerprint(kind: str, content: bytes) -> str:
    return kind + hashlib.sha256(content).hexdigest()


def _bare(key: str | None) -> str | None:
    """A key is a quoted string; many clients leave the quotes out."""
    return None if key is None else key.strip('"')


@router.post(
    "/reports/upload",
    summary="Enter a table of reported figures",
    **enters(ReportsEntered, TOO_MANY_UPLOADS),
)
def upload(
    *,
    shared: InContext,
    key: Reporter,
    response: Response,
    file: Annotated[
        UploadFile,
        File(
            description="CSV (UTF-8, UTF-16 or GB 18030) or XLSX, first sheet. Columns: indicator,"
            " scope, code, as_of, value, unit, numerator, denominator, source, reporter; or 指标,"
            " 层级, 代码, 截止日期, 数值, 单位, 分子, 分母, 来源文件, 填报人"
        ),
    ],
    idempotency_key: IdempotencyKey = None,
) -> ReportsEntered:
    """Store every row of a table, or none: each wrong cell is named with its row and column.

    Rows that say just what the last revision says are not stored again (200 if that is all).
    整表校验,任一行有误则全部不入库,并逐行列出错误。
    """
    _check_takes_declarations(shared)
    content = file.file.read(MAX_BYTES + 1)
    try:
        with shared.uploads:
            checker = Checker(shared.inventory.city, shared.clock.now_ms())
            drafts, faults = check_table(content, checker)
    except TableError as error:
        drafts, faults = [], list(error.faults)
    if faults:
        raise _refused([_cell(fault) for fault in faults])
    signed = [_signed(draft, key) for draft in drafts]
    entered = shared.once.do(
        key.name, _bare(idempotency_key), _fingerprint("table", content),
        lambda: shared.declarations.add(signed),
    )  # fmt: skip
    count = sum(e.is_new for e in entered)
    if not count:
        response.status_code = 200
    return ReportsEntered(
        count=count,
        repeated=len(entered) - count,
        items=_out(shared, [e.report for e in entered]),
    )


def _cell(fault: RowFault) -> dict[str, Any]:
    return {
        "field": fault.column or "file", "message": fault.en, "zh": fault.zh,
        "row": fault.row or None,
    }  # fmt: skip


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
    chosen, following = cursor.cut(_sorted(_chosen(entries, query), query.sort), query.limit)
    return ReportPage(items=_out(shared, chosen), next_cursor=following)


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

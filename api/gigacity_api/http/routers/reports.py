"""Reports: what offices enter, one figure at a time or as a table, and everything they entered."""

import hashlib
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, File, Header, Query, Response, UploadFile

from gigacity_api.errors import ApiProblem
from gigacity_api.http.context import Context
from gigacity_api.http.cursors import PageCursor, decode, encode, question_of
from gigacity_api.http.dependencies import (
    CursorParam,
    InContext,
    LimitParam,
    cut,
    require_read,
    require_report,
)
from gigacity_api.http.etag import InConditional
from gigacity_api.http.presenters.reports import report_out
from gigacity_api.http.problems import REPORTS_ELSEWHERE, report_responses, responses
from gigacity_api.http.schemas.reports import ReportIn, ReportOut, ReportPage, ReportsEntered
from gigacity_api.indicators.levels import Level
from gigacity_api.keys import ApiKey
from gigacity_api.reports.catalogue import declarable
from gigacity_api.reports.checking import MAX_TEXT, Checker, Draft
from gigacity_api.reports.declarations import DeclaredFigure
from gigacity_api.reports.tables import MAX_BYTES, RowFault, TableError, check_table

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


def _refused(errors: Sequence[dict[str, Any]]) -> ApiProblem:
    detail = "; ".join(
        (f"row {e['row']}, " if e["row"] is not None else "") + f"{e['field']}: {e['message']}"
        for e in errors[:5]
    )
    more = f"; and {len(errors) - 5} more" if len(errors) > 5 else ""
    return ApiProblem(
        422, "report-refused", "Nothing was stored", detail + more, errors=list(errors)
    )


def _signed(draft: Draft, key: ApiKey) -> Draft:
    """The draft with who entered it: the key's name always stands there."""
    name = f"{draft.reporter} ({key.name})" if draft.reporter else key.name
    return draft._replace(reporter=name[: 2 * MAX_TEXT])


@router.post(
    "/reports",
    summary="Enter a reported figure",
    status_code=201,
    response_model=ReportOut,
    responses=report_responses(ReportOut),
)
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
    _check_takes_reports(shared)
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


def _check_takes_reports(shared: Context) -> None:
    if not shared.takes_declarations:
        slug, title, detail = REPORTS_ELSEWHERE
        raise ApiProblem(501, slug, title, detail)


def _fingerprint(kind: str, content: bytes) -> str:
    return kind + hashlib.sha256(content).hexdigest()


def _bare(key: str | None) -> str | None:
    """A key is a quoted string; many clients leave the quotes out."""
    return None if key is None else key.strip('"')


@router.post(
    "/reports/upload",
    summary="Enter a table of reported figures",
    status_code=201,
    response_model=ReportsEntered,
    responses=report_responses(ReportsEntered),
)
def upload(
    *,
    shared: InContext,
    key: Reporter,
    response: Response,
    file: Annotated[
        UploadFile,
        File(
            description="CSV (UTF-8 or GB 18030) or XLSX, first sheet. Columns: indicator, scope,"
            " code, as_of, value, unit, numerator, denominator, source, reporter; or 指标, 层级,"
            " 代码, 截止日期, 数值, 单位, 分子, 分母, 来源文件, 填报人"
        ),
    ],
    idempotency_key: IdempotencyKey = None,
) -> ReportsEntered:
    """Store every row of a table, or none: each wrong cell is named with its row and column.

    Rows that say just what the last revision says are not stored again (200 if that is all).
    整表校验,任一行有误则全部不入库,并逐行列出错误。
    """
    _check_takes_reports(shared)
    content = file.file.read(MAX_BYTES + 1)
    try:
        drafts, faults = check_table(content, Checker(shared.inventory.city, shared.clock.now_ms()))
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
    response_model=ReportPage,
    responses=responses(400, 404, cached=True),
    dependencies=[Depends(require_read)],
)
def reports(
    *,
    shared: InContext,
    conditional: InConditional,
    indicator: Annotated[str | None, Query(description="only this figure")] = None,
    scope: Annotated[Level | None, Query(description="only this level")] = None,
    code: Annotated[str | None, Query(description="only this place")] = None,
    standing: Annotated[
        bool, Query(description="only the entry that stands for each figure, not its history")
    ] = False,
    sort: Annotated[ReportSort, Query(description="a minus sorts downwards")] = "-entered_at",
    cursor: CursorParam = None,
    limit: LimitParam = 500,
) -> ReportPage:
    """Entries, filtered and sorted: every one ever made, or the standing ones."""
    if indicator is not None and declarable(indicator) is None:
        raise ApiProblem(
            404, "unknown-indicator", "No such indicator", f"there is no figure {indicator!r}"
        )
    declared = shared.declarations.refresh()
    asked = question_of("reports", indicator, scope, code, standing, sort)
    place = decode(cursor, asked) if cursor else PageCursor(len(declared), asked, 0)
    conditional.check(len(declared), declared.newest_entry_ms, shared.inventory.city.version)
    # Entries made since the first page would move the others.
    declared = declared.first(place.as_of_ms)
    entries = declared.in_force() if standing else declared.entries
    found = _sorted(_chosen(entries, indicator, scope, code), sort)
    chosen, following = cut(found, place.offset, limit)
    return ReportPage(
        items=_out(shared, chosen),
        next_cursor=(
            None if following is None else encode(PageCursor(place.as_of_ms, asked, following))
        ),
    )


def _chosen(
    reports: Iterable[DeclaredFigure], indicator: str | None, scope: str | None, code: str | None
) -> list[DeclaredFigure]:
    """Newest entry first."""
    found = [
        r
        for r in reports
        if (indicator is None or r.indicator == indicator)
        and (scope is None or r.scope == scope)
        and (code is None or r.code == code)
    ]
    return sorted(found, key=lambda r: (-r.entered_ms, r.key, -r.as_of_ms, -r.revision))


def _sorted(reports: list[DeclaredFigure], sort: ReportSort) -> list[DeclaredFigure]:
    """In an order; equals stay with the newest entry first."""
    column = {"entered_at": "entered_ms", "as_of": "as_of_ms"}.get(sort.removeprefix("-"))
    key = attrgetter(column or sort.removeprefix("-"))
    return sorted(reports, key=key, reverse=sort.startswith("-"))


def _out(shared: Context, reports: Sequence[DeclaredFigure]) -> list[ReportOut]:
    return [report_out(shared.inventory, report) for report in reports]

"""Tables of declared figures: a template to fill in, and its upload."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Query, Response, UploadFile
from pydantic import Field

from gigacity_api.http.auditing import audit
from gigacity_api.http.bounded import BoundedStream
from gigacity_api.http.dependencies import DatabaseRoute, InContext, require_report
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
from gigacity_api.http.exporting.files import MEDIA_TYPES, Format, csv_parts
from gigacity_api.http.exporting.workbook_child import xlsx_parts
from gigacity_api.http.parameters import Parameters
from gigacity_api.http.presenters.reports import report_out
from gigacity_api.http.problem_types import TOO_MANY_EXPORTS, TOO_MANY_UPLOADS
from gigacity_api.http.responses import Responses, enters, responses
from gigacity_api.http.schemas.reports import ReportsEntered
from gigacity_api.reports.checking import Checker
from gigacity_api.reports.table_faults import MAX_BYTES, RowFault, TableError
from gigacity_api.reports.tables import check_table
from gigacity_api.reports.template import Language, catalogue_rows, form_rows

router = APIRouter(prefix="/api/v1", tags=["reports"], route_class=DatabaseRoute)


class UploadQuery(Parameters):
    """How a table is entered."""

    dry_run: bool = Field(
        False, description="check all of it and say what would be stored; store nothing"
    )


class TemplateQuery(Parameters):
    """How the template is written."""

    format: Format = Field(Format.XLSX, description="csv: the form alone, without the catalogue")
    language: Language = Field("zh", description="of the column names")


def _documented() -> Responses:
    found = responses(TOO_MANY_EXPORTS)
    text = {"schema": {"type": "string"}, "example": "指标,层级,代码,截止日期,...\r\n"}
    binary = {"schema": {"type": "string", "format": "binary"}}
    content = {"text/csv": text, MEDIA_TYPES[Format.XLSX]: binary}
    return found | {200: {"description": "the file", "content": content}}


@router.get(
    "/reports/template",
    summary="A table to fill in and upload",
    response_class=BoundedStream,
    responses=_documented(),
    dependencies=[Depends(require_report)],
)
def template(shared: InContext, query: Annotated[TemplateQuery, Query()]) -> BoundedStream:
    """A row for each figure that only offices know; fill in what you report, delete the others.

    As it is it would be refused. A second sheet lists every figure that may be reported, with its
    unit, levels, meaning and an example. 填报模板:保留并填写本部门的行,删除其余各行;第二张工作表
    列出全部可填报指标。
    """
    form = form_rows(query.language)
    sheets = [("reports", form), ("catalogue", catalogue_rows())]
    parts = csv_parts(form) if query.format is Format.CSV else xlsx_parts(sheets)
    disposition = f'attachment; filename="reports.{query.format}"'
    return BoundedStream(
        shared.computing.each(parts), shared.exports, media_type=MEDIA_TYPES[query.format],
        headers={"Content-Disposition": disposition},
    )  # fmt: skip


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
    query: Annotated[UploadQuery, Query()],
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

    Rows that say just what the last revision says are not stored again (200 if that is all, and
    for a dry run). 整表校验,任一行有误则全部不入库,并逐行列出错误;dry_run=true 只校验,不入库。
    """
    check_takes_declarations(shared)
    content = file.file.read(MAX_BYTES + 1)
    try:
        with shared.uploads:
            checker = Checker(shared.inventory.city, shared.clock.now_ms())
            drafts, faults = check_table(content, checker)
    except TableError as error:
        drafts, faults = [], list(error.faults)
    if faults:
        raise refused([_cell(fault) for fault in faults])
    check_bounds(key, (draft.key for draft in drafts), shared.inventory.city)
    entries = [signed(draft, key) for draft in drafts]
    if query.dry_run:
        entered = shared.declarations.preview(entries)
    else:
        entered = shared.once.do(
            key.name, bare(idempotency_key), fingerprint("table", content),
            lambda: shared.declarations.add(entries),
        )  # fmt: skip
    new = [e.report for e in entered if e.is_new]
    count = len(new)
    if not query.dry_run:
        audit("report entered", key, *new)
    if query.dry_run or not count:
        response.status_code = 200
    return ReportsEntered(
        is_dry_run=query.dry_run,
        count=count,
        repeated=len(entered) - count,
        items=[report_out(shared.inventory, e.report) for e in entered],
    )


def _cell(fault: RowFault) -> dict[str, Any]:
    return {
        "field": fault.column or "file", "message": fault.en, "zh": fault.zh,
        "row": fault.row or None,
    }  # fmt: skip

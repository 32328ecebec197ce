"""Exports: the scorecard and any list of evidence, as CSV or XLSX."""

from collections.abc import Iterable, Iterator
from typing import Annotated, NamedTuple

from fastapi import Query, Request
from pydantic import Field

from gigacity_api.evaluator.publication import Publication
from gigacity_api.http.auditing import audited_export
from gigacity_api.http.bounded import BoundedStream
from gigacity_api.http.context import Context, evaluation_of
from gigacity_api.http.dependencies import InContext, read_router
from gigacity_api.http.etag import InConditional
from gigacity_api.http.exporting.about import ABOUT, about_rows
from gigacity_api.http.exporting.files import (
    MAX_XLSX_ROWS,
    MEDIA_TYPES,
    Format,
    Row,
    csv_parts,
)
from gigacity_api.http.exporting.tables import EVIDENCE_HEADER, evidence_row, scorecard_rows
from gigacity_api.http.exporting.workbook_child import xlsx_parts
from gigacity_api.http.filters import EvidenceFilter
from gigacity_api.http.lookups import definition_of, figure_of, place_code
from gigacity_api.http.parameters import FigurePlace, IdParam, Parameters
from gigacity_api.http.presenters.figures import entry_out
from gigacity_api.http.presenters.scorecards import build_scorecard
from gigacity_api.http.problem_types import EXPORT_TOO_LARGE, TOO_MANY_EXPORTS, ApiProblem
from gigacity_api.http.responses import Responses, responses
from gigacity_api.indicators.definitions import Definition
from gigacity_api.indicators.evaluation import Evaluation
from gigacity_api.indicators.evidence import objects_of, page
from gigacity_api.indicators.verdicts import Indices
from gigacity_contract.local_time import rfc3339

router = read_router("exports")

STEP = 500
"""Objects that are read together."""


class FormatQuery(Parameters):
    """How a file is written."""

    format: Format = Field(Format.CSV, description=f"xlsx: at most {MAX_XLSX_ROWS:,} rows")


class EvidenceExportQuery(FormatQuery, EvidenceFilter, FigurePlace):
    """Which objects behind a figure are exported, and how."""


class Export(BoundedStream):
    """A file, streamed; its media type is that of the format."""


def documented(example: str, *statuses: int) -> Responses:
    """What OpenAPI says of an export."""
    found = responses(TOO_MANY_EXPORTS, *statuses, cached=True)
    text = {"schema": {"type": "string"}, "example": example}
    binary = {"schema": {"type": "string", "format": "binary"}}
    found[200] |= {
        "description": "the file",
        "content": {"text/csv": text, MEDIA_TYPES[Format.XLSX]: binary},
    }
    return found


class ExportedFile(NamedTuple):
    """What a file holds."""

    name: str
    """Without its ending."""
    rows: Iterable[Row]
    """Header first."""
    about: Iterable[Row]
    """The second sheet of XLSX, which says what the first one is."""


def export_answer(
    shared: Context, format_: Format, file: ExportedFile, headers: dict[str, str]
) -> Export:
    """The file, made while it is sent."""
    name = f"{file.name}.{format_}"
    rows = audited_export(name, file.rows)
    sheets = [("gigacity", rows), (ABOUT, file.about)]
    parts = csv_parts(rows) if format_ is Format.CSV else xlsx_parts(sheets)
    headers = headers | {"Content-Disposition": f'attachment; filename="{name}"'}
    return Export(
        shared.computing.each(parts),
        shared.exports,
        media_type=MEDIA_TYPES[format_],
        headers=headers,
    )


@router.get(
    "/scorecard/export",
    summary="The scorecard as a file",
    response_class=Export,
    responses=documented(
        "指标 indicator,名称,name,...\r\npon.ports_10g,在用10G-PON及以上端口数,...\r\n"
    ),
)
def scorecard_export(
    request: Request,
    shared: InContext,
    conditional: InConditional,
    query: Annotated[FormatQuery, Query()],
) -> Export:
    """Every figure of the scorecard, with reports and gaps, a row each."""
    publication, declared = shared.publication(), shared.declarations.known
    headers = conditional.check_publication(publication, len(declared), declared.newest_entry_ms)
    card = build_scorecard(publication, declared, age_s=shared.age_s(publication))
    name = f"scorecard-{stamp(publication.as_of_ms)}"
    told = about(request, shared, publication, [item.figure.indicator for item in card.items])
    file = ExportedFile(name, scorecard_rows(card), told)
    return export_answer(shared, query.format, file, headers)


@router.get(
    "/indicators/{indicator}/evidence/export",
    summary="The objects behind a figure as a file",
    response_class=Export,
    responses=documented("类型 kind,编号 id,...\r\nport,olt-1/1/0,...\r\n", 404, 413, 501),
)
def evidence_export(
    *,
    request: Request,
    shared: InContext,
    conditional: InConditional,
    indicator: IdParam,
    query: Annotated[EvidenceExportQuery, Query()],
) -> Export:
    """Every object that a figure counts, a row each, at one instant."""
    definition = definition_of(indicator)
    code = place_code(shared.inventory, query)
    publication = shared.publication()
    figure_of(publication, definition, query.scope, code)
    evaluation = evaluation_of(publication)
    headers = conditional.check_publication(publication)
    whole = objects_of(evaluation, definition, query.scope, code)
    objects = query.of(evaluation, definition, whole)
    if query.format is Format.XLSX and len(objects) > MAX_XLSX_ROWS:
        raise ApiProblem(
            EXPORT_TOO_LARGE, f"{len(objects):,} rows; take format=csv, or a smaller scope"
        )
    name = f"evidence-{definition.id}-{code}-{stamp(publication.as_of_ms)}"
    rows = _evidence_rows(evaluation, definition, objects)
    told = about(request, shared, publication, [definition.id])
    return export_answer(shared, query.format, ExportedFile(name, rows, told), headers)


def _evidence_rows(
    evaluation: Evaluation, definition: Definition, objects: Indices
) -> Iterator[Row]:
    yield EVIDENCE_HEADER
    for offset in range(0, len(objects), STEP):
        found = page(evaluation, definition, objects, offset=offset, limit=STEP)
        for entry in found.entries:
            yield evidence_row(entry_out(entry))


def stamp(epoch_ms: int) -> str:
    """A moment as part of a file's name."""
    return rfc3339(epoch_ms)[:19].replace(":", "").replace("-", "") + "Z"


def about(
    request: Request, shared: Context, publication: Publication | None, indicators: Iterable[str]
) -> Iterator[Row]:
    """The sheet that says what a file is."""
    city = (publication.inventory if publication else shared.inventory).city
    address = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return about_rows(
        address=address,
        made_ms=shared.clock.now_ms(),
        as_of_ms=None if publication is None else publication.as_of_ms,
        city_version=city.version,
        indicators=indicators,
    )

"""Exports: the scorecard and any list of evidence, as CSV or XLSX."""

import threading
from collections.abc import Generator, Iterable, Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from gigacity_api.errors import ApiProblem
from gigacity_api.evaluator.publication_cache import Publication
from gigacity_api.http.asking import InAsked
from gigacity_api.http.context import evaluation_of
from gigacity_api.http.dependencies import InContext, place_code, require_read
from gigacity_api.http.etag import InConditional
from gigacity_api.http.exporting.files import (
    MAX_XLSX_ROWS,
    MEDIA_TYPES,
    Format,
    Row,
    csv_parts,
    xlsx_parts,
)
from gigacity_api.http.exporting.tables import EVIDENCE_HEADER, evidence_row, scorecard_rows
from gigacity_api.http.presenters.figures import definition_of, entry_out, figure_of
from gigacity_api.http.presenters.scorecards import build_scorecard
from gigacity_api.http.problems import responses
from gigacity_api.http.routers.indicators import CodeParam, IdParam, ScopeParam
from gigacity_api.http.schemas.common import rfc3339
from gigacity_api.indicators.definitions import Definition
from gigacity_api.indicators.evaluation import Evaluation
from gigacity_api.indicators.evidence import objects_of, page
from gigacity_api.indicators.levels import Level
from gigacity_api.indicators.verdicts import Indices

router = APIRouter(prefix="/api/v1", tags=["exports"], dependencies=[Depends(require_read)])

MAX_AT_ONCE = 4
"""Exports that may be written at the same time; each holds a thread and some memory."""

STEP = 500

FormatParam = Annotated[
    Format, Query(alias="format", description=f"xlsx: at most {MAX_XLSX_ROWS:,} rows")
]


class Places:
    """Counts the exports that are being written.

    A place is taken when the first part is made, not when the request is answered: an answer whose
    client is gone before that never begins, and would keep its place for ever.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self.taken = 0

    @property
    def is_full(self) -> bool:
        """Whether another export would be one too many."""
        return self.taken >= self._size

    def hold(self, parts: Iterator[bytes]) -> Generator[bytes, None, None]:
        """The parts, with a place taken while they are made."""
        self._add(1)
        try:
            yield from parts
        finally:
            self._add(-1)

    def _add(self, number: int) -> None:
        with self._lock:
            self.taken += number


_places = Places(MAX_AT_ONCE)


class Export(StreamingResponse):
    """A file, streamed; its media type is that of the format."""


def _documented(example: str, *statuses: int) -> dict[int | str, dict[str, Any]]:
    found = responses(429, *statuses, cached=True)
    text = {"schema": {"type": "string"}, "example": example}
    binary = {"schema": {"type": "string", "format": "binary"}}
    found[200] |= {
        "description": "the file",
        "content": {"text/csv": text, MEDIA_TYPES[Format.XLSX]: binary},
    }
    return found


def _answer(format_: Format, name: str, rows: Iterable[Row], headers: dict[str, str]) -> Export:
    """The file, made while it is sent."""
    if _places.is_full:
        raise ApiProblem(
            429, "too-many-exports", "Too many exports at once",
            f"{MAX_AT_ONCE} are being written; try again in a few seconds",
            headers={"Retry-After": "5"},
        )  # fmt: skip
    parts = csv_parts(rows) if format_ is Format.CSV else xlsx_parts([("gigacity", rows)])
    headers = headers | {"Content-Disposition": f'attachment; filename="{name}.{format_}"'}
    return Export(_places.hold(parts), media_type=MEDIA_TYPES[format_], headers=headers)


@router.get(
    "/scorecard/export",
    summary="The scorecard as a file",
    response_class=Export,
    responses=_documented(
        "指标 indicator,名称,name,...\r\npon.ports_10g,在用10G-PON及以上端口数,...\r\n"
    ),
)
def scorecard_export(
    shared: InContext, conditional: InConditional, format_: FormatParam = Format.CSV
) -> Export:
    """Every figure of the scorecard, with reports and gaps, a row each."""
    publication, declared = shared.publication(), shared.declarations.known
    headers = conditional.check_publication(publication, len(declared), declared.newest_entry_ms)
    card = build_scorecard(publication, declared, age_s=shared.age_s(publication))
    name = f"scorecard-{_stamp(publication)}"
    return _answer(format_, name, scorecard_rows(card), headers)


@router.get(
    "/indicators/{indicator}/evidence/export",
    summary="The objects behind a figure as a file",
    response_class=Export,
    responses=_documented("类型 kind,编号 id,...\r\nport,olt-1/1/0,...\r\n", 404, 413, 501),
)
def evidence_export(
    *,
    shared: InContext,
    conditional: InConditional,
    indicator: IdParam,
    scope: ScopeParam = Level.CITY,
    code: CodeParam = None,
    asked: InAsked,
    format_: FormatParam = Format.CSV,
) -> Export:
    """Every object that a figure counts, a row each, at one instant."""
    definition = definition_of(indicator)
    where = place_code(shared, scope, code)
    publication = shared.publication()
    figure_of(publication, definition, scope, where)
    evaluation = evaluation_of(publication)
    headers = conditional.check_publication(publication)
    whole = objects_of(evaluation, definition, scope, where)
    objects = asked.of(evaluation, definition, whole)
    if format_ is Format.XLSX and len(objects) > MAX_XLSX_ROWS:
        raise ApiProblem(
            413, "export-too-large", "Too many rows for XLSX",
            f"{len(objects):,} rows; take format=csv, or a smaller scope",
        )  # fmt: skip
    name = f"evidence-{definition.id}-{where}-{_stamp(publication)}"
    rows = _evidence_rows(evaluation, definition, objects)
    return _answer(format_, name, rows, headers)


def _evidence_rows(
    evaluation: Evaluation, definition: Definition, objects: Indices
) -> Iterator[Row]:
    yield EVIDENCE_HEADER
    for offset in range(0, len(objects), STEP):
        found = page(evaluation, definition, objects, offset=offset, limit=STEP)
        for entry in found.entries:
            yield evidence_row(entry_out(entry))


def _stamp(publication: Publication) -> str:
    return rfc3339(publication.as_of_ms)[:19].replace(":", "").replace("-", "") + "Z"

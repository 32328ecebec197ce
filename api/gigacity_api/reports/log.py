"""Reports in the database: entered once, never overwritten, read back into a book.

Every entry is a row of its own: its time is the moment of entry in nanoseconds, and two entries of
this process never share one.
"""

import threading
from collections.abc import Sequence

import msgspec

from gigacity_api.ports import Store
from gigacity_api.queries.reports import REPORT_COLUMNS, report_rows
from gigacity_api.reports.book import Book, Report
from gigacity_api.reports.checking import Draft
from gigacity_contract.clock import Clock
from gigacity_contract.line_protocol import encode_point
from gigacity_contract.measurements import REPORT

FIRST_MS = 1_577_836_800_000
"""2020: before any entry."""

OVERLAP_MS = 60_000
"""Read again with every refresh: another process's clock may be behind this one's."""


class ReportRow(msgspec.Struct, array_like=True, gc=False):
    """A row of ``report``: time, then ``REPORT_COLUMNS``."""

    time: int
    code: str
    indicator: str
    scope: str
    as_of_ms: int | None
    value: float | None
    numerator: int | None
    denominator: int | None
    reporter: str | None
    source: str | None
    revision: int | None


assert ReportRow.__struct_fields__[1:] == REPORT_COLUMNS  # noqa: S101 - two lists of one order


def _report(row: ReportRow) -> Report:
    return Report(
        row.time, row.indicator, row.scope, row.code, row.as_of_ms or 0, row.value or 0.0,
        row.numerator, row.denominator, row.reporter or "", row.source or "", row.revision or 0,
    )  # fmt: skip


class ReportLog:
    """Reads and adds entries; safe to use from several threads."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._book = Book()
        self._last_ns = 0

    @property
    def book(self) -> Book:
        """What is known; never blocks."""
        return self._book

    def refresh(self) -> Book:
        """Read what was entered since the last time.

        Raises:
            StoreError: the book stays as it was.
        """
        with self._lock:
            return self._refresh()

    def _refresh(self) -> Book:
        after_ms = max(FIRST_MS, self._book.newest_entry_ms - OVERLAP_MS)
        query = report_rows(after_ms, self._clock.now_ms() + OVERLAP_MS)
        found = [_report(row) for rows in self._store.rows(query, ReportRow) for row in rows]
        self._book = self._book.with_more(found)
        return self._book

    def add(self, drafts: Sequence[Draft]) -> list[Report]:
        """Store entries, all or none, and return them with their revisions.

        Raises:
            StoreError: nothing was stored, or it is not known; entering the same again would then
                be a further revision.
        """
        with self._lock:
            book = self._refresh()
            added: list[Report] = []
            lines: list[bytes] = []
            following: dict[tuple[str, str, str, int], int] = {}
            for draft in drafts:
                at_ns = max(self._clock.now_ms() * 1_000_000, self._last_ns + 1)
                self._last_ns = at_ns
                place = (draft.indicator, draft.scope, draft.code)
                key = (*place, draft.as_of_ms)
                revision = following.get(key, book.next_revision(place, draft.as_of_ms))
                following[key] = revision + 1
                report = Report(
                    at_ns // 1_000_000, *place, draft.as_of_ms, draft.value, draft.numerator,
                    draft.denominator, draft.reporter, draft.source, revision,
                )  # fmt: skip
                lines.append(_line(report, at_ns))
                added.append(report)
            self._store.write(REPORT, lines)
            self._book = book.with_more(added)
            return added


def _line(report: Report, at_ns: int) -> bytes:
    tags = {"indicator": report.indicator, "scope": report.scope, "code": report.code}
    fields = {
        "as_of_ms": report.as_of_ms, "value": report.value, "numerator": report.numerator,
        "denominator": report.denominator, "reporter": report.reporter or None,
        "source": report.source, "revision": report.revision,
    }  # fmt: skip
    return encode_point(REPORT, tags, fields, at_ns)

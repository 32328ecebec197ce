"""Declared figures in the database: entered once, never overwritten, read back in order of entry.

Every entry is a row of its own: its time is the moment of entry in nanoseconds, and two entries of
this process never share one.
"""

import threading
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from gigacity_api.indicators.figures import FigureKey
from gigacity_api.reports.checking import Draft, china_day
from gigacity_api.reports.declarations import Declarations, DeclaredFigure
from gigacity_api.reports.withdrawals import Withdrawal
from gigacity_api.storage.protocols import Store
from gigacity_api.storage.queries.reports import REPORT_COLUMNS, report_rows
from gigacity_contract.clock import Clock
from gigacity_contract.line_protocol import encode_point
from gigacity_contract.measurements import REPORT

FIRST_MS = 1_577_836_800_000
"""2020: before any entry."""

OVERLAP_MS = 60_000
"""Read again with every refresh: another process's clock may be behind this one's."""

UNTIL_NOW_MS = 60_000
"""An entry of a day that is not over yet is stored as of the moment of its checking, so shortly
after."""


class Entered(NamedTuple):
    """An entry that is stored."""

    report: DeclaredFigure
    is_new: bool
    """False: it was there before."""


class DeclarationRow(msgspec.Struct, array_like=True, gc=False):
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
    withdrawn: str | None = None


assert DeclarationRow.__struct_fields__[1:] == REPORT_COLUMNS  # noqa: S101 - two lists of one order


def _report(row: DeclarationRow) -> DeclaredFigure:
    return DeclaredFigure(
        row.time, row.indicator, row.scope, row.code, row.as_of_ms or 0, row.value or 0.0,
        row.numerator, row.denominator, row.reporter or "", row.source or "", row.revision or 0,
        row.withdrawn or "",
    )  # fmt: skip


class DeclarationLog:
    """Reads and adds entries; safe to use from several threads."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._declared = Declarations()
        self._last_ns = 0

    @property
    def known(self) -> Declarations:
        """What is known; never blocks."""
        return self._declared

    def refresh(self) -> Declarations:
        """Read what was entered since the last time.

        Raises:
            StoreError: what is known stays as it was.
        """
        with self._lock:
            return self._refresh()

    def _next_ns(self) -> int:
        """The moment of the next entry.

        After what is known, whatever the clock does: entries of one figure at one moment would be
        one row, and the order of entry is the order of revisions.
        """
        known_ms = self._declared.newest_entry_ms
        if known_ms > self._last_ns // 1_000_000:
            self._last_ns = known_ms * 1_000_000 + 999_999
        return max(self._clock.now_ms() * 1_000_000, self._last_ns + 1)

    def withdraw(self, wanted: Withdrawal, who: str) -> Entered | None:
        """Store a withdrawal as the next revision of what it names; None if nothing is there.

        What is withdrawn already is returned as it is.

        Raises:
            StoreError: nothing was stored, or it is not known; the same may be sent again.
        """
        with self._lock:
            declared = self._refresh()
            entry = wanted.entry(declared)
            if entry is None or entry.withdrawn:
                return None if entry is None else Entered(entry, is_new=False)
            at_ns = self._last_ns = self._next_ns()
            withdrawn = entry._replace(
                entered_ms=at_ns // 1_000_000, reporter=who, revision=entry.revision + 1,
                withdrawn=wanted.reason,
            )  # fmt: skip
            self._store.write(REPORT, [_line(withdrawn, at_ns)])
            self._declared = declared.with_more([withdrawn])
            return Entered(withdrawn, is_new=True)

    def _refresh(self) -> Declarations:
        after_ms = max(FIRST_MS, self._declared.newest_entry_ms - OVERLAP_MS)
        query = report_rows(after_ms, self._clock.now_ms() + OVERLAP_MS)
        found = [_report(row) for rows in self._store.rows(query, DeclarationRow) for row in rows]
        self._declared = self._declared.with_more(found)
        return self._declared

    def add(self, drafts: Sequence[Draft]) -> list[Entered]:
        """Store entries, all or none, and return them with their revisions.

        One that says what the last revision of its figure and instant says is not stored again:
        that revision is returned.

        Raises:
            StoreError: nothing was stored, or it is not known; the same may be entered again.
        """
        with self._lock:
            declared = self._refresh()
            batch = _DeclarationRows(declared)
            lines: list[bytes] = []
            for draft in drafts:
                at_ns = self._next_ns()
                entered = batch.enter(draft, at_ns // 1_000_000)
                if entered.is_new:
                    self._last_ns = at_ns
                    lines.append(_line(entered.report, at_ns))
            if lines:
                self._store.write(REPORT, lines)
            self._declared = declared.with_more(e.report for e in batch.entered if e.is_new)
            return batch.entered

    def preview(self, drafts: Sequence[Draft]) -> list[Entered]:
        """What ``add`` would store and return now; stores nothing. Raises as it does."""
        with self._lock:
            batch = _DeclarationRows(self._refresh())
            return [batch.enter(draft, self._clock.now_ms()) for draft in drafts]


class _DeclarationRows:
    """Entries that are stored together; a later one may repeat, or revise, an earlier one."""

    def __init__(self, declared: Declarations) -> None:
        self._declared = declared
        self._newest: dict[tuple[FigureKey, int], DeclaredFigure] = {}
        self.entered: list[Entered] = []

    def enter(self, draft: Draft, at_ms: int) -> Entered:
        """Take a draft as the next revision, or as one that is there."""
        place = (draft.indicator, draft.scope, draft.code)
        key = (place, draft.as_of_ms)
        newest = self._newest.get(key) or self._declared.newest(*key)
        known = self._same_day(draft, place) if draft.is_until_now and newest is None else newest
        if known is not None and not known.withdrawn and _says(known) == _says(draft):
            entered = Entered(known, is_new=False)
        else:
            revision = 0 if newest is None else newest.revision + 1
            report = DeclaredFigure(
                at_ms, *place, draft.as_of_ms, draft.value, draft.numerator, draft.denominator,
                draft.reporter, draft.source, revision,
            )  # fmt: skip
            self._newest[key] = report
            entered = Entered(report, is_new=True)
        self.entered.append(entered)
        return entered

    def _same_day(self, draft: Draft, place: FigureKey) -> DeclaredFigure | None:
        """The standing entry, if it too was given as this very day before it was over."""
        standing = self._declared.latest(*place)
        if standing is None or china_day(standing.as_of_ms) != china_day(draft.as_of_ms):
            return None
        return standing if standing.entered_ms - standing.as_of_ms <= UNTIL_NOW_MS else None


def _says(entry: Draft | DeclaredFigure) -> tuple[float, int | None, int | None, str, str]:
    return (
        entry.value, entry.numerator, entry.denominator, entry.reporter, entry.source,
    )  # fmt: skip


def _line(report: DeclaredFigure, at_ns: int) -> bytes:
    tags = {"indicator": report.indicator, "scope": report.scope, "code": report.code}
    fields = {
        "as_of_ms": report.as_of_ms, "value": report.value, "numerator": report.numerator,
        "denominator": report.denominator, "reporter": report.reporter or None,
        "source": report.source, "revision": report.revision,
        "withdrawn": report.withdrawn or None,
    }  # fmt: skip
    return encode_point(REPORT, tags, fields, at_ns)

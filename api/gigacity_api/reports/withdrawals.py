"""Checks what a withdrawal names: which figure, of which day or moment, and why. Pure.

A withdrawal is a further revision of an entry, with a reason; the entry stays in the history.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from gigacity_api.indicators.figures import FigureKey
from gigacity_api.reports.cells import CellError, read_day_or_moment
from gigacity_api.reports.checking import Checker, china_day
from gigacity_api.reports.declarations import Declarations, DeclaredFigure
from gigacity_api.reports.faults import Fault, Faults


class Withdrawal(NamedTuple):
    """A checked withdrawal."""

    key: FigureKey
    as_of: date | datetime
    """The day, or the moment, that the entry speaks of."""
    reason: str

    def entry(self, declared: Declarations) -> DeclaredFigure | None:
        """The last revision that it names; of a day that of its last moment."""
        found = [
            entry for entry in declared.entries if entry.key == self.key and self._is_of(entry)
        ]
        return max(found, key=lambda e: (e.as_of_ms, e.revision), default=None)

    def _is_of(self, entry: DeclaredFigure) -> bool:
        if isinstance(self.as_of, datetime):
            return round(self.as_of.timestamp() * 1000) == entry.as_of_ms
        return self.as_of == china_day(entry.as_of_ms)


def check_withdrawal(
    checker: Checker, given: Mapping[str, Any]
) -> tuple[Withdrawal | None, list[Fault]]:
    """The withdrawal, or every fault of it."""
    given = {name: value for name, value in given.items() if value is not None}
    faults = Faults()
    known, scope, code = checker.place(given, faults)
    reason = checker.text("reason", given, faults)
    if not reason.strip():
        faults.add("reason", "is missing: say why the entry is withdrawn", "缺少撤回原因")
    as_of: date | datetime | None = None
    try:
        as_of = read_day_or_moment(given["as_of"])
    except CellError as error:
        faults.add("as_of", error.en, error.zh)
    if faults or known is None or as_of is None:
        return None, faults
    return Withdrawal((known.id, scope, code), as_of, reason.strip()), []

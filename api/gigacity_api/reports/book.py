"""What was reported: every entry, and the one that stands for each figure. Pure.

A book never forgets: a further entry for the same figure and day is a further revision of it. Only
one that says exactly what the last revision says is no entry: nothing would be known by it.
"""

from collections.abc import Iterable
from typing import NamedTuple

Place = tuple[str, str, str]
"""Indicator, scope, code."""


class Report(NamedTuple):
    """One entry, as it is stored."""

    entered_ms: int
    indicator: str
    scope: str
    code: str
    as_of_ms: int
    value: float
    numerator: int | None
    denominator: int | None
    reporter: str
    source: str
    revision: int

    @property
    def place(self) -> Place:
        """The figure that it is of."""
        return (self.indicator, self.scope, self.code)


def _order(report: Report) -> tuple[int, int, int]:
    return (report.as_of_ms, report.revision, report.entered_ms)


class Book:
    """An immutable state of everything that was entered."""

    def __init__(self, reports: Iterable[Report] = ()) -> None:
        self._reports = tuple(sorted(set(reports), key=lambda r: (r.entered_ms, *_order(r))))
        self._latest: dict[Place, Report] = {}
        self._newest: dict[tuple[Place, int], Report] = {}
        for report in self._reports:
            place = (report.place, report.as_of_ms)
            newest = self._newest.get(place)
            if newest is None or _order(report) > _order(newest):
                self._newest[place] = report
            known = self._latest.get(report.place)
            if known is None or _order(report) > _order(known):
                self._latest[report.place] = report

    def __len__(self) -> int:
        return len(self._reports)

    @property
    def reports(self) -> tuple[Report, ...]:
        """Every entry, oldest first."""
        return self._reports

    @property
    def newest_entry_ms(self) -> int:
        """Moment of the last entry; 0 if there is none."""
        return self._reports[-1].entered_ms if self._reports else 0

    def first(self, size: int) -> "Book":
        """The book as it was when it had so many entries."""
        return self if size >= len(self) else Book(self._reports[: max(0, size)])

    def with_more(self, reports: Iterable[Report]) -> "Book":
        """This book and further entries; the same entry twice counts once."""
        more = set(reports).difference(self._reports)
        return Book((*self._reports, *more)) if more else self

    def latest(self, indicator: str, scope: str, code: str) -> Report | None:
        """The entry that stands: of the newest day, its last revision."""
        return self._latest.get((indicator, scope, code))

    def standing(self) -> tuple[Report, ...]:
        """The entry that stands for each figure that has one."""
        return tuple(self._latest.values())

    def newest(self, place: Place, as_of_ms: int) -> Report | None:
        """The last revision of a figure and instant."""
        return self._newest.get((place, as_of_ms))

    def series(self, indicator: str, scope: str, code: str) -> list[Report]:
        """Of each day the last revision, oldest day first."""
        days: dict[int, Report] = {}
        for report in self._reports:
            if report.place == (indicator, scope, code):
                known = days.get(report.as_of_ms)
                if known is None or _order(report) > _order(known):
                    days[report.as_of_ms] = report
        return [days[day] for day in sorted(days)]

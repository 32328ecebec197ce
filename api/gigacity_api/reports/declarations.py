"""Figures that offices declared: every entry, and the one in force for each figure. Pure.

Nothing is ever taken out: a further entry for the same figure and day is a further revision of it,
and so is its withdrawal, after which no entry of that day is in force.
An entry that says exactly what the last revision says is not stored again.
"""

from collections.abc import Iterable
from typing import NamedTuple

from gigacity_api.indicators.figures import FigureKey


class DeclaredFigure(NamedTuple):
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
    withdrawn: str = ""
    """Why the revisions before it no longer hold; empty: it is an entry."""

    @property
    def key(self) -> FigureKey:
        """The figure that it is of."""
        return (self.indicator, self.scope, self.code)


def _order(entry: DeclaredFigure) -> tuple[int, int, int]:
    return (entry.as_of_ms, entry.revision, entry.entered_ms)


class Declarations:
    """An immutable state of everything that was entered."""

    def __init__(self, entries: Iterable[DeclaredFigure] = ()) -> None:
        self._entries = tuple(sorted(set(entries), key=lambda r: (r.entered_ms, *_order(r))))
        self._latest: dict[FigureKey, DeclaredFigure] = {}
        self._newest: dict[tuple[FigureKey, int], DeclaredFigure] = {}
        for entry in self._entries:
            place = (entry.key, entry.as_of_ms)
            newest = self._newest.get(place)
            if newest is None or _order(entry) > _order(newest):
                self._newest[place] = entry
        for entry in self._newest.values():
            known = self._latest.get(entry.key)
            if not entry.withdrawn and (known is None or _order(entry) > _order(known)):
                self._latest[entry.key] = entry

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def entries(self) -> tuple[DeclaredFigure, ...]:
        """Every entry, oldest first."""
        return self._entries

    @property
    def newest_entry_ms(self) -> int:
        """Moment of the last entry; 0 if there is none."""
        return self._entries[-1].entered_ms if self._entries else 0

    def first(self, size: int) -> "Declarations":
        """The declared as it was when it had so many entries."""
        return self if size >= len(self) else Declarations(self._entries[: max(0, size)])

    def with_more(self, entries: Iterable[DeclaredFigure]) -> "Declarations":
        """This declared and further entries; the same entry twice counts once."""
        more = set(entries).difference(self._entries)
        return Declarations((*self._entries, *more)) if more else self

    def latest(self, indicator: str, scope: str, code: str) -> DeclaredFigure | None:
        """The entry in force: of the newest day that is not withdrawn, its last revision."""
        return self._latest.get((indicator, scope, code))

    def in_force(self) -> tuple[DeclaredFigure, ...]:
        """The entry in force for each figure that has one."""
        return tuple(self._latest.values())

    def newest(self, place: FigureKey, as_of_ms: int) -> DeclaredFigure | None:
        """The last revision of a figure and instant."""
        return self._newest.get((place, as_of_ms))

    def series(self, indicator: str, scope: str, code: str) -> list[DeclaredFigure]:
        """Of each day that is not withdrawn the last revision, oldest day first."""
        days: dict[int, DeclaredFigure] = {}
        for entry in self._entries:
            if entry.key == (indicator, scope, code):
                known = days.get(entry.as_of_ms)
                if known is None or _order(entry) > _order(known):
                    days[entry.as_of_ms] = entry
        return [days[day] for day in sorted(days) if not days[day].withdrawn]

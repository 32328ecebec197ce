"""Which figures ``indicator`` holds of which instants, and what stands at an instant. Pure.

Figures of the city and its areas are written at every instant. Places below them are most of the
rows and seldom change: they are written whole at the first instant of every quarter of an
hour, at the first of a city version and of a process, and in between when they changed. So nothing
is lost: what stands at an instant is the newest row of a place since its quarter began.
"""

from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from gigacity_api.evaluator.lines import FigureRow, key_of
from gigacity_api.indicators.figures import FigureKey
from gigacity_api.indicators.levels import Level

QUARTER_MS = 900_000
"""Length of a part of the clock; no setting, since readers and writers of all times must agree."""

EVERY_INSTANT: frozenset[str] = frozenset({Level.CITY, Level.AREA})
"""Levels whose figures are written at every instant."""


def quarter_start_ms(as_of_ms: int) -> int:
    """When the part of the clock that holds an instant begins."""
    return as_of_ms // QUARTER_MS * QUARTER_MS


class PublishedInstant(NamedTuple):
    """A published instant, as the city's figures tell."""

    as_of_ms: int
    revision: int
    city_version: str


class StoredQuarter:
    """The stored rows of one part of the clock, or of its beginning."""

    def __init__(self, rows: Iterable[FigureRow]) -> None:
        self._rows = sorted(rows, key=lambda row: row.time)
        self.instants = {
            row.time: PublishedInstant(row.time, row.revision or 0, row.city_version or "")
            for row in self._rows
            if row.scope == Level.CITY
        }

    def newest_by(self, as_of_ms: int) -> PublishedInstant | None:
        """The newest published instant that is not later."""
        return max((i for i in self.instants.values() if i.as_of_ms <= as_of_ms), default=None)

    def next_after(self, as_of_ms: int) -> PublishedInstant | None:
        """The published instant that follows."""
        return min((i for i in self.instants.values() if i.as_of_ms > as_of_ms), default=None)

    def at(self, as_of_ms: int) -> dict[FigureKey, FigureRow]:
        """What stands at an instant, whether it was published or only others before it."""
        newest = self.newest_by(as_of_ms)
        # A place of another city version may be gone; one that is there has a row of its own.
        version = None if newest is None else newest.city_version
        end = bisect_right(self._rows, as_of_ms, key=lambda row: row.time)
        return {
            key_of(row): row
            for row in self._rows[:end]
            if row.time == as_of_ms
            or (row.scope not in EVERY_INSTANT and (row.city_version or "") == version)
        }


def at_every_instant(
    rows: Iterable[FigureRow], instants: Iterable[PublishedInstant]
) -> list[FigureRow]:
    """The rows of one place below the areas, one for each published instant, oldest first."""
    row_by_time = {row.time: row for row in rows}
    instant_by_time = {instant.as_of_ms: instant for instant in instants}
    found: list[FigureRow] = []
    standing: FigureRow | None = None
    for time in sorted(row_by_time.keys() | instant_by_time.keys()):
        standing = row_by_time.get(time, standing)
        if standing is None:
            continue
        if standing.time == time:
            found.append(standing)
            continue
        _, revision, version = instant_by_time[time]
        if standing.time >= quarter_start_ms(time) and (standing.city_version or "") == version:
            here = {"time": time, "revision": revision, "city_version": version}
            found.append(msgspec.structs.replace(standing, **here))
    return found

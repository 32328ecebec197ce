"""Which figures ``indicator`` holds of which instants, and what stands at an instant. Pure.

Figures of the city and its areas are written at every instant. Places below them are most of the
rows and seldom change: they are written whole at the first instant of every quarter of an
hour, at the first of a city version and of a process, and in between when they changed. So nothing
is lost: what stands at an instant is the newest row of a place since its quarter began.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from gigacity_api.evaluator.lines import FigureKey, FigureRow, key_of
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
        return next(self._back_from(as_of_ms), None)

    def next_after(self, as_of_ms: int) -> PublishedInstant | None:
        """The published instant that follows."""
        return min((i for i in self.instants.values() if i.as_of_ms > as_of_ms), default=None)

    def at(self, as_of_ms: int) -> dict[FigureKey, FigureRow]:
        """What stands at an instant, whether it was published or only others before it."""
        since_ms = self._since_ms(as_of_ms)
        end = bisect_right(self._rows, as_of_ms, key=lambda row: row.time)
        return {
            key_of(row): row
            for row in self._rows[:end]
            if row.time == as_of_ms or (row.time >= since_ms and row.scope not in EVERY_INSTANT)
        }

    def _since_ms(self, as_of_ms: int) -> int:
        """Since when the city version is the same: a place of an older one may be gone."""
        since_ms, version = as_of_ms, None
        for instant in self._back_from(as_of_ms):
            if version not in {None, instant.city_version}:
                break
            since_ms, version = instant.as_of_ms, instant.city_version
        return since_ms

    def _back_from(self, as_of_ms: int) -> Iterator[PublishedInstant]:
        return (i for i in sorted(self.instants.values(), reverse=True) if i.as_of_ms <= as_of_ms)


def at_every_instant(
    rows: Iterable[FigureRow], instants: Iterable[PublishedInstant]
) -> list[FigureRow]:
    """The rows of one place below the areas, one for each published instant, oldest first."""
    row_by_time = {row.time: row for row in rows}
    instant_by_time = {instant.as_of_ms: instant for instant in instants}
    found: list[FigureRow] = []
    standing: FigureRow | None = None
    before: PublishedInstant | None = None
    for time in sorted(row_by_time.keys() | instant_by_time.keys()):
        instant = instant_by_time.get(time)
        if standing is not None and (
            standing.time < quarter_start_ms(time)
            or (instant and before and instant.city_version != before.city_version)
        ):
            standing = None
        before = instant or before
        standing = row_by_time.get(time, standing)
        if standing is None:
            continue
        if instant is None or standing.time == time:
            found.append(standing)
            continue
        found.append(
            msgspec.structs.replace(
                standing, time=time, revision=instant.revision, city_version=instant.city_version
            )
        )
    return found

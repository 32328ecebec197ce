"""What the public pages say of the past, read in the background: no visitor waits for a database.

Only figures of the city as a whole are remembered, so that the reading is as large as the registry,
whoever asks for what.
"""

import itertools
from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from gigacity_api.evaluator.lines import LogRow
from gigacity_api.forecasting.daily_values import daily_values
from gigacity_api.forecasting.outlook import Day
from gigacity_api.indicators.figures import FigureKey
from gigacity_api.indicators.levels import Level
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.site.public_scope import PublicScope
from gigacity_api.site.snapshot import RememberedFigure
from gigacity_api.site.times import Month
from gigacity_api.storage.protocols import Cities, Store
from gigacity_api.storage.queries.daily import daily_of_places
from gigacity_api.storage.queries.revisions import revisions_of
from gigacity_contract.clock import Clock
from gigacity_contract.local_time import DAY_MS

EVERY_TICKS, LEAST_S, MOST_S = 10, 30.0, 300.0
"""Daily values and revisions are read once in so many evaluations, within these seconds."""

AGAIN_S = 20.0
"""After the database could not answer."""

SHOWN_REVISIONS = 10

MONTHS_MS = 400 * DAY_MS
"""Reports of so long ago still show the areas."""

AREA_DAYS_MS = 92 * DAY_MS
"""Trends of areas: a quarter of a year."""

LATEST_REVISION_MS = 32 * DAY_MS
"""An instant is revised as long as its raw reports are kept, and a little longer."""


class DailyPlaceRow(msgspec.Struct, array_like=True, gc=False):
    """A row of ``daily_of_places``."""

    time: int
    code: str
    value: float | None
    lower: float | None
    upper: float | None


class SiteMemory:
    """The past of the public figures; one thread refreshes it, any may read."""

    def __init__(
        self, store: Store, cities: Cities, scope: PublicScope, clock: Clock, tick_s: float
    ) -> None:
        self._store = store
        self._every_s = min(max(EVERY_TICKS * tick_s, LEAST_S), MOST_S)
        self._cities = cities
        self._scope = scope
        self._clock = clock
        self._due_s = 0.0
        self._known: Mapping[str, RememberedFigure] = MappingProxyType({})
        self.edition = 0
        """Changes whenever what is known may have."""

    @property
    def known(self) -> Mapping[str, RememberedFigure]:
        """By indicator; nothing until the database was read once."""
        return self._known

    def refresh(self) -> None:
        """Read it anew, if that is due.

        Raises:
            StoreError: what is known stays as it was.
        """
        if not self._scope.is_open or self._clock.monotonic_s() < self._due_s:
            return
        self._due_s = self._clock.monotonic_s() + AGAIN_S
        code = self._cities.current.code
        found = {d.id: self._read((d.id, Level.CITY, code)) for d in self._scope.definitions()}
        self._known = MappingProxyType(found)
        self.edition += 1
        self._due_s = self._clock.monotonic_s() + self._every_s

    def _read(self, key: FigureKey) -> RememberedFigure:
        now_ms = self._clock.now_ms()
        rows = [
            row
            for batch in self._store.rows(revisions_of(key, now_ms - DAY_MS, now_ms), LogRow)
            for row in batch
            if row.revision
        ]
        rows.sort(key=lambda row: row.time, reverse=True)
        areas = self._days_of_areas(key[0], now_ms)
        return RememberedFigure(
            days=tuple(daily_values(self._store, key, now_ms)),
            month_ends={
                (code, Month.of(day.at_ms)): day for code, days in areas.items() for day in days
            },
            area_days={
                code: tuple(day for day in days if day.at_ms > now_ms - AREA_DAYS_MS)
                for code, days in areas.items()
            },
            revised=tuple(rows[:SHOWN_REVISIONS]),
            revised_instants=len({row.as_of_ms for row in rows}),
        )

    def _days_of_areas(self, indicator: str, now_ms: int) -> dict[str, list[Day]]:
        """Of the areas, as far as they are public and have the figure; oldest first."""
        if not self._scope.shows_level(Level.AREA) or Level.AREA not in REGISTRY[indicator].levels:
            return {}
        query = daily_of_places(indicator, Level.AREA, after_ms=now_ms - MONTHS_MS, until_ms=now_ms)
        rows = [row for batch in self._store.rows(query, DailyPlaceRow) for row in batch]
        found: dict[str, list[Day]] = {}
        for row in sorted(rows, key=lambda row: row.time):
            if row.lower is not None and row.upper is not None:
                value = row.lower if row.value is None else row.value
                day = Day(row.time, value, row.lower, row.upper)
                found.setdefault(row.code, []).append(day)
        return found


def revisions_on(store: Store, key: FigureKey, start_ms: int, most: int) -> list[LogRow]:
    """The first publications of a day that were not the first of their instant.

    Args:
        store: where it is read.
        key: of the figure.
        start_ms: local midnight.
        most: how many at most.

    Raises:
        StoreError: the database cannot answer.
    """
    query = revisions_of(key, start_ms - 1, start_ms + DAY_MS - 1)
    rows = (row for batch in store.rows(query, LogRow) for row in batch if row.revision)
    return list(itertools.islice(rows, most))


def publications_of(store: Store, key: FigureKey, as_of_ms: int, until_ms: int) -> list[LogRow]:
    """Every publication of one figure and instant, oldest first.

    Args:
        store: where it is read.
        key: of the figure.
        as_of_ms: the instant.
        until_ms: the moment of now; what was published a month after the instant is the last.

    Raises:
        StoreError: the database cannot answer.
    """
    end_ms = min(until_ms, as_of_ms + LATEST_REVISION_MS)
    rows = [
        row
        for batch in store.rows(revisions_of(key, as_of_ms - 1, end_ms, as_of_ms), LogRow)
        for row in batch
        if row.as_of_ms == as_of_ms
    ]
    return sorted(rows, key=lambda row: row.time)

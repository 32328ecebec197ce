"""Brings a state forward: reads what arrived since the last instant, and what arrived late.

Where workers tell everything that they store (``fresh_points``), each point is read once, as it was
told. Where they do not, a row is read again rather than missed: telemetry with an overlap that
covers everything which no late-data marker announces. Presence is read by sessions, late data by
the ranges that markers name.
So a state that moves through the past says at each instant what one says that is made for it now.
Rows that were read twice change nothing. A failed reading leaves the state usable; the next one
starts from the last instant that succeeded.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gigacity_api.evaluator.late_ranges import LateRanges, TimeSpan
from gigacity_api.evaluator.presence import PresenceReader
from gigacity_api.evaluator.reach import communities_of_their_own, reaches_of, windows_of
from gigacity_api.evaluator.schedule import EvaluationSettings
from gigacity_api.evaluator.told_reports import ToldReports
from gigacity_api.indicators.city_state import CityState
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.row_loader import PortRow, device_row, load_devices, load_ports
from gigacity_api.storage.late_data import LateDataFeed, LateDataMarker
from gigacity_api.storage.protocols import Store
from gigacity_api.storage.queries.query import Query
from gigacity_api.storage.queries.telemetry import (
    AreaChoice,
    community_rows,
    device_rows,
    port_rows,
)
from gigacity_contract.clock import Clock
from gigacity_contract.lateness import COMPLETE_AFTER_MS
from gigacity_contract.measurements import PON_PORT, PRESENCE

MAX_AHEAD_MS = 600_000
"""A report's time may be ahead of our clock: twice as far as a worker believes any."""


@dataclass(frozen=True, slots=True)
class ReadSummary:
    """What one reading cost."""

    rows: int
    late_ranges: int
    is_told: bool
    """Whether workers told all of it."""


def overlap_ms(settings: EvaluationSettings) -> int:
    """How much of the last reading's range is read again.

    A report that the last reading missed was stored after it, so after the allowed lateness of its
    instant; one that nobody announces was stored within COMPLETE_AFTER_MS. So it is not older than
    the difference, whichever instant was read last when it came. One tick at least,
    for what no argument of times foresees.
    """
    unannounced = COMPLETE_AFTER_MS - settings.allowed_lateness_ms
    return max(settings.tick_ms, unannounced)


class StateReader:
    """Owns the state of one city version and reads it forward, instant by instant."""

    def __init__(
        self,
        store: Store,
        inventory: Inventory,
        settings: EvaluationSettings,
        clock: Clock,
        *,
        is_live: bool = True,
    ) -> None:
        """Begin with nothing known.

        Args:
            store: where rows are read.
            inventory: the registered objects.
            settings: tick and allowed lateness, which decide what may still be under way.
            clock: tells which announcements are new.
            is_live: instants as they become due: the reader looks itself for what is announced as
                late. Otherwise instants of the past, and ``announce`` tells of it.
        """
        self.state = CityState.empty(inventory)
        self._store = store
        self._inventory = inventory
        self._clock = clock
        self._overlap_ms = overlap_ms(settings)
        self._is_live = is_live
        self._done_ms: int | None = None
        self._read_at_ms = 0
        """When the last reading began."""
        self._feed: LateDataFeed | None = None
        self._told = ToldReports(store, inventory, clock, settings)
        self._late = LateRanges()
        self._presence = PresenceReader(store, inventory, clock, is_live=is_live)
        self._windows = windows_of(inventory.city)
        self._reaches = reaches_of(inventory.city)
        self._own = communities_of_their_own(inventory.city)
        known = inventory.city.area_of_code
        self._areas: tuple[AreaChoice, ...] = (*known, frozenset(known))

    @property
    def done_ms(self) -> int | None:
        """The last instant that was read."""
        return self._done_ms

    def announce(self, markers: Iterable[LateDataMarker]) -> None:
        """Read what these name again, with the next instant."""
        for row in markers:
            if row.from_ms is not None and row.to_ms is not None:
                self._late.add(row.measurement, row.area, TimeSpan(row.from_ms - 1, row.to_ms))

    def advance(self, as_of_ms: int) -> ReadSummary:
        """Offer the state every row up to an instant that is not before the last one.

        Raises:
            StoreError: a query failed; ask again for this instant or a later one.
        """
        # A first reading needs no announcements: it reads whole windows.
        begun_ms = self._clock.now_ms()
        first = LateDataFeed(self._store, self._clock, begun_ms)
        if self._feed is not None:
            self.announce(self._feed.peek())
        again_ms = self._again_ms()
        told = self._told.advance(self.state, as_of_ms) if self._is_live else None
        if told is not None:
            rows = told + self._read_late(as_of_ms, lambda _: as_of_ms)
        else:
            if self._told.was_lost:
                again_ms = None
            rows = self._read_stored(as_of_ms, again_ms)
            if self._told.begins:
                self._read_ahead(as_of_ms, begun_ms)
        rows += self._presence.advance(
            self.state, as_of_ms, again_ms, any_late=self._late.has(PRESENCE.name)
        )
        late_ranges = len(self._late)
        # Only now: what was announced to a reading that failed is still to be read.
        self._done_ms, self._read_at_ms = as_of_ms, begun_ms
        # What is told is not read again: what came late of the time to come waits for its instant.
        self._late = self._late.after(as_of_ms) if told is not None else LateRanges()
        self._told.commit()
        if self._feed is not None:
            self._feed.commit()
        elif self._is_live:
            self._feed = first
        self.state.unregistered.forget_before(as_of_ms - max(self._windows.values()))
        return ReadSummary(rows, late_ranges, is_told=told is not None)

    def _read_stored(self, as_of_ms: int, again_ms: int | None) -> int:
        """What is stored since a moment; None: whole windows."""
        rows = 0
        for measurement, window_ms in self._windows.items():
            oldest = after = as_of_ms - window_ms
            if again_ms is not None:
                after = max(oldest, again_ms)
            # A whole window area by area: the database opens every series of a question at once.
            for part in self._areas if again_ms is None else (None,):
                rows += self._read(measurement, TimeSpan(after, as_of_ms), part, as_of_ms)
            since_ms = as_of_ms - self._reaches[measurement]
            since_ms = since_ms if again_ms is None else max(since_ms, again_ms)
            rows += self._read_silent(measurement, TimeSpan(since_ms, oldest), as_of_ms)
        return rows + self._read_late(
            as_of_ms, lambda window_ms: max(as_of_ms - window_ms, again_ms or 0)
        )

    def _read_ahead(self, as_of_ms: int, begun_ms: int) -> None:
        """What is stored already of the time after the instant, by clocks that are right or not."""
        for measurement in self._windows:
            span = TimeSpan(as_of_ms, begun_ms + MAX_AHEAD_MS)
            if measurement == PON_PORT.name:
                for ports in self._store.rows(port_rows(*span), PortRow):
                    self._told.wait_for(measurement, ports)
                continue
            kind = measurement.removeprefix("device_")
            for devices in self._store.rows(device_rows(kind, *span), device_row(kind)):
                self._told.wait_for(measurement, devices)

    def _read_late(self, as_of_ms: int, after_ms: Callable[[int], int]) -> int:
        """What came late.

        Args:
            as_of_ms: the instant.
            after_ms: since when everything is read anyway, by the length of a window.
        """
        rows = 0
        for measurement, window_ms in self._windows.items():
            span = TimeSpan(as_of_ms - self._reaches[measurement], after_ms(window_ms))
            for area, part in self._late.of(measurement, span):
                rows += self._read(measurement, part, area, as_of_ms)
        return rows

    def _again_ms(self) -> int | None:
        """Since when rows may have come that the last reading did not see; None: there was none."""
        if self._done_ms is None:
            return None
        if self._is_live:
            return self._done_ms - self._overlap_ms
        return min(self._done_ms, self._read_at_ms - COMPLETE_AFTER_MS)

    def _read(self, measurement: str, span: TimeSpan, area: AreaChoice, as_of_ms: int) -> int:
        if span.until_ms <= span.after_ms:
            return 0
        if measurement == PON_PORT.name:
            return self._read_ports(span, area, as_of_ms)
        return self._read_devices(measurement.removeprefix("device_"), span, area, as_of_ms)

    def _read_silent(self, measurement: str, span: TimeSpan, as_of_ms: int) -> int:
        """Before the window: since when devices are silent that connect by themselves."""
        kind = measurement.removeprefix("device_")
        if span.until_ms <= span.after_ms:
            return 0
        return sum(
            self._load(kind, community_rows(kind, span.after_ms, span.until_ms, part), as_of_ms)
            for part in self._own.get(kind, ())
        )

    def _read_ports(self, span: TimeSpan, area: AreaChoice, as_of_ms: int) -> int:
        count = 0
        for batch in self._store.rows(port_rows(span.after_ms, span.until_ms, area), PortRow):
            load_ports(self.state, self._inventory, batch, as_of_ms)
            count += len(batch)
        return count

    def _read_devices(self, kind: str, span: TimeSpan, area: AreaChoice, as_of_ms: int) -> int:
        return self._load(kind, device_rows(kind, span.after_ms, span.until_ms, area), as_of_ms)

    def _load(self, kind: str, query: Query, as_of_ms: int) -> int:
        count = 0
        for batch in self._store.rows(query, device_row(kind)):
            load_devices(self.state, self._inventory, kind, batch, as_of_ms)
            count += len(batch)
        return count

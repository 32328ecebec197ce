"""Brings a state forward: reads what arrived since the last instant, and what arrived late.

A row is read again rather than missed: telemetry with an overlap that covers everything which no
``arrival`` row announces, presence by sessions, late data by the ranges that ``arrival`` names.
Rows that were read twice change nothing. A failed reading leaves the state usable; the next one
starts from the last instant that succeeded.
"""

from dataclasses import dataclass

import msgspec

from gigacity_api.evaluator.late import LateRanges, Span
from gigacity_api.evaluator.presence import PresenceReader
from gigacity_api.indicators.intake import PortRow, device_row, take_devices, take_ports
from gigacity_api.indicators.state import State
from gigacity_api.indicators.universe import KINDS, Universe
from gigacity_api.ports import Store
from gigacity_api.queries.telemetry import arrivals, device_rows, port_rows
from gigacity_api.settings import EvaluationSettings
from gigacity_contract.clock import Clock
from gigacity_contract.measurements import DEVICE_MEASUREMENTS, PON_PORT, PRESENCE

LATE_AFTER_MS = 120_000
"""Workers announce batches whose oldest point is older than this when it is confirmed."""

CLOCK_SLACK_MS = 10_000
"""How far the clocks of workers and of this machine may differ."""

ARRIVAL_LAG_MS = 600_000
"""An ``arrival`` row may become visible this long after the moment that it names."""


class ArrivalRow(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """A row of ``arrival``."""

    time: int
    measurement: str
    area: str | None
    worker: str
    from_ms: int | None
    to_ms: int | None
    points: int | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reading cost."""

    rows: int
    late_ranges: int


class StateReader:
    """Owns the state of one city version and reads it forward, instant by instant."""

    def __init__(
        self, store: Store, universe: Universe, settings: EvaluationSettings, clock: Clock
    ) -> None:
        self.state = State.empty(universe)
        self._store = store
        self._universe = universe
        self._clock = clock
        # A report that is not announced as late arrives within LATE_AFTER_MS. One that missed its
        # own instant must still be inside the range of the first instant after its arrival.
        unannounced = settings.grid_ms + LATE_AFTER_MS - settings.settle_ms + CLOCK_SLACK_MS
        self._overlap_ms = max(2 * settings.grid_ms, unannounced)
        self._done_ms: int | None = None
        self._arrivals_until_ms: int | None = None
        self._seen: set[ArrivalRow] = set()
        self._presence = PresenceReader(store, universe, clock, self._overlap_ms)
        cadence = universe.city.cadence
        self._windows = {DEVICE_MEASUREMENTS[k].name: cadence.window_ms(k) for k in KINDS}
        self._windows[PON_PORT.name] = cadence.pon_window_ms()

    def advance(self, as_of_ms: int) -> Reading:
        """Offer the state every row up to an instant that is not before the last one.

        Raises:
            StoreError: a query failed; ask again for this instant or a later one.
        """
        now_ms = self._clock.now_ms()
        announced = self._announced(now_ms)
        late = _ranges(announced)
        rows = 0
        for measurement, window_ms in self._windows.items():
            oldest = after = as_of_ms - window_ms
            if self._done_ms is not None:
                after = max(oldest, self._done_ms - self._overlap_ms)
            rows += self._read(measurement, Span(after, as_of_ms), None, as_of_ms)
            for area, span in late.of(measurement, Span(oldest, after)):
                rows += self._read(measurement, span, area, as_of_ms)
        rows += self._presence.advance(
            self.state, as_of_ms, self._done_ms, any_late=late.has(PRESENCE.name)
        )
        # Only now: what was announced to a reading that failed is still to be read.
        self._done_ms, self._arrivals_until_ms = as_of_ms, now_ms
        self._seen |= announced
        self._seen = {row for row in self._seen if row.time > now_ms - 2 * ARRIVAL_LAG_MS}
        self.state.strangers.forget_before(as_of_ms - max(self._windows.values()))
        return Reading(rows, len(late))

    def _read(self, measurement: str, span: Span, area: str | None, as_of_ms: int) -> int:
        if span.until_ms <= span.after_ms:
            return 0
        if measurement == PON_PORT.name:
            return self._read_ports(span, area, as_of_ms)
        return self._read_devices(measurement.removeprefix("device_"), span, area, as_of_ms)

    def _read_ports(self, span: Span, area: str | None, as_of_ms: int) -> int:
        count = 0
        for batch in self._store.rows(port_rows(span.after_ms, span.until_ms, area), PortRow):
            take_ports(self.state, self._universe, batch, as_of_ms)
            count += len(batch)
        return count

    def _read_devices(self, kind: str, span: Span, area: str | None, as_of_ms: int) -> int:
        count = 0
        query = device_rows(kind, span.after_ms, span.until_ms, area)
        for batch in self._store.rows(query, device_row(kind)):
            take_devices(self.state, self._universe, kind, batch, as_of_ms)
            count += len(batch)
        return count

    def _announced(self, now_ms: int) -> set[ArrivalRow]:
        """Late batches that were confirmed since the last reading.

        A first reading needs none: it reads whole windows. Rows are remembered by what they are,
        since one may become visible long after the moment that it names.
        """
        if self._arrivals_until_ms is None:
            return set()
        query = arrivals(self._arrivals_until_ms - ARRIVAL_LAG_MS, now_ms + ARRIVAL_LAG_MS)
        found = {row for batch in self._store.rows(query, ArrivalRow) for row in batch}
        return found - self._seen


def _ranges(rows: set[ArrivalRow]) -> LateRanges:
    late = LateRanges()
    for row in rows:
        if row.from_ms is not None and row.to_ms is not None:
            late.add(row.measurement, row.area, Span(row.from_ms - 1, row.to_ms))
    return late

"""Rolls up raw telemetry by the day: each once, and again exactly those that late data names.

It has no thread and never waits: ``step`` does one bounded piece of work, so that live evaluation
goes first. A unit (a measurement of an area on a day) is read piece by piece and written as a
whole; doing one again overwrites it with the same or fuller rows. What is done is marked in the
database, and after a stop, or a failure, the work goes on from the mark.
"""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

import structlog

from gigacity_api.errors import StoreError
from gigacity_api.metrics import ApiMetrics
from gigacity_api.rollups.accumulator import Accumulator
from gigacity_api.rollups.pieces import pieces_of
from gigacity_api.storage.late_data import LateDataFeed
from gigacity_api.storage.progress import ProgressMarks
from gigacity_api.storage.protocols import Cities, Store
from gigacity_api.storage.retention import raw_complete_since_ms
from gigacity_contract.clock import Clock
from gigacity_contract.lateness import COMPLETE_AFTER_MS
from gigacity_contract.local_time import DAY_MS, day_start_ms
from gigacity_contract.measurements import R1D
from gigacity_contract.rollup_measurements import ROLLUPS, TELEMETRY

LINES_PER_WRITE = 1_000
"""A line of ports has 66 fields: about a megabyte."""

LOOK_FOR_LATE_DATA_S = 60.0

GATHER_MS = 6 * 3_600_000
"""Late data of a day is gathered for so long, since a unit is read anew as a whole."""

_RAW_BY_NAME = {raw.name: raw for raw in TELEMETRY}
_log = structlog.get_logger("gigacity_api.rollups")


class RollupUnit(NamedTuple):
    """One measurement of one area on one day: what is read and written as a whole."""

    day_ms: int
    measurement: str
    area: str


class DailyRollups:
    """As the background's task."""

    name = "rollup"

    def __init__(self, store: Store, cities: Cities, clock: Clock, metrics: ApiMetrics) -> None:
        self._store = store
        self._cities = cities
        self._clock = clock
        self._metrics = metrics
        self._marks = ProgressMarks(store, clock, R1D.name)
        self.done_ms = 0
        """Every day that ends here or before has been rolled up once."""
        self._begun_ms = 0
        """End of the day that is being rolled up; the same as ``done_ms`` between days."""
        self._forward: deque[RollupUnit] = deque()
        self._late: dict[RollupUnit, int] = {}
        """Units to be done again, with the moment of their earliest announcement."""
        self._feed: LateDataFeed | None = None
        self._next_look_s = 0.0
        self._pieces: Iterator[None] | None = None
        self._rows = 0

    def step(self) -> bool:
        """Do one piece of work.

        Returns:
            Whether there was any: more may be there at once.

        Raises:
            StoreError: nothing is lost by it; call again later.
        """
        feed = self._look_for_late_data()
        self._pieces = self._pieces or self._next_unit(feed)
        if self._pieces is None:
            return False
        try:
            if next(self._pieces, self) is self:
                self._pieces = None
        except StoreError:
            # The unit is begun again.
            self._pieces = None
            raise
        return True

    # ---- what is to be done ------------------------------------------------------------------

    def _look_for_late_data(self) -> LateDataFeed:
        feed = self._feed
        if feed is not None and self._clock.monotonic_s() < self._next_look_s:
            return feed
        if feed is None:
            feed = self._feed = self._resume()
        oldest_ms = _oldest_whole_day_ms(self._clock.now_ms())
        for row in feed.peek():
            if row.measurement not in _RAW_BY_NAME or row.area is None:
                continue
            first_ms = day_start_ms(max(row.from_ms or 0, oldest_ms))
            # A day that is not begun yet will be read whole.
            for day_ms in range(first_ms, min((row.to_ms or 0) + 1, self._begun_ms), DAY_MS):
                unit = RollupUnit(day_ms, row.measurement, row.area)
                self._late[unit] = min(row.time, self._late.get(unit, row.time))
        feed.commit()
        self._metrics.rollups_waiting.set(len(self._late))
        self._next_look_s = self._clock.monotonic_s() + LOOK_FOR_LATE_DATA_S
        return feed

    def _resume(self) -> LateDataFeed:
        now_ms = self._clock.now_ms()
        found = self._marks.read()
        feed = LateDataFeed(self._store, self._clock, found.arrivals_ms or now_ms)
        start_ms = day_start_ms(now_ms) if found.done_ms is None else found.done_ms
        self.done_ms = self._begun_ms = max(start_ms, _oldest_whole_day_ms(now_ms))
        if found.done_ms is None:
            # So that a stop before the first day is finished leaves no gap either.
            self._mark(feed)
        _log.info("roll-ups go on", days_ms=self.done_ms)
        return feed

    def _next_unit(self, feed: LateDataFeed) -> Iterator[None] | None:
        now_ms = self._clock.now_ms()
        if not self._forward and self.done_ms + DAY_MS <= now_ms - COMPLETE_AFTER_MS:
            self._begun_ms = self.done_ms + DAY_MS
            codes = sorted(self._cities.current.area_of_code)
            self._forward.extend(
                RollupUnit(self.done_ms, name, area) for name in _RAW_BY_NAME for area in codes
            )
        if self._forward:
            return self._do_forward(feed)
        due = [unit for unit, at_ms in self._late.items() if at_ms <= now_ms - GATHER_MS]
        return self._do_late(min(due), feed) if due else None

    # ---- doing it ----------------------------------------------------------------------------

    def _do_forward(self, feed: LateDataFeed) -> Iterator[None]:
        yield from self._roll_up(self._forward[0])
        self._forward.popleft()
        if not self._forward:
            self.done_ms = self._begun_ms
            self._mark(feed)

    def _do_late(self, unit: RollupUnit, feed: LateDataFeed) -> Iterator[None]:
        # What is announced from now on is perhaps read too late: then it comes again.
        announced_ms = self._late.pop(unit)
        try:
            yield from self._roll_up(unit)
        except StoreError:
            self._late[unit] = announced_ms
            raise
        self._metrics.rollups_redone.inc()
        if not self._late:
            self._mark(feed)

    def _roll_up(self, unit: RollupUnit) -> Iterator[None]:
        joined = Accumulator(unit.measurement)
        raw = _RAW_BY_NAME[unit.measurement]
        for query in pieces_of(raw, unit.area, unit.day_ms, self._cities.current):
            for batch in self._store.rows(query, list):
                joined.take(batch)
            yield
        self._rows += joined.rows
        self._metrics.rollup_rows.inc(joined.rows)
        lines = list(joined.lines(unit.day_ms))
        for first in range(0, len(lines), LINES_PER_WRITE):
            self._store.write(ROLLUPS[unit.measurement], lines[first : first + LINES_PER_WRITE])

    def _mark(self, feed: LateDataFeed) -> None:
        """Late data counts as worked in up to the earliest announcement that still waits."""
        waiting = (at_ms - 1 for at_ms in self._late.values())
        self._marks.write(self.done_ms, min([feed.until_ms, *waiting]), self._rows)
        self._rows = 0


def _oldest_whole_day_ms(now_ms: int) -> int:
    """Start of the oldest day of which every raw row is surely still there."""
    return day_start_ms(raw_complete_since_ms(now_ms)) + DAY_MS

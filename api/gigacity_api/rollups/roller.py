"""Rolls up raw telemetry: each new window once, and again exactly the windows that late data names.

It has no thread and never waits: ``step`` does one bounded piece of work, so that live evaluation
goes first. A unit (a measurement of an area in a window) is read as a whole and written as a whole;
doing one again overwrites it with the same or a fuller row. What is done is marked in the database,
and after a stop, or a failure, the work goes on from the mark.
"""

from collections import deque
from collections.abc import Iterator

import structlog

from gigacity_api.errors import StoreError
from gigacity_api.metrics import ApiMetrics
from gigacity_api.rollups.accumulator import Accumulator
from gigacity_api.rollups.levels import (
    DAY,
    FIVE_MINUTES,
    RAW_BY_NAME,
    Level,
    oldest_whole_ms,
)
from gigacity_api.rollups.pending import Pending, Unit
from gigacity_api.storage.late_data import LateDataFeed
from gigacity_api.storage.progress import ProgressMarks
from gigacity_api.storage.protocols import Cities, Store
from gigacity_api.storage.queries.rollups import window_rows
from gigacity_contract.clock import Clock

LINES_PER_WRITE = 1_000
"""A line of ports has 66 fields: about a megabyte."""

LOOK_AT_ARRIVALS_S = 10.0

_log = structlog.get_logger("gigacity_api.rollups")


class LevelWork:
    """Where one level stands."""

    def __init__(self, level: Level, marks: ProgressMarks) -> None:
        self.level = level
        self.marks = marks
        self.done_ms = 0
        """Every window that ends here or before has been rolled up once."""
        self.begun_ms = 0
        """End of the window that is being rolled up; the same as ``done_ms`` between windows."""
        self.forward: deque[Unit] = deque()
        self.late = Pending()
        self.rows = 0


class Roller:
    """As the background's task."""

    name = "rollup"

    def __init__(self, store: Store, cities: Cities, clock: Clock, metrics: ApiMetrics) -> None:
        self._store = store
        self._cities = cities
        self._clock = clock
        self._metrics = metrics
        self.minutes = LevelWork(FIVE_MINUTES, ProgressMarks(store, clock, FIVE_MINUTES.name))
        self.days = LevelWork(DAY, ProgressMarks(store, clock, DAY.name))
        self._feed: LateDataFeed | None = None
        self._next_look_s = 0.0
        self._piece: Iterator[None] | None = None
        self._in_hand: tuple[LevelWork, Unit, int] | None = None

    def step(self) -> bool:
        """Do one piece of work.

        Returns:
            Whether there was any: more may be there at once.

        Raises:
            StoreError: nothing is lost by it; call again later.
        """
        try:
            self._look_at_arrivals()
            if self._piece is None:
                self._piece = self._next_piece()
            if self._piece is None:
                return False
            if next(self._piece, self) is self:
                self._piece = None
        except StoreError:
            # The unit is begun again.
            self._piece = None
            self._put_back()
            raise
        return True

    # ---- what is to be done ------------------------------------------------------------------

    def _resume(self) -> LateDataFeed:
        now_ms = self._clock.now_ms()
        minutes, days = self.minutes.marks.read(), self.days.marks.read()
        feed = LateDataFeed(self._store, self._clock, minutes.arrivals_ms or now_ms)
        start = FIVE_MINUTES.newest_due_ms(now_ms) if minutes.done_ms is None else minutes.done_ms
        start = max(start, oldest_whole_ms(now_ms))
        self.minutes.done_ms = self.minutes.begun_ms = start
        day = DAY.start_of(start) if days.done_ms is None else days.done_ms
        self.days.done_ms = self.days.begun_ms = day
        for work, found in ((self.minutes, minutes), (self.days, days)):
            if found.done_ms is None:
                # So that a stop before the first window is finished leaves no gap either.
                work.marks.write(work.done_ms, feed.until_ms, 0)
        _log.info("roll-ups go on", five_minutes_ms=start, days_ms=day)
        return feed

    def _look_at_arrivals(self) -> None:
        if self._feed is not None and self._clock.monotonic_s() < self._next_look_s:
            return
        if self._feed is None:
            self._feed = self._resume()
        oldest = oldest_whole_ms(self._clock.now_ms())
        for row in self._feed.peek():
            if row.measurement not in RAW_BY_NAME or row.area is None:
                continue
            from_ms, to_ms = max(row.from_ms or 0, oldest), row.to_ms or 0
            for start in self.minutes.level.starts_between(from_ms, to_ms):
                self._touch(self.minutes, Unit(start, row.measurement, row.area), row.time)
        self._feed.commit()
        self._metrics.rollups_waiting.set(len(self.minutes.late) + len(self.days.late))
        self._next_look_s = self._clock.monotonic_s() + LOOK_AT_ARRIVALS_S

    def _touch(self, work: LevelWork, unit: Unit, announced_ms: int) -> None:
        # A window that is not begun yet will be read whole.
        if unit.start_ms + work.level.window_ms <= work.begun_ms:
            work.late.add(unit, announced_ms)

    def _next_piece(self) -> Iterator[None] | None:
        for work in (self.minutes, self.days):
            self._begin_window(work)
            if work.forward:
                return self._forward_piece(work)
            if work.late:
                return self._late_piece(work)
        return None

    def _begin_window(self, work: LevelWork) -> None:
        if work.forward:
            return
        end_ms = work.done_ms + work.level.window_ms
        due_ms = work.level.newest_due_ms(self._clock.now_ms())
        if work.level is DAY:
            due_ms = min(due_ms, self.minutes.done_ms)
        if end_ms > due_ms:
            return
        work.begun_ms = end_ms
        codes = sorted(self._cities.current.area_of_code)
        work.forward.extend(
            Unit(work.done_ms, measurement, area) for measurement in RAW_BY_NAME for area in codes
        )

    # ---- doing it ----------------------------------------------------------------------------

    def _forward_piece(self, work: LevelWork) -> Iterator[None]:
        yield from self._roll(work, work.forward[0])
        work.forward.popleft()
        if not work.forward:
            work.done_ms = work.begun_ms
            self._mark(work)

    def _late_piece(self, work: LevelWork) -> Iterator[None]:
        unit, announced_ms = work.late.take()
        self._in_hand = (work, unit, announced_ms)
        yield from self._roll(work, unit)
        self._in_hand = None
        self._metrics.rollups_redone.inc()
        if work.level is FIVE_MINUTES:
            day = Unit(DAY.start_of(unit.start_ms), unit.measurement, unit.area)
            self._touch(self.days, day, announced_ms)
        if not self.minutes.late and not self.days.late:
            self._mark(self.minutes)

    def _put_back(self) -> None:
        if self._in_hand is not None:
            work, unit, announced_ms = self._in_hand
            work.late.add(unit, announced_ms)
            self._in_hand = None

    def _roll(self, work: LevelWork, unit: Unit) -> Iterator[None]:
        level = work.level
        source = level.source_of(unit.measurement)
        joined = Accumulator(level, unit.measurement)
        end_ms = unit.start_ms + level.window_ms
        for from_ms in range(unit.start_ms, end_ms, level.piece_ms):
            query = window_rows(source, unit.area, from_ms, from_ms + level.piece_ms)
            for batch in self._store.rows(query, list):
                joined.take(batch)
            yield
        work.rows += joined.rows
        self._metrics.rollup_rows.inc(joined.rows)
        target, lines = level.target_of(unit.measurement), list(joined.lines(unit.start_ms))
        for first in range(0, len(lines), LINES_PER_WRITE):
            self._store.write(target, lines[first : first + LINES_PER_WRITE])

    def _mark(self, work: LevelWork) -> None:
        """Late data counts as worked in up to the earliest announcement that still waits."""
        assert self._feed is not None  # noqa: S101 - there is no piece of work before it.
        waiting = [self.minutes.late.oldest_announced_ms, self.days.late.oldest_announced_ms]
        announced = [moment - 1 for moment in waiting if moment is not None]
        work.marks.write(work.done_ms, min([self._feed.until_ms, *announced]), work.rows)
        work.rows = 0

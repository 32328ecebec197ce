"""Revisions: figures that were published are made again where late data touched their instant.

Exactly the touched instants, in the order of ``dirty_instants``, one a step; announcements are
gathered for a few intervals first. A figure that comes out as it was is left alone; one that
changed is rewritten in ``indicator`` and appended to ``indicator_log`` with the next revision;
where the next instant stood on the rewritten row, what stood there gets a row of its own. An
instant that was never published, because the database was away, is published now.
"""

import structlog

from gigacity_api.errors import CityVersionLostError
from gigacity_api.evaluator.backfill import Backfill
from gigacity_api.evaluator.background import MAX_SHARE
from gigacity_api.evaluator.daily_figures import DailyFigures
from gigacity_api.evaluator.dirty_instants import DirtyInstants
from gigacity_api.evaluator.reach import whole_since_ms
from gigacity_api.evaluator.revised_days import RevisedDays
from gigacity_api.evaluator.revision_progress import MAX_RANGES, RevisionBacklog, RevisionProgress
from gigacity_api.evaluator.revision_writer import LiveEvaluation, RevisionWriter
from gigacity_api.evaluator.schedule import EvaluationSettings, newest_due_ms
from gigacity_api.evaluator.set_aside import SetAside
from gigacity_api.evaluator.touching import touched_by
from gigacity_api.metrics import ApiMetrics
from gigacity_api.storage.late_data import LateDataFeed, LateDataMarker
from gigacity_api.storage.protocols import Cities, Store
from gigacity_contract.clock import Clock
from gigacity_contract.local_time import DAY_MS

GATHER_INTERVALS = 5
"""How long announcements are gathered before the first of them is acted upon."""

MARK_EVERY_S = 30.0
"""So much work may be done again after a stop, at most."""

MARK_ANYWAY_S = 300.0

_LATEST_SHARE = 0.1
"""Of the latest instant in the running mean of what one costs."""

_log = structlog.get_logger("gigacity_api.revisions")


class RecomputeJob:
    """As the background's task."""

    name = "revision"

    def __init__(
        self,
        *,
        store: Store,
        cities: Cities,
        live: LiveEvaluation,
        daily: DailyFigures,
        settings: EvaluationSettings,
        clock: Clock,
        metrics: ApiMetrics,
    ) -> None:
        self._store = store
        self._cities = cities
        self._live = live
        self._settings = settings
        self._clock = clock
        self._metrics = metrics
        self._progress = RevisionProgress(store, clock, self.name)
        self._is_marked = False
        """What waits is in the database as it is."""
        self._marked_s = float("-inf")
        self._feed: LateDataFeed | None = None
        self._next_look_s = 0.0
        self._gather_until_s: float | None = None
        self._dirty = DirtyInstants(settings.tick_ms)
        self._aside = SetAside()
        self._days = RevisedDays(daily)
        self._backfill = Backfill(store, cities, settings, clock)
        self._writer = RevisionWriter(store, live, metrics)
        self._cost_s: float | None = None
        self.backlog = RevisionBacklog()
        """What waits; from any thread."""

    def step(self) -> bool:
        """Evaluate one touched instant again, or write one piece of a touched day's figures.

        Returns:
            Whether there was anything to do.

        Raises:
            StoreError: nothing is lost by it; call again later.
        """
        done_ms = self._live.done_ms()
        if done_ms is None:
            return False
        self._look_at_markers()
        if self._days.step(self._is_quiet):
            self._is_marked = False
            return True
        for again in self._aside.due(self._clock.monotonic_s()):
            self._dirty.add(again, again)
        instant = self._dirty.next(done_ms)
        worked = instant is not None and self._is_gathered() and self._revise(instant)
        if instant is None:
            self._gather_until_s = None
            self._backfill.end()
        self._tell()
        if not worked or self._clock.monotonic_s() - self._marked_s >= MARK_EVERY_S:
            self._mark()
        return worked

    # ---- what is touched ---------------------------------------------------------------------

    def _look_at_markers(self) -> None:
        if self._feed is None:
            found = self._progress.resume()
            self._feed = found.feed
            self._dirty.take(found.ranges)
            self._days.add(found.days)
        elif self._clock.monotonic_s() < self._next_look_s:
            return
        markers = self._feed.peek()
        # Every report that counts at an instant must still be there.
        kept_ms = whole_since_ms(self._cities.current, self._clock.now_ms())
        given_up = self._dirty.drop_before(kept_ms) + self._aside.drop_before(kept_ms)
        given_up += sum(self._touch(row, kept_ms) for row in markers)
        if given_up:
            _log.warning("instants not revised: raw rows have expired", instants=given_up)
            self._metrics.revisions_given_up.inc(given_up)
        self._backfill.announce(markers)
        self._feed.commit()
        self._is_marked = self._is_marked and not markers
        self._tell()
        self._next_look_s = self._clock.monotonic_s() + min(10.0, self._settings.tick_s)

    def _touch(self, row: LateDataMarker, kept_ms: int) -> int:
        """Note the instants of a marker; returns how many of them are too old."""
        # One that is due may just be being evaluated, from what was announced a moment ago.
        due_ms = newest_due_ms(self._settings, self._clock.now_ms())
        found, given_up = touched_by(
            row, self._cities, self._settings.tick_ms, kept_ms=kept_ms,
            due_ms=max(due_ms, self._live.done_ms() or 0),
        )  # fmt: skip
        if found:
            self._dirty.add(found[0], found[-1])
        return given_up

    def _is_gathered(self) -> bool:
        now_s = self._clock.monotonic_s()
        if self._gather_until_s is None:
            self._gather_until_s = now_s + GATHER_INTERVALS * self._settings.tick_s
        return now_s >= self._gather_until_s

    def _tell(self) -> None:
        waiting, cost_s = len(self._dirty), self._cost_s
        left_s = 0.0 if not waiting else None if cost_s is None else waiting * cost_s / MAX_SHARE
        self.backlog = RevisionBacklog(waiting, self._dirty.oldest_ms, left_s, len(self._aside))
        self._metrics.revisions_waiting.set(waiting)
        self._metrics.revisions_oldest.set((self.backlog.oldest_ms or 0) / 1000)
        self._metrics.revisions_left.set(left_s or 0.0)
        self._metrics.revisions_set_aside.set(len(self._aside))

    def _mark(self) -> None:
        idle_s = self._clock.monotonic_s() - self._marked_s
        if self._feed is None or (self._is_marked and idle_s < MARK_ANYWAY_S):
            return
        self._progress.write(
            self._live.done_ms() or 0, self._feed,
            ranges=self._dirty.ranges(MAX_RANGES, self._aside.instants()),
            days=self._days.sorted(), backlog=self.backlog,
        )  # fmt: skip
        self._is_marked, self._marked_s = True, self._clock.monotonic_s()

    # ---- doing it ----------------------------------------------------------------------------

    def _revise(self, instant: int) -> bool:
        """False: it has to wait until what was published is stored."""
        started_s = self._clock.monotonic_s()
        if self._live.publisher.generation() is None:
            return False
        try:
            is_done = self._writer.publish(self._backfill.evaluate(instant), self._note_day)
        except CityVersionLostError as error:
            _log.error("instant not revised", as_of_ms=instant, reason=str(error))
            self._metrics.revisions_given_up.inc()
            is_done = True
        except Exception as error:
            self._failed(instant, error)
            raise
        if is_done:
            # Only now: a failure on the way leaves it to be done again.
            self._dirty.done(instant)
            self._aside.done(instant)
            self._is_marked = False
            took_s = self._clock.monotonic_s() - started_s
            known_s = took_s if self._cost_s is None else self._cost_s
            self._cost_s = known_s + (took_s - known_s) * _LATEST_SHARE
        return is_done

    def _failed(self, instant: int, error: Exception) -> None:
        """One that fails again and again holds up no other."""
        if not self._aside.failed(instant, self._clock.monotonic_s()):
            return
        self._dirty.done(instant)
        self._is_marked = False
        self._tell()
        _log.error(
            "instant set aside: its revision keeps failing; it is tried again later",
            as_of_ms=instant, set_aside=len(self._aside), reason=f"{type(error).__name__}: {error}",
        )  # fmt: skip

    def _note_day(self, day_ms: int) -> None:
        """First, so that a stop after the rest leaves no day with old figures."""
        if day_ms not in self._days:
            self._days.add((day_ms,))
            self._is_marked = False
            self._mark()

    def _is_quiet(self, day_ms: int) -> bool:
        return not self._dirty.has_any(day_ms, day_ms + DAY_MS)

"""Revisions: figures that were published are made again where late data touched their instant.

Exactly the touched instants, in the order of ``dirty_instants``, one a step; announcements are
gathered for a few intervals first. A figure that comes out as it was is left alone; one that
changed is rewritten in ``indicator`` and appended to ``indicator_log`` with the next revision;
where the next instant stood on the rewritten row, what stood there gets a row of its own. An
instant that was never published, because the database was away, is published now.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import structlog

from gigacity_api.errors import CityVersionLostError, StoreError
from gigacity_api.evaluator.backfill import Backfill
from gigacity_api.evaluator.background import MAX_SHARE
from gigacity_api.evaluator.change_only import StoredQuarter
from gigacity_api.evaluator.core import EvaluatorCore
from gigacity_api.evaluator.daily_figures import DailyFigures
from gigacity_api.evaluator.dirty_instants import DirtyInstants
from gigacity_api.evaluator.lines import FigureLines, key_of
from gigacity_api.evaluator.publication import Publication
from gigacity_api.evaluator.publication_cache import PublicationCache
from gigacity_api.evaluator.publishing import FigurePublisher, MonotonicTimestamps
from gigacity_api.evaluator.reach import reaches_of
from gigacity_api.evaluator.revision_progress import MAX_RANGES, RevisionBacklog, RevisionProgress
from gigacity_api.evaluator.rewriting import changed_figures, log_lines, revised_lines
from gigacity_api.evaluator.schedule import EvaluationSettings, newest_due_ms
from gigacity_api.evaluator.stored import quarter_around
from gigacity_api.evaluator.touching import touched_by
from gigacity_api.indicators.evaluation import Evaluation
from gigacity_api.indicators.figures import Figure
from gigacity_api.metrics import ApiMetrics
from gigacity_api.storage.late_data import LateDataFeed, LateDataMarker
from gigacity_api.storage.protocols import Cities, Store
from gigacity_api.storage.retention import raw_complete_since_ms
from gigacity_contract.clock import Clock
from gigacity_contract.local_time import DAY_MS, day_start_ms
from gigacity_contract.measurements import INDICATOR, INDICATOR_LOG

GATHER_INTERVALS = 5
"""How long announcements are gathered before the first of them is acted upon."""

MARK_EVERY_S = 30.0
"""So much work may be done again after a stop, at most."""

MARK_ANYWAY_S = 300.0

_LATEST_SHARE = 0.1
"""Of the latest instant in the running mean of what one costs."""

_log = structlog.get_logger("gigacity_api.revisions")


@dataclass(frozen=True)
class LiveEvaluation:
    """What a reviser shares with the evaluator of new instants."""

    cache: PublicationCache
    publisher: FigurePublisher
    timestamps: MonotonicTimestamps
    done_ms: Callable[[], int | None]
    """The newest instant that was evaluated: later ones will be read with what came late."""

    @classmethod
    def of(cls, core: EvaluatorCore, cache: PublicationCache) -> "LiveEvaluation":
        """What an evaluator shares."""
        return cls(cache, core.publisher, core.timestamps, lambda: core.done_ms)


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
        self._daily = daily
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
        self._days: set[int] = set()
        """Days with revised instants; their own figures are written again."""
        self._day_ms = 0
        self._day_piece: Iterator[None] | None = None
        """Of that day."""
        self._backfill = Backfill(store, cities, settings, clock)
        self._lines = FigureLines()
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
        if self._write_day():
            return True
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
            self._days.update(found.days)
        elif self._clock.monotonic_s() < self._next_look_s:
            return
        markers = self._feed.peek()
        # Every report that counts at an instant must still be there.
        reaches = reaches_of(self._cities.current)
        kept_ms = raw_complete_since_ms(self._clock.now_ms()) + max(reaches.values())
        given_up = self._dirty.drop_before(kept_ms)
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
        self.backlog = RevisionBacklog(waiting, self._dirty.oldest_ms, left_s)
        self._metrics.revisions_waiting.set(waiting)
        self._metrics.revisions_oldest.set((self.backlog.oldest_ms or 0) / 1000)
        self._metrics.revisions_left.set(left_s or 0.0)

    def _mark(self) -> None:
        idle_s = self._clock.monotonic_s() - self._marked_s
        if self._feed is None or (self._is_marked and idle_s < MARK_ANYWAY_S):
            return
        self._progress.write(
            self._live.done_ms() or 0, self._feed, ranges=self._dirty.ranges(MAX_RANGES),
            days=sorted(self._days), backlog=self.backlog,
        )  # fmt: skip
        self._is_marked, self._marked_s = True, self._clock.monotonic_s()

    # ---- doing it ----------------------------------------------------------------------------

    def _revise(self, instant: int) -> bool:
        """False: it has to wait until what was published is stored."""
        started_s = self._clock.monotonic_s()
        if self._live.publisher.generation() is None:
            return False
        try:
            is_done = self._publish_changes(self._backfill.evaluate(instant))
        except CityVersionLostError as error:
            _log.error("instant not revised", as_of_ms=instant, reason=str(error))
            self._metrics.revisions_given_up.inc()
            is_done = True
        if is_done:
            # Only now: a failure on the way leaves it to be done again.
            self._dirty.done(instant)
            self._is_marked = False
            took_s = self._clock.monotonic_s() - started_s
            known_s = took_s if self._cost_s is None else self._cost_s
            self._cost_s = known_s + (took_s - known_s) * _LATEST_SHARE
        return is_done

    def _publish_changes(self, evaluation: Evaluation) -> bool:
        """False: a live publication came in between; what it rests on must be known first."""
        publisher, instant = self._live.publisher, evaluation.as_of_ms
        generation = publisher.generation()
        if generation is None:
            return False
        quarter = quarter_around(self._store, instant)
        changed = changed_figures(evaluation.figures, quarter, instant)
        if not changed:
            return True
        day_ms = day_start_ms(instant)
        if day_ms not in self._days:
            # First, so that a stop after the rest leaves no day with old figures.
            self._days.add(day_ms)
            self._is_marked = False
            self._mark()
        # First: a write that fails may still have changed what the next publication rests on.
        if not publisher.claim(generation, map(key_of, changed)):
            return False
        known = quarter.instants.get(instant)
        revision = 0 if known is None else known.revision + 1
        self._write(Publication.of(replace(evaluation, revision=revision)), changed, quarter)
        return True

    def _write(
        self, publication: Publication, changed: list[Figure], quarter: StoredQuarter
    ) -> None:
        logged = log_lines(publication, changed, self._live.timestamps.next_ns(), self._lines)
        # At the moment that the log names, as a live publication is.
        self._live.cache.replace(publication)
        writes = revised_lines(publication, changed, quarter, self._lines)
        # The log first: should the second write fail, the instant is revised once more, and the
        # log shows both; the other way round the log would miss one.
        self._store.write(INDICATOR_LOG, logged)
        for lines in writes:
            self._store.write(INDICATOR, lines)
        self._metrics.revisions.inc()
        _log.info(
            "figures revised", as_of_ms=publication.as_of_ms, revision=publication.revision,
            figures=len(changed),
        )  # fmt: skip

    def _write_day(self) -> bool:
        """One piece of the figures of a day of which no instant waits any more."""
        if self._day_piece is None:
            self._day_ms = next((d for d in sorted(self._days) if self._is_quiet(d)), 0)
            if not self._day_ms:
                return False
            self._day_piece = self._daily.rewrite(self._day_ms)
        try:
            if next(self._day_piece, self) is self:
                self._days.discard(self._day_ms)
                self._day_piece = None
                self._is_marked = False
        except StoreError:
            self._day_piece = None
            raise
        return True

    def _is_quiet(self, day_ms: int) -> bool:
        return not self._dirty.has_any(day_ms, day_ms + DAY_MS)

"""Revisions: figures that were published are made again where late data touched their instant.

Exactly the touched instants, oldest first, one a step; announcements are gathered for a few
intervals first, since a state for an instant long past costs a whole window of rows, and the next
instant only an interval. A figure that comes out as it was is left alone; one that changed is
rewritten in ``indicator`` and appended to ``indicator_log`` with the next revision; where the next
instant stood on the rewritten row, what stood there gets a row of its own. An instant that was
never published, because the database was away, is published now.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import structlog

from gigacity_api.errors import CityVersionLostError, StoreError
from gigacity_api.evaluator.change_only import StoredQuarter
from gigacity_api.evaluator.core import EvaluatorCore
from gigacity_api.evaluator.daily_figures import DailyFigures
from gigacity_api.evaluator.dirty_instants import DirtyInstants, instants
from gigacity_api.evaluator.lines import FigureLines, key_of
from gigacity_api.evaluator.publication import Publication
from gigacity_api.evaluator.publication_cache import PublicationCache
from gigacity_api.evaluator.publishing import FigurePublisher, MonotonicTimestamps
from gigacity_api.evaluator.reading import StateReader, windows_of
from gigacity_api.evaluator.rewriting import changed_figures, log_lines, revised_lines
from gigacity_api.evaluator.schedule import EvaluationSettings, newest_due_ms
from gigacity_api.evaluator.stored import quarter_around
from gigacity_api.indicators.evaluation import Evaluation, Evaluator
from gigacity_api.indicators.figures import Figure
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.metrics import ApiMetrics
from gigacity_api.storage.late_data import LateDataFeed
from gigacity_api.storage.progress import ProgressMarks
from gigacity_api.storage.protocols import Cities, Store
from gigacity_api.storage.retention import raw_complete_since_ms
from gigacity_contract.clock import Clock
from gigacity_contract.local_time import day_start_ms
from gigacity_contract.measurements import INDICATOR, INDICATOR_LOG

GATHER_INTERVALS = 5
"""How long announcements are gathered before the first of them is acted upon."""

MARK_EVERY_MS = 300_000

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


class _Backfill:
    """One city version's evaluator over a state that moves through past instants."""

    def __init__(self, inventory: Inventory, reader: StateReader) -> None:
        self.evaluator = Evaluator(inventory)
        self.reader = reader


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
        self._marks = ProgressMarks(store, clock, self.name)
        self._marked_ms = 0
        self._feed: LateDataFeed | None = None
        self._next_look_s = 0.0
        self._gather_until_s: float | None = None
        self._dirty = DirtyInstants()
        self._days: set[int] = set()
        self._day_piece: Iterator[None] | None = None
        self._backfill: _Backfill | None = None
        self._evaluation: Evaluation | None = None
        """Of the first dirty instant, until it is published."""
        self._lines = FigureLines()

    def step(self) -> bool:
        """Evaluate one touched instant again, or write one piece of a touched day's figures.

        Returns:
            Whether there was anything to do.

        Raises:
            StoreError: nothing is lost by it; call again later.
        """
        if self._live.done_ms() is None:
            return False
        self._look_at_arrivals()
        instant = self._dirty.first()
        if instant is not None and instant <= (self._live.done_ms() or 0) and self._is_gathered():
            try:
                return self._revise(instant)
            except CityVersionLostError as error:
                _log.error("instant not revised", as_of_ms=instant, reason=str(error))
                self._metrics.revisions_given_up.inc()
                self._dirty.done(instant)
                return True
        if instant is None:
            self._backfill, self._gather_until_s = None, None
            if self._day_piece is not None or self._days:
                self._write_days()
                return True
        self._mark()
        return False

    # ---- what is touched ---------------------------------------------------------------------

    def _look_at_arrivals(self) -> None:
        if self._feed is None:
            since_ms = self._marks.read().arrivals_ms or self._clock.now_ms()
            self._feed = LateDataFeed(self._store, self._clock, since_ms)
        elif self._clock.monotonic_s() < self._next_look_s:
            return
        windows = windows_of(self._cities.current)
        tick_ms, now_ms = self._settings.tick_ms, self._clock.now_ms()
        # One that is due may just be being evaluated, from what was announced a moment ago.
        due_ms = max(newest_due_ms(self._settings, now_ms), self._live.done_ms() or 0)
        # Every report that counts at an instant must still be there.
        kept_ms = raw_complete_since_ms(now_ms) + max(windows.values())
        found_late = self._feed.peek()
        if found_late:
            # It may have been made without them.
            self._evaluation = None
        for row in found_late:
            window_ms = windows.get(row.measurement)
            # Sessions come with the reports of their time; their own rows may be weeks old.
            if window_ms is None or row.from_ms is None or row.to_ms is None:
                continue
            found = instants(row.from_ms, min(row.to_ms + window_ms, due_ms + 1), 0, tick_ms)
            usable = instants(max(found.start, kept_ms), found.stop, 0, tick_ms)
            given_up = len(found) - len(usable) + self._dirty.add(usable, row.time)
            self._metrics.revisions_given_up.inc(given_up)
        self._feed.commit()
        self._metrics.revisions_waiting.set(len(self._dirty))
        self._next_look_s = self._clock.monotonic_s() + min(10.0, self._settings.tick_s)

    def _is_gathered(self) -> bool:
        now_s = self._clock.monotonic_s()
        if self._gather_until_s is None:
            self._gather_until_s = now_s + GATHER_INTERVALS * self._settings.tick_s
        return now_s >= self._gather_until_s

    def _mark(self) -> None:
        now_ms = self._clock.now_ms()
        if self._feed is None or now_ms - self._marked_ms < MARK_EVERY_MS:
            return
        until_ms = self._feed.until_ms
        waiting = self._dirty.oldest_announced_ms
        if waiting is not None:
            until_ms = min(until_ms, waiting - 1)
        self._marks.write(self._live.done_ms() or 0, until_ms, 0)
        self._marked_ms = now_ms

    # ---- doing it ----------------------------------------------------------------------------

    def _revise(self, instant: int) -> bool:
        """False: it has to wait until what was published is stored."""
        evaluation = self._evaluation
        if evaluation is None or evaluation.as_of_ms != instant:
            evaluation = self._evaluation = self._evaluate(instant)
        if not self._publish_changes(evaluation):
            return False
        # Only now: a failure on the way leaves it to be done again.
        self._evaluation = None
        self._dirty.done(instant)
        self._metrics.revisions_waiting.set(len(self._dirty))
        return True

    def _evaluate(self, instant: int) -> Evaluation:
        backfill = self._backfill_to(instant)
        try:
            backfill.reader.advance(instant)
        except StoreError:
            self._backfill = None
            raise
        return backfill.evaluator.evaluate(backfill.reader.state, instant)

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
        # First: a write that fails may still have changed what the next publication rests on.
        if not publisher.claim(generation, map(key_of, changed)):
            return False
        known = quarter.instants.get(instant)
        revision = 0 if known is None else known.revision + 1
        self._write(Publication.of(replace(evaluation, revision=revision)), changed, quarter)
        self._days.add(day_start_ms(instant))
        return True

    def _backfill_to(self, instant: int) -> _Backfill:
        """A state that can move to the instant: the one in hand, or one from a whole window."""
        city = self._cities.at(instant)
        sweep = self._backfill
        if sweep is not None and sweep.evaluator.inventory.city.version == city.version:
            done_ms = sweep.reader.done_ms
            if done_ms is None or done_ms < instant:
                return sweep
            inventory = sweep.evaluator.inventory
        else:
            inventory = Inventory(city)
        reader = StateReader(self._store, inventory, self._settings, self._clock, is_live=False)
        self._backfill = _Backfill(inventory, reader)
        return self._backfill

    def _write(
        self, publication: Publication, changed: list[Figure], quarter: StoredQuarter
    ) -> None:
        logged = log_lines(publication, changed, self._live.timestamps.next_ns(), self._lines)
        writes = revised_lines(publication, changed, quarter, self._lines)
        # The log first: should the second write fail, the instant is revised once more, and the
        # log shows both; the other way round the log would miss one.
        self._store.write(INDICATOR_LOG, logged)
        for lines in writes:
            self._store.write(INDICATOR, lines)
        self._live.cache.replace(publication)
        self._metrics.revisions.inc()
        _log.info(
            "figures revised", as_of_ms=publication.as_of_ms, revision=publication.revision,
            figures=len(changed),
        )  # fmt: skip

    def _write_days(self) -> None:
        if self._day_piece is None:
            self._day_piece = self._daily.rewrite(min(self._days))
        try:
            if next(self._day_piece, self) is self:
                self._days.discard(min(self._days))
                self._day_piece = None
        except StoreError:
            self._day_piece = None
            raise

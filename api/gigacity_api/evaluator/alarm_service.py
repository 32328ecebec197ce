"""Alarms of this process: the engine's edge to the evaluator, the database, requests and messages.

The evaluating process runs the engine: each interval takes the state that was evaluated anyway, and
every two seconds what the platform says of itself. A replica only follows the log. One lock guards
the engine; it is never held over the database.
"""

import threading
from collections.abc import Sequence
from typing import NamedTuple

import structlog

from gigacity_api.alarms.book import AlarmBook
from gigacity_api.alarms.correlation import LossCounts
from gigacity_api.alarms.engine import AlarmEngine
from gigacity_api.alarms.maintenance import MAX_WINDOWS, MaintenanceWindow
from gigacity_api.alarms.model import Act, Alarm, AlarmEvent, Severity
from gigacity_api.alarms.platform_conditions import PlatformView, WorkerState
from gigacity_api.errors import StoreError
from gigacity_api.evaluator.port_trends import PortTrendsReader
from gigacity_api.evaluator.publication import Publication
from gigacity_api.evaluator.publication_cache import PublicationCache
from gigacity_api.evaluator.schedule import EvaluationSettings
from gigacity_api.evaluator.worker_watch import WorkerWatch
from gigacity_api.indicators.evaluation import Evaluation
from gigacity_api.metrics import ApiMetrics
from gigacity_api.storage.alarm_log import DAY_MS, KEPT_DAYS, OVERLAP_MS, AlarmLog, LoggedAlarms
from gigacity_api.storage.protocols import Cities, Store
from gigacity_contract.clock import Clock

_log = structlog.get_logger("gigacity_api.alarms")

WORKERS_EVERY_MS = 10_000
KEPT_EVENTS = 1_000


class AlarmSnapshot(NamedTuple):
    """What is known at one moment; it does not change any more."""

    edition: int
    """Grows with every change; the editions of another process are others."""
    alarms: tuple[Alarm, ...]
    windows: tuple[MaintenanceWindow, ...]


class AlarmService:
    """Owns the engine. Safe to use from several threads."""

    def __init__(
        self,
        *,
        store: Store,
        cache: PublicationCache,
        cities: Cities,
        settings: EvaluationSettings,
        clock: Clock,
        metrics: ApiMetrics,
        is_leading: bool,
    ) -> None:
        """Nothing is known until the log was read.

        Args:
            store: where the log is, and rows of workers.
            cache: of publications; says why no newer one comes.
            cities: of which the newest version may not be in force.
            settings: of the evaluator.
            clock: of the process.
            metrics: are counted.
            is_leading: this process evaluates, and so raises alarms.
        """
        self.log = AlarmLog(store)
        self.is_leading = is_leading
        self._cache, self._cities, self._settings = cache, cities, settings
        self._clock, self._metrics = clock, metrics
        self._lock = threading.Lock()
        self._book = AlarmBook(self._heard)
        self._engine = AlarmEngine(self._book, cache.inventory)
        self._workers = WorkerWatch(store, clock)
        self._worker_rows: tuple[WorkerState, ...] = ()
        self._workers_at_ms = 0
        self._is_restored = False
        self._read_ms = 0
        # No two processes have an edition in common: it is the tag by which callers, who may have
        # asked another one before, know that nothing changed.
        self._edition = clock.now_ms()
        self._snapshot = AlarmSnapshot(0, (), ())
        self._is_stale = False
        self._store_trouble = ""
        self._repeated_ms = 0
        self.recent: tuple[AlarmEvent, ...] = ()
        """The last thousand events, oldest first: what the stream tells."""
        self.trends = PortTrendsReader(store, cache, clock)
        """A task of the background."""

    # What the evaluator calls.

    def evaluated(self, publication: Publication) -> None:
        """Take a publication. A fault of the alarms is logged, and costs no figure."""
        evaluation = publication.evaluation
        if evaluation is None or not self._is_restored:
            return
        started_s = self._clock.monotonic_s()
        try:
            self._step(publication, evaluation)
            self._settle()
        except Exception:  # noqa: BLE001 - a fault of alarms must cost no figure.
            _log.exception("alarms failed", as_of_ms=publication.as_of_ms)
            self._metrics.alarm_failures.inc()
        self._metrics.alarm_step_seconds.set(self._clock.monotonic_s() - started_s)

    def _step(self, publication: Publication, evaluation: Evaluation) -> None:
        inventory = evaluation.inventory
        # Of ports that had lost ONUs an interval ago: a loss is raised after two.
        lost = self._engine.lost_ports(inventory)
        told: LossCounts | None = None
        if lost.any():
            told = self.trends.losses(inventory, publication.as_of_ms, lost)
        with self._lock:
            self._engine.step(
                evaluation.instant, publication.figures, self._clock.now_ms(),
                trends=self.trends.of(inventory), reasons=lambda _: told,
            )  # fmt: skip

    # What the thread calls, every two seconds.

    def refresh(self) -> None:
        """Look at the platform, write what waits; a replica reads what was written.

        Raises:
            StoreError: call again; alarms are raised all the same.
        """
        if not self.is_leading:
            self._follow()
            return
        try:
            if not self._is_restored:
                self._restore()
        finally:
            # That the log cannot be read is what the platform has to tell of.
            self._watch()
            self._settle()
        self.log.flush()

    def _restore(self) -> None:
        now_ms = self._clock.now_ms()
        logged = self.log.read(now_ms - KEPT_DAYS * DAY_MS, now_ms + OVERLAP_MS)
        with self._lock:
            # What the platform said meanwhile is newer than a life that is over in the log; one
            # that is not over goes on, with what operators did to it.
            self._engine.restore(
                a for a in logged.alarms if not a.is_cleared or self._book.get(a.id) is None
            )
            self._merge_windows(logged.windows, now_ms)
            self._repeated_ms = now_ms
            self._is_stale = True
        # Only then: whoever sees that the log was read is answered from it.
        self._settle()
        self._is_restored = True

    def _merge_windows(self, others: Sequence[MaintenanceWindow], now_ms: int) -> None:
        """Of one window the log's word is the later one; the lock is held."""
        windows = {w.id: w for w in (*self._engine.windows, *others)}
        self._engine.windows = tuple(w for w in windows.values() if w.ends_ms > now_ms)

    def _follow(self) -> None:
        now_ms = self._clock.now_ms()
        after_ms = self._read_ms - OVERLAP_MS if self._read_ms else now_ms - KEPT_DAYS * DAY_MS
        logged = self.log.read(after_ms, now_ms + OVERLAP_MS)
        self._read_ms = now_ms
        if logged.alarms or logged.windows:
            self._take(logged, now_ms)
            self._settle()
        self._is_restored = True

    def _take(self, logged: LoggedAlarms, now_ms: int) -> None:
        with self._lock:
            changed = [a for a in logged.alarms if self._book.get(a.id) != a]
            events = [self._book.followed(alarm) for alarm in changed]
            if self._is_restored:
                self.recent = (*self.recent, *events)[-KEPT_EVENTS:]
            self._merge_windows(logged.windows, now_ms)
            self._is_stale = bool(changed) or bool(logged.windows)

    def _watch(self) -> None:
        now_ms = self._clock.now_ms()
        trouble = ""
        if now_ms - self._workers_at_ms >= WORKERS_EVERY_MS:
            try:
                self._worker_rows, self._workers_at_ms = self._workers.look(), now_ms
            except StoreError as error:
                trouble = str(error)
            self._store_trouble = trouble
        newest = self._cache.newest()
        late_ms = 0.0
        if newest is not None:
            late_ms = now_ms - newest.as_of_ms - self._settings.allowed_lateness_ms
        view = PlatformView(
            now_ms, self._worker_rows, self._store_trouble,
            late_ms / self._settings.tick_ms, self._cities.trouble,
        )  # fmt: skip
        with self._lock:
            self._engine.watch(view)
            if now_ms - self._repeated_ms >= DAY_MS:
                self._repeated_ms = now_ms
                self._repeat(now_ms)

    def _repeat(self, now_ms: int) -> None:
        """Write what is active again, so that a bounded range of the log shows it."""
        for alarm in self._book.active.values():
            self.log.add(self._book.repeated(alarm, now_ms))

    # What requests call.

    @property
    def is_restored(self) -> bool:
        """Whether the log was read; until then an empty snapshot does not mean that all is well."""
        return self._is_restored

    @property
    def snapshot(self) -> AlarmSnapshot:
        """What is known now."""
        return self._snapshot

    def act(
        self, ids: Sequence[str], act: Act, *, who: str, why: str = "", until_ms: int = 0
    ) -> list[Alarm]:
        """What an operator does with some alarms; those that are not known are left out."""
        now_ms = self._clock.now_ms()
        with self._lock:
            events = [
                self._book.act(id_, act, now_ms, who=who, why=why, until_ms=until_ms) for id_ in ids
            ]
        self._settle()
        return [event.alarm for event in events if event is not None]

    def plan(self, window: MaintenanceWindow) -> bool:
        """Take a maintenance window, or its cancellation; False: there are too many."""
        now_ms = self._clock.now_ms()
        with self._lock:
            windows = {w.id: w for w in self._engine.windows if w.ends_ms > now_ms}
            if len(windows) >= MAX_WINDOWS and window.id not in windows:
                return False
            windows[window.id] = window
            self._engine.windows = tuple(windows.values())
            self._is_stale = True
        self.log.add_window(window, now_ms)
        self._settle()
        return True

    # Inside.

    def _heard(self, event: AlarmEvent) -> None:
        """Every event of the book; the lock is held."""
        self.log.add(event)
        self.recent = (*self.recent[1 - KEPT_EVENTS :], event)
        self._is_stale = True
        self._metrics.alarm_events.labels(str(event.act)).inc()

    def _settle(self) -> None:
        with self._lock:
            if not self._is_stale:
                return
            self._is_stale = False
            self._edition += 1
            alarms = tuple(self._book.all())
            self._snapshot = AlarmSnapshot(self._edition, alarms, self._engine.windows)
        for severity, count in _counts(alarms).items():
            self._metrics.alarms_active.labels(severity).set(count)
        self._metrics.alarm_rows_waiting.set(self.log.waiting)


def _counts(alarms: Sequence[Alarm]) -> dict[str, int]:
    counts = dict.fromkeys(map(str, Severity), 0)
    for alarm in alarms:
        if alarm.is_open:
            counts[str(alarm.severity)] += 1
    return counts

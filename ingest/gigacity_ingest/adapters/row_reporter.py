"""When a worker writes rows about itself, and what they say that it owns. Network thread only."""

from collections.abc import Callable
from typing import NamedTuple

from gigacity_contract.clock import Clock
from gigacity_ingest.adapters.sink import Sink
from gigacity_ingest.adapters.status import WorkerStatus
from gigacity_ingest.adapters.worker_values import worker_values
from gigacity_ingest.ownership.areas import owned_areas
from gigacity_ingest.ownership.sources import SourceFilters, granted_sources
from gigacity_ingest.pipeline.snapshot import LedgerSnapshot
from gigacity_ingest.pipeline.worker_rows import worker_lines


class _Owned(NamedTuple):
    areas: str = ""
    sources: str = ""


class RowReporter:
    """Offers rows to the sink at an interval, and at once when the worker owns something else.

    Args:
        status: of the worker.
        sink: posts them while the database is well; nothing else keeps them.
        clock: of the process.
        interval_s: 0 writes none.
        gives_up: whether the worker owns nothing from now on, which a row must say first of all.
    """

    def __init__(
        self, status: WorkerStatus, sink: Sink, clock: Clock, *, interval_s: float, gives_up: bool
    ) -> None:
        self._status = status
        self._sink = sink
        self._clock = clock
        self._interval_s = interval_s
        self._next_s = clock.monotonic_s() + interval_s
        self._owned = _Owned()
        self._reported = None if gives_up else _Owned()
        self._source_filters: SourceFilters = {}

    @property
    def is_pending(self) -> bool:
        """Whether the database was not offered yet what the worker owns."""
        return bool(self._interval_s) and self._owned != self._reported

    def note_granted(self, granted: frozenset[str]) -> None:
        """The broker's answer; while the connection is away, the session keeps what it has."""
        if granted != self._status.granted:
            self._status.granted = granted
            self._look()

    def note_sources(self, filters: SourceFilters) -> None:
        """These are the worker's sources from now on."""
        self._source_filters = filters
        self._look()

    def _look(self) -> None:
        if granted := self._status.granted:
            sources = granted_sources(self._source_filters, granted)
            self._owned = _Owned(owned_areas(granted), sources)

    def report_if_due(self, snapshot: Callable[[float], LedgerSnapshot]) -> None:
        """Offer rows, if it is time and the database is well; ``snapshot`` gives the ledgers."""
        now_s = self._clock.monotonic_s()
        is_due = self.is_pending or now_s >= self._next_s
        if not (is_due and self._interval_s and self._status.database.is_ok):
            return
        self._next_s, self._reported = now_s + self._interval_s, self._owned
        ledgers = snapshot(now_s)
        self._status.take_snapshot(ledgers)
        self._sink.offer_rows(
            worker_lines(
                worker_values(self._status),
                ledgers.dead_letters,
                worker=self._status.worker,
                now_ms=self._clock.now_ms(),
                started_ms=self._status.started_ms,
                areas=self._owned.areas,
                sources=self._owned.sources,
                fresh_since_ms=self._status.fresh_since_ms,
            )
        )

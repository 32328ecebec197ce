"""Writes what was evaluated: the figures of the instant, and the log of publications.

``indicator`` holds the figures of each instant, without loss (``change_only``), and may be
written again; ``indicator_log`` is only ever added to: figures of the city and its areas at every
publication, those below them when they changed, which keeps a record of every change without one of
every minute. Once in LOG_WHOLE_MS, at the first publication of a city version or process, and after
a revision, they are logged unchanged, too: what held at a moment is always found in a bounded range
before it.
"""

import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from gigacity_api.evaluator.change_only import EVERY_INSTANT, StoredQuarter, quarter_start_ms
from gigacity_api.evaluator.lines import FigureLines, Stamp, key_of
from gigacity_api.evaluator.publication import Publication
from gigacity_api.evaluator.rewriting import log_lines, revised_lines
from gigacity_api.indicators.figures import Figure, FigureKey
from gigacity_api.indicators.levels import Level
from gigacity_api.storage.protocols import Store
from gigacity_contract.clock import Clock
from gigacity_contract.measurements import INDICATOR, INDICATOR_LOG, Measurement

MAX_PENDING = 120
"""Publications that wait for the database; beyond it the oldest are given up, and counted."""

LOG_WHOLE_MS = 86_400_000
"""Every figure is logged at least this often."""


class MonotonicTimestamps:
    """Moments of publication: no two are the same, whatever the clock does. Thread-safe.

    Not even in milliseconds, which is what rows come back with: a page of a history goes on after
    the moment of its last point.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._last_ms = 0

    def next_ns(self) -> int:
        """The moment of a publication, epoch nanoseconds."""
        with self._lock:
            self._last_ms = max(self._clock.now_ms(), self._last_ms + 1)
            return self._last_ms * 1_000_000


@dataclass(frozen=True, slots=True)
class _Pending:
    """Lines of one publication that are not yet stored."""

    is_whole: bool
    """It holds every figure: what follows can be read without what came before."""
    parts: deque[tuple[Measurement, list[bytes]]]


class FigurePublisher:
    """Writes publications in order; what cannot be written now is kept for the next time.

    One thread adds and flushes. Another may rewrite what is stored, between ``generation`` and
    ``claim``; the lock is held for neither's reading or writing, so that none waits for the other's
    database.
    """

    def __init__(self, store: Store, timestamps: MonotonicTimestamps) -> None:
        self.given_up = 0
        self._lock = threading.Lock()
        """Over what is pending, the generation and the last figures; never over the database."""
        self._generation = 0
        self._store = store
        self._timestamps = timestamps
        self._pending: deque[_Pending] = deque()
        self._lines = FigureLines()
        self._last: dict[FigureKey, Figure] = {}
        self._city_version = ""
        self._quarter_ms: int | None = None
        self._logged_whole_ns = 0

    def add(self, publication: Publication, published_ns: int | None = None) -> None:
        """Queue a publication.

        Args:
            publication: of the instant.
            published_ns: the moment since which it is served, of these timestamps; None: now.
        """
        published_ns = self._timestamps.next_ns() if published_ns is None else published_ns
        with self._lock:
            self._generation += 1
            if len(self._pending) >= MAX_PENDING:
                self._give_up_oldest()
            is_new_version = publication.city_version != self._city_version
            if is_new_version or published_ns - self._logged_whole_ns >= LOG_WHOLE_MS * 1_000_000:
                self._last.clear()
            is_logged_whole = not self._last
            if is_logged_whole:
                self._logged_whole_ns = published_ns
            quarter_ms = quarter_start_ms(publication.as_of_ms)
            is_whole = is_logged_whole or quarter_ms != self._quarter_ms
            self._quarter_ms, self._city_version = quarter_ms, publication.city_version
            self._pending.append(self._format(publication, published_ns, is_whole=is_whole))

    def add_revision(
        self,
        publication: Publication,
        changed: list[Figure],
        quarter: StoredQuarter,
        published_ns: int,
    ) -> None:
        """Queue a further revision of what the process before this one published last.

        What follows is whole, in the log as well, as if this were not there.

        Args:
            publication: of the instant.
            changed: its figures that say something else than what is stored.
            quarter: what is stored around the instant.
            published_ns: as of ``add``.
        """
        with self._lock:
            self._generation += 1
            logged = log_lines(publication, changed, published_ns, self._lines)
            below, of_city = revised_lines(publication, changed, quarter, self._lines)
            parts = [(INDICATOR_LOG, logged), (INDICATOR, below), (INDICATOR, of_city)]
            self._pending.append(_Pending(is_whole=False, parts=deque(parts)))

    def _format(self, publication: Publication, published_ns: int, *, is_whole: bool) -> _Pending:
        stamp = Stamp(publication.as_of_ms, publication.city_version, publication.revision)
        below: list[bytes] = []
        of_city: list[bytes] = []
        logged: list[bytes] = []
        for figure in publication.figures:
            key = key_of(figure)
            is_changed = self._last.get(key) != figure
            if is_changed:
                self._last[key] = figure
            is_logged = is_changed or figure.scope in EVERY_INSTANT
            if not (is_logged or is_whole):
                continue
            text = self._lines.of(figure, stamp)
            (of_city if figure.scope == Level.CITY else below).append(text.line())
            if is_logged:
                logged.append(text.log_line(published_ns))
        # The city's figures tell that an instant is published, to replicas and after a restart: in
        # a write of their own, once everything else is stored, the log too. After a stop half-way
        # the instant is published again, and the log shows both.
        return _Pending(
            is_whole, deque([(INDICATOR_LOG, logged), (INDICATOR, below), (INDICATOR, of_city)])
        )

    def _give_up_oldest(self) -> None:
        """And what cannot be read without it; the next one is whole, in the log as well."""
        self._pending.popleft()
        self.given_up += 1
        while self._pending and not self._pending[0].is_whole:
            self._pending.popleft()
            self.given_up += 1
        self._last.clear()

    def generation(self) -> int | None:
        """Which publication was the last; None while any waits to be written. From any thread."""
        with self._lock:
            return None if self._pending else self._generation

    def claim(self, generation: int, keys: Iterable[FigureKey]) -> bool:
        """Rewrite these figures at instants that are stored. From any thread.

        The next publication writes and logs them anew, changed or not: it rests on none of them.

        Args:
            generation: as it was before what is stored was read.
            keys: of the figures.

        Returns:
            False: something was published since, which may rest on them. Read again.
        """
        with self._lock:
            if generation != self._generation:
                return False
            for key in keys:
                self._last.pop(key, None)
            return True

    def flush(self) -> None:
        """Write what is queued.

        Raises:
            StoreError: it stays queued; call again.
        """
        while self._pending:
            parts = self._pending[0].parts
            while parts:
                self._store.write(*parts[0])
                parts.popleft()
            self._pending.popleft()

"""Writes what was evaluated: every figure of the instant, and the log of publications.

``indicator`` holds the figures of each instant and may be written again; ``indicator_log`` is only
ever added to: figures of the city and its areas at every publication, those below them when they
changed, which keeps a record of every change without one of every minute. Once in LOG_WHOLE_MS, and
after a revision, they are logged unchanged, too: what held at a moment is always found in a bounded
range before it.
"""

import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from gigacity_api.evaluator.board import Publication
from gigacity_api.evaluator.lines import figure_line, log_line
from gigacity_api.indicators.definitions import Level
from gigacity_api.indicators.figures import Figure
from gigacity_api.ports import Store
from gigacity_contract.clock import Clock
from gigacity_contract.measurements import INDICATOR, INDICATOR_LOG, Measurement

MAX_PENDING = 120
"""Publications that wait for the database; beyond it the oldest is given up, and counted."""


LOG_WHOLE_MS = 86_400_000
"""Every figure is logged at least this often."""

Place = tuple[str, str, str]


class Moments:
    """Moments of publication: no two are the same, whatever the clock does. Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._last_ns = 0

    def next_ns(self) -> int:
        """The moment of a publication, epoch nanoseconds."""
        with self._lock:
            self._last_ns = max(self._clock.now_ms() * 1_000_000, self._last_ns + 1)
            return self._last_ns


@dataclass(frozen=True, slots=True)
class _Pending:
    measurement: Measurement
    lines: list[bytes]


class Publisher:
    """Writes publications in order; what cannot be written now is kept for the next time."""

    def __init__(self, store: Store, moments: Moments) -> None:
        self._store = store
        self._moments = moments
        self._pending: deque[_Pending] = deque()
        self._logged: dict[Place, Figure] = {}
        self._whole_from_ns = 0
        self.given_up = 0

    def add(self, publication: Publication) -> None:
        """Queue a publication."""
        figures = publication.figures
        lines = [
            figure_line(
                f, as_of_ms=publication.as_of_ms, city_version=publication.city_version,
                revision=publication.revision,
            )
            for f in figures
        ]  # fmt: skip
        self._pending.append(_Pending(INDICATOR, lines))
        self._pending.append(_Pending(INDICATOR_LOG, self._log_lines(publication)))
        while len(self._pending) > 2 * MAX_PENDING:
            self._pending.popleft()
            self._pending.popleft()
            self.given_up += 1

    def _log_lines(self, publication: Publication) -> list[bytes]:
        published_ns = self._moments.next_ns()
        if published_ns - self._whole_from_ns >= LOG_WHOLE_MS * 1_000_000:
            self._whole_from_ns = published_ns
            self._logged.clear()
        lines = []
        for figure in publication.figures:
            place = (figure.indicator, figure.scope, figure.code)
            always = figure.scope in {Level.CITY, Level.AREA}
            if always or self._logged.get(place) != figure:
                self._logged[place] = figure
                lines.append(
                    log_line(
                        figure, as_of_ms=publication.as_of_ms, revision=publication.revision,
                        city_version=publication.city_version, published_ns=published_ns,
                    )
                )  # fmt: skip
        return lines

    def forget(self, places: Iterable[Place]) -> None:
        """Log these places at the next publication, changed or not. From any thread."""
        for place in places:
            self._logged.pop(place, None)

    def flush(self) -> None:
        """Write what is queued.

        Raises:
            StoreError: it stays queued; call again.
        """
        while self._pending:
            first = self._pending[0]
            self._store.write(first.measurement, first.lines)
            self._pending.popleft()

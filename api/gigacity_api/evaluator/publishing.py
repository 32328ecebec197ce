"""Writes what was evaluated: every figure of the instant, and the log of publications.

``indicator`` holds the figures of each instant and may be written again; ``indicator_log`` is only
ever added to: figures of the city and its areas at every publication, those below them when they
changed, which keeps a record of every change without one of every minute.
"""

from collections import deque
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


@dataclass(frozen=True, slots=True)
class _Pending:
    measurement: Measurement
    lines: list[bytes]


class Publisher:
    """Writes publications in order; what cannot be written now is kept for the next time."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._pending: deque[_Pending] = deque()
        self._logged: dict[tuple[str, str, str], Figure] = {}
        self._last_ns = 0
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
        # Two publications never share a moment, whatever the clock does: the log only grows.
        self._last_ns = published_ns = max(self._clock.now_ms() * 1_000_000, self._last_ns + 1)
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

    def flush(self) -> None:
        """Write what is queued.

        Raises:
            StoreError: it stays queued; call again.
        """
        while self._pending:
            first = self._pending[0]
            self._store.write(first.measurement, first.lines)
            self._pending.popleft()

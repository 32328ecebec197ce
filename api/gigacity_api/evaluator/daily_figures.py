"""Daily figures, kept for ever: of each place the figure of the day's last instant.

Beside it stand minimum, maximum, mean and count of the day's values: over the time of one figure,
never over places. Below the areas, where rows are written when something changed, mean and count
are of the first value in every quarter of an hour. Days are those of Asia/Shanghai.
"""

from collections.abc import Iterator

from gigacity_api.errors import StoreError
from gigacity_api.evaluator.change_only import EVERY_INSTANT, QUARTER_MS
from gigacity_api.evaluator.core import PublishedRow
from gigacity_api.evaluator.lines import FigureRow, key_of
from gigacity_api.evaluator.stored import quarter_until
from gigacity_api.indicators.figures import FigureKey
from gigacity_api.indicators.levels import Level
from gigacity_api.storage.progress import ProgressMarks
from gigacity_api.storage.protocols import Store
from gigacity_api.storage.queries.figures import city_figures
from gigacity_api.storage.queries.query import Query
from gigacity_api.storage.queries.rollups import FIGURE_STATISTICS, figure_means, figure_statistics
from gigacity_contract.clock import Clock
from gigacity_contract.lateness import CLOCK_SLACK_MS
from gigacity_contract.line_protocol import encode_point
from gigacity_contract.local_time import DAY_MS, day_start_ms
from gigacity_contract.measurements import FIGURES, INDICATOR
from gigacity_contract.rollup_measurements import INDICATOR_DAILY

CLOSED_AFTER_MS = 900_000
"""A day is written this long after its end: its last instants have been evaluated by then."""

LINES_PER_WRITE = 2_000

Statistics = dict[FigureKey, dict[str, float | None]]


class DailyFigures:
    """Writes the daily figures of days that have ended; as the background's task."""

    name = "daily_figures"

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._marks = ProgressMarks(store, clock, self.name)
        self._done_ms: int | None = None
        self._piece: Iterator[None] | None = None

    def step(self) -> bool:
        """One piece of the oldest day that is due.

        Returns:
            Whether there was anything to do.

        Raises:
            StoreError: nothing is lost by it; call again later.
        """
        now_ms = self._clock.now_ms()
        if self._done_ms is None:
            self._done_ms = self._resume(now_ms)
        if self._piece is None:
            if self._done_ms + DAY_MS > now_ms - CLOSED_AFTER_MS - CLOCK_SLACK_MS:
                return False
            self._piece = self._write(self._done_ms)
        try:
            if next(self._piece, self) is self:
                self._piece = None
                self._done_ms += DAY_MS
                self._marks.write(self._done_ms, now_ms, 0)
        except StoreError:
            self._piece = None
            raise
        return True

    def _resume(self, now_ms: int) -> int:
        oldest = day_start_ms(now_ms - FIGURES.duration_s * 1000) + DAY_MS
        marked = self._marks.read().done_ms
        return day_start_ms(now_ms) if marked is None else max(marked, oldest)

    def rewrite(self, day_ms: int) -> Iterator[None]:
        """Write a day again, if it has been written; else its turn will come."""
        if self._done_ms is None:
            self._done_ms = self._resume(self._clock.now_ms())
        if day_ms < self._done_ms:
            yield from self._write(day_ms)

    def _write(self, day_ms: int) -> Iterator[None]:
        end_ms = day_ms + DAY_MS
        instants: set[int] = set()
        for batch in self._store.rows(city_figures(day_ms - 1, end_ms - 1), PublishedRow):
            instants.update(row.time for row in batch)
        yield
        if not instants:
            return
        statistics: Statistics = {}
        for scope in Level:
            for query in _queries(scope, day_ms, end_ms):
                for series in self._store.series(query):
                    tags = series.tags
                    key = (tags["indicator"], tags["scope"], tags["code"])
                    found = zip(query.columns, series.values[0][1:], strict=True)
                    statistics.setdefault(key, {}).update(found)
                yield
        newest_ms = max(instants)
        rows = quarter_until(self._store, newest_ms).at(newest_ms).values()
        lines = [_line(row, statistics, newest_ms, day_ms) for row in rows]
        for first in range(0, len(lines), LINES_PER_WRITE):
            self._store.write(INDICATOR_DAILY, lines[first : first + LINES_PER_WRITE])


def _queries(scope: Level, start_ms: int, end_ms: int) -> Iterator[Query]:
    if scope in EVERY_INSTANT:
        yield figure_statistics(scope, start_ms, end_ms)
        return
    yield figure_statistics(scope, start_ms, end_ms, ("min", "max"))
    yield figure_means(scope, start_ms, end_ms, QUARTER_MS)


def _line(row: FigureRow, statistics: Statistics, as_of_ms: int, day_ms: int) -> bytes:
    fields = {field.name: getattr(row, field.name) for field in INDICATOR.fields}
    found = statistics.get(key_of(row), {})
    fields |= {f"value_{name}": found.get(name) for name in FIGURE_STATISTICS}
    fields["as_of_ms"] = as_of_ms
    tags = {"indicator": row.indicator, "scope": row.scope, "code": row.code}
    return encode_point(INDICATOR_DAILY, tags, fields, day_ms)

"""The history of one figure: at every instant, or one point for each stretch of time.

A point of a stretch is the figure of its last instant, as it stood: ratios and bounds are never
averaged. Beside it stand the least and greatest value of the stretch, so that a short drop still
shows. Stretches begin at midnight of Asia/Shanghai; days come from the daily figures, which are
kept for ever, and those not rolled up yet from their instants.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from gigacity_api.evaluator.lines import FigureRow, LogRow, figure_of_row
from gigacity_api.evaluator.stored import stored_history
from gigacity_api.indicators.figures import FigureKey
from gigacity_api.storage.protocols import Store
from gigacity_api.storage.queries.daily import daily_history
from gigacity_api.storage.queries.figures import publications
from gigacity_contract.local_time import DAY_MS, UTC_OFFSET_MS

Every = Literal["instant", "15m", "1h", "6h", "1d"]

HOUR_MS = 3_600_000
STEP_MS: dict[Every, int] = {
    "15m": HOUR_MS // 4, "1h": HOUR_MS, "6h": 6 * HOUR_MS, "1d": DAY_MS,
}  # fmt: skip
LONGEST_MS = 31 * DAY_MS
"""Longest range read instant by instant: a month of minutes is 44,640 rows."""

LONGEST_DAYS_MS = 3_653 * DAY_MS

USUAL_MS: dict[Every, int] = {
    "instant": DAY_MS, "15m": DAY_MS, "1h": 7 * DAY_MS, "6h": LONGEST_MS, "1d": 365 * DAY_MS,
}  # fmt: skip
"""The range of a question that names none."""


def longest_ms(every: Every) -> int:
    """The longest range of one question."""
    return LONGEST_DAYS_MS if every == "1d" else LONGEST_MS


class DailyHistoryRow(LogRow, array_like=True, gc=False):
    """A row of ``daily_history``."""

    value_min: float | None = None
    value_max: float | None = None
    value_count: int | None = None


@dataclass(frozen=True, slots=True)
class HistoryPoint:
    """A point of a history."""

    row: FigureRow
    as_of_ms: int
    until_ms: int
    """The next point begins after it."""
    low: float | None = None
    high: float | None = None
    instants: int | None = None
    """How many were downsampled to this one; None: it is an instant of its own."""


def published(store: Store, key: FigureKey, after_ms: int, until_ms: int) -> list[HistoryPoint]:
    """What was published in a range of moments, oldest first. Raises StoreError."""
    query = publications(key, after_ms, until_ms)
    rows = sorted((r for b in store.rows(query, LogRow) for r in b), key=lambda r: r.time)
    return [HistoryPoint(row, row.as_of_ms or row.time, row.time) for row in rows]


def current(
    store: Store, key: FigureKey, every: Every, after_ms: int, until_ms: int
) -> list[HistoryPoint]:
    """The best figure of each instant or stretch, oldest first. Raises StoreError."""
    if every == "1d":
        return _days(store, key, after_ms, until_ms)
    rows = stored_history(store, key, after_ms, until_ms)
    if every == "instant":
        return [HistoryPoint(row, row.time, row.time) for row in rows]
    return list(downsampled(rows, STEP_MS[every]))


def downsampled(rows: Iterable[FigureRow], step_ms: int) -> Iterator[HistoryPoint]:
    """One point for each stretch that has any row; rows come oldest first."""
    for number, group in groupby(rows, key=lambda row: (row.time + UTC_OFFSET_MS) // step_ms):
        mine = list(group)
        values = [v for v in (figure_of_row(row).value for row in mine) if v is not None]
        yield HistoryPoint(
            row=mine[-1],
            as_of_ms=mine[-1].time,
            until_ms=(number + 1) * step_ms - UTC_OFFSET_MS - 1,
            low=min(values, default=None),
            high=max(values, default=None),
            instants=len(mine),
        )


def _days(store: Store, key: FigureKey, after_ms: int, until_ms: int) -> list[HistoryPoint]:
    query = daily_history(key, after_ms=after_ms - DAY_MS, until_ms=until_ms)
    found = [
        HistoryPoint(
            row=row,
            as_of_ms=row.as_of_ms or row.time,
            until_ms=row.time + DAY_MS - 1,
            low=row.value_min,
            high=row.value_max,
            instants=row.value_count,
        )
        for batch in store.rows(query, DailyHistoryRow)
        for row in batch
        if after_ms < (row.as_of_ms or row.time) <= until_ms
    ]
    found.sort(key=lambda sample: sample.as_of_ms)
    rolled_ms = found[-1].until_ms if found else after_ms
    since_ms = max(rolled_ms, until_ms - LONGEST_MS)
    if since_ms >= until_ms:
        return found
    return [*found, *downsampled(stored_history(store, key, since_ms, until_ms), DAY_MS)]

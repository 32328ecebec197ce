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

from gigacity_api.evaluator.lines import FigureRow, LogRow, Place, figure_of_row
from gigacity_api.evaluator.stored import stored_history
from gigacity_api.storage.protocols import Store
from gigacity_api.storage.queries.daily import daily_history
from gigacity_api.storage.queries.figures import publications
from gigacity_contract.rollup_measurements import DAY_MS

Every = Literal["instant", "15m", "1h", "6h", "1d"]

HOUR_MS = 3_600_000
STEP_MS: dict[Every, int] = {
    "15m": HOUR_MS // 4, "1h": HOUR_MS, "6h": 6 * HOUR_MS, "1d": DAY_MS,
}  # fmt: skip
OFFSET_MS = 8 * HOUR_MS
"""Of Asia/Shanghai, which has no summer time."""

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


class DayRow(LogRow, array_like=True, gc=False):
    """A row of ``daily_history``."""

    value_min: float | None = None
    value_max: float | None = None
    value_count: int | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """A point of a history."""

    row: FigureRow
    as_of_ms: int
    until_ms: int
    """The next point begins after it."""
    low: float | None = None
    high: float | None = None
    instants: int | None = None
    """How many were thinned to this one; None: it is an instant of its own."""


def published(store: Store, place: Place, after_ms: int, until_ms: int) -> list[Sample]:
    """What was published in a range of moments, oldest first. Raises StoreError."""
    query = publications(*place, after_ms, until_ms)
    rows = sorted((r for b in store.rows(query, LogRow) for r in b), key=lambda r: r.time)
    return [Sample(row, row.as_of_ms or row.time, row.time) for row in rows]


def current(store: Store, place: Place, every: Every, after_ms: int, until_ms: int) -> list[Sample]:
    """The best figure of each instant or stretch, oldest first. Raises StoreError."""
    if every == "1d":
        return _days(store, place, after_ms, until_ms)
    rows = stored_history(store, place, after_ms, until_ms)
    if every == "instant":
        return [Sample(row, row.time, row.time) for row in rows]
    return list(thinned(rows, STEP_MS[every]))


def thinned(rows: Iterable[FigureRow], step_ms: int) -> Iterator[Sample]:
    """One point for each stretch that has any row; rows come oldest first."""
    for number, group in groupby(rows, key=lambda row: (row.time + OFFSET_MS) // step_ms):
        mine = list(group)
        values = [v for v in (figure_of_row(row).value for row in mine) if v is not None]
        yield Sample(
            mine[-1], mine[-1].time, (number + 1) * step_ms - OFFSET_MS - 1,
            min(values, default=None), max(values, default=None), len(mine),
        )  # fmt: skip


def _days(store: Store, place: Place, after_ms: int, until_ms: int) -> list[Sample]:
    query = daily_history(place, after_ms=after_ms - DAY_MS, until_ms=until_ms)
    found = [
        Sample(
            row, row.as_of_ms or row.time, row.time + DAY_MS - 1, row.value_min, row.value_max,
            row.value_count,
        )
        for batch in store.rows(query, DayRow)
        for row in batch
        if after_ms < (row.as_of_ms or row.time) <= until_ms
    ]  # fmt: skip
    found.sort(key=lambda sample: sample.as_of_ms)
    rolled_ms = found[-1].until_ms if found else after_ms
    since_ms = max(rolled_ms, until_ms - LONGEST_MS)
    if since_ms >= until_ms:
        return found
    return [*found, *thinned(stored_history(store, place, since_ms, until_ms), DAY_MS)]

"""The daily values of a figure, read from what was rolled up and from what is not yet."""

import msgspec

from gigacity_api.forecasting.outlook import Day
from gigacity_api.indicators.figures import FigureKey
from gigacity_api.storage.protocols import Store
from gigacity_api.storage.queries.daily import DAILY_FIELDS, daily_figures, daily_last, day_end_ms
from gigacity_contract.local_time import DAY_MS

LONGEST_MS = 3_653 * DAY_MS
"""Daily figures are kept for ever; ten years of them are enough for a line."""

KEPT_MS = 366 * DAY_MS
"""Figures of every instant are kept for a year: they stand in for days not rolled up."""


class DailyRow(msgspec.Struct, array_like=True, gc=False):
    """A row of ``daily_figures``."""

    time: int
    value: float | None
    lower: float | None
    upper: float | None


class DailyLastRow(msgspec.Struct, array_like=True, gc=False):
    """A row of ``daily_last``."""

    time: int
    last: float | None


def daily_values(store: Store, key: FigureKey, now_ms: int) -> list[Day]:
    """Days that were rolled up, and from the instants those that are not yet. Raises StoreError."""
    query = daily_figures(key, after_ms=now_ms - LONGEST_MS, until_ms=now_ms)
    rolled = [row for batch in store.rows(query, DailyRow) for row in batch]
    found = {row.time: (row.value, row.lower, row.upper) for row in rolled}
    after_ms = max((start + DAY_MS - 1 for start in found), default=now_ms - KEPT_MS)
    columns: list[dict[int, float | None]] = []
    for field in DAILY_FIELDS:
        query = daily_last(field, key, after_ms=after_ms, until_ms=now_ms)
        rows = (row for batch in store.rows(query, DailyLastRow) for row in batch)
        columns.append({row.time: row.last for row in rows})
    values, lowers, uppers = columns
    found |= {start: (values[start], lowers.get(start), uppers.get(start)) for start in values}
    return [
        Day(day_end_ms(start, now_ms), value, lower, upper)
        for start, (value, lower, upper) in sorted(found.items())
        if value is not None and lower is not None and upper is not None
    ]

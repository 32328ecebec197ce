"""Reads figures, stored whole or only where they changed, as they stand at an instant."""

import msgspec

from gigacity_api.evaluator.change_only import (
    EVERY_INSTANT,
    QUARTER_MS,
    PublishedInstant,
    StoredQuarter,
    at_every_instant,
    quarter_start_ms,
)
from gigacity_api.evaluator.lines import FigureRow
from gigacity_api.indicators.figures import FigureKey
from gigacity_api.storage.protocols import Store
from gigacity_api.storage.queries.figures import figures_between, history, instants


class InstantRow(msgspec.Struct, array_like=True, gc=False):
    """A row of ``instants``."""

    time: int
    revision: int | None
    city_version: str | None


def quarter_until(store: Store, as_of_ms: int) -> StoredQuarter:
    """The part of the clock that holds an instant, as far as the instant. Raises StoreError."""
    return _read(store, quarter_start_ms(as_of_ms), as_of_ms)


def quarter_around(store: Store, as_of_ms: int) -> StoredQuarter:
    """The whole part of the clock that holds an instant. Raises StoreError."""
    start_ms = quarter_start_ms(as_of_ms)
    return _read(store, start_ms, start_ms + QUARTER_MS - 1)


def _read(store: Store, start_ms: int, until_ms: int) -> StoredQuarter:
    query = figures_between(start_ms - 1, until_ms)
    return StoredQuarter(row for batch in store.rows(query, FigureRow) for row in batch)


def stored_history(store: Store, key: FigureKey, after_ms: int, until_ms: int) -> list[FigureRow]:
    """The figure of one place at each published instant of a range, oldest first.

    Raises:
        StoreError: the database cannot answer.
    """
    _, scope, _ = key
    if scope in EVERY_INSTANT:
        query = history(key, after_ms, until_ms)
        rows = [row for batch in store.rows(query, FigureRow) for row in batch]
        return sorted(rows, key=lambda row: row.time)
    # What stood at the first instant was perhaps written before it.
    start_ms = quarter_start_ms(after_ms + 1) - 1
    query = history(key, start_ms, until_ms)
    rows = [row for batch in store.rows(query, FigureRow) for row in batch]
    published = [
        PublishedInstant(row.time, row.revision or 0, row.city_version or "")
        for batch in store.rows(instants(start_ms, until_ms), InstantRow)
        for row in batch
    ]
    return [row for row in at_every_instant(rows, published) if row.time > after_ms]

"""Reads stored figures, which are thinned, as they stand at an instant."""

import msgspec

from gigacity_api.evaluator.lines import FigureRow, Place
from gigacity_api.evaluator.thinning import (
    EVERY_INSTANT,
    WHOLE_MS,
    Instant,
    Part,
    at_every_instant,
    part_start_ms,
)
from gigacity_api.storage.protocols import Store
from gigacity_api.storage.queries.figures import figures_between, history, instants


class InstantRow(msgspec.Struct, array_like=True, gc=False):
    """A row of ``instants``."""

    time: int
    revision: int | None
    city_version: str | None


def part_until(store: Store, as_of_ms: int) -> Part:
    """The part of the clock that holds an instant, as far as the instant. Raises StoreError."""
    return _read(store, part_start_ms(as_of_ms), as_of_ms)


def part_around(store: Store, as_of_ms: int) -> Part:
    """The whole part of the clock that holds an instant. Raises StoreError."""
    start_ms = part_start_ms(as_of_ms)
    return _read(store, start_ms, start_ms + WHOLE_MS - 1)


def _read(store: Store, start_ms: int, until_ms: int) -> Part:
    query = figures_between(start_ms - 1, until_ms)
    return Part(row for batch in store.rows(query, FigureRow) for row in batch)


def stored_history(store: Store, place: Place, after_ms: int, until_ms: int) -> list[FigureRow]:
    """The figure of one place at each published instant of a range, oldest first.

    Raises:
        StoreError: the database cannot answer.
    """
    indicator, scope, code = place
    if scope in EVERY_INSTANT:
        query = history(indicator, scope, code, after_ms, until_ms)
        rows = [row for batch in store.rows(query, FigureRow) for row in batch]
        return sorted(rows, key=lambda row: row.time)
    # What stood at the first instant was perhaps written before it.
    start_ms = part_start_ms(after_ms + 1) - 1
    query = history(indicator, scope, code, start_ms, until_ms)
    rows = [row for batch in store.rows(query, FigureRow) for row in batch]
    published = [
        Instant(row.time, row.revision or 0, row.city_version or "")
        for batch in store.rows(instants(start_ms, until_ms), InstantRow)
        for row in batch
    ]
    return [row for row in at_every_instant(rows, published) if row.time > after_ms]

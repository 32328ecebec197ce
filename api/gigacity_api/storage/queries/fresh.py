"""What workers have stored lately, as they tell it."""

from gigacity_api.storage.queries.query import Query, select_rows
from gigacity_contract.measurements import FRESH_POINTS, GIGACITY_WORKER

_ROWS_AT_ONCE = 20
"""A row holds up to 64 kB."""


def telling_workers(after_ms: int, until_ms: int) -> Query:
    """What workers say of whether they tell everything; ``started_ms`` is in every row."""
    columns = ("worker", "started_ms", "fresh_since_ms")
    return select_rows(GIGACITY_WORKER, columns, after_ms=after_ms, until_ms=until_ms)


def fresh_index(after_ms: int, until_ms: int) -> Query:
    """Which rows of fresh points there are."""
    return select_rows(
        FRESH_POINTS, ("worker", "since_ms", "part", "parts"), after_ms=after_ms, until_ms=until_ms
    )


def fresh_rows(after_ms: int, until_ms: int) -> Query:
    """Fresh points."""
    return select_rows(
        FRESH_POINTS, ("worker", "since_ms", "part", "parts", "packed"), after_ms=after_ms,
        until_ms=until_ms, rows_at_once=_ROWS_AT_ONCE,
    )  # fmt: skip

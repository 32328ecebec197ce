"""What was published by a moment, and what was announced as late after it."""

from gigacity_api.storage.queries.figures import LOG_COLUMNS
from gigacity_api.storage.queries.query import Query, select_rows, tag_equals
from gigacity_api.storage.queries.telemetry import arrivals
from gigacity_contract.measurements import INDICATOR_LOG


def logged(scope: str, code: str | None, after_ms: int, until_ms: int) -> Query:
    """Publications of a scope, or of one place of it, in a range of moments."""
    place = () if code is None else (tag_equals("code", code),)
    where = (tag_equals("scope", scope), *place)
    return select_rows(
        INDICATOR_LOG, LOG_COLUMNS, after_ms=after_ms, until_ms=until_ms, where=where
    )


def announced_in(after_ms: int, until_ms: int) -> Query:
    """Late batches by the moment of their confirmation."""
    return arrivals(after_ms, until_ms)

"""Counts of the workers themselves: dead letters by reason, and what their ledgers say."""

from gigacity_api.storage.queries.query import Query, select_rows
from gigacity_contract.measurements import DEAD_LETTER, GIGACITY_WORKER

DEAD_LETTER_COLUMNS = ("reason", "worker", "count")
WORKER_COLUMNS = ("worker", "messages_redelivered", "absent_fields", "dead_letters")


def dead_letter_counts(after_ms: int, until_ms: int) -> Query:
    """Totals so far of each worker and reason, by moment."""
    return select_rows(DEAD_LETTER, DEAD_LETTER_COLUMNS, after_ms=after_ms, until_ms=until_ms)


def worker_counts(after_ms: int, until_ms: int) -> Query:
    """Totals so far of each worker, by moment."""
    return select_rows(GIGACITY_WORKER, WORKER_COLUMNS, after_ms=after_ms, until_ms=until_ms)

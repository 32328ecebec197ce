"""The log of alarms, and what workers say of themselves."""

from gigacity_api.storage.queries.text import Query, select_rows
from gigacity_contract.measurements import ALARM, GIGACITY_WORKER

ALARM_COLUMNS = ("kind", "type", "record")
WORKER_STATE_COLUMNS = (
    "worker", "areas", "connected", "balanced", "points_spooled", "points_decoded", "dead_letters",
)  # fmt: skip


def alarm_rows(after_ms: int, until_ms: int) -> Query:
    """Acts of a range of moments."""
    return select_rows(ALARM, ALARM_COLUMNS, after_ms=after_ms, until_ms=until_ms)


def worker_states(after_ms: int, until_ms: int) -> Query:
    """Snapshots of the workers."""
    return select_rows(GIGACITY_WORKER, WORKER_STATE_COLUMNS, after_ms=after_ms, until_ms=until_ms)

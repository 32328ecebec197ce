"""The value of each metric of the catalogue that is one number, at this moment.

The page and the worker's rows both read these, so that they can never say different things.
"""

from collections.abc import Mapping

from gigacity_contract.line_protocol import FieldValue
from gigacity_ingest.adapters.status import WorkerStatus
from gigacity_ingest.dead_letters.budget import StoreStatus
from gigacity_ingest.pipeline.snapshot import LedgerSnapshot, MessageCounts, PointCounts
from gigacity_ingest.spool import SpoolStatus

WorkerValues = Mapping[str, FieldValue]
"""By the metric's name in ``gigacity_contract.worker_metrics``."""


def worker_values(status: WorkerStatus) -> WorkerValues:
    """Everything that is known: ledgers after the first snapshot, the spool while it is open."""
    values: dict[str, FieldValue] = {
        "connected": status.session.is_ok,
        "sessions_lost": status.session_queue.failures,
        "subscriptions_ok": status.subscriptions.is_ok,
        "database_up": status.database.is_ok,
        "write_failures": status.database.failures,
        "spool_ok": status.spool.is_ok,
        "city_ok": status.city.is_ok,
        "sources_ok": status.sources.is_ok,
        "imbalances": status.ledger.failures,
        "safety_events_passed_on": status.safety_relay.passed_on,
        "safety_events_left_out": status.safety_relay.left_out,
    }
    machine = {
        "state_disk_bytes": status.machine.disk_bytes,
        "state_disk_free_bytes": status.machine.disk_free_bytes,
        "certificate_expires_ms": status.machine.certificate_expires_ms,
    }
    values |= {name: value for name, value in machine.items() if value is not None}
    if status.snapshot is not None:
        values |= _of_snapshot(status.snapshot)
    if status.spool_state is not None:
        values |= _of_spool(status.spool_state)
    return values | _of_dead_letters(status.dead_letter_state)


def _of_snapshot(snapshot: LedgerSnapshot) -> dict[str, FieldValue]:
    messages, points = snapshot.messages, snapshot.points
    counts: dict[str, FieldValue] = {
        f"messages_{name}": getattr(messages, name) for name in MessageCounts.__struct_fields__
    }
    counts |= {f"points_{name}": getattr(points, name) for name in PointCounts.__struct_fields__}
    return counts | {
        "balanced": snapshot.is_balanced,
        "points_late": snapshot.points_late,
        "points_read_ahead_limit": snapshot.read_ahead_points,
        "dead_letters": sum(snapshot.dead_letters.values()),
        "unknown_fields": snapshot.unknown_fields,
        "absent_fields": snapshot.absent_fields,
        "cleared_statuses": snapshot.cleared_statuses,
        "sequence_gaps": snapshot.sequence_gaps,
        "sequence_reordered": snapshot.sequence_reordered,
        "internal_errors": snapshot.internal_errors,
        "refused_ratio": snapshot.refused_ratio,
        "refused_consecutive": snapshot.refused_consecutive,
        "refusal_alarm": bool(snapshot.alarm),
    }


def _of_dead_letters(state: StoreStatus) -> dict[str, FieldValue]:
    return {
        "dead_letters_summarized": state.summarized,
        "dead_letters_counted": state.counted,
        "dead_letter_disk_bytes": state.used_bytes,
        "dead_letter_budget_bytes": state.budget_bytes,
        "dead_letter_alarm": bool(state.warning),
    }


def _of_spool(state: SpoolStatus) -> dict[str, FieldValue]:
    return {
        "spool_records": state.records,
        "spool_waiting_bytes": state.waiting_bytes,
        "spool_disk_bytes": state.disk_bytes,
        "spool_budget_bytes": state.max_bytes,
        "spool_damaged_files": state.damaged_files,
    }

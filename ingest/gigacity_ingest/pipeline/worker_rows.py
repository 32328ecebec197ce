"""The worker's own rows: its ledgers and the counts of dead letters."""

from gigacity_contract.line_protocol import FieldValue, encode_point
from gigacity_contract.measurements import DEAD_LETTER, GIGACITY_WORKER
from gigacity_ingest.pipeline.snapshot import LedgerSnapshot


def worker_lines(
    snapshot: LedgerSnapshot,
    *,
    worker: str,
    now_ms: int,
    started_ms: int,
    areas: str,
    is_connected: bool,
    write_failures: int,
) -> list[bytes]:
    """Rows of ``gigacity_worker`` and ``dead_letter`` for one moment; counts are totals so far."""
    messages, points = snapshot.messages, snapshot.points
    fields: dict[str, FieldValue] = {
        "messages_received": messages.received,
        "messages_acknowledged": messages.acknowledged,
        "messages_unacknowledged": messages.unacknowledged,
        "messages_abandoned": messages.abandoned,
        "messages_redelivered": messages.redelivered,
        "messages_qos0": messages.qos0,
        "points_decoded": points.decoded,
        "points_spooled_at_start": points.spooled_at_start,
        "points_replayed": points.replayed,
        "points_confirmed": points.confirmed,
        "points_dead_lettered": points.dead_lettered,
        "points_spooled": points.spooled,
        "points_in_flight": points.in_flight,
        "dead_letters": sum(snapshot.dead_letters.values()),
        "sequence_gaps": snapshot.sequence_gaps,
        "sequence_reordered": snapshot.sequence_reordered,
        "unknown_fields": snapshot.unknown_fields,
        "absent_fields": snapshot.absent_fields,
        "write_failures": write_failures,
        "started_ms": started_ms,
        "areas": areas,
        "connected": is_connected,
        "balanced": snapshot.is_balanced,
    }
    lines = [encode_point(GIGACITY_WORKER, {"worker": worker}, fields, now_ms)]
    for reason, count in sorted(snapshot.dead_letters.items()):
        tags = {"reason": reason, "worker": worker}
        lines.append(encode_point(DEAD_LETTER, tags, {"count": count}, now_ms))
    return lines

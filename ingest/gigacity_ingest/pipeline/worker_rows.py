"""The worker's own rows: its metrics, what it owns, and the counts of dead letters."""

from collections.abc import Mapping

from gigacity_contract.line_protocol import FieldValue, encode_point
from gigacity_contract.measurements import DEAD_LETTER, GIGACITY_WORKER
from gigacity_contract.worker_metrics import WORKER_METRICS


def worker_lines(
    values: Mapping[str, FieldValue],
    dead_letters: Mapping[str, int],
    *,
    worker: str,
    now_ms: int,
    started_ms: int,
    areas: str,
    sources: str = "",
    fresh_since_ms: int | None = None,
) -> list[bytes]:
    """Rows of ``gigacity_worker`` and ``dead_letter`` for one moment; counts are totals so far.

    Args:
        values: of the metrics that are known, by name.
        dead_letters: by reason.
        worker: client id.
        now_ms: the moment.
        started_ms: of this process.
        areas: what the broker has granted it (``owned_areas``).
        sources: the same of foreign sources (``granted_sources``).
        fresh_since_ms: since when everything that it stores is told in ``fresh_points``.
    """
    # Without TLS there is no certificate, and a disk may not be told: those are left out.
    fields = {metric.name: values.get(metric.name) for metric in WORKER_METRICS if metric.in_rows}
    fields |= {"started_ms": started_ms, "areas": areas, "sources": sources}
    fields["fresh_since_ms"] = fresh_since_ms
    lines = [encode_point(GIGACITY_WORKER, {"worker": worker}, fields, now_ms)]
    for reason, count in sorted(dead_letters.items()):
        tags = {"reason": reason, "worker": worker}
        lines.append(encode_point(DEAD_LETTER, tags, {"count": count}, now_ms))
    return lines

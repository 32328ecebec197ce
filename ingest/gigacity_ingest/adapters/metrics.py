"""Prometheus metrics, read from the last snapshot when they are asked for.

Nothing is counted twice, and nothing of Prometheus runs in the hot path.
"""

from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from gigacity_ingest.adapters.status import WorkerStatus
from gigacity_ingest.pipeline.snapshot import LedgerSnapshot
from gigacity_ingest.pipeline.stored_after import BOUNDS_S, StoredAfter
from gigacity_ingest.spool import SpoolStatus

_MESSAGES = {
    "received": "Messages of QoS 1 received",
    "acknowledged": "Messages acknowledged to the broker",
    "abandoned": "Messages not acknowledged when their connection ended",
    "redelivered": "Messages that the broker marked as sent before",
    "qos0": "Messages of QoS 0, for which nothing is promised",
    "qos0_dropped": "Messages of QoS 0 that were dropped",
}
_POINTS = {
    "confirmed": "Points that the database confirmed",
    "dead_lettered": "Points that the database refused",
    "replayed": "Points replayed from dead letters",
}
_SPOOL = {
    "records": "Batches that wait on disk",
    "waiting_bytes": "Bytes of batches that wait on disk",
    "disk_bytes": "Bytes that the spool takes on disk",
    "max_bytes": "Its budget",
    "damaged_files": "Damaged pieces that are kept",
}
_COUNTS = {
    "points_late": "Points that were over 120 s old when they came",
    "sequence_gaps": "Messages that their publishers counted and that never came",
    "sequence_reordered": "Messages that came after a later one of their publisher",
    "unknown_fields": "Fields that the contract does not know",
    "absent_fields": "Optional fields whose value could not be used",
    "internal_errors": "Messages that tripped a fault of the worker",
}


class WorkerCollector(Collector):
    """Turns the status of one worker into metrics, all labelled with its client id."""

    def __init__(self, status: WorkerStatus) -> None:
        self._status = status

    def collect(self) -> Iterator[Metric]:
        """Every metric of the worker."""
        status = self._status
        yield self._gauge("connected", "Whether an MQTT session is held", status.session.is_ok)
        yield self._gauge("database_up", "Whether the last write worked", status.database.is_ok)
        yield self._counter("write_failures", "Failed attempts to write", status.database.failures)
        yield self._gauge(
            "city_ok", "Whether the city folder holds what is in force", status.city.is_ok
        )
        yield self._gauge(
            "subscriptions_ok",
            "Whether the filters that a new city or plan brought are subscribed",
            status.subscriptions.is_ok,
        )
        yield self._gauge("spool_ok", "Whether the spool takes batches", status.spool.is_ok)
        if status.snapshot is not None:
            yield from self._ledgers(status.snapshot)
        if status.spool_state is not None:
            yield from self._spool(status.spool_state)

    def _spool(self, state: SpoolStatus) -> Iterator[Metric]:
        for name, text in _SPOOL.items():
            yield self._gauge(f"spool_{name}", text, getattr(state, name))
        family = CounterMetricFamily(
            "gigacity_worker_spool_notices", "What the spool reported", labels=("worker", "kind")
        )
        for kind, count in self._status.spool_notices.items():
            family.add_metric((self._status.worker, kind), count)
        yield family

    def _ledgers(self, snapshot: LedgerSnapshot) -> Iterator[Metric]:
        messages, points = snapshot.messages, snapshot.points
        for name, text in _MESSAGES.items():
            yield self._counter(f"messages_{name}", text, getattr(messages, name))
        yield self._gauge("messages_unacknowledged", "Messages held back", messages.unacknowledged)
        decoded = points.decoded + points.withdrawn
        yield self._counter("points_decoded", "Points decoded, with those withdrawn", decoded)
        yield self._counter(
            "points_withdrawn",
            "Points of batches that were taken back, since the broker sends them again",
            points.withdrawn,
        )
        for name, text in _POINTS.items():
            yield self._counter(f"points_{name}", text, getattr(points, name))
        yield self._gauge("points_in_flight", "Points not yet confirmed", points.in_flight)
        yield self._gauge("points_spooled", "Points that wait on disk", points.spooled)
        yield self._gauge(
            "points_read_ahead",
            "Points that may be in flight before reading pauses",
            snapshot.read_ahead_points,
        )
        yield self._stored_after(snapshot.stored_after)
        yield self._counter("points_found", "Points in the spool at start", points.spooled_at_start)
        yield self._counter("points_damaged", "Spooled points made unreadable", points.damaged)
        for name, text in _COUNTS.items():
            yield self._counter(name, text, getattr(snapshot, name))
        yield self._gauge("balanced", "Whether both ledgers balance", snapshot.is_balanced)
        yield self._counter(
            "imbalances", "Checks that found a ledger out of balance", self._status.ledger.failures
        )
        yield self._gauge(
            "refused_ratio", "Refused parts of those of the last minute", snapshot.refused_ratio
        )
        yield self._gauge(
            "refused_in_a_row", "Refused parts since a good point", snapshot.refused_in_a_row
        )
        yield self._gauge("refusal_alarm", "Most input is refused", bool(snapshot.alarm))
        dead_letters = CounterMetricFamily(
            "gigacity_worker_dead_letters", "Dead letters", labels=("worker", "reason")
        )
        for reason, count in snapshot.dead_letters.items():
            dead_letters.add_metric((self._status.worker, reason), count)
        yield dead_letters

    def _stored_after(self, found: StoredAfter) -> HistogramMetricFamily:
        family = HistogramMetricFamily(
            "gigacity_worker_stored_after_seconds",
            "From a message's newest ts to its points' confirmation; late arrivals left out",
            labels=("worker",),
        )
        bounds = [*map(str, BOUNDS_S), "+Inf"]
        counts = accumulate(found.counts)
        family.add_metric(
            (self._status.worker,), list(zip(bounds, counts, strict=True)), found.sum_s
        )
        return family

    def _counter(self, name: str, text: str, value: float) -> CounterMetricFamily:
        family = CounterMetricFamily(f"gigacity_worker_{name}", text, labels=("worker",))
        family.add_metric((self._status.worker,), value)
        return family

    def _gauge(self, name: str, text: str, value: float) -> GaugeMetricFamily:
        family = GaugeMetricFamily(f"gigacity_worker_{name}", text, labels=("worker",))
        family.add_metric((self._status.worker,), float(value))
        return family


def build_registry(status: WorkerStatus) -> CollectorRegistry:
    """A registry of this worker alone; the global one stays untouched."""
    registry = CollectorRegistry()
    registry.register(WorkerCollector(status))
    return registry


def exposition(registry: CollectorRegistry) -> bytes:
    """The metrics as text."""
    return bytes(generate_latest(registry))

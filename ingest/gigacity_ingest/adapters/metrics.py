"""Prometheus metrics of the catalogue, read from the last snapshot when they are asked for.

Nothing is counted twice, and nothing of Prometheus runs in the hot path.
"""

from collections.abc import Iterator, Mapping
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from gigacity_contract.worker_metrics import (
    DEAD_LETTERS,
    LATENCY,
    PREFIX,
    SPOOL_NOTICES,
    WORKER_METRICS,
    MetricType,
    WorkerMetric,
)
from gigacity_ingest.adapters.source_metrics import Labelled, source_values
from gigacity_ingest.adapters.status import WorkerStatus
from gigacity_ingest.adapters.worker_values import worker_values
from gigacity_ingest.pipeline.latency import BOUNDS_S, LatencySummary


class WorkerCollector(Collector):
    """Turns the status of one worker into metrics, all labelled with its client id."""

    def __init__(self, status: WorkerStatus) -> None:
        self._status = status

    def collect(self) -> Iterator[Metric]:
        """Every metric of the catalogue whose value is known."""
        status, values = self._status, worker_values(self._status)
        for metric in WORKER_METRICS:
            if not metric.labels and (value := values.get(metric.name)) is not None:
                yield self._family(metric, {(): float(value)})
        yield self._labelled(SPOOL_NOTICES, status.spool_notices)
        for metric, by_source in source_values(status.source_counts):
            yield self._family(metric, by_source)
        if status.snapshot is not None:
            yield self._labelled(DEAD_LETTERS, status.snapshot.dead_letters)
            yield self._latency(status.snapshot.latency)

    def _labelled(self, metric: WorkerMetric, counts: Mapping[str, int]) -> Metric:
        return self._family(metric, {(label,): count for label, count in counts.items()})

    def _family(self, metric: WorkerMetric, values: Labelled) -> Metric:
        kind = CounterMetricFamily if metric.type is MetricType.COUNTER else GaugeMetricFamily
        family = kind(PREFIX + metric.name, metric.meaning, labels=("worker", *metric.labels))
        for labels, value in values.items():
            family.add_metric((self._status.worker, *labels), value)
        return family

    def _latency(self, found: LatencySummary) -> HistogramMetricFamily:
        family = HistogramMetricFamily(PREFIX + LATENCY.name, LATENCY.meaning, labels=("worker",))
        bounds = [*map(str, BOUNDS_S), "+Inf"]
        counts = accumulate(found.counts)
        family.add_metric(
            (self._status.worker,), list(zip(bounds, counts, strict=True)), found.sum_s
        )
        return family


def build_registry(status: WorkerStatus) -> CollectorRegistry:
    """A registry of this worker alone; the global one stays untouched."""
    registry = CollectorRegistry()
    registry.register(WorkerCollector(status))
    return registry


def exposition(registry: CollectorRegistry) -> bytes:
    """The metrics as text."""
    return bytes(generate_latest(registry))

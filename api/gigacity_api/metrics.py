"""Metrics of the API process, in a registry of its own (Prometheus text on ``/metrics``)."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


_TEXTS = {
    "gigacity_api_evaluations": "Instants evaluated.",
    "gigacity_api_instants_given_up": "Missed instants too far back to be evaluated late.",
    "gigacity_api_evaluation_failures": (
        "Evaluations or publications that failed and were tried again."
    ),
    "gigacity_api_rows_read": "Rows read for evaluations.",
    "gigacity_api_late_ranges_read": "Ranges read again because late data had been announced.",
    "gigacity_api_rollup_rows": "Rows read for roll-ups.",
    "gigacity_api_rollups_redone": (
        "Roll-ups of a measurement, area and day made again for late data."
    ),
    "gigacity_api_rollups_waiting": (
        "Roll-ups that late data touched and that wait to be made again."
    ),
    "gigacity_api_revisions": (
        "Instants whose figures late data changed after they had been published."
    ),
    "gigacity_api_revisions_waiting": (
        "Instants that late data touched and that wait to be evaluated again."
    ),
    "gigacity_api_revisions_given_up": (
        "DirtyInstants instants too old, or too many, to be evaluated again."
    ),
    "gigacity_api_last_read_seconds": "Duration of the last evaluation's reading.",
    "gigacity_api_last_compute_seconds": "Duration of the last evaluation's computing.",
    "gigacity_api_as_of_seconds": "Instant of the figures that are served, epoch seconds.",
}
"""What each of the plain ones counts or shows."""


class ApiMetrics:
    """Every metric, bound once."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.evaluations = self._counter("gigacity_api_evaluations")
        self.given_up = self._counter("gigacity_api_instants_given_up")
        self.failures = self._counter("gigacity_api_evaluation_failures")
        self.rows = self._counter("gigacity_api_rows_read")
        self.late_ranges = self._counter("gigacity_api_late_ranges_read")
        self.rollup_rows = self._counter("gigacity_api_rollup_rows")
        self.rollups_redone = self._counter("gigacity_api_rollups_redone")
        self.rollups_waiting = self._gauge("gigacity_api_rollups_waiting")
        self.revisions = self._counter("gigacity_api_revisions")
        self.revisions_waiting = self._gauge("gigacity_api_revisions_waiting")
        self.revisions_given_up = self._counter("gigacity_api_revisions_given_up")
        self.background_failures = Counter(
            "gigacity_api_background_failures",
            "Roll-ups or revisions that failed and were tried again.",
            ("task",),
            registry=self.registry,
        )
        self.read_seconds = self._gauge("gigacity_api_last_read_seconds")
        self.compute_seconds = self._gauge("gigacity_api_last_compute_seconds")
        self.as_of = self._gauge("gigacity_api_as_of_seconds")
        self.requests = Counter(
            "gigacity_api_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.latency = Histogram(
            "gigacity_api_request_seconds",
            "Time to answer a request.",
            ("route",),
            buckets=(0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0),
            registry=self.registry,
        )

    def _counter(self, name: str) -> Counter:
        return Counter(name, _TEXTS[name], registry=self.registry)

    def _gauge(self, name: str) -> Gauge:
        return Gauge(name, _TEXTS[name], registry=self.registry)

    def evaluated(self, *, rows: int, late_ranges: int, read_s: float, compute_s: float) -> None:
        """Count one evaluation."""
        self.evaluations.inc()
        self.rows.inc(rows)
        self.late_ranges.inc(late_ranges)
        self.read_seconds.set(read_s)
        self.compute_seconds.set(compute_s)

    def text(self) -> bytes:
        """The exposition."""
        return generate_latest(self.registry)

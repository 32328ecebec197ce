"""Metrics of the API process, in a registry of its own (Prometheus text on ``/metrics``)."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class ApiMetrics:
    """Every metric, bound once."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.evaluations = Counter(
            "gigacity_api_evaluations", "Instants evaluated.", registry=self.registry
        )
        self.given_up = Counter(
            "gigacity_api_instants_given_up",
            "Missed instants too far back to be evaluated late.",
            registry=self.registry,
        )
        self.failures = Counter(
            "gigacity_api_evaluation_failures",
            "Evaluations or publications that failed and were tried again.",
            registry=self.registry,
        )
        self.rows = Counter(
            "gigacity_api_rows_read", "Rows read for evaluations.", registry=self.registry
        )
        self.late_ranges = Counter(
            "gigacity_api_late_ranges_read",
            "Ranges read again because late data had been announced.",
            registry=self.registry,
        )
        self.rollup_rows = Counter(
            "gigacity_api_rollup_rows", "Rows read for roll-ups.", registry=self.registry
        )
        self.rollups_redone = Counter(
            "gigacity_api_rollups_redone",
            "Roll-ups of a measurement, area and window made again for late data.",
            registry=self.registry,
        )
        self.rollups_waiting = Gauge(
            "gigacity_api_rollups_waiting",
            "Roll-ups that late data touched and that wait to be made again.",
            registry=self.registry,
        )
        self.revisions = Counter(
            "gigacity_api_revisions",
            "Instants whose figures late data changed after they had been published.",
            registry=self.registry,
        )
        self.revisions_waiting = Gauge(
            "gigacity_api_revisions_waiting",
            "Instants that late data touched and that wait to be evaluated again.",
            registry=self.registry,
        )
        self.revisions_given_up = Counter(
            "gigacity_api_revisions_given_up",
            "Touched instants too old, or too many, to be evaluated again.",
            registry=self.registry,
        )
        self.background_failures = Counter(
            "gigacity_api_background_failures",
            "Roll-ups or revisions that failed and were tried again.",
            ("task",),
            registry=self.registry,
        )
        self.read_seconds = Gauge(
            "gigacity_api_last_read_seconds",
            "Duration of the last evaluation's reading.",
            registry=self.registry,
        )
        self.compute_seconds = Gauge(
            "gigacity_api_last_compute_seconds",
            "Duration of the last evaluation's computing.",
            registry=self.registry,
        )
        self.as_of = Gauge(
            "gigacity_api_as_of_seconds",
            "Instant of the figures that are served, epoch seconds.",
            registry=self.registry,
        )
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

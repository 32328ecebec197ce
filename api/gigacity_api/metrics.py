"""Metrics of the API process, in a registry of its own (Prometheus text on ``/metrics``).

The page ``/metrics`` and ``docs/metrics.md`` follow from one table.
"""

from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from gigacity_api.alarms.quality import AlarmSystemQuality
from gigacity_contract.worker_metrics import MetricType

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

PREFIX = "gigacity_api_"

_LATENCY_BUCKETS_S = (0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0)


class ApiMetric(NamedTuple):
    """One metric. Counters run since the process started."""

    name: str
    """Without prefix and suffix."""
    type: MetricType
    meaning: str
    unit: str = "1"
    labels: tuple[str, ...] = ()

    @property
    def exposed_name(self) -> str:
        """What ``/metrics`` calls it."""
        suffix = "_total" if self.type is MetricType.COUNTER else ""
        return f"{PREFIX}{self.name}{suffix}"


_COUNTER, _GAUGE = MetricType.COUNTER, MetricType.GAUGE

_BY_NAME = {
    metric.name: metric
    for metric in (
        ApiMetric("evaluations", _COUNTER, "Instants evaluated."),
        ApiMetric(
            "instants_given_up", _COUNTER, "Missed instants too far back to be evaluated late."
        ),
        ApiMetric(
            "evaluation_failures", _COUNTER,
            "Evaluations or publications that failed and were tried again.",
        ),
        ApiMetric("rows_read", _COUNTER, "Rows read for evaluations."),
        ApiMetric(
            "late_ranges_read", _COUNTER,
            "Ranges read again because late data had been announced.",
        ),
        ApiMetric(
            "told", _GAUGE,
            "1: the last evaluation took what workers told; 0: it asked for what is stored.",
        ),
        ApiMetric("rollup_rows", _COUNTER, "Rows read for roll-ups."),
        ApiMetric(
            "rollups_redone", _COUNTER,
            "Roll-ups of a measurement, area and day made again for late data.",
        ),
        ApiMetric(
            "rollups_waiting", _GAUGE,
            "Roll-ups that late data touched and that wait to be made again.",
        ),
        ApiMetric(
            "revisions", _COUNTER,
            "Instants whose figures late data changed after they had been published.",
        ),
        ApiMetric(
            "revisions_waiting", _GAUGE,
            "Instants that late data touched and that wait to be evaluated again.",
        ),
        ApiMetric(
            "revisions_oldest_seconds", _GAUGE,
            "The oldest instant that waits to be evaluated again, epoch seconds; 0 if none does.",
            "s",
        ),
        ApiMetric(
            "revisions_left_seconds", _GAUGE,
            "About how long it takes to evaluate again what waits; 0 until it has been measured.",
            "s",
        ),
        ApiMetric(
            "revisions_set_aside", _GAUGE,
            "Instants whose revision keeps failing: tried again later, the others go on.",
        ),
        ApiMetric(
            "revisions_given_up", _COUNTER,
            "Dirty instants whose raw rows have expired, or whose city version is lost.",
        ),
        ApiMetric(
            "background_failures", _COUNTER,
            "Roll-ups or revisions that failed and were tried again.", labels=("task",),
        ),
        ApiMetric(
            "alarms_active", _GAUGE,
            "Alarms that are active and not part of another one, by severity.",
            labels=("severity",),
        ),
        ApiMetric(
            "alarm_events", _COUNTER,
            "What happened to alarms: raised, changed, cleared, and what operators did.",
            labels=("act",),
        ),
        ApiMetric("alarms_raised_last_hour", _GAUGE, "Alarms raised within the last hour."),
        ApiMetric(
            "alarm_flood", _GAUGE, "10 alarms or more were raised within ten minutes (ISA-18.2)."
        ),
        ApiMetric("alarms_chattering", _GAUGE, "Alarms raised 3 times or more within an hour."),
        ApiMetric("alarms_stale", _GAUGE, "Alarms active for over a day, and not shelved."),
        ApiMetric("alarms_unacknowledged", _GAUGE, "Active alarms that nobody took on."),
        ApiMetric("alarms_shelved", _GAUGE, "Active alarms that were put aside."),
        ApiMetric(
            "alarm_acknowledge_median_seconds", _GAUGE,
            "From raise to acknowledgement, median of a week; 0 if nobody acknowledged any.", "s",
        ),
        ApiMetric("alarm_failures", _COUNTER, "Intervals whose alarms failed; see the log."),
        ApiMetric(
            "alarm_step_seconds", _GAUGE, "Duration of the last interval's alarms.", "s"
        ),
        ApiMetric("alarm_rows_waiting", _GAUGE, "Rows of the alarm log that are not stored yet."),
        ApiMetric("last_read_seconds", _GAUGE, "Duration of the last evaluation's reading.", "s"),
        ApiMetric(
            "last_compute_seconds", _GAUGE, "Duration of the last evaluation's computing.", "s"
        ),
        ApiMetric(
            "as_of_seconds", _GAUGE, "Instant of the figures that are served, epoch seconds.", "s"
        ),
        ApiMetric(
            "requests", _COUNTER, "Requests answered.", labels=("method", "route", "status")
        ),
        ApiMetric(
            "request_seconds", MetricType.HISTOGRAM, "Time to answer a request.", "s", ("route",)
        ),
    )
}  # fmt: skip

API_METRICS = tuple(_BY_NAME.values())


class ApiMetrics:
    """Every metric, bound once."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.evaluations = self._counter("evaluations")
        self.given_up = self._counter("instants_given_up")
        self.failures = self._counter("evaluation_failures")
        self.rows = self._counter("rows_read")
        self.late_ranges = self._counter("late_ranges_read")
        self.told = self._gauge("told")
        self.rollup_rows = self._counter("rollup_rows")
        self.rollups_redone = self._counter("rollups_redone")
        self.rollups_waiting = self._gauge("rollups_waiting")
        self.revisions = self._counter("revisions")
        self.revisions_waiting = self._gauge("revisions_waiting")
        self.revisions_oldest = self._gauge("revisions_oldest_seconds")
        self.revisions_left = self._gauge("revisions_left_seconds")
        self.revisions_set_aside = self._gauge("revisions_set_aside")
        self.revisions_given_up = self._counter("revisions_given_up")
        self.background_failures = self._counter("background_failures")
        self.alarms_active = self._gauge("alarms_active")
        self.alarm_events = self._counter("alarm_events")
        self._alarm_quality = {
            "raised_last_hour": self._gauge("alarms_raised_last_hour"),
            "is_flood": self._gauge("alarm_flood"),
            "chattering": self._gauge("alarms_chattering"),
            "stale": self._gauge("alarms_stale"),
            "unacknowledged": self._gauge("alarms_unacknowledged"),
            "shelved": self._gauge("alarms_shelved"),
            "acknowledge_median_s": self._gauge("alarm_acknowledge_median_seconds"),
        }
        self.alarm_failures = self._counter("alarm_failures")
        self.alarm_step_seconds = self._gauge("alarm_step_seconds")
        self.alarm_rows_waiting = self._gauge("alarm_rows_waiting")
        self.read_seconds = self._gauge("last_read_seconds")
        self.compute_seconds = self._gauge("last_compute_seconds")
        self.as_of = self._gauge("as_of_seconds")
        self.requests = self._counter("requests")
        latency = _BY_NAME["request_seconds"]
        self.latency = Histogram(
            PREFIX + latency.name, latency.meaning, latency.labels,
            registry=self.registry, buckets=_LATENCY_BUCKETS_S,
        )  # fmt: skip

    def _counter(self, name: str) -> Counter:
        metric = _BY_NAME[name]
        return Counter(PREFIX + name, metric.meaning, metric.labels, registry=self.registry)

    def _gauge(self, name: str) -> Gauge:
        metric = _BY_NAME[name]
        return Gauge(PREFIX + name, metric.meaning, metric.labels, registry=self.registry)

    def evaluated(
        self, *, rows: int, late_ranges: int, is_told: bool, read_s: float, compute_s: float
    ) -> None:
        """Count one evaluation."""
        self.evaluations.inc()
        self.rows.inc(rows)
        self.late_ranges.inc(late_ranges)
        self.told.set(is_told)
        self.read_seconds.set(read_s)
        self.compute_seconds.set(compute_s)

    def alarms_measured(self, quality: AlarmSystemQuality) -> None:
        """Show how good the alarm system is."""
        for name, gauge in self._alarm_quality.items():
            gauge.set(float(getattr(quality, name) or 0))

    def text(self) -> bytes:
        """The exposition."""
        return generate_latest(self.registry)

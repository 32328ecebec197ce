"""Every metric of a worker: its name, type, unit and meaning, once for all.

The page ``/metrics``, the rows of ``gigacity_worker``, the boards' fields and ``docs/metrics.md``
follow from this table.
"""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from gigacity_contract.fields import FieldSpec, FieldType

PREFIX = "gigacity_worker_"


class MetricType(StrEnum):
    """Types of Prometheus."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerMetric:
    """One metric. Counters run since the process started."""

    name: str
    """Without prefix and suffix: what a row calls it."""
    type: MetricType
    meaning: str
    unit: str = "1"
    labels: tuple[str, ...] = ()
    """Beside ``worker``; a row holds the sum over them."""
    is_flag: bool = False
    in_rows: bool = False
    """Also a field of ``gigacity_worker``."""

    @property
    def exposed_name(self) -> str:
        """What ``/metrics`` calls it."""
        suffix = "_total" if self.type is MetricType.COUNTER else ""
        return f"{PREFIX}{self.name}{suffix}"

    @property
    def field(self) -> FieldSpec:
        """The field of a row."""
        return FieldSpec(
            self.name,
            FieldType.BOOLEAN if self.is_flag else FieldType.INTEGER,
            "" if self.is_flag else self.unit,
        )


def _counter(name: str, meaning: str, *labels: str, in_rows: bool = False) -> WorkerMetric:
    return WorkerMetric(
        name=name, type=MetricType.COUNTER, meaning=meaning, labels=labels, in_rows=in_rows
    )


def _gauge(name: str, meaning: str, *, unit: str = "1", in_rows: bool = False) -> WorkerMetric:
    return WorkerMetric(
        name=name, type=MetricType.GAUGE, meaning=meaning, unit=unit, in_rows=in_rows
    )


def _flag(name: str, meaning: str, *, in_rows: bool = False) -> WorkerMetric:
    return WorkerMetric(
        name=name, type=MetricType.GAUGE, meaning=meaning, is_flag=True, in_rows=in_rows
    )


DEAD_LETTERS = _counter(
    "dead_letters", "Dead letters that are durable, by reason", "reason", in_rows=True
)
SPOOL_NOTICES = _counter("spool_notices", "What the spool reported, by kind", "kind")
SOURCE_MESSAGES = _counter("source_messages", "Messages of foreign sources", "source")
SOURCE_READINGS = _counter(
    "source_readings",
    "Readings of foreign sources by what became of them: found, stored (points), stamped (without a"
    " time, so that of their arrival), retained (without a time, so not stored), sessions (births"
    " and ends), faults (messages with a dead letter), empty (nothing for any field),"
    " unknown (nobody's, and ignored because the source says so)",
    "source",
    "outcome",
)
SOURCE_FIELDS = _counter(
    "source_fields",
    "Fields of foreign sources that have no value, or have it in quotes: absent, null, wrong_type,"
    " sentinel, text_number; unmapped: properties of which no field is made",
    "source",
    "outcome",
)
SOURCE_IGNORED = _counter(
    "source_ignored", "Parts of foreign messages of which no reading is made", "source", "part"
)
SOURCE_ANSWERS = _counter(
    "source_answers",
    "Answers to foreign devices: given to the broker, withheld",
    "source",
    "outcome",
)
LATENCY = WorkerMetric(
    name="end_to_end_latency_seconds",
    type=MetricType.HISTOGRAM,
    unit="s",
    meaning="Points by the time from the newest ts of their message to the database's confirmation;"
    " points that were late when they came are left out",
)

WORKER_METRICS: tuple[WorkerMetric, ...] = (
    # What the worker needs.
    _flag("connected", "An MQTT session is held", in_rows=True),
    _counter(
        "sessions_lost", "Sessions that came back from the broker without what had waited in them"
    ),
    _flag("subscriptions_ok", "The broker has granted every filter of the worker's areas"),
    _flag("database_up", "The last write worked"),
    _counter("write_failures", "Failed attempts to write", in_rows=True),
    _flag("spool_ok", "The spool takes batches"),
    _flag("city_ok", "The city folder holds the version that is in force"),
    _flag("sources_ok", "The mappings of foreign sources are those that are in force"),
    # The ledger of messages.
    _counter("messages_received", "Messages of QoS 1 received", in_rows=True),
    _counter("messages_acknowledged", "Messages acknowledged to the broker", in_rows=True),
    _gauge("messages_unacknowledged", "Messages not acknowledged yet", in_rows=True),
    _counter(
        "messages_abandoned",
        "Messages not acknowledged when their connection ended; they are delivered again",
        in_rows=True,
    ),
    _counter(
        "messages_redelivered", "Messages that the broker marked as sent before", in_rows=True
    ),
    _counter("messages_qos0", "Messages of QoS 0, for which nothing is promised", in_rows=True),
    _counter("messages_qos0_dropped", "Messages of QoS 0 that were dropped"),
    # The ledger of points.
    _counter("points_decoded", "Points decoded", in_rows=True),
    _gauge("points_spooled_at_start", "Points found in the spool at the start", in_rows=True),
    _counter("points_confirmed", "Points that the database confirmed", in_rows=True),
    _counter("points_dead_lettered", "Points that the database refused", in_rows=True),
    _counter(
        "points_withdrawn",
        "Points of batches that were taken back, since the broker delivers their messages again",
        in_rows=True,
    ),
    _counter(
        "points_damaged",
        "Spooled points that a damaged disk made unreadable; their bytes are kept",
        in_rows=True,
    ),
    _gauge("points_spooled", "Points that wait on disk", in_rows=True),
    _gauge("points_in_flight", "Points that are neither confirmed nor on disk yet", in_rows=True),
    _flag("balanced", "Both ledgers balance", in_rows=True),
    _counter("imbalances", "Checks that found a ledger out of balance"),
    # The way of the points.
    LATENCY,
    _counter("points_late", "Points that were over 120 s old when they came"),
    _gauge("points_read_ahead_limit", "Points that may be in flight before reading pauses"),
    # Calls for help.
    _counter("safety_events_passed_on", "Events of life and safety that were passed on at once"),
    _counter(
        "safety_events_left_out",
        "Events of life and safety beyond what their community may send; alarms tell of them",
    ),
    # Bad input.
    DEAD_LETTERS,
    _counter(
        "dead_letters_summarized",
        "Dead letters of which a summary was kept: topic, reason, size and digest",
        in_rows=True,
    ),
    _counter("dead_letters_counted", "Dead letters of which only a count was kept", in_rows=True),
    _gauge(
        "dead_letter_disk_bytes", "Bytes that dead letters take on disk", unit="B", in_rows=True
    ),
    _gauge("dead_letter_budget_bytes", "Bytes that dead letters may take", unit="B"),
    _flag("dead_letter_alarm", "Dead letters use more than half of a budget, or some are reduced"),
    _counter("unknown_fields", "Fields that the contract does not know", in_rows=True),
    _counter("absent_fields", "Optional fields whose value could not be used", in_rows=True),
    _counter("cleared_statuses", "Empty status messages, by which a retained one is cleared"),
    _counter(
        "sequence_gaps", "Messages that their publishers counted and that never came", in_rows=True
    ),
    _counter(
        "sequence_reordered", "Messages that came after a later one of their publisher",
        in_rows=True,
    ),
    _counter("internal_errors", "Messages that tripped a fault of the worker"),
    _gauge("refused_ratio", "Refused parts of those of the last minute, 0 to 1"),
    _gauge("refused_consecutive", "Refused parts since the last good point"),
    _flag("refusal_alarm", "Most of what arrives is refused"),
    # The machine.
    _gauge(
        "state_disk_bytes", "Size of the disk on which the worker's state is", unit="B",
        in_rows=True,
    ),
    _gauge(
        "state_disk_free_bytes", "Room on that disk for this worker", unit="B", in_rows=True
    ),
    _gauge(
        "certificate_expires_ms",
        "When the first of the broker's and the worker's own certificate runs out (epoch); absent"
        " without TLS",
        unit="ms",
        in_rows=True,
    ),
    # Foreign sources.
    SOURCE_MESSAGES,
    SOURCE_READINGS,
    SOURCE_FIELDS,
    SOURCE_IGNORED,
    SOURCE_ANSWERS,
    # The spool.
    _gauge("spool_records", "Batches that wait on disk"),
    _gauge("spool_waiting_bytes", "Bytes of batches that wait on disk", unit="B"),
    _gauge("spool_disk_bytes", "Bytes that the spool takes on disk", unit="B"),
    _gauge("spool_budget_bytes", "Bytes that the spool may take", unit="B"),
    _gauge("spool_damaged_files", "Damaged pieces that are kept"),
    SPOOL_NOTICES,
)  # fmt: skip

METRIC_OF_NAME: MappingProxyType[str, WorkerMetric] = MappingProxyType(
    {metric.name: metric for metric in WORKER_METRICS}
)

"""Batches: messages that share one fate, and when a batch is full.

A batch belongs to one connection epoch: packet ids of another connection may name other messages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gigacity_contract.lateness import LATE_AFTER_MS
from gigacity_ingest.decode.outcome import Outcome
from gigacity_ingest.decode.point_spans import Spans
from gigacity_ingest.encode.body import Body
from gigacity_ingest.formats.readings import Answer
from gigacity_ingest.pipeline.age_histogram import AgeHistogram, summarize


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """When a batch is sealed: the first limit that is reached."""

    points: int = 5000
    """InfluxDB takes 5000-line bodies three times as fast as 100-line ones."""
    messages: int = 5000
    payload_bytes: int = 4 * 1024 * 1024
    """Lines are about as long as the JSON they come from; 1.x refuses bodies over 25 MB."""
    age_s: float = 0.5


class Batch:
    """Messages of one connection epoch with what decoding gave."""

    __slots__ = (
        "_bodies",
        "_points",
        "answers",
        "epoch",
        "histogram",
        "late_points",
        "messages",
        "mids",
        "number",
        "opened_ms",
        "opened_s",
        "outcome",
        "payload_bytes",
        "spans",
        "unguarded",
    )

    def __init__(self, number: int, epoch: int, opened_s: float, opened_ms: int = 0) -> None:
        self.number = number
        self.epoch = epoch
        self.opened_s = opened_s
        """On the monotonic clock."""
        self.opened_ms = opened_ms
        """The same by the wall clock."""
        self.outcome = Outcome()
        self._bodies: list[Body] | None = None
        self._points = 0
        self.spans: Spans = {}
        """The times of its points, once it is packed."""
        self.histogram: AgeHistogram = ()
        """Of its points, once it is packed, the late ones aside."""
        self.late_points = 0
        """Points that were late when they came: an upload of old readings, or a long queue at the
        broker. How old they are says nothing about this worker."""
        self.mids: list[int] = []
        """Packet ids to acknowledge, in order of receipt."""
        self.answers: list[Answer] = []
        """To be sent once it is settled, if its connection still lasts."""
        self.messages = 0
        self.payload_bytes = 0
        self.unguarded = 0
        """Messages of QoS 0: nobody would send them again."""

    @property
    def points(self) -> int:
        """Points decoded."""
        return self.outcome.points if self._bodies is None else self._points

    def pack(self) -> list[Body]:
        """The bodies to post, compressed; call it when no message is added any more.

        Many batches may wait while the database is slow, and compressed they take a tenth.
        """
        if self._bodies is None:
            self._points = self.outcome.points
            self.answers = self.outcome.answers
            self._bodies, self.spans, instants = self.outcome.seal()
            self.histogram = summarize(instants, since_ms=self.opened_ms - LATE_AFTER_MS)
            self.late_points = len(instants) - sum(points for _, points in self.histogram)
            for body in self._bodies:
                body.packed()
        return self._bodies

    def drop(self) -> None:
        """Let go what was decoded: the batch reached its end, and only its packet ids still wait.

        Its dead letters, which are durable by now, hold whole payloads.
        """
        self._points = self.points
        self._bodies, self.spans = [], {}
        self.outcome = Outcome()

    def is_full(self, limits: BatchLimits) -> bool:
        """Whether it must be sealed, whatever its age."""
        return (
            self.messages >= limits.messages
            or self.payload_bytes >= limits.payload_bytes
            or self.outcome.points >= limits.points
        )


@dataclass(frozen=True, slots=True)
class SpoolCounts:
    """What the spool holds right after a change; each change is told exactly once."""

    points: int = 0
    """Points that wait."""
    found: int = 0
    """Points that were found when it was opened."""
    damaged: int = 0
    """Points that it cannot read any more, in all; their bytes are kept."""


@dataclass(frozen=True, slots=True)
class JobResult:
    """What became of points: confirmed, dead-lettered or spooled, every dead letter durable.

    It settles a batch, or (number 0) tells of a record of the spool or of the spool itself.
    """

    number: int
    confirmed: int = 0
    """Points that the database confirmed."""
    dead_lettered: int = 0
    """Points that the database refused, and that are in the dead letters."""
    dead_letters: Mapping[str, int] = field(default_factory=dict)
    """Dead letters that were made durable, by reason."""
    spool: SpoolCounts | None = None
    """Where the spool changed: what it holds now."""
    ages: tuple[tuple[float, int], ...] = ()
    """Seconds from their ``ts`` to their confirmation, and points of which that holds; points that
    were late when they came are left out."""
    busy_s: float = 0.0
    """How long the database was busy with it."""

"""What travels together to the database and has its outcome together: a batch or a spooled record.

Its bodies go one after another, then the late-data markers of late points; its dead letters must be
durable before it is done. Pure: the dispatcher posts, stores and waits.
"""

from collections import Counter, defaultdict, deque

from gigacity_contract.influx import WriteOutcome
from gigacity_contract.measurements import OPS
from gigacity_ingest.decode.dead_letter import DeadLetter, refused_lines
from gigacity_ingest.decode.late_markers import LateMarkers
from gigacity_ingest.decode.point_spans import PointSpan, Series, Spans
from gigacity_ingest.encode.body import Body
from gigacity_ingest.pipeline.age_histogram import AgeHistogram, part_of
from gigacity_ingest.pipeline.batch import Batch
from gigacity_ingest.pipeline.request_queue import RequestQueue
from gigacity_ingest.spool.records import RecordPart, SeriesSpan, SpooledRecord, SpoolRecord

NOTHING_WAITS = float("-inf")


class WriteJob:
    """One batch or record on its way.

    Args:
        number: of the batch, or of the spooled record.
        bodies: to deliver, in this order.
        spans: the times of the points, for late-data markers.
        moments: when the points were taken, so far as that matters.
        dead_letters: that decoding gave.
        since_s: monotonic time from which its age counts.
        is_spooled: it comes from the spool.
    """

    def __init__(
        self,
        number: int,
        bodies: list[Body],
        *,
        spans: Spans,
        histogram: AgeHistogram,
        dead_letters: list[DeadLetter],
        since_s: float,
        is_spooled: bool = False,
    ) -> None:
        self.number = number
        self.is_spooled = is_spooled
        self.since_s = since_s
        self.points = sum(body.points for body in bodies)
        self.spans = spans
        self._histogram = histogram
        self.dead_letters = dead_letters
        """Not durable yet."""
        self.stored_dead_letters: Counter[str] = Counter()
        self.confirmed = 0
        self.dead_lettered = 0
        self.busy_s = 0.0
        """How long the database was busy with it."""
        self.retry_at_s = NOTHING_WAITS
        self.is_in_flight = False
        self._is_announcing = False
        """Its bodies are delivered; its late-data markers, if it needs any, are on their way."""
        self._bodies = deque(bodies)
        self._requests: RequestQueue | None = None

    @classmethod
    def of_batch(cls, batch: Batch) -> "WriteJob":
        """A batch as it comes from the network thread."""
        bodies, outcome = batch.pack(), batch.outcome
        return cls(
            batch.number,
            bodies,
            spans=batch.spans,
            histogram=batch.histogram,
            dead_letters=outcome.dead_letters,
            since_s=batch.opened_s,
        )

    @classmethod
    def of_record(cls, spooled: SpooledRecord, now_s: float) -> "WriteJob":
        """A record as it comes from the spool."""
        bodies = [
            Body(
                part.policy,
                part.points,
                precision=part.precision,
                **{"packed" if part.compression == "gzip" else "text": part.body},
            )
            for part in spooled.record.parts
        ]
        spans: defaultdict[Series, tuple[PointSpan, ...]] = defaultdict(tuple)
        for row in spooled.record.spans:
            spans[row.measurement, row.area] += (PointSpan(row.from_ms, row.to_ms, row.points),)
        return cls(
            spooled.number,
            bodies,
            spans=spans,
            histogram=spooled.record.histogram,
            dead_letters=[],
            since_s=now_s,
            is_spooled=True,
        )

    def next_body(self, *, markers: LateMarkers, now_ms: int) -> Body | None:
        """What to post now; None when everything is delivered and announced."""
        while self._requests is None or (body := self._requests.next_body()) is None:
            if self._bodies:
                self._requests = RequestQueue(self._bodies.popleft())
            elif self._is_announcing:
                return None
            else:
                self._is_announcing = True
                # What a record held before it was spooled may be confirmed already, so its rows
                # are due whatever becomes of the rest.
                is_due = self.is_spooled or self.confirmed
                spans = self.spans if is_due else {}
                rows = markers.lines(spans, now_ms)
                self._requests = RequestQueue(Body.of_lines(OPS, rows))
        return body

    def judge(
        self, body: Body, outcome: WriteOutcome, *, evidence: int, now_s: float, now_ms: int
    ) -> str:
        """Take the answer to a body; one whose lines were put together anew goes again.

        Returns:
            Why it must be posted again later; empty if it need not be.
        """
        if self._requests is None and self._bodies and self._bodies[0] is body:
            self._requests = RequestQueue(self._bodies.popleft())  # Cut, but not spooled.
        requests = self._requests
        if requests is None or requests.next_body() is not body:
            return ""
        self.retry_at_s = now_s + requests.judge(outcome, evidence)
        if requests.next_body() is None:
            self._take_over(requests, now_ms)
        return requests.problem

    @property
    def is_denied(self) -> bool:
        """Whether the last answer spoke of rights or missing storage."""
        return self._requests is not None and self._requests.is_denied

    def _take_over(self, requests: RequestQueue, now_ms: int) -> None:
        """Count what a delivery has settled so far. Arrival rows are no points of the ledger."""
        for part in requests.refused:
            points = 0 if self._is_announcing else part.points
            self.dead_lettered += points
            self.dead_letters.append(
                refused_lines(
                    part.lines,
                    policy=requests.body.policy,
                    points=points,
                    error=part.error,
                    received_ms=now_ms,
                )
            )
        if not self._is_announcing:
            self.confirmed += requests.confirmed
        requests.refused, requests.confirmed = [], 0

    def note_stored_dead_letters(self) -> None:
        """The dead letters are durable."""
        self.stored_dead_letters.update(
            dead_letter.reason.value for dead_letter in self.dead_letters
        )
        self.dead_letters = []

    def skip(self) -> None:
        """The database has all of it already, as a late answer said."""
        self.confirmed += sum(body.points for body in self._bodies)
        self._bodies.clear()

    def rest(self) -> list[Body]:
        """What has no outcome yet."""
        begun = None
        if self._requests is not None and not self._is_announcing:
            begun = self._requests.rest()
        return [*([begun] if begun is not None else []), *self._bodies]

    def cut(self, now_ms: int) -> None:
        """Count what is settled so far and keep the rest, before that is spooled."""
        bodies = self.rest()
        if self._requests is not None:
            self._take_over(self._requests, now_ms)
        self._requests = None
        self._bodies = deque(bodies)
        self._is_announcing = False

    def ages(self, now_ms: int) -> tuple[tuple[float, int], ...]:
        """How old the confirmed points are now, in seconds, and how many are so old."""
        histogram = part_of(self._histogram, self.confirmed, self.points)
        return tuple(((now_ms - ts) / 1000, points) for ts, points in histogram)

    def record(self) -> SpoolRecord:
        """What the spool must hold so that nothing of the rest is lost."""
        rest = self.rest()
        spans = [(series, span) for series, runs in self.spans.items() for span in runs]
        return SpoolRecord(
            parts=tuple(
                RecordPart(body.policy, body.precision, body.points, body.packed(), "gzip")
                for body in rest
            ),
            oldest_ms=min((span.first_ms for _, span in spans), default=0),
            newest_ms=max((span.last_ms for _, span in spans), default=0),
            spans=tuple(
                SeriesSpan(measurement, area, span.points, span.first_ms, span.last_ms)
                for (measurement, area), span in spans
            ),
            histogram=part_of(self._histogram, sum(body.points for body in rest), self.points),
        )

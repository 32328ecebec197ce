"""A message as it arrived, and what decoding it gave.

An outcome adds up over the messages of a batch, so that no message costs objects of its own.
"""

from collections import Counter, defaultdict
from typing import NamedTuple

import msgspec

from gigacity_contract.decoding import DecodingNotes, Extent, Rejection, RejectionReason
from gigacity_contract.measurements import FOREVER, RAW
from gigacity_ingest.decode.dead_letter import DeadLetter, dead_letter_of
from gigacity_ingest.decode.point_spans import PointSpan, Series, Spans, runs_of
from gigacity_ingest.decode.safety import SafetyCall
from gigacity_ingest.encode.body import Body
from gigacity_ingest.encode.line_builder import LineBuilder
from gigacity_ingest.formats.readings import Answer

_SHARED_MS = 10_000
"""Series of a batch that lies within so short a time share its span: what is redone for them is
little more than it would be with a span for each."""


class ReceivedMessage(msgspec.Struct, frozen=True, gc=False):
    """One MQTT message."""

    topic: bytes
    payload: bytes
    is_copy: bool
    """A retained copy, or a redelivery."""
    now_ms: int
    """The worker's wall clock."""
    is_retained: bool = False
    """A retained copy: how old it is, nothing tells."""
    stamp_ms: int | None = None
    """The instant that it had when it came first, for what states none; None: it comes now."""


class Outcome:
    """Lines by retention policy, dead letters, time spans and counts of one or more messages."""

    __slots__ = (
        "_noted",
        "absent_fields",
        "answers",
        "bundled_series",
        "bundled_times",
        "cleared_statuses",
        "dead_letters",
        "forever",
        "fresh_since_ms",
        "instants",
        "lines",
        "safety_calls",
        "series",
        "times",
        "unknown_fields",
    )

    def __init__(self) -> None:
        self.lines = LineBuilder()
        """Telemetry."""
        self.forever: list[bytes] = []
        self.dead_letters: list[DeadLetter] = []
        self._noted: list[tuple[Series, int, int]] = []
        """Series, time and number of points."""
        self.series: list[Series] = []
        """Of single points, with their ``times``: they are not noted one by one."""
        self.times: list[int] = []
        self.bundled_series: list[Series] = []
        """The same of the points of bundles, whose ``instants`` are not their ``bundled_times``."""
        self.bundled_times: list[int] = []
        self.instants: list[int] = []
        """The newest ``ts`` of its message for each point that is not in ``times``."""
        self.fresh_since_ms = 0
        """Points since then need no span of their own: far from being late, they share one."""
        self.unknown_fields = 0
        self.absent_fields = 0
        self.cleared_statuses = 0
        self.answers: list[Answer] = []
        """To foreign devices, once everything here is durable."""
        self.safety_calls: list[SafetyCall] = []
        """To be passed on at once, before anything here is stored."""

    @property
    def points(self) -> int:
        """Points decoded, each one line."""
        return self.lines.count + len(self.forever)

    @property
    def raw(self) -> list[bytes]:
        """Lines of telemetry, apart."""
        return self.lines.text().split(b"\n") if self.lines.count else []

    def bodies(self) -> list[Body]:
        """What to post, by retention policy, where there is anything."""
        bodies = []
        if self.lines.count:
            bodies.append(Body(RAW.name, self.lines.count, text=self.lines.text()))
        if self.forever:
            bodies.append(Body.of_lines(FOREVER, self.forever))
        return bodies

    def seal(self) -> "SealedOutcome":
        """Everything that is to be stored; what it was made from, and the count, is given up."""
        sealed = SealedOutcome(self.bodies(), self.spans(), self.instants + self.times)
        self.lines, self.forever = LineBuilder(), []
        self._noted, self.series, self.times, self.instants = [], [], [], []
        self.bundled_series, self.bundled_times = [], []
        return sealed

    def spans(self) -> Spans:
        """The times of the points by series. Changes nothing: ask whenever it is needed."""
        found: defaultdict[Series, list[tuple[int, int]]] = defaultdict(list)
        for series, ts, points in self._noted:
            found[series].append((ts, points))
        all_series, times = self.series + self.bundled_series, self.times + self.bundled_times
        shared = Counter(all_series)
        since_ms = self.fresh_since_ms
        first_ms, last_ms = min(times, default=0), max(times, default=0)
        if first_ms < since_ms and last_ms - first_ms > _SHARED_MS:
            pairs = zip(all_series, times, strict=True)
            old = [pair for pair in pairs if pair[1] < since_ms]
            for series, ts in old:
                found[series].append((ts, 1))
            shared.subtract(series for series, _ in old)
            first_ms = min((ts for ts in times if ts >= since_ms), default=0)
        spans = {series: runs_of(mine) for series, mine in found.items()}
        for series, points in shared.items():
            if points:
                spans[series] = (*spans.get(series, ()), PointSpan(first_ms, last_ms, points))
        return spans

    def note_time(self, series: Series, ts: int, points: int) -> None:
        """Points of a series, of one instant."""
        self.instants += (ts,) * points
        self._noted.append((series, ts, points))

    def note(self, notes: DecodingNotes, message: ReceivedMessage, ts: int | None = None) -> None:
        """Take over what the slow path found."""
        self.unknown_fields += sum(notes.unknown_fields.values())
        self.absent_fields += sum(notes.absent_fields.values())
        for rejection in notes.rejections:
            self.dead_letters.append(dead_letter_of(rejection, message.topic, message.now_ms, ts))

    def refuse(
        self,
        message: ReceivedMessage,
        reason: RejectionReason,
        error: str,
        *,
        extent: Extent = Extent.MESSAGE,
        raw: bytes | None = None,
        ts: int | None = None,
        sender: str = "",
    ) -> None:
        """Dead-letter the message, or the part of it that ``raw`` holds.

        ``ts`` is what a replay needs: of the report, for a port; of the arrival, for a foreign
        message. ``sender`` is whose budget it takes, where the topic is not a native one.
        """
        refused = message.payload if raw is None else raw
        rejection = Rejection(reason, extent, error, refused)
        dead_letter = dead_letter_of(
            rejection,
            message.topic,
            message.now_ms,
            ts,
            sender=sender,
            is_retained=message.is_retained,
        )
        self.dead_letters.append(dead_letter)


class SealedOutcome(NamedTuple):
    """What an outcome gave when no message is added any more."""

    bodies: list[Body]
    spans: Spans
    instants: list[int]
    """For each point the newest ``ts`` of its message: it cannot have been published before."""

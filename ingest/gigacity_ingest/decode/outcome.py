"""A message as it arrived, and what decoding it gave.

An outcome adds up over the messages of a batch, so that no message costs objects of its own.
"""

from collections import Counter
from typing import NamedTuple

import msgspec

from gigacity_contract.decoding import DecodingNotes, Extent, Rejection, RejectionReason
from gigacity_contract.measurements import FOREVER, RAW
from gigacity_ingest.decode.dead_letter import DeadLetter, dead_letter_of
from gigacity_ingest.encode.body import Body
from gigacity_ingest.encode.line_builder import LineBuilder

_SHARED_MS = 10_000
"""Series of a batch that lies within so short a time share its span: what is redone for them is
little more than it would be with a span for each."""
Series = tuple[str, str]
"""Measurement and area: what an late-data marker speaks of."""


class ReceivedMessage(msgspec.Struct, frozen=True, gc=False):
    """One MQTT message."""

    topic: bytes
    payload: bytes
    is_copy: bool
    """A retained copy, or a redelivery."""
    now_ms: int
    """The worker's wall clock."""


class PointSpan:
    """The times of the points that one series of a batch holds."""

    __slots__ = ("first_ms", "last_ms", "points")

    def __init__(self, first_ms: int, last_ms: int, points: int) -> None:
        self.first_ms = first_ms
        self.last_ms = last_ms
        self.points = points


class Outcome:
    """Lines by retention policy, dead letters, time spans and counts of one or more messages."""

    __slots__ = (
        "_spans",
        "absent_fields",
        "dead_letters",
        "forever",
        "fresh_since_ms",
        "instants",
        "lines",
        "series",
        "times",
        "unknown_fields",
    )

    def __init__(self) -> None:
        self.lines = LineBuilder()
        """Telemetry."""
        self.forever: list[bytes] = []
        self.dead_letters: list[DeadLetter] = []
        self._spans: dict[Series, PointSpan] = {}
        self.series: list[Series] = []
        """Of single points, with their ``times``: they are not noted one by one."""
        self.times: list[int] = []
        self.instants: list[int] = []
        """The newest ``ts`` of its message for each point that was noted (``note_time``)."""
        self.fresh_since_ms = 0
        """Points since then need no span of their own: far from being late, they share one."""
        self.unknown_fields = 0
        self.absent_fields = 0

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
        self._spans, self.series, self.times, self.instants = {}, [], [], []
        return sealed

    def spans(self) -> dict[Series, PointSpan]:
        """The times of the points by series. Changes nothing: ask whenever it is needed."""
        spans = {
            series: PointSpan(span.first_ms, span.last_ms, span.points)
            for series, span in self._spans.items()
        }
        if not self.times:
            return spans
        first_ms, last_ms = min(self.times), max(self.times)
        if first_ms >= self.fresh_since_ms or last_ms - first_ms <= _SHARED_MS:
            for series, points in Counter(self.series).items():
                _widen(spans, series, first_ms, points)
                _widen(spans, series, last_ms, 0)
        else:
            for series, ts in zip(self.series, self.times, strict=True):
                _widen(spans, series, ts, 1)
        return spans

    def note_time(self, series: Series, ts: int, points: int) -> None:
        """Widen the span of a series by points of one instant."""
        self.instants += (ts,) * points
        _widen(self._spans, series, ts, points)

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
    ) -> None:
        """Dead-letter the message, or the part of it that ``raw`` holds."""
        refused = message.payload if raw is None else raw
        rejection = Rejection(reason, extent, error, refused)
        self.dead_letters.append(dead_letter_of(rejection, message.topic, message.now_ms))


class SealedOutcome(NamedTuple):
    """What an outcome gave when no message is added any more."""

    bodies: list[Body]
    spans: dict[Series, PointSpan]
    instants: list[int]
    """For each point the newest ``ts`` of its message: it cannot have been published before."""


def _widen(spans: dict[Series, PointSpan], series: Series, ts: int, points: int) -> None:
    span = spans.get(series)
    if span is None:
        spans[series] = PointSpan(ts, ts, points)
        return
    span.points += points
    if ts < span.first_ms:
        span.first_ms = ts
    elif ts > span.last_ms:
        span.last_ms = ts

"""A message as it arrived, and what decoding it gave.

An outcome adds up over the messages of a batch, so that no message costs objects of its own.
"""

import msgspec

from gigacity_contract.decoding import Extent, Notes, Reason, Rejection
from gigacity_contract.measurements import FOREVER, RAW
from gigacity_ingest.decode.letters import Letter, letter_of
from gigacity_ingest.encode.body import Body

Series = tuple[str, str]
"""Measurement and area: what an ``arrival`` row speaks of."""


class Arrived(msgspec.Struct, frozen=True, gc=False):
    """One MQTT message."""

    topic: bytes
    payload: bytes
    is_copy: bool
    """A retained copy, or a redelivery."""
    now_ms: int
    """The worker's wall clock."""


class Span:
    """The times of the points that one series of a batch holds."""

    __slots__ = ("first_ms", "last_ms", "points")

    def __init__(self, first_ms: int, last_ms: int, points: int) -> None:
        self.first_ms = first_ms
        self.last_ms = last_ms
        self.points = points


class Outcome:
    """Lines by retention policy, dead letters, time spans and counts of one or more messages."""

    __slots__ = ("absent_fields", "forever", "letters", "raw", "spans", "unknown_fields")

    def __init__(self) -> None:
        self.raw: list[bytes] = []
        self.forever: list[bytes] = []
        self.letters: list[Letter] = []
        self.spans: dict[Series, Span] = {}
        self.unknown_fields = 0
        self.absent_fields = 0

    @property
    def points(self) -> int:
        """Points decoded, each one line."""
        return len(self.raw) + len(self.forever)

    def bodies(self) -> list[Body]:
        """What to post, by retention policy, where there is anything."""
        by_policy = ((RAW, self.raw), (FOREVER, self.forever))
        return [Body.of_lines(policy, lines) for policy, lines in by_policy if lines]

    def note_time(self, series: Series, ts: int, points: int) -> None:
        """Widen the span of a series by points of one instant."""
        span = self.spans.get(series)
        if span is None:
            self.spans[series] = Span(ts, ts, points)
            return
        span.points += points
        if ts < span.first_ms:
            span.first_ms = ts
        elif ts > span.last_ms:
            span.last_ms = ts

    def note(self, notes: Notes, message: Arrived, ts: int | None = None) -> None:
        """Take over what the slow path found."""
        self.unknown_fields += sum(notes.unknown_fields.values())
        self.absent_fields += sum(notes.absent_fields.values())
        for rejection in notes.rejections:
            self.letters.append(letter_of(rejection, message.topic, message.now_ms, ts))

    def refuse(
        self,
        message: Arrived,
        reason: Reason,
        error: str,
        *,
        extent: Extent = Extent.MESSAGE,
        raw: bytes | None = None,
    ) -> None:
        """Dead-letter the message, or the part of it that ``raw`` holds."""
        refused = message.payload if raw is None else raw
        rejection = Rejection(reason, extent, error, refused)
        self.letters.append(letter_of(rejection, message.topic, message.now_ms))

"""Tells followers what the database has just confirmed: rows of ``fresh_points``. Pure.

It is no part of the promise: a batch is settled without it. What it cannot tell it gives up, and
says so by another ``since_ms``; then whoever follows reads the telemetry itself again.
"""

from collections import deque

from gigacity_contract.fresh_points import TOLD_AGAIN_AFTER_MS, told_lines
from gigacity_contract.influx import Partial, Unavailable, WriteOutcome, Written
from gigacity_contract.lateness import LATE_AFTER_MS
from gigacity_contract.measurements import FRESH, RAW
from gigacity_ingest.decode.point_spans import Spans
from gigacity_ingest.encode.body import Body

MAX_WAITING_BYTES = 16_000_000
"""Some minutes of a city at storm pace."""

MAX_UNTOLD_MS = 5000
"""What is confirmed and not told for longer is given up: who follows takes it for all there is."""

_POST_BYTES = 1_000_000
_EVERY_MS = 500
_AWAY_MS = 2000
_REFUSED_AGAIN_MS = 3_600_000
"""The database has no place for it, or gives no right: that seldom changes."""
_SLACK_MS = 1000
"""Some rows of one text are told ahead of the clock, a millisecond each."""


class FreshTeller:
    """What is confirmed and not yet told, of one worker.

    Args:
        worker: client id, the tag of its rows.
    """

    def __init__(self, worker: str) -> None:
        self._worker = worker
        self._waiting: deque[tuple[bytes, int]] = deque()
        """Packed, and when it was confirmed."""
        self._bytes = 0
        self._posted: tuple[Body, int] | None = None
        """Under way, with how many of those that wait are in it."""
        self._since_ms: int | None = None
        self._again_ms = 0
        """When telling begins."""
        self._next_ms = 0
        self._last_ms = 0
        """Time of the last row."""

    @property
    def since_ms(self) -> int | None:
        """Since when everything confirmed is told or waits to be; None: nothing is told."""
        return self._since_ms

    @property
    def has_work(self) -> bool:
        """Whether something waits to be told, or for an answer."""
        return bool(self._waiting)

    def add(self, body: Body, outcome: WriteOutcome, spans: Spans, now_ms: int) -> None:
        """A post of telemetry has its outcome.

        Args:
            body: was posted.
            outcome: of it; ``Partial``: some of it is stored, nobody knows which lines.
            spans: the times of the batch. One that is late as a whole is left to its markers.
            now_ms: wall clock, epoch ms.
        """
        if body.policy != RAW.name or not isinstance(outcome, Written | Partial):
            return
        self.look(now_ms)
        late_ms = now_ms - LATE_AFTER_MS - 1
        newest_ms = [run.last_ms for runs in spans.values() for run in runs]
        if newest_ms and max(newest_ms) <= late_ms:
            return
        if isinstance(outcome, Partial):
            self._give_up(now_ms)
        if self._since_ms is None:
            return
        packed = body.packed()
        self._waiting.append((packed, now_ms))
        self._bytes += len(packed)
        if self._bytes > MAX_WAITING_BYTES:
            self._give_up(now_ms)

    def look(self, now_ms: int) -> None:
        """Begin to tell when it is time; give up what waited too long, or a clock set back."""
        is_set_back = now_ms < self._last_ms - _SLACK_MS
        if is_set_back:
            self._last_ms = self._next_ms = 0
            self._again_ms = min(self._again_ms, now_ms + _REFUSED_AGAIN_MS)
        is_overdue = bool(self._waiting) and now_ms - self._waiting[0][1] > MAX_UNTOLD_MS
        if self._since_ms is not None and (is_set_back or is_overdue):
            self._give_up(now_ms)
        if self._since_ms is None and now_ms >= self._again_ms:
            self._since_ms = now_ms

    def next_body(self, now_ms: int, *, at_once: bool = False) -> Body | None:
        """What to post now, if there is anything; then ``judge`` is told of its outcome."""
        self.look(now_ms)
        since_ms = self._since_ms
        is_due = at_once or now_ms >= self._next_ms or self._bytes >= _POST_BYTES
        if self._posted is not None or since_ms is None or not self._waiting or not is_due:
            return None
        lines: list[bytes] = []
        count = taken = 0
        while count < len(self._waiting) and taken < _POST_BYTES:
            at_ms = max(now_ms, self._last_ms + 1)
            packed, _ = self._waiting[count]
            told = told_lines(packed, worker=self._worker, since_ms=since_ms, at_ms=at_ms)
            self._last_ms = at_ms + len(told) - 1
            taken += len(packed)
            count += 1
            lines += told
        body = Body.of_lines(FRESH, lines)
        self._posted = body, count
        self._next_ms = now_ms + _EVERY_MS
        return body

    def judge(self, body: Body, outcome: WriteOutcome, now_ms: int) -> bool:
        """Whether a post was one of ``next_body``; if so, its outcome is taken."""
        if self._posted is None or self._posted[0] is not body:
            return body.policy == FRESH.name  # Of what has been given up.
        count, self._posted = self._posted[1], None
        if isinstance(outcome, Written):
            for _ in range(count):
                self._bytes -= len(self._waiting.popleft()[0])
        elif isinstance(outcome, Unavailable):
            self._next_ms = now_ms + _AWAY_MS  # Telemetry has the lane first.
        else:
            self._give_up(now_ms, _REFUSED_AGAIN_MS)
        return True

    def _give_up(self, now_ms: int, again_after_ms: int = TOLD_AGAIN_AFTER_MS) -> None:
        self._waiting.clear()
        self._bytes, self._posted, self._since_ms = 0, None, None
        self._again_ms = now_ms + again_after_ms

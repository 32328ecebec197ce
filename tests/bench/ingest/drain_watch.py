"""Watches one consumer empty its queue: from connecting until all is acknowledged and stored."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.bench.ingest.socket_watch import PUBACK_BYTES, bytes_sent
from tests.bench.process_watch import Usage, usage

_POLL_S = 0.02
_COUNT_S = 0.5
"""Between two looks at what is stored, which cost the database something."""
_START_S = 60.0
STILL_S = 20.0
"""Without an acknowledgement or a further point for so long a consumer stands still; longer than
any flush interval of the consumers here."""
_END_S = 0.3
"""So long nothing more must be acknowledged after the last message, which is then the last."""


@dataclass(frozen=True, slots=True)
class Drain:
    """One consumer, one queue."""

    seconds: float
    cpu_s: float
    peak_rss_mb: float
    acknowledged: int
    """At least; the bytes of CONNECT and SUBSCRIBE count as some messages."""
    end: str
    """``done``, ``stands still``, ``ended by itself`` or ``did not connect``."""
    stored: int = 0
    stored_later_s: float = 0.0
    """Part of the seconds: after the last acknowledgement, points came out of a spool."""


@dataclass(slots=True)
class _Seen:
    at_s: float
    sent: int
    use: Usage


@dataclass(frozen=True, slots=True)
class Watched:
    """A consumer at work.

    Attributes:
        pid: of its process.
        port: of the broker.
        messages: in its queue.
        points: that they make.
        is_running: whether it still runs; must collect its exit code.
        count: points that are stored.
    """

    pid: int
    port: int
    messages: int
    points: int
    is_running: Callable[[], bool]
    count: Callable[[], int]


def watch_drain(work: Watched) -> Drain:
    """Block until everything is acknowledged and stored, or the consumer gets no further."""
    first = _first(work)
    if first is None:
        return Drain(0.0, 0.0, 0.0, 0, "did not connect", work.count())
    last, end = _until_acknowledged(work, first)
    acknowledged, acknowledged_s = min(work.messages, last.sent // PUBACK_BYTES), last.at_s
    stored = work.count()
    if end == "done" and stored < work.points:
        last, end, stored = _until_stored(work, last, stored)
    return Drain(
        last.at_s - first.at_s,
        last.use.cpu_s - first.use.cpu_s,
        last.use.peak_rss_mb,
        acknowledged,
        end,
        stored,
        last.at_s - acknowledged_s,
    )


def _until_acknowledged(work: Watched, last: _Seen) -> tuple[_Seen, str]:
    while True:
        time.sleep(_POLL_S)
        now = _look(work)
        if now is None or not work.is_running():
            return last, "ended by itself"
        if now.sent > last.sent:
            last = now
        is_all = last.sent >= work.messages * PUBACK_BYTES
        if now.at_s - last.at_s > (_END_S if is_all else STILL_S):
            return last, "done" if is_all else "stands still"


def _until_stored(work: Watched, last: _Seen, stored: int) -> tuple[_Seen, str, int]:
    """What was acknowledged is durable, but part of it waits in a spool."""
    while stored < work.points:
        time.sleep(_COUNT_S)
        now = _look(work)
        if now is None or not work.is_running():
            return last, "ended by itself", stored
        count = work.count()
        if count > stored:
            last, stored = now, count
        elif now.at_s - last.at_s > STILL_S:
            return last, "stands still", stored
    return last, "done", stored


def _first(work: Watched) -> _Seen | None:
    give_up = time.monotonic() + _START_S
    while time.monotonic() < give_up and work.is_running():
        seen = _look(work)
        if seen is not None:
            return seen
        time.sleep(_POLL_S / 4)
    return None


def _look(work: Watched) -> _Seen | None:
    use, sent = usage(work.pid), bytes_sent(work.pid, work.port)
    return None if use is None or sent is None else _Seen(time.monotonic(), sent, use)

"""Watches one consumer empty its queue: from its connection to its last acknowledgement."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from gigacity_ingest.bench.process_watch import Usage, usage
from gigacity_ingest.bench.socket_watch import PUBACK_BYTES, bytes_sent

_POLL_S = 0.02
_START_S = 60.0
STILL_S = 20.0
"""Without an acknowledgement for so long a consumer stands still; longer than any flush interval
of the consumers here."""
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


@dataclass(slots=True)
class _Seen:
    at_s: float
    sent: int
    use: Usage


def watch_drain(
    pid: int,
    *,
    port: int,
    messages: int,
    is_running: Callable[[], bool],
    progress: Callable[[int], object],
) -> Drain:
    """Block until the queue is empty or the consumer gets no further.

    Args:
        pid: of the consumer.
        port: of the broker.
        messages: in its queue.
        is_running: whether the consumer still runs; must collect its exit code.
        progress: told how many messages are acknowledged.
    """
    first = _first(pid, port, is_running)
    if first is None:
        return Drain(0.0, 0.0, 0.0, 0, "did not connect")
    last, end = first, "stands still"
    while True:
        time.sleep(_POLL_S)
        now = _look(pid, port)
        if now is None or not is_running():
            end = "ended by itself"
            break
        if now.sent > last.sent:
            last = now
            progress(min(messages, now.sent // PUBACK_BYTES))
        is_all = last.sent >= messages * PUBACK_BYTES
        if now.at_s - last.at_s > (_END_S if is_all else STILL_S):
            end = "done" if is_all else end
            break
    return Drain(
        last.at_s - first.at_s,
        last.use.cpu_s - first.use.cpu_s,
        last.use.peak_rss_mb,
        min(messages, last.sent // PUBACK_BYTES),
        end,
    )


def _first(pid: int, port: int, is_running: Callable[[], bool]) -> _Seen | None:
    give_up = time.monotonic() + _START_S
    while time.monotonic() < give_up and is_running():
        seen = _look(pid, port)
        if seen is not None:
            return seen
        time.sleep(_POLL_S / 4)
    return None


def _look(pid: int, port: int) -> _Seen | None:
    use, sent = usage(pid), bytes_sent(pid, port)
    return None if use is None or sent is None else _Seen(time.monotonic(), sent, use)

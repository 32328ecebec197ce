"""When a session that gets nothing new is empty, so that it may be ended for good. Pure.

MQTT has no request for the length of a queue. But a broker handles what a client sends in order,
and sends what is queued as soon as an acknowledgement makes room. So: with everything acknowledged,
two requests in a row that are answered without a message in between, and a while of silence.
"""

from dataclasses import dataclass
from enum import Enum, auto

QUIET_S = 2.0
"""Above what a broker takes to send on after an acknowledgement; a cluster may need a moment."""
ROUND_TRIPS = 2


class DrainStep(Enum):
    """What to do now."""

    WAIT = auto()
    ASK = auto()
    """Send a request that changes nothing, and count its answer."""
    END = auto()


@dataclass(frozen=True, slots=True)
class SessionActivity:
    """The session at one moment."""

    is_connected: bool
    delivered: int
    """Messages that came, ever."""
    answers: int
    """Requests that were answered, ever."""
    waiting: int
    """Messages not acknowledged, points not stored: on their way or on disk."""


class SessionDrain:
    """Decides from one observation after another."""

    def __init__(self, *, quiet_s: float = QUIET_S, round_trips: int = ROUND_TRIPS) -> None:
        self._quiet_s = quiet_s
        self._round_trips = round_trips
        self._quiet_since_s: float | None = None
        self._delivered = -1
        self._answers_before = 0
        self._asked = 0

    def observe(self, now_s: float, seen: SessionActivity) -> DrainStep:
        """What to do, given the session at this moment."""
        has_moved = seen.delivered != self._delivered
        self._delivered = seen.delivered
        if not seen.is_connected or seen.waiting or has_moved:
            self._quiet_since_s = None
            return DrainStep.WAIT
        if self._quiet_since_s is None:
            self._quiet_since_s = now_s
            self._answers_before, self._asked = seen.answers, 0
        answered = seen.answers - self._answers_before
        if answered >= self._round_trips:
            is_quiet = now_s - self._quiet_since_s >= self._quiet_s
            return DrainStep.END if is_quiet else DrainStep.WAIT
        if answered >= self._asked:
            self._asked += 1
            return DrainStep.ASK
        return DrainStep.WAIT

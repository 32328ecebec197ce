"""When a lost or refused connection to the broker is tried again. Pure."""

from gigacity_ingest.pipeline.backoff import Backoff

SETTLED_S = 5.0
"""A shorter session starts no new series of delays: two clients of one id would otherwise take it
from each other many times a second."""


class ReconnectSchedule:
    """Delays between attempts, from a quarter of a second to five."""

    def __init__(self) -> None:
        self._backoff = Backoff(first_s=0.25, cap_s=5.0)
        self._session_since_s: float | None = None
        self.due_s = 0.0
        """The next attempt, on the monotonic clock."""

    def begin_attempt(self, now_s: float) -> None:
        """An attempt begins; it may fail without another word."""
        self.due_s = now_s + self._backoff.next_s()

    def begin_session(self, now_s: float) -> None:
        """The broker took the connection."""
        self._session_since_s = now_s

    def end_connection(self, now_s: float) -> None:
        """The connection ended, with a session or without one."""
        since_s, self._session_since_s = self._session_since_s, None
        if since_s is not None and now_s - since_s > SETTLED_S:
            self._backoff.reset()
        self.due_s = now_s + self._backoff.next_s()

"""Watches how much of what arrives is refused, and raises an alarm; it never drops anything.

A bad deployment in the field, or a wrong city file, turns most of the input into dead letters. That
works as promised and loses nothing, so nothing else would say it.
"""

from collections import deque
from dataclasses import dataclass

WINDOW_S = 60.0


@dataclass(frozen=True, slots=True)
class RefusalLimits:
    """When there is an alarm: whichever is reached first."""

    ratio: float = 0.5
    """Of the parts (points, and refused messages and entries) of the last minute."""
    least: int = 100
    """Refused parts in the last minute below which the ratio says nothing."""
    consecutive: int = 1000
    """Refused parts with no good point between them."""


class RefusalWatch:
    """Counts parts over the last minute and in a row."""

    def __init__(self, limits: RefusalLimits) -> None:
        self._limits = limits
        self._window: deque[tuple[float, int, int]] = deque()
        self._good = 0
        self._bad = 0
        self.consecutive = 0
        """Refused parts since the last good point."""

    def observe(self, now_s: float, good: int, bad: int) -> None:
        """Some parts were good, some refused.

        Args:
            now_s: monotonic time, never earlier than before.
            good: points.
            bad: refused messages, entries or lines.
        """
        if good:
            self.consecutive = 0
        else:
            self.consecutive += bad
        if good or bad:
            self._window.append((now_s, good, bad))
            self._good += good
            self._bad += bad
        self._forget(now_s)

    def _forget(self, now_s: float) -> None:
        while self._window and now_s - self._window[0][0] > WINDOW_S:
            _, good, bad = self._window.popleft()
            self._good -= good
            self._bad -= bad

    def ratio(self, now_s: float) -> float:
        """Refused parts of all in the last minute; 0 if nothing came."""
        self._forget(now_s)
        parts = self._good + self._bad
        return self._bad / parts if parts else 0.0

    def alarm(self, now_s: float) -> str:
        """What is wrong; empty if nothing is."""
        limits, ratio = self._limits, self.ratio(now_s)
        if self._bad >= limits.least and ratio >= limits.ratio:
            return f"at least {limits.ratio:.0%} of what arrived in the last minute was refused"
        if self.consecutive >= limits.consecutive:
            return f"{limits.consecutive} or more messages and entries in a row were refused"
        return ""

"""Whether everybody who should be connected is, and since when. Pure; time is an argument."""

_PATIENCE_S = 2.0
"""A publisher that was just allowed to connect has this long before it counts as missing."""


class ConnectionTracker:
    """Absences of publishers, planned ones aside."""

    def __init__(self, start_ms: int) -> None:
        self._absent_since_s: dict[int, float] = {}
        self._disturbed_ms = start_ms

    def expected(self, publisher: int, now_s: float) -> None:
        """The publisher should connect from now on."""
        self._absent_since_s[publisher] = now_s

    def not_expected(self, publisher: int) -> None:
        """The publisher need not be there."""
        self._absent_since_s.pop(publisher, None)

    def connected(self, publisher: int) -> None:
        """The publisher is connected."""
        self._absent_since_s.pop(publisher, None)

    def lost(self, publisher: int, now_s: float, now_ms: int) -> None:
        """The publisher should be there and is not: a disturbance at once."""
        self._absent_since_s.setdefault(publisher, now_s)
        self._disturbed_ms = now_ms

    def undisturbed_since_ms(self, now_s: float, now_ms: int) -> int:
        """The end of the last disturbance; now, while one lasts."""
        if any(now_s - since_s > _PATIENCE_S for since_s in self._absent_since_s.values()):
            self._disturbed_ms = now_ms
        return self._disturbed_ms

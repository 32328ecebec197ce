"""How fast clients may connect, and how long to wait after a failure. Pure; time is an argument."""


class ConnectRateLimiter:
    """A token bucket for connection attempts, with a bound on handshakes under way."""

    def __init__(self, *, per_second: float, max_handshakes: int) -> None:
        self._per_second = per_second
        self._max_handshakes = max_handshakes
        self._tokens = 1.0
        self._at_s: float | None = None

    def may_connect(self, now_s: float, *, handshakes: int) -> bool:
        """Whether one more attempt may start; if so it is counted."""
        elapsed_s = 0.0 if self._at_s is None else now_s - self._at_s
        self._at_s = now_s
        # At most a tenth of a second's worth at once, so that the broker's backlog never fills.
        burst = max(1.0, self._per_second / 10)
        self._tokens = min(burst, self._tokens + elapsed_s * self._per_second)
        if handshakes >= self._max_handshakes or self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class ReconnectBackoff:
    """Doubling delays between attempts at the same thing."""

    def __init__(self, *, first_s: float, longest_s: float) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._next_s = first_s
        self.until_s = 0.0
        """No attempt before this time."""

    def failed(self, now_s: float) -> float:
        """Note a failure; the answer is the delay before the next attempt."""
        delay_s = self._next_s
        self.until_s = now_s + delay_s
        self._next_s = min(self._longest_s, delay_s * 2)
        return delay_s

    def succeeded(self) -> None:
        """The next failure starts again with the first delay."""
        self._next_s = self._first_s
        self.until_s = 0.0

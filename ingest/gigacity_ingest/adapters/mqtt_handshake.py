"""How long a broker may take to answer a connection. Pure."""

HANDSHAKE_TIMEOUT_S = 10.0
"""Silence after connecting, until the subscription is granted; a broker that hangs says nothing."""


class HandshakeDeadline:
    """From connecting to the answer to the subscription.

    A resumed session may send much before that answer, so messages put the deadline off.
    """

    def __init__(self) -> None:
        self._until_s: float | None = None
        self._delivered = 0

    def begin(self, now_s: float, delivered: int) -> None:
        """Wait from now on; ``delivered`` counts the messages that came so far."""
        self._until_s = now_s + HANDSHAKE_TIMEOUT_S
        self._delivered = delivered

    def end(self) -> None:
        """Nothing is waited for any more."""
        self._until_s = None

    def is_over(self, now_s: float) -> bool:
        """Whether the time is up."""
        return self._until_s is not None and now_s >= self._until_s

    def has_moved(self, delivered: int) -> bool:
        """Whether messages came meanwhile."""
        return delivered != self._delivered

"""How many connections may be open, and for how long each may take. Pure."""

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass

MAX_HEAD_BYTES = 16_384
"""Of a request's line and headers, and of whatever else of it is no body."""


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Bounds of whoever connects, with a key or without."""

    connections: int = 800
    """Open at a time, of all addresses: fewer than the files that a process may open."""
    per_address: int = 400
    """Of one address: the rest stays free for others."""
    head_s: float = 10.0
    """Until a request's headers are there, from the first moment at which they could come."""
    body_s: float = 60.0
    """Until its body is."""
    idle_s: float = 15.0
    """Between two requests of a connection."""
    write_s: float = 30.0
    """Until a client has read what was sent to it, so that more can be sent."""


class ConnectionTable:
    """Who is connected, and how long ago each began to wait for a request of its client."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.limits = limits
        self.open = 0
        self._of_address: Counter[str] = Counter()
        self._waiting: dict[Hashable, None] = {}

    def admit(self, address: str) -> bool:
        """Take a place for an address; False: it has its share.

        The total is kept by ``longest_waiting``, who gives way to the newest.
        """
        if self._of_address[address] >= self.limits.per_address:
            return False
        self._of_address[address] += 1
        self.open += 1
        return True

    @property
    def is_crowded(self) -> bool:
        """More are open than may be."""
        return self.open > self.limits.connections

    def leave(self, address: str, connection: Hashable) -> None:
        """Give the place back."""
        self._waiting.pop(connection, None)
        self.open -= 1
        self._of_address[address] -= 1
        if not self._of_address[address]:
            del self._of_address[address]

    def waits(self, connection: Hashable) -> None:
        """Its client has sent no whole head since now."""
        self._waiting.setdefault(connection)

    def works(self, connection: Hashable) -> None:
        """A request of it is being answered."""
        self._waiting.pop(connection, None)

    def longest_waiting(self) -> Hashable | None:
        """The connection that has waited longest; None: all are at work."""
        return next(iter(self._waiting), None)

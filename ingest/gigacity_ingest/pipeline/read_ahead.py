"""How much may be read before the database has taken it. Pure.

What waits longer than the patience of the spool is written twice, and what waits takes memory. So
the worker holds what the database takes in half of that patience, at the rate at which it has taken
points lately. The rest waits with the broker, as it would with a worker that is slower itself.

The bound never keeps a batch from the spool: while the database takes nothing, what waits grows too
old and is spooled, and then there is room again.
"""

_SHARE = 0.5
"""Of the patience. The rest is for the batch that fills, and for a database that slows down."""
_HALF_LIFE_S = 1.0
"""Busy time after which what the rate is made of counts half."""
_MAX_BATCHES = 50
"""A quarter of a million points: compressed some 10 MB, and three seconds of the fastest worker."""


class ReadAhead:
    """Says how many points may wait.

    Args:
        patience_s: age at which a batch that is not confirmed goes to the spool.
        connections: posts at a time.
        batch_points: of a full batch.
    """

    def __init__(self, *, patience_s: float, connections: int, batch_points: int) -> None:
        self._wait_s = patience_s * _SHARE
        # One batch for each post, one that is ready for the next, one that fills.
        self._least = (connections + 2) * batch_points
        self._most = max(self._least, _MAX_BATCHES * batch_points)
        self._points = 0.0
        self._busy_s = 0.0
        self.max_points = self._least
        """How many points may wait now."""

    def note(self, points: int, busy_s: float) -> None:
        """The database took so many points, and was busy with them for so long."""
        if busy_s <= 0:
            return
        kept = 0.5 ** (busy_s / _HALF_LIFE_S)
        self._points = self._points * kept + points
        self._busy_s = self._busy_s * kept + busy_s
        fitting = self._points / self._busy_s * self._wait_s
        self.max_points = round(min(max(self._least, fitting), self._most))

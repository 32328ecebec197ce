"""Instants that late data touched and that wait to be evaluated again: each once. Pure.

A report of ``ts`` counts at every instant T with ``T - window < ts <= T``. Each instant keeps the
moment of the earliest announcement that touched it.
"""

MAX_WAITING = 10_080
"""A week of minutes; beyond it the oldest are given up, and counted."""


def instants(from_ms: int, to_ms: int, window_ms: int, tick_ms: int) -> range:
    """Evaluation ticks at which any report of a range counts, both ends of it included."""
    first = -(-from_ms // tick_ms) * tick_ms
    return range(first, to_ms + window_ms, tick_ms)


class DirtyInstants:
    """A bounded set of instants."""

    def __init__(self, limit: int = MAX_WAITING) -> None:
        self._announced: dict[int, int] = {}
        self._limit = limit

    def __len__(self) -> int:
        return len(self._announced)

    def add(self, found: range, announced_ms: int) -> int:
        """Instants have to be evaluated again; returns how many had to be given up for it."""
        for instant in found[-self._limit :]:
            known = self._announced.get(instant, announced_ms)
            self._announced[instant] = min(known, announced_ms)
        given_up = max(0, len(found) - self._limit)
        if len(self._announced) > self._limit:
            for instant in sorted(self._announced)[: len(self._announced) - self._limit]:
                del self._announced[instant]
                given_up += 1
        return given_up

    def first(self) -> int | None:
        """The oldest instant."""
        return min(self._announced, default=None)

    def done(self, instant: int) -> None:
        """An instant has been evaluated again."""
        self._announced.pop(instant, None)

    @property
    def oldest_announced_ms(self) -> int | None:
        """The earliest announcement that waits."""
        return min(self._announced.values(), default=None)

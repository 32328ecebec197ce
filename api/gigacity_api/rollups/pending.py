"""Windows that late data touched and that wait to be rolled up again: each once, oldest first.

Each keeps the moment at which the earliest of its announcements was made, so that a mark can say up
to which moment everything announced has been worked in. Pure.
"""

import heapq
from typing import NamedTuple


class Unit(NamedTuple):
    """One measurement of one area in one window: what is read and written as a whole."""

    start_ms: int
    measurement: str
    area: str


class Pending:
    """A set of units with the moments of their announcements."""

    def __init__(self) -> None:
        self._announced: dict[Unit, int] = {}
        self._heap: list[Unit] = []

    def __len__(self) -> int:
        return len(self._announced)

    def add(self, unit: Unit, announced_ms: int) -> None:
        """A unit has to be done again."""
        known = self._announced.get(unit)
        if known is None:
            heapq.heappush(self._heap, unit)
        self._announced[unit] = announced_ms if known is None else min(known, announced_ms)

    def take(self) -> tuple[Unit, int]:
        """The oldest, and when it was announced; if it is announced again it comes again."""
        unit = heapq.heappop(self._heap)
        return unit, self._announced.pop(unit)

    @property
    def oldest_announced_ms(self) -> int | None:
        """The earliest announcement that waits."""
        return min(self._announced.values(), default=None)

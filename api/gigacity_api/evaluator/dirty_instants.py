"""Instants that late data touched and that wait to be evaluated again: each once. Pure.

A report of ``ts`` counts at every instant T with ``T - window < ts <= T``.

The order is that of their worth: the newest first, which people look at and which the outlook and
the daily figures of the next days rest on. They are taken in blocks of a few hours, each from its
oldest instant on, since a state moves forward cheaply and backward not at all.
"""

from collections.abc import Iterable

from gigacity_api.evaluator.intervals import MAX_INTERVALS, Interval, IntervalSet

BLOCK_TICKS = 240
"""Four hours of minutes: what the first instant of a block costs more than the others, a whole
window of rows, is little beside them."""


def instants(from_ms: int, to_ms: int, window_ms: int, tick_ms: int) -> range:
    """Evaluation ticks at which any report of a range counts, both ends of it included."""
    first = -(-from_ms // tick_ms) * tick_ms
    return range(first, to_ms + window_ms, tick_ms)


class DirtyInstants:
    """A set of instants whose memory is bounded by their gaps; none is ever given up for it."""

    def __init__(self, tick_ms: int, limit: int = MAX_INTERVALS) -> None:
        self._tick_ms = tick_ms
        self._ticks = IntervalSet(limit)
        self._block = Interval(0, -1)
        """What is left of the block that is being worked off."""

    def __len__(self) -> int:
        return len(self._ticks)

    def __bool__(self) -> bool:
        return bool(self._ticks)

    def add(self, first_ms: int, last_ms: int) -> None:
        """Every instant of a range has to be evaluated again, both ends of it included."""
        self._ticks.add(-(-first_ms // self._tick_ms), last_ms // self._tick_ms)

    def drop_before(self, at_ms: int) -> int:
        """Take out instants before a moment; returns how many there were."""
        first = next(iter(self._ticks), Interval(0, -1)).first
        return self._ticks.remove(first, -(-at_ms // self._tick_ms) - 1)

    def next(self, until_ms: int) -> int | None:
        """The instant to evaluate now, none later than ``until_ms``; the same until it is done."""
        until = until_ms // self._tick_ms
        found = self._ticks.next_from(self._block.first)
        if found is None or found > min(self._block.last, until):
            newest = self._ticks.last_until(until)
            if newest is None:
                return None
            found = self._ticks.next_from(newest - BLOCK_TICKS + 1)
            found = newest if found is None else found
            self._block = Interval(found, newest)
        return found * self._tick_ms

    def done(self, instant: int) -> None:
        """An instant has been evaluated again."""
        tick = instant // self._tick_ms
        self._ticks.remove(tick, tick)
        # What is announced meanwhile of earlier ones has its turn in the next block.
        self._block = Interval(tick + 1, self._block.last)

    def has_any(self, first_ms: int, end_ms: int) -> bool:
        """Whether any instant waits with ``first <= T < end``."""
        found = self._ticks.next_from(-(-first_ms // self._tick_ms))
        return found is not None and found * self._tick_ms < end_ms

    @property
    def oldest_ms(self) -> int | None:
        """The oldest instant."""
        first = next(iter(self._ticks), None)
        return None if first is None else first.first * self._tick_ms

    def ranges(self, limit: int, further: Iterable[int] = ()) -> list[tuple[int, int]]:
        """First and last instants, epoch ms, of so many ranges at most that hold them all.

        Args:
            limit: of ranges.
            further: instants that they have to hold besides.
        """
        tick_ms = self._tick_ms
        ticks = self._ticks.copy()
        for instant in further:
            ticks.add(instant // tick_ms, instant // tick_ms)
        return [(a * tick_ms, b * tick_ms) for a, b in ticks.coarse(limit)]

    def take(self, ranges: Iterable[tuple[int, int]]) -> None:
        """Add ranges as ``ranges`` gave them."""
        for first_ms, last_ms in ranges:
            self.add(first_ms, last_ms)

"""Whole numbers as disjoint intervals: memory grows with their gaps, not with how many. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

MAX_INTERVALS = 10_000
"""Beyond it the nearest ones become one: too much is held rather than too little."""


class Interval(NamedTuple):
    """Both ends belong to it."""

    first: int
    last: int

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return self.last - self.first + 1


class IntervalSet:
    """A set of whole numbers."""

    def __init__(self, limit: int = MAX_INTERVALS) -> None:
        self._limit = limit
        self._found: list[Interval] = []

    def __iter__(self) -> Iterator[Interval]:
        return iter(self._found)

    def __len__(self) -> int:
        """How many numbers it holds."""
        return _sizes(self._found)

    def __bool__(self) -> bool:
        return bool(self._found)

    def copy(self) -> "IntervalSet":
        """A copy that later changes do not touch."""
        made = IntervalSet(self._limit)
        made._found = list(self._found)
        return made

    def add(self, first: int, last: int) -> None:
        """Add every number from the first to the last."""
        if last < first:
            return
        begin = bisect_left(self._found, first - 1, key=lambda known: known.last)
        end = bisect_right(self._found, last + 1, key=lambda known: known.first)
        touched = self._found[begin:end]
        if touched:
            first, last = min(first, touched[0].first), max(last, touched[-1].last)
        self._found[begin:end] = [Interval(first, last)]
        if len(self._found) > self._limit:
            self._found = self.coarse(max(1, self._limit * 3 // 4))

    def remove(self, first: int, last: int) -> int:
        """Take numbers out; returns how many were there."""
        kept: list[Interval] = []
        begin = bisect_left(self._found, first, key=lambda known: known.last)
        end = bisect_right(self._found, last, key=lambda known: known.first)
        touched = self._found[begin:end]
        for known in touched:
            parts = Interval(known.first, first - 1), Interval(last + 1, known.last)
            kept += [part for part in parts if part.first <= part.last]
        self._found[begin:end] = kept
        return _sizes(touched) - _sizes(kept)

    def next_from(self, number: int) -> int | None:
        """The least number of the set that is not less than this one."""
        at = bisect_left(self._found, number, key=lambda known: known.last)
        return max(number, self._found[at].first) if at < len(self._found) else None

    def last_until(self, number: int) -> int | None:
        """The greatest number of the set that is not greater than this one."""
        at = bisect_right(self._found, number, key=lambda known: known.first)
        return min(number, self._found[at - 1].last) if at else None

    def coarse(self, limit: int) -> list[Interval]:
        """The same in so many intervals at most, the narrowest gaps filled."""
        gaps = sorted((b.first - a.last for a, b in pairwise(self._found)), reverse=True)
        if len(gaps) < limit:
            return list(self._found)
        widest = gaps[limit - 1]
        found: list[Interval] = []
        for known in self._found:
            if found and known.first - found[-1].last <= widest:
                found[-1] = Interval(found[-1].first, known.last)
            else:
                found.append(known)
        return found


def _sizes(intervals: list[Interval]) -> int:
    return sum(interval.size for interval in intervals)

"""Ranges of late data, by measurement and area. Pure."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from gigacity_api.evaluator.intervals import IntervalSet

MAX_RANGES = 4
"""Of a measurement and area. Beyond it the nearest become one: reading too much costs time, too
little a figure."""


class TimeSpan(NamedTuple):
    """``after < time <= until``."""

    after_ms: int
    until_ms: int


class LateRanges:
    """What is to be read again, as few ranges of each measurement and area."""

    def __init__(self) -> None:
        self._ranges: defaultdict[tuple[str, str | None], IntervalSet] = defaultdict(
            lambda: IntervalSet(MAX_RANGES)
        )

    def __len__(self) -> int:
        return sum(len(list(ranges)) for ranges in self._ranges.values())

    def has(self, measurement: str) -> bool:
        """Whether anything of a measurement came late."""
        return any(name == measurement for name, _ in self._ranges)

    def add(self, measurement: str, area: str | None, span: TimeSpan) -> None:
        """Widen what is to be read again."""
        self._ranges[measurement, area].add(span.after_ms + 1, span.until_ms)

    def after(self, at_ms: int) -> "LateRanges":
        """What of it lies after a moment."""
        rest = LateRanges()
        for (name, area), ranges in self._ranges.items():
            for first, last in ranges:
                if last > at_ms:
                    rest.add(name, area, TimeSpan(max(first - 1, at_ms), last))
        return rest

    def of(self, measurement: str, within: TimeSpan) -> Iterator[tuple[str | None, TimeSpan]]:
        """What is to be read of a measurement, cut to a span; areas without any of it are left."""
        for (name, area), ranges in self._ranges.items():
            for first, last in ranges if name == measurement else ():
                cut = TimeSpan(max(first - 1, within.after_ms), min(last, within.until_ms))
                if cut.after_ms < cut.until_ms:
                    yield area, cut

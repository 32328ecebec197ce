"""Ranges of late data, by measurement and area. Pure."""

from collections.abc import Iterator
from typing import NamedTuple


class TimeSpan(NamedTuple):
    """``after < time <= until``."""

    after_ms: int
    until_ms: int


class LateRanges:
    """One span for each measurement and area: from the earliest touched point to the latest.

    Several outages of one area become one span: reading too much costs time, too little a figure.
    """

    def __init__(self) -> None:
        self._spans: dict[tuple[str, str | None], TimeSpan] = {}

    def __len__(self) -> int:
        return len(self._spans)

    def has(self, measurement: str) -> bool:
        """Whether anything of a measurement came late."""
        return any(name == measurement for name, _ in self._spans)

    def add(self, measurement: str, area: str | None, span: TimeSpan) -> None:
        """Widen what is to be read again."""
        known = self._spans.get((measurement, area), span)
        self._spans[measurement, area] = TimeSpan(
            min(known.after_ms, span.after_ms), max(known.until_ms, span.until_ms)
        )

    def of(self, measurement: str, within: TimeSpan) -> Iterator[tuple[str | None, TimeSpan]]:
        """What is to be read of a measurement, cut to a span; areas without any of it are left."""
        for (name, area), span in self._spans.items():
            cut = TimeSpan(max(span.after_ms, within.after_ms), min(span.until_ms, within.until_ms))
            if name == measurement and cut.after_ms < cut.until_ms:
                yield area, cut

"""The two levels of roll-ups: their windows, what they are made from, when one is due. Pure."""

from dataclasses import dataclass
from typing import Literal

from gigacity_contract.measurements import R1D, R5M, RAW, Measurement, RetentionPolicy
from gigacity_contract.rollup_measurements import (
    DAY_MS,
    DAY_OFFSET_MS,
    FIVE_MINUTES_MS,
    ROLLUPS,
    TELEMETRY,
)

LATE_AFTER_MS = 120_000
"""Workers announce batches whose oldest point is older than this when it is confirmed."""

SLACK_MS = 10_000
"""How far the clocks of workers and of this machine may differ."""

EXPIRY_MARGIN_MS = 3_600_000
"""A window this close to the end of raw retention may have lost rows: it is left as it is."""

RAW_BY_NAME = {raw.name: raw for raw in TELEMETRY}


@dataclass(frozen=True, slots=True)
class Level:
    """Windows of one length."""

    name: Literal["r5m", "r1d"]
    target: RetentionPolicy
    source: RetentionPolicy
    window_ms: int
    offset_ms: int
    """Windows start at multiples of their length, less this."""
    piece_ms: int
    """Longest range of one query."""

    def start_of(self, at_ms: int) -> int:
        """Start of the window in which a moment lies."""
        return (at_ms + self.offset_ms) // self.window_ms * self.window_ms - self.offset_ms

    def starts_between(self, from_ms: int, to_ms: int) -> range:
        """Starts of the windows that hold any moment of a range, both ends included."""
        return range(self.start_of(from_ms), self.start_of(to_ms) + 1, self.window_ms)

    def newest_due_ms(self, now_ms: int) -> int:
        """End of the newest window in which only what is announced can still arrive."""
        return self.start_of(now_ms - LATE_AFTER_MS - SLACK_MS)

    def source_of(self, measurement: str) -> Measurement:
        """What a measurement is rolled up from."""
        if self.source is RAW:
            return RAW_BY_NAME[measurement]
        return ROLLUPS[self.source.name, measurement]

    def target_of(self, measurement: str) -> Measurement:
        """What is written."""
        return ROLLUPS[self.target.name, measurement]


FIVE_MINUTES = Level("r5m", R5M, RAW, FIVE_MINUTES_MS, 0, FIVE_MINUTES_MS)
DAY = Level("r1d", R1D, R5M, DAY_MS, DAY_OFFSET_MS, 3_600_000)


def oldest_whole_ms(now_ms: int) -> int:
    """Start of the oldest five minutes of which raw retention surely still holds every row."""
    edge = now_ms - RAW.duration_s * 1000 + EXPIRY_MARGIN_MS
    return FIVE_MINUTES.start_of(edge) + FIVE_MINUTES_MS
